/** What follows from a record. */
import type { Draft } from "../../services/drafts.ts";
import type {
  AttachmentRecord,
  AttachmentStatus,
  DeliveryRecord,
  Flight,
  SessionRecord,
} from "./delivery.ts";

/** True while the service still keeps the session for at least `marginMs`. */
export function isAlive(session: SessionRecord | null, now: number, marginMs = 0): session is SessionRecord {
  return session !== null && (session.expiresAt === null || session.expiresAt - marginMs > now);
}

/** What the service adds files to: the mail's draft, or an event; null while there is none. */
export function holderOf({ event, draft }: DeliveryRecord): Draft | null {
  return event === null ? draft : { kind: "event", id: event.id, internetMessageId: null };
}

/** The files that are listed for a mail. Images of the text are left out, unless there are no other files. */
export function rowFiles({ attachments }: Pick<DeliveryRecord, "attachments">): readonly AttachmentRecord[] {
  const files = attachments.filter(({ inline }) => inline === null);
  return files.length > 0 ? files : attachments;
}

/** True while there is work to do on the attachment that needs no decision of a person. */
export function isUnderWay(status: AttachmentStatus): boolean {
  return status === "queued" || status === "creating" || status === "uploading" || status === "completing";
}

/** True when there is such work, and the mail's trouble prevents it. */
export function isHeldUp({ trouble }: DeliveryRecord, { status, flight }: AttachmentRecord): boolean {
  return trouble !== undefined && flight === undefined && isUnderWay(status);
}

type Waiting = NonNullable<Flight["waiting"]>;

/** Until when, and why, the file waits for another try, with its mail or alone; undefined if it does not. */
export function waitOf(
  { phase, sendWait }: DeliveryRecord,
  { flight }: AttachmentRecord,
  now: number,
): Waiting | undefined {
  return lasting(phase === "sending" ? sendWait : flight?.waiting, now);
}

function lasting(wait: Waiting | undefined, now: number): Waiting | undefined {
  return wait !== undefined && wait.until > now ? wait : undefined;
}

/** The files of a mail that are being worked on: not those that are still queued. */
export function filesAtWork(delivery: DeliveryRecord): readonly AttachmentRecord[] {
  return delivery.attachments.filter((attachment) => {
    const { status } = attachment;
    if (delivery.phase === "sending") return true;
    return isUnderWay(status) && status !== "queued" && !isHeldUp(delivery, attachment);
  });
}

/** What a mail waits for when all its files at work wait, or its sending does; undefined while something moves. */
export function standstill(delivery: DeliveryRecord, now: number): Waiting | undefined {
  const atWork = filesAtWork(delivery);
  const waits = atWork.flatMap((attachment) => waitOf(delivery, attachment, now) ?? []);
  return waits.length < atWork.length ? undefined : (waits[0] ?? lasting(delivery.sendWait, now));
}

/** True while the text and account can be changed. After Send, what was checked must stay as it is. */
export function isEditable({ phase }: Pick<DeliveryRecord, "phase">): boolean {
  return phase === "composing" || phase === "failed";
}

/** True while a person can write in the mail, including one saved as a draft. */
export function isWritable(delivery: Pick<DeliveryRecord, "phase">): boolean {
  return isEditable(delivery) || delivery.phase === "saved";
}

/** True while files can still be added, removed and uploaded. */
export function isOpen(delivery: DeliveryRecord): boolean {
  return isEditable(delivery) || delivery.phase === "waiting";
}

/** True while a mail of a set waits: its files are fixed, because the other mails list them. */
export function areShared({ phase, set }: Pick<DeliveryRecord, "phase" | "set">): boolean {
  return phase === "waiting" && set !== null;
}

/** True while a mail that is being sent can still be taken back: nothing has left this machine. */
export function isRecallable({ phase, recallable, send }: DeliveryRecord): boolean {
  return phase === "sending" && (recallable ?? send?.mayBeOut === false);
}

/** True while a person can discard the mail or remove it from the history. */
export function isDiscardable(delivery: DeliveryRecord): boolean {
  return delivery.phase !== "sending" || isRecallable(delivery);
}

/** What becomes of a file whose link is being ended after its mail was sent; undefined: it is not ended. */
export function linkEnding(
  { remoteCleanup }: Pick<DeliveryRecord, "remoteCleanup">,
  { id }: Pick<AttachmentRecord, "id">,
): "stays" | "deleted" | undefined {
  const ending = remoteCleanup.flatMap(({ over }) =>
    over.type === "link" && over.attachment === id ? [over.file] : [],
  );
  return ending.includes("deleted") ? "deleted" : ending[0];
}

/** True while a file's link, or the file itself, can still be managed after the mail was sent or saved. */
export function isLinkOut(delivery: DeliveryRecord, attachment: AttachmentRecord): boolean {
  const { asLink, link, unshared } = attachment;
  const isThere = link !== null || unshared === "stopped";
  return isFinished(delivery) && asLink && isThere && linkEnding(delivery, attachment) !== "deleted";
}

/** True once the mail is sent, or saved as a draft. */
export function isFinished({ phase }: Pick<DeliveryRecord, "phase">): boolean {
  return phase === "sent" || phase === "saved";
}

/** True once the service has taken the mail over. */
export function isHandedOver(delivery: Pick<DeliveryRecord, "phase">): boolean {
  return isFinished(delivery) || delivery.phase === "scheduled";
}

/** True while a mail has work left that needs no decision of a person. */
export function isUnfinished({ phase, attachments, remoteCleanup, event }: DeliveryRecord): boolean {
  if (phase === "waiting" || phase === "sending" || remoteCleanup.length > 0) return true;
  // Files for an event are retried without a person; an earlier version let them fail for good.
  if (event !== null && phase === "failed") return true;
  return (
    (phase === "composing" || phase === "failed") && attachments.some(({ status }) => isUnderWay(status))
  );
}
