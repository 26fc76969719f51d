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

/** What the service adds files to: the draft of a mail, or an event; null while, or where, there is none. */
export function holderOf({ event, draft }: DeliveryRecord): Draft | null {
  return event === null ? draft : { kind: "event", id: event.id, internetMessageId: null };
}

/** The files of a mail that have rows, or stand in its own: images of the text are part of the text, where there is more. */
export function rowFiles({ attachments }: Pick<DeliveryRecord, "attachments">): readonly AttachmentRecord[] {
  const files = attachments.filter(({ inline }) => inline === null);
  return files.length > 0 ? files : attachments;
}

/** True when work of this process could go on with the attachment. */
export function isUnderWay(status: AttachmentStatus): boolean {
  return status === "queued" || status === "creating" || status === "uploading" || status === "completing";
}

/** True when work could go on with the attachment, and does not because of the mail's trouble. */
export function isHeldUp({ trouble }: DeliveryRecord, { status, flight }: AttachmentRecord): boolean {
  return trouble !== undefined && flight === undefined && isUnderWay(status);
}

type Waiting = NonNullable<Flight["waiting"]>;

/** Until when the file waits for another try, with its mail or alone; undefined while something moves. */
export function waitOf(
  { phase, sendWait }: DeliveryRecord,
  { flight }: AttachmentRecord,
  now: number,
): Waiting | undefined {
  const wait = phase === "sending" ? sendWait : flight?.waiting;
  return wait !== undefined && wait.until > now ? wait : undefined;
}

/** The files of a mail that something is done with: one whose turn has not come waits for the others. */
export function filesAtWork(delivery: DeliveryRecord): readonly AttachmentRecord[] {
  return delivery.attachments.filter((attachment) => {
    const { status } = attachment;
    if (delivery.phase === "sending") return true;
    return isUnderWay(status) && status !== "queued" && !isHeldUp(delivery, attachment);
  });
}

/** What a mail waits for when none of its files moves; undefined while one does. */
export function standstill(delivery: DeliveryRecord, now: number): Waiting | undefined {
  const atWork = filesAtWork(delivery);
  const waits = atWork.flatMap((attachment) => waitOf(delivery, attachment, now) ?? []);
  return waits.length < atWork.length ? undefined : waits[0];
}

/** True while the text and the account can be changed. While it waits to be sent, what was checked stays as it is. */
export function isEditable({ phase }: Pick<DeliveryRecord, "phase">): boolean {
  return phase === "composing" || phase === "failed";
}

/** True while a person can write in the mail: to one that was saved they come back. */
export function isWritable(delivery: Pick<DeliveryRecord, "phase">): boolean {
  return isEditable(delivery) || delivery.phase === "saved";
}

/** True while files can still be added, removed and uploaded. */
export function isOpen(delivery: DeliveryRecord): boolean {
  return isEditable(delivery) || delivery.phase === "waiting";
}

/** True while a mail waits whose files are shared out among several: what each has stands in the others. */
export function areShared({ phase, set }: Pick<DeliveryRecord, "phase" | "set">): boolean {
  return phase === "waiting" && set !== null;
}

/** True while a mail that is being sent can still be taken back: none of it has left this machine. */
export function isRecallable({ phase, recallable, send }: DeliveryRecord): boolean {
  return phase === "sending" && (recallable ?? send?.mayBeOut === false);
}

/** True while a person can discard the mail, or take it out of the history. */
export function isDiscardable(delivery: DeliveryRecord): boolean {
  return delivery.phase !== "sending" || isRecallable(delivery);
}

/** What is being done about the link of a file after its mail has left; undefined: nothing. */
export function linkEnding(
  { remoteCleanup }: Pick<DeliveryRecord, "remoteCleanup">,
  { id }: Pick<AttachmentRecord, "id">,
): "stays" | "deleted" | undefined {
  const ending = remoteCleanup.flatMap(({ over }) =>
    over.type === "link" && over.attachment === id ? [over.file] : [],
  );
  return ending.includes("deleted") ? "deleted" : ending[0];
}

/** True while something can be done about the file of a mail that has left with a link to it. */
export function isLinkOut(delivery: DeliveryRecord, attachment: AttachmentRecord): boolean {
  const { asLink, link, unshared } = attachment;
  const isThere = link !== null || unshared === "stopped";
  return isFinished(delivery) && asLink && isThere && linkEnding(delivery, attachment) !== "deleted";
}

/** True when nothing will happen to the mail any more. */
export function isFinished({ phase }: Pick<DeliveryRecord, "phase">): boolean {
  return phase === "sent" || phase === "saved";
}

/** True for what the service has taken over. */
export function isHandedOver(delivery: Pick<DeliveryRecord, "phase">): boolean {
  return isFinished(delivery) || delivery.phase === "scheduled";
}

/** True when work is left that needs no decision of a person. */
export function isUnfinished({ phase, attachments, remoteCleanup, event }: DeliveryRecord): boolean {
  if (phase === "waiting" || phase === "sending" || remoteCleanup.length > 0) return true;
  // Files for an event need nobody to press Send; an earlier version let them fail for good.
  if (event !== null && phase === "failed") return true;
  return (
    (phase === "composing" || phase === "failed") && attachments.some(({ status }) => isUnderWay(status))
  );
}
