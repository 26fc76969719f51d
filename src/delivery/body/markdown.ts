/** Markdown as a tree. Loaded when it is needed: the parser is larger than the rest of what sends a mail. */
import MarkdownParser, { type MarkdownIt } from "markdown-it";
import type { BodyElement } from "../../shared/contract/bodyTree.ts";
import { addFootnotes } from "./footnotes.ts";
import { readHtml } from "./htmlTree.ts";
import { addImagePaths, addTaskLists, keepBlocksShallow, keepDefinitions } from "./markdownRules.ts";
import { addMath } from "./math.ts";
import { keepAsTyped } from "./typedMail.ts";

/** How a text is read: a mail as it was typed, a document as VS Code's preview shows it. */
export type MarkdownProfile = "mail" | "document";

const PARSERS: Readonly<Record<MarkdownProfile, MarkdownIt>> = {
  mail: common({ breaks: true })
    .use(keepAsTyped)
    .use(keepDefinitions, "unused" as const),
  document: common({ breaks: false })
    .use(addMath)
    .use(keepDefinitions, "alone" as const),
};

/** The blocks of a text. They are read from HTML, as a browser would: nothing but what the tree knows gets through. */
export function parseMarkdown(text: string, profile: MarkdownProfile = "mail"): BodyElement[] {
  const parts = profile === "mail" ? aboveSignature(text) : [text];
  return parts.flatMap((part) => readHtml(PARSERS[profile].render(part, {})));
}

/** Footnotes stand above the signature: mail programs fold what is below its "-- ". */
function aboveSignature(text: string): string[] {
  const at = text.includes("[^") ? text.lastIndexOf("\n-- \n") : -1;
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function common({ breaks }: { readonly breaks: boolean }): MarkdownIt {
  const parser = new MarkdownParser("default", { html: true, linkify: true, breaks });
  // "report.md" is a file, not a site; what is meant as a link says so.
  parser.linkify.set({ fuzzyLink: false });
  const { validateLink } = parser;
  // As VS Code's preview: an image in the text itself is one, of whatever type, and "package@1.2.3" is nobody's address.
  parser.validateLink = (address) =>
    (validateLink(address) && !/^mailto:[^?]*[@.][^a-z.@?][^.@?]*$/i.test(address)) ||
    /^data:image\/.*?;/.test(address);
  return parser.use(keepBlocksShallow).use(addFootnotes).use(addTaskLists).use(addImagePaths);
}
