/** What a person should be asked before a mail is sent. Pure: who asks, and how, is decided elsewhere. */
import type { ArrivalDoubts } from "../../shared/summary/sizeDoubts.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isBlockedType } from "./blockedTypes.ts";
import type { RecipientDoubts } from "./recipientDoubts.ts";

export type QuestionReason =
  | { readonly type: "noSubject" }
  /** Recipients who use Outlook could not open these. */
  | { readonly type: "blockedTypes"; readonly attachments: readonly AttachmentRecord[] }
  | ({ readonly type: "tooLarge" } & ArrivalDoubts)
  | ({ readonly type: "recipients" } & RecipientDoubts);

/** A mere guess about a recipient's mailbox is not asked about: the panel shows it already. */
export function questionReasons(
  { form, attachments }: Pick<DeliveryRecord, "form" | "attachments">,
  arrival: ArrivalDoubts | undefined,
  doubts?: RecipientDoubts,
): QuestionReason[] {
  const blocked = attachments.filter(
    ({ name, inline, asLink }) => inline === null && !asLink && isBlockedType(name),
  );
  const isTooLarge = arrival !== undefined && (arrival.own !== undefined || arrival.theirs?.isKnown === true);
  return [
    ...(form.subject.trim() === "" ? [{ type: "noSubject" } as const] : []),
    ...(blocked.length > 0 ? [{ type: "blockedTypes", attachments: blocked } as const] : []),
    ...(isTooLarge ? [{ type: "tooLarge", ...arrival } as const] : []),
    ...(doubts === undefined ? [] : [{ type: "recipients", ...doubts } as const]),
  ];
}
