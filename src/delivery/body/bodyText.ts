/** A mail's text as recipients will read it: variables filled in, Markdown as a tree, images found. */
import type { BodyElement, BodyNode } from "../../shared/contract/bodyTree.ts";
import { isSafeLink } from "../../shared/contract/bodyTree.ts";
import type { BodyFormat } from "../../shared/contract/form.ts";
import { t } from "../../shared/l10n.ts";
import { parseRecipients } from "../../shared/recipients.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import type { TextMarks } from "../record/provenance.ts";
import { escapeHtml } from "./bodyHtml.ts";
import { findImages, imageNames, type NamedImages } from "./bodyImages.ts";
import type { MarkdownProfile } from "./markdown.ts";
import {
  fileVariables,
  filledPiece,
  findVariables,
  type NamedFile,
  readerVariables,
  type Variables,
} from "./variables.ts";

export interface BodyText {
  readonly format: BodyFormat;
  /** As it was written, with the variables filled in. */
  readonly text: string;
  /** Empty unless it is Markdown. */
  readonly blocks: readonly BodyElement[];
  readonly images: NamedImages;
}

interface Written {
  readonly body: string;
  readonly format: BodyFormat;
}

/** Longer texts, in characters, can be sent, but are not parsed again at each key. */
const MAX_LIVE_LENGTH = 500_000;

/** Stands for the hash of a file that is not uploaded yet. */
const coming = () => t("(known once uploaded)");

/** The text with all values known so far; `coming` stands for the others. */
export async function readBody(delivery: DeliveryRecord): Promise<BodyText> {
  const { form } = delivery;
  const isTree = form.format === "markdown";
  // Images are looked for in the text as it will be sent, without these stand-ins.
  const [blocks, sent] = isTree
    ? await Promise.all([readBlocks(delivery, form.body, coming()), readBlocks(delivery, form.body)])
    : [[], []];
  return {
    format: form.format,
    text: isTree ? "" : filledBody(delivery, form, coming()),
    blocks,
    images: await findImages(imageNames(sent), delivery),
  };
}

/** The names of the images that a mail's text refers to. */
export async function readImageNames(delivery: DeliveryRecord): Promise<readonly string[]> {
  const { body, format } = delivery.form;
  // Most mails have no images: do not parse them.
  if (format !== "markdown" || !mayHaveImages(body)) return [];
  return imageNames(await readBlocks(delivery, body));
}

