/** What a person sees of HTML, read by a parser that works as browsers do. */
import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";

type Node = DefaultTreeAdapterTypes.ChildNode;
type Parent = DefaultTreeAdapterTypes.ParentNode;

export interface Seen {
  /** With one blank for all that separates words. */
  readonly text: string;
  /** Addresses of links that lead to the web or to somebody. */
  readonly links: readonly string[];
  /** Sources of images that are files. */
  readonly images: readonly string[];
}

const HIDDEN = new Set(
  "audio canvas datalist dialog head iframe meter noembed noframes noscript progress rp script style template title video".split(
    " ",
  ),
);
const LINES = new Set(
  "address article aside blockquote br caption center dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split(
    " ",
  ),
);

/** An image on the web is seen as a link with its words, or as words within a link: so a mail shows it. */
export function seenOf(html: string): Seen {
  const links: string[] = [];
  const images: string[] = [];
  let text = "";
  const look = (nodes: readonly Node[], link: string | undefined) => {
    for (const node of nodes) {
      if (node.nodeName === "#text" && "value" in node) text += node.value;
      if (!("tagName" in node)) continue;
      const attribute = (name: string) => node.attrs.find((known) => known.name === name)?.value;
      const concealed = /display:\s*none|visibility:\s*hidden/.test(attribute("style") ?? "");
      if (HIDDEN.has(node.tagName) || concealed || attribute("hidden") !== undefined) continue;
      // A formula is seen as what was written for it.
      const isFormula = node.tagName === "math" || /\bkatex-html\b/.test(attribute("class") ?? "");
      if (isFormula) {
        text += annotationOf(node);
        continue;
      }
      const separator = LINES.has(node.tagName) ? " " : "";
      text += separator;
      if (node.tagName === "img") {
        // VS Code's preview keeps what was written beside the address that it loads.
        const src = attribute("data-src") ?? attribute("src") ?? "";
        const address = webAddress(src);
        if (address === undefined) images.push(plain(src));
        else if (link === undefined) links.push(address);
        if (address !== undefined) text += attribute("alt") || (link ?? address);
      }
      if (node.tagName === "input" && attribute("type") === "checkbox")
        text += attribute("checked") === undefined ? "☐" : "☑";
      const href = node.tagName === "a" ? linkAddress(attribute("href") ?? "") : undefined;
      if (href !== undefined) links.push(href);
      look(children(node), href ?? link);
      text += separator;
    }
  };
  look(children(parseFragment(html)), undefined);
  return { text: text.replace(/\s+/g, " ").trim(), links, images };
}

/** Beside what is drawn of it, for programs that read aloud. */
function annotationOf(node: Node): string {
  if (!("childNodes" in node)) return "";
  if (node.nodeName === "annotation")
    return node.childNodes.map((child) => ("value" in child ? child.value : "")).join("");
  return node.childNodes.map(annotationOf).join("");
}

function children(parent: Parent): readonly Node[] {
  return parent.childNodes;
}

function webAddress(src: string): string | undefined {
  return /^(?:https?:)?\/\//i.test(src) ? src.replace(/^\/\//, "https://").replaceAll(" ", "%20") : undefined;
}

function linkAddress(href: string): string | undefined {
  const address = href.trim().replace(/^\/\//, "https://").replaceAll(" ", "%20");
  return /^(?:https?:\/\/|mailto:|tel:)/i.test(address) ? address : undefined;
}

function plain(src: string): string {
  return decodeURI(src.replace(/^cid:/, ""));
}
