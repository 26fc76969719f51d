/** The exact bytes in which a mail is sent or saved, once all of its files are there. */
import type { AttachmentRef, Departure, FinalMessage, MailService } from "../../services/mailService.ts";
import { keeperOf, type Wait } from "../../services/scheduling.ts";
import { printHtml } from "../body/bodyHtml.ts";
import { imageName } from "../body/bodyImages.ts";
import { filledBody, readBlocks } from "../body/bodyText.ts";
import { htmlWithSet, textWithSet } from "../body/setNote.ts";
import { htmlWithCards, textWithCards } from "../links/linkCards.ts";
import { linkCards } from "../links/linkWords.ts";
import type { DeliveryRecord, SendRecord } from "../record/delivery.ts";

/** @throws FreightError `schedule-refused` when the service cannot keep the mail until its time */
export async function freezeMail(
  service: MailService,
  delivery: DeliveryRecord,
  now: number,
): Promise<Pick<SendRecord, "body" | "keeper">> {
  const departure = departureOf(service, delivery, now);
  const message = await finalMessage(delivery);
  const attached = delivery.attachments.filter(({ asLink }) => !asLink);
  const files = attached.map((attachment): AttachmentRef => {
    const { session, inline, checkpoint, path, contentType, size, part } = attachment;
    const name = attachment.sentAs ?? attachment.name;
    const id = service.carriesFiles === true ? "" : session?.attachmentId;
    if (id == null || checkpoint === null) throw new Error("An attachment without a session cannot be sent");
    const start = part === undefined ? {} : { start: part.start };
    const file = { path, ...start, name, contentType, size, sha256: checkpoint.sha256 };
    // An image that the text no longer refers to is attached like any other file.
    return inline !== null && message.body.includes(`cid:${inline.contentId}`)
      ? { id, file, contentId: inline.contentId }
      : { id, file };
  });
  return {
    body: service.freeze(message, files, departure),
    keeper: departure?.schedule?.keeper ?? null,
  };
}

/** Undefined for a mail that is sent immediately. */
function departureOf(service: MailService, delivery: DeliveryRecord, now: number): Departure | undefined {
  const { id: mark, purpose } = delivery;
  if (purpose.type === "send") return undefined;
  if (purpose.type === "draft") return { mark };
  const { at } = purpose;
  return { mark, schedule: { sendAt: at, keeper: keeperOf(service, waitOf(delivery, at, now)) } };
}

/** How long a mail has to wait, and how long the service keeps its files until then. */
function waitOf({ attachments }: DeliveryRecord, at: number, now: number): Wait {
  const ends = attachments.flatMap(({ session }) => session?.expiresAt ?? []);
  const first = ends.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  return { at, now, filesUntil: ends.length === 0 ? null : first };
}

async function finalMessage(delivery: DeliveryRecord): Promise<FinalMessage> {
  const message = await writtenMessage(delivery);
  const cards = linkCards(delivery);
  const isText = message.format === "text";
  const text = isText ? textWithSet(message.body, delivery) : htmlWithSet(message.body, delivery);
  const body = isText ? textWithCards(text, cards) : htmlWithCards(text, cards);
  const answers = delivery.set?.answers;
  return { ...message, body, ...(answers == null ? {} : { answers }) };
}

async function writtenMessage(delivery: DeliveryRecord): Promise<FinalMessage> {
  const { message, attachments } = delivery;
  if (message === null) throw new Error("A mail without a message cannot be sent");
  const { format } = message;
  if (format !== "markdown") return { ...message, format, body: filledBody(delivery, message) };
  const images = new Map(attachments.flatMap(({ inline }) => (inline ? [[inline.name, inline]] : [])));
  return {
    ...message,
    format: "html",
    body: printHtml(
      await readBlocks(delivery, message.body),
      (src) => images.get(imageName(src))?.contentId,
      (src) => images.get(imageName(src))?.size ?? undefined,
    ),
  };
}
