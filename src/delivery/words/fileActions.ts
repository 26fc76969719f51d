/**
 * What a person can do with a file of a mail in each of its states: pause, retry, rename, remove, send it as a link.
 * The labels on the page: `webview/files/attachmentRow.ts`.
 */
import { unreachable } from "../../base/errors.ts";
import type { AttachmentAction, AttachmentView } from "../../shared/contract/snapshot.ts";
import { linkActions } from "../links/linkWords.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { fixedFile } from "../record/fixedFiles.ts";
import { isOpen } from "../record/queries.ts";
import { canBeAttached, canBeLink } from "./fileWays.ts";
import { travelsInMail } from "./sendMethod.ts";

type ViewStatus = AttachmentView["status"];

const BY_TEXT: ReadonlySet<AttachmentAction> = new Set(["cancel", "remove", "rename"]);
const CHANGES: ReadonlySet<AttachmentAction> = new Set(["remove", "rename", "asLink", "asAttachment"]);

/** @param now milliseconds since the epoch */
export function fileActions(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord,
  status: ViewStatus,
  now: number,
): AttachmentAction[] {
  const actions = [
    ...statusActions(delivery, attachment, status),
    ...otherWay(delivery, attachment),
    ...linkActions(delivery, attachment, now),
  ];
  return actions.filter(
    (action) =>
      // An image of the text is removed by the text.
      (attachment.inline === null || !BY_TEXT.has(action)) &&
      (fixedFile(delivery, attachment) === undefined || !CHANGES.has(action)),
  );
}

/** Whether a person must choose a version of a file that changed; not for a part, which fits no other one. */
export function asksVersion({ error, part }: Pick<AttachmentRecord, "error" | "part">): boolean {
  return error?.code === "file-changed" && error.remedy === "uploadNewVersion" && part === undefined;
}

/** Switches between attachment and link, if the other is possible. */
function otherWay(delivery: DeliveryRecord, attachment: AttachmentRecord): AttachmentAction[] {
  if (!isOpen(delivery)) return [];
  if (attachment.asLink) return canBeAttached(delivery, attachment) ? ["asAttachment"] : [];
  return canBeLink(delivery, attachment) ? ["asLink"] : [];
}

function statusActions(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord,
  status: ViewStatus,
): AttachmentAction[] {
  const { flight, session } = attachment;
  const waits: AttachmentAction[] = flight?.waiting === undefined ? [] : ["tryNow"];
  if (status === "saved") return ["remove", "rename"];
  // In the moment before a mail leaves, the only action is Undo.
  if (!isOpen(delivery) || delivery.leavesAt !== undefined) return [];
  switch (status) {
    case "queued":
    case "creating":
    case "uploading":
      return [...waits, "pause", "cancel", "remove", "rename"];
    case "completing":
      return [...waits, "cancel", "remove", "rename"];
    case "paused":
      return ["resume", "cancel", "remove", "rename"];
    case "ready":
      return ["remove", "rename"];
    case "failed":
      if (!asksVersion(attachment)) return ["retry", "remove", "rename"];
      // The uploaded version can be kept only if all of it was uploaded.
      return session?.completeAsked === true && !travelsInMail(delivery)
        ? ["keepVersion", "remove", "rename"]
        : ["remove", "rename"];
    case "expired":
    case "cancelled":
      return ["retry", "remove", "rename"];
    case "sending":
    case "sent":
    case "scheduled":
    case "unconfirmed":
      return [];
    default:
      return unreachable(status);
  }
}
