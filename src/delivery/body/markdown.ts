/** Markdown as a tree. Loaded when needed: the parser is larger than all the other code that sends a mail. */
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

/** The blocks of a text, read from its HTML as a browser would: only what the tree can have gets through. */
export function parseMarkdown(text: string, profile: MarkdownProfile = "mail"): BodyElement[] {
  const parts = profile === "mail" ? aboveSignature(text) : [text];
  return parts.flatMap((part) => readHtml(PARSERS[profile].render(part, {})));
}

/** Footnotes go above the signature: mail programs fold everything below its "-- ". */
function aboveSignature(text: string): string[] {
  const at = text.includes("[^") ? text.lastIndexOf("\n-- \n") : -1;
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function common({ breaks }: { readonly breaks: boolean }): MarkdownIt {
  const parser = new MarkdownParser("default", { html: true, linkify: true, breaks });
  // "report.md" is a file, not a site: only addresses with a scheme become links.
  parser.linkify.set({ fuzzyLink: false });
  const { validateLink } = parser;
  // Like VS Code's preview: embedded images (`data:`) may have any type, and "package@1.2.3" is no address.
  parser.validateLink = (address) =>
    (validateLink(address) && !/^mailto:[^?]*[@.][^a-z.@?][^.@?]*$/i.test(address)) ||
    /^data:image\/.*?;/.test(address);
  return parser.use(keepBlocksShallow).use(addFootnotes).use(addTaskLists).use(addImagePaths);
}
