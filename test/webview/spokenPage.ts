/** A page as a screen reader finds it: Chromium's accessibility tree, a line for each thing that is read. */
import type { CDPSession, Page } from "playwright-core";

type Node = Awaited<ReturnType<typeof treeOf>>[number];

/** States that are said only where they hold, in the words of the tree. */
const SAID_IF_TRUE = ["disabled", "readonly", "required", "focused", "modal"];
const SAID_WITH_VALUE = [
  "expanded",
  "pressed",
  "checked",
  "invalid",
  "hasPopup",
  "level",
  "live",
  "keyshortcuts",
];
/** Boxes that are not read; what is in them is. */
const SILENT = new Set([
  "none",
  "generic",
  "InlineTextBox",
  "LabelText",
  "RootWebArea",
  "Legend",
  "LineBreak",
]);

export async function spokenPage(page: Page): Promise<string> {
  const cdp = await page.context().newCDPSession(page);
  const nodes = await treeOf(cdp);
  await cdp.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const lines: string[] = [];
  /** @param said what the parents' names have already told of it */
  const visit = (node: Node, depth: number, said: string): void => {
    const role = textOf(node.role);
    const name = textOf(node.name);
    if (role === "MenuListPopup") return; // It is closed.
    // The words that a button or a heading is named by.
    const isSaid = role === "StaticText" && said.includes(name.trim());
    const isRead = !node.ignored && !SILENT.has(role) && !isSaid;
    if (isRead) lines.push(`${"  ".repeat(depth)}${role === "StaticText" ? `“${name}”` : describe(node)}`);
    if (role === "textbox") return; // Its value is what is in it.
    for (const id of node.childIds ?? []) {
      const child = byId.get(id);
      if (child !== undefined) visit(child, isRead ? depth + 1 : depth, isRead ? `${said} ${name}` : said);
    }
  };
  const [root] = nodes;
  if (root !== undefined) visit(root, 0, "");
  return lines.join("\n");
}

async function treeOf(cdp: CDPSession) {
  return (await cdp.send("Accessibility.getFullAXTree")).nodes;
}

function describe(node: Node): string {
  const states = (node.properties ?? []).flatMap(({ name, value: { value } }) => {
    if (SAID_IF_TRUE.includes(name)) return value === true ? [name] : [];
    if (!SAID_WITH_VALUE.includes(name) || value === "" || (name === "invalid" && value === "false"))
      return [];
    return [`${name} ${value}`];
  });
  const value = textOf(node.value);
  return [
    textOf(node.role),
    ...(textOf(node.name) === "" ? [] : [`“${textOf(node.name)}”`]),
    ...(value === "" ? [] : [`= “${value}”`]),
    ...(textOf(node.description) === "" ? [] : [`– ${textOf(node.description)}`]),
    ...(states.length === 0 ? [] : [`(${states.join(", ")})`]),
  ].join(" ");
}

function textOf(value: Node["name"]): string {
  return typeof value?.value === "string" || typeof value?.value === "number" ? String(value.value) : "";
}
