/** The preview of the text, and what in it cannot be sent. Where both come from: `delivery/body/`. */
import { type BodyElement, type BodyNode, isSafeLink } from "../../shared/contract/bodyTree.ts";
import type { BodyPreview, ToPanel } from "../../shared/contract/messages.ts";
import { t } from "../../shared/l10n.ts";
import { element, icon, setAttribute, setHidden, setText } from "../dom/dom.ts";

export class BodyView {
  readonly element: HTMLElement;
  readonly #problems = element("ul", { class: "body-problems", hidden: "" });
  readonly #blocks = element("div", { class: "letter" });
  readonly #plain = element("div", { class: "letter plain" });
  readonly #note = element("p", { class: "field-note" });
  // An empty sandbox keeps the frame from running scripts, submitting forms and navigating; the policy it
  // inherits from the page keeps it from loading anything, even the mail's own style sheets.
  readonly #frame = element("iframe", { sandbox: "", title: t("Preview of the HTML") });
  readonly #preview: HTMLElement;
  /** The blocks shown, as JSON, to find those that have changed. */
  #shown: readonly string[] = [];

  constructor() {
    this.#preview = element(
      "section",
      { class: "preview", "aria-label": t("Preview"), hidden: "" },
      ...[this.#blocks, this.#plain, this.#note],
    );
    const heard = element("div", { "aria-live": "polite" }, this.#problems);
    this.element = element("div", {}, heard, this.#preview);
  }

  render({ preview, problems }: Extract<ToPanel, { type: "body" }>): void {
    this.#renderProblems(problems);
    setHidden(this.#preview, preview === null);
    setHidden(this.#blocks, preview?.kind !== "tree");
    setHidden(this.#plain, preview?.kind !== "text");
    setText(this.#plain, preview?.kind === "text" ? preview.text : "");
    this.#renderBlocks(preview?.kind === "tree" ? preview.blocks : []);
    this.#renderFrame(preview?.kind === "html" ? preview.html : null);
    const note = noteOf(preview);
    setText(this.#note, note);
    setHidden(this.#note, note === "");
  }

  #renderProblems(problems: readonly string[]): void {
    setHidden(this.#problems, problems.length === 0);
    if (problems.join("") === this.#problems.textContent) return;
    this.#problems.replaceChildren(
      ...problems.map((problem) => element("li", {}, icon("warning"), element("span", {}, problem))),
    );
  }

  /** The frame is in the page only while it is needed. */
  #renderFrame(html: string | null): void {
    setAttribute(this.#frame, "srcdoc", html);
    if (html === null) this.#frame.remove();
    else if (!this.#frame.isConnected) this.#note.before(this.#frame);
  }

  /** Unchanged blocks keep their nodes, so that images stay in place and nothing flickers. */
  #renderBlocks(blocks: readonly BodyElement[]): void {
    const texts = blocks.map((block) => JSON.stringify(block));
    const before = this.#shown;
    this.#shown = texts;
    let head = 0;
    while (head < texts.length && head < before.length && texts[head] === before[head]) head++;
    const most = Math.min(texts.length, before.length) - head;
    let tail = 0;
    while (tail < most && texts.at(-1 - tail) === before.at(-1 - tail)) tail++;
    const old = [...this.#blocks.children];
    for (const node of old.slice(head, old.length - tail)) node.remove();
    const next = this.#blocks.children.item(head);
    for (const block of blocks.slice(head, blocks.length - tail))
      this.#blocks.insertBefore(build(block), next);
  }
}

/** Builds one node of the tree. Only what is named here gets into the page. */
function build(node: BodyNode): Node {
  if (typeof node === "string") return document.createTextNode(node);
  const { tag, href, src, alt = "", align, start, children, ...sizes } = node;
  if (tag === "img") {
    if (src === undefined) return element("span", { class: "no-image" }, icon("warning"), alt || t("image"));
    return sized(element("img", { src, alt }), sizes);
  }
  const isLink = tag === "a" && href !== undefined && isSafeLink(href);
  const built = element(tag, isLink ? { href, title: href } : {}, ...children.map(build));
  if (align !== undefined) built.classList.add(align);
  if (start !== undefined) built.setAttribute("start", String(start));
  return sized(built, sizes);
}

/** Applies the sizes and spans that the text specifies. */
function sized(built: HTMLElement, sizes: Omit<BodyElement, "tag" | "children">): HTMLElement {
  for (const name of ["width", "height", "colspan", "rowspan"] as const)
    setAttribute(built, name, sizes[name] === undefined ? null : String(sizes[name]));
  return built;
}

function noteOf(preview: BodyPreview | null): string {
  if (preview?.kind === "none") return t("The text is too long for a preview. It will be sent in full.");
  return preview?.kind === "html"
    ? t("The mail's own styles and images are not shown here. It is sent exactly as you typed it.")
    : "";
}
