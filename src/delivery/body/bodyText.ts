/** A mail's text as it will be read: variables filled in, Markdown as a tree, images found. */
import type { BodyElement } from "../../shared/bodyTree.ts";
import type { BodyFormat } from "../../shared/contract.ts";
import { parseRecipients } from "../../shared/recipients.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { findImages, imageNames, type NamedImages } from "./bodyImages.ts";
import { fileVariables, fillIn, type NamedFile, readerVariables } from "./variables.ts";

export interface BodyText {
  readonly format: BodyFormat;
  /** As it was written, with the variables filled in. */
  readonly text: string;
  /** Empty unless it is Markdown. */
  readonly blocks: readonly BodyElement[];
  readonly images: NamedImages;
}

/** Longer texts are sent, but not read again at each key. */
const MAX_LIVE_LENGTH = 500_000;

/** For a hash that the service has not confirmed yet. */
const COMING = "(known once uploaded)";

/** The text with what is known by now; what is not is said to be coming. */
export async function readBody(delivery: DeliveryRecord): Promise<BodyText> {
  const { form } = delivery;
  // Read as the mail will be, and filled in afterwards: for its images, and when it leaves, it is the same text.
  const blocks = form.format === "markdown" ? await parse(filledBody(delivery, form)) : [];
  const { sha256 } = delivery.fillsIn ? fileVariables(namedFiles(delivery), COMING) : {};
  return {
    format: form.format,
    text: filledBody(delivery, form, COMING),
    blocks: sha256 === undefined ? blocks : blocks.map((block) => withHashes(block, sha256)),
    images: await findImages(imageNames(blocks), delivery),
  };
}

function withHashes(element: BodyElement, sha256: string): BodyElement {
  const children = element.children.map((child) =>
    typeof child === "string" ? fillIn(child, { sha256 }, "text") : withHashes(child, sha256),
  );
  return { ...element, children };
}

/** The names of the images in a text. */
export async function readImageNames(delivery: DeliveryRecord): Promise<readonly string[]> {
  const { body, format } = delivery.form;
  // Not worth the parser's time, as most mails have none.
  if (format !== "markdown" || !body.includes("![")) return [];
  return imageNames(await parse(filledBody(delivery, delivery.form)));
}

export function isLong(delivery: DeliveryRecord): boolean {
  return delivery.form.body.length > MAX_LIVE_LENGTH;
}

/** @param unknownHash stands for what is not known before the upload is through */
export function filledBody(
  delivery: DeliveryRecord,
  { body, format }: { readonly body: string; readonly format: BodyFormat },
  unknownHash?: string,
): string {
  if (!delivery.fillsIn) return body;
  const { recipients } = parseRecipients(delivery.form.to);
  const files = fileVariables(namedFiles(delivery), unknownHash);
  return fillIn(body, { ...files, ...readerVariables(recipients) }, format);
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

/** What was read last: one edit is read for the preview, for its images, and when the mail leaves. */
let last: { readonly text: string; readonly blocks: Promise<readonly BodyElement[]> } | undefined;

/** The parser is loaded with the first text that needs it. */
export function parse(text: string): Promise<readonly BodyElement[]> {
  if (last?.text === text) return last.blocks;
  const blocks = import("./markdown.ts").then(({ parseMarkdown }) => parseMarkdown(text));
  // A tree takes many times the memory of its text: what is longer is read again instead.
  last = text.length > MAX_LIVE_LENGTH ? undefined : { text, blocks };
  blocks.catch(() => {
    if (last?.blocks === blocks) last = undefined;
  });
  return blocks;
}
