/** The exact bytes of a mail's send, once every file of it is there. */
import type { AttachmentRef, FinalMessage, MailService } from "../services/mailService.ts";
import { printHtml } from "./bodyHtml.ts";
import { imageName } from "./bodyImages.ts";
import { filledBody, parse } from "./bodyText.ts";
import type { DeliveryRecord } from "./delivery.ts";

export async function freezeMail(service: MailService, delivery: DeliveryRecord): Promise<string> {
  const message = await finalMessage(delivery);
  const files = delivery.attachments.map((attachment): AttachmentRef => {
    const { session, inline, checkpoint, path, name, contentType, size } = attachment;
    const id = service.carriesFiles === true ? "" : session?.attachmentId;
    if (id == null || checkpoint === null) throw new Error("An attachment without a session cannot be sent");
    const file = { path, name, contentType, size, sha256: checkpoint.sha256 };
    // A service shows a file in the text only where both name it, and what the text does not name is a file like others.
    return inline !== null && message.body.includes(`cid:${inline.contentId}`)
      ? { id, file, contentId: inline.contentId }
      : { id, file };
  });
  return service.freeze(message, files);
}

async function finalMessage(delivery: DeliveryRecord): Promise<FinalMessage> {
  const { message, attachments } = delivery;
  if (message === null) throw new Error("A mail without a message cannot be sent");
  const { format } = message;
  const body = filledBody(delivery, message);
  if (format !== "markdown") return { ...message, format, body };
  const ids = new Map(attachments.flatMap(({ inline }) => (inline ? [[inline.name, inline.contentId]] : [])));
  return {
    ...message,
    format: "html",
    body: printHtml(await parse(body), (src) => ids.get(imageName(src))),
  };
}
