/** What a person should be asked before a mail is sent. Pure: who asks, and how, is decided elsewhere. */
import { encodedBytes } from "../../shared/message.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isBlockedType } from "./blockedTypes.ts";
import type { RecipientDoubts } from "./recipientDoubts.ts";

export type QuestionReason =
  | { readonly type: "noSubject" }
  /** Recipients with Outlook would not get these. */
  | { readonly type: "blockedTypes"; readonly attachments: readonly AttachmentRecord[] }
  /** Bytes, with the files as they travel. */
  | { readonly type: "tooLarge"; readonly bytes: number; readonly limit: number }
  | ({ readonly type: "recipients" } & RecipientDoubts);

/**
 * @param limit bytes that the mailbox lets a message have; undefined: nobody knows
 * @param doubts about the recipients
 */
export function questionReasons(
  { form, attachments }: Pick<DeliveryRecord, "form" | "attachments">,
  limit: number | undefined,
  doubts?: RecipientDoubts,
): QuestionReason[] {
  const blocked = attachments.filter(({ name, inline }) => inline === null && isBlockedType(name));
  const bytes = encodedBytes(attachments.map(({ size }) => size)) + Buffer.byteLength(form.body);
  return [
    ...(form.subject.trim() === "" ? [{ type: "noSubject" } as const] : []),
    ...(blocked.length > 0 ? [{ type: "blockedTypes", attachments: blocked } as const] : []),
    ...(limit !== undefined && bytes > limit ? [{ type: "tooLarge", bytes, limit } as const] : []),
    ...(doubts === undefined ? [] : [{ type: "recipients", ...doubts } as const]),
  ];
}
