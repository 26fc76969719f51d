/** A mail's text as it will be read: variables filled in, Markdown as a tree, images found. */
import type { BodyElement } from "../../shared/bodyTree.ts";
import type { BodyFormat } from "../../shared/contract.ts";
import { parseRecipients } from "../../shared/message.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { findImages, imageNames, type NamedImages } from "./bodyImages.ts";
import { fileVariables, fillIn, readerVariables } from "./variables.ts";

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

/** The text with what is known by now; what the service has not confirmed yet is said to be coming. */
export async function readBody(delivery: DeliveryRecord): Promise<BodyText> {
  const { format } = delivery.form;
  const text = filledBody(delivery, delivery.form, "(known once uploaded)");
  const blocks = format === "markdown" ? await parse(text) : [];
  return { format, text, blocks, images: await findImages(imageNames(blocks), delivery) };
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
  { attachments, form, fillsIn }: DeliveryRecord,
  { body, format }: { readonly body: string; readonly format: BodyFormat },
  unknownHash?: string,
): string {
  if (!fillsIn) return body;
  const files = attachments
    .filter(({ inline }) => inline === null)
    .map(({ name, size, status, checkpoint }) => ({
      name,
      size,
      sha256: status === "ready" && checkpoint?.bytes === size ? checkpoint.sha256 : null,
    }));
  const { recipients } = parseRecipients(form.to);
  return fillIn(body, { ...fileVariables(files, unknownHash), ...readerVariables(recipients) }, format);
}

/** The parser is loaded with the first text that needs it. */
export async function parse(text: string): Promise<BodyElement[]> {
  const { parseMarkdown } = await import("./markdown.ts");
  return parseMarkdown(text);
}