export function mayHaveImages(body: string): boolean {
  return /!\[|<img\b/i.test(body);
}

export function isLong(delivery: DeliveryRecord): boolean {
  return delivery.form.body.length > MAX_LIVE_LENGTH;
}

/**
 * A text that is sent as it was written, except that variables are filled in.
 * @param unknownHash stands for hashes that are known only after the upload
 */
export function filledBody(
  delivery: DeliveryRecord,
  { body, format }: Written,
  unknownHash?: string,
): string {
  const known = variablesOf(delivery, unknownHash);
  return replaceValues(body, valuesOf(delivery, body), (piece) => {
    const value = filledPiece(piece, known);
    return format === "html" ? escapeHtml(value) : value;
  });
}

/** The blocks of a Markdown text. Values are filled into the tree, so that none can be read as markup. */
export async function readBlocks(
  delivery: DeliveryRecord,
  body: string,
  unknownHash?: string,
): Promise<readonly BodyElement[]> {
  const values = valuesOf(delivery, body);
  const document = delivery.marks?.document ?? null;
  if (values.length === 0) return parse(body, document);
  const mark = freeCharacter(body);
  const pieces: string[] = [];
  let grown = { from: document?.from ?? 0, to: document?.to ?? 0 };
  const marked = replaceValues(body, values, (piece, at) => {
    const sign = `${mark}${pieces.push(piece) - 1}${mark}`;
    const shift = sign.length - piece.length;
    if (at < (document?.from ?? 0)) grown = { from: grown.from + shift, to: grown.to + shift };
    else if (at < (document?.to ?? 0)) grown = { ...grown, to: grown.to + shift };
    return sign;
  });
  const blocks = await parse(marked, document === null ? null : grown);
  const known = variablesOf(delivery, unknownHash);
  return fillTree(blocks, mark, (index) => filledPiece(pieces[index] ?? "", known));
}

function fillTree(
  blocks: readonly BodyElement[],
  mark: string,
  value: (index: number) => string,
): BodyElement[] {
  const plain = new RegExp(`${mark}(\\d+)${mark}`, "g");
  const coded = encodeURIComponent(mark);
  const inAddress = new RegExp(`${coded}(\\d+)${coded}`, "g");
  const text = (typed: string) => typed.replace(plain, (_, index: string) => value(Number(index)));
  const address = (typed: string) =>
    typed.replace(inAddress, (_, index: string) => encodeURIComponent(value(Number(index))));
  const fill = ({ href, src, alt, children, ...rest }: BodyElement): BodyElement => ({
    ...rest,
    ...(href !== undefined && isSafeLink(address(text(href))) ? { href: address(text(href)) } : {}),
    ...(src === undefined ? {} : { src: address(text(src)) }),
    ...(alt === undefined ? {} : { alt: text(alt) }),
    children: children.map((node: BodyNode) => (typeof node === "string" ? text(node) : fill(node))),
  });
  return blocks.map(fill);
}

function variablesOf(delivery: DeliveryRecord, unknownHash: string | undefined): Variables {
  if (!delivery.fillsIn) return {};
  const { recipients } = parseRecipients(delivery.form.to);
  return { ...fileVariables(namedFiles(delivery), unknownHash), ...readerVariables(recipients) };
}

/** Records of older versions have no marks. */
function valuesOf({ marks, fillsIn }: DeliveryRecord, body: string): TextMarks["values"] {
  return marks?.values ?? (fillsIn ? findVariables(body) : []);
}

function replaceValues(
  body: string,
  values: TextMarks["values"],
  replace: (piece: string, at: number) => string,
): string {
  let done = 0;
  let text = "";
  for (const { at, length } of values.toSorted((one, other) => one.at - other.at)) {
    if (at < done || at + length > body.length) continue;
    text += body.slice(done, at) + replace(body.slice(at, at + length), at);
    done = at + length;
  }
  return text + body.slice(done);
}

/** A private-use character that is not in the text. */
function freeCharacter(text: string): string {
  let code = 0xe000;
  while (code < 0xf8ff && text.includes(String.fromCharCode(code))) code++;
  return String.fromCharCode(code);
}

function namedFiles({ attachments }: DeliveryRecord): NamedFile[] {
  return attachments
    .filter(({ inline }) => inline === null)
    .map(({ name, size, status, checkpoint }) => ({
      name,
      size,
      sha256: status === "ready" && checkpoint?.bytes === size ? checkpoint.sha256 : null,
    }));
}

type Range = TextMarks["document"];

/** The last result: one edit is parsed for the preview, for its images, and when the mail leaves. */
let last:
  | { readonly text: string; readonly document: string; readonly blocks: Promise<readonly BodyElement[]> }
  | undefined;

/** Loads the parser with the first text that needs it. @param document the part of it that is a document */
export function parse(text: string, document: Range = null): Promise<readonly BodyElement[]> {
  const range = JSON.stringify(document);
  if (last?.text === text && last.document === range) return last.blocks;
  const blocks = import("./markdown.ts").then(({ parseMarkdown }) =>
    partsOf(text, document).flatMap(([part, profile]) => parseMarkdown(part, profile)),
  );
  // A tree takes many times the memory of its text: those of longer texts are not kept.
  last = text.length > MAX_LIVE_LENGTH ? undefined : { text, document: range, blocks };
  blocks.catch(() => {
    if (last?.blocks === blocks) last = undefined;
  });
  return blocks;
}

/** Splits a text into mail and document, at whole lines. */
function partsOf(text: string, document: Range): readonly (readonly [string, MarkdownProfile])[] {
  if (document === null) return [[text, "mail"]];
  const from = text.lastIndexOf("\n", document.from - 1) + 1;
  const next = text.indexOf("\n", Math.max(from, document.to));
  const to = next === -1 ? text.length : next;
  const parts = [
    [text.slice(0, document.from === 0 ? 0 : from), "mail"],
    [text.slice(document.from === 0 ? 0 : from, to), "document"],
    [text.slice(to), "mail"],
  ] as const;
  return parts.filter(([part]) => part.trim() !== "");
}
