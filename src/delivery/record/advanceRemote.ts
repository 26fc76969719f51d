/** How facts change what a service holds of a mail, and must still be told: drafts, uploads, links. Pure. */
import { type SavedError, unreachable } from "../../base/errors.ts";
import type { Draft } from "../../services/drafts.ts";
import type { FileLink } from "../../services/fileLinks.ts";
import { advanceAttachment, withFile, withoutSession } from "./advanceAttachment.ts";
import { type CleanupTask, type DeliveryRecord, secretName } from "./delivery.ts";
import { holderOf, isLinkOut } from "./queries.ts";

export type RemoteEvent =
  | { readonly type: "draftAsked" }
  | { readonly type: "draftOpened"; readonly draft: Draft }
  /** The draft is gone, and with it every file that was in it: they are needed again. */
  | { readonly type: "draftDropped" }
  /** A file's upload is no longer wanted: the service must be told. */
  | { readonly type: "uploadAbandoned"; readonly attachmentId: string; readonly at: number }
  /** The draft is no longer wanted: the service must be told. */
  | { readonly type: "draftAbandoned"; readonly at: number }
  /** After the mail was sent: the link of a file works for longer. */
  | { readonly type: "linkExtended"; readonly attachmentId: string; readonly link: FileLink }
  /** After the mail was sent: the link of a file is to end, and the service must be told. */
  | {
      readonly type: "linkEnding";
      readonly attachmentId: string;
      readonly file: "stays" | "deleted";
      readonly at: number;
    };

/** A service was told, or there is nobody to tell. `refusal`: why it will not do it */
export interface CleanupDone {
  readonly type: "cleanupDone";
  readonly id: string;
  readonly refusal?: SavedError | undefined;
}

export function advanceRemote(delivery: DeliveryRecord, event: RemoteEvent): DeliveryRecord {
  switch (event.type) {
    case "draftAsked":
      return { ...delivery, draftAsked: true };
    case "draftOpened":
      return { ...delivery, draft: event.draft };
    case "draftDropped":
      return withoutDraft(delivery);
    case "uploadAbandoned":
      return abandonUpload(delivery, event.attachmentId, event.at);
    case "draftAbandoned":
      return abandonDraft(delivery, event.at);
    case "linkExtended": {
      const { attachmentId, link } = event;
      const isOut = delivery.attachments.some(
        (file) => file.id === attachmentId && isLinkOut(delivery, file),
      );
      if (!isOut) return delivery;
      return withFile(delivery, attachmentId, (file) => ({ ...file, link, error: null }));
    }
    case "linkEnding":
      return endLink(delivery, event);
    default:
      return unreachable(event);
  }
}

/** The draft is gone, and with it every file that was in it. */
export function withoutDraft(delivery: DeliveryRecord): DeliveryRecord {
  return {
    ...delivery,
    phase: delivery.phase === "sending" ? "waiting" : delivery.phase,
    send: null,
    draft: null,
    draftAsked: false,
    propertiesWritten: [],
    // Files that go as links are not in the draft.
    attachments: delivery.attachments.map((file) => (file.asLink ? file : withoutSession(file))),
  };
}

/** Has the old saved draft deleted, unless the mail is still in it. @param now id of the message it is in */
export function withoutOldDraft(
  { savedDraft, remoteCleanup }: DeliveryRecord,
  now: string | undefined,
  since: number,
): Pick<DeliveryRecord, "savedDraft" | "remoteCleanup"> {
  if (savedDraft === null || savedDraft.id === now) return { savedDraft: null, remoteCleanup };
  const { accountId, id, internetMessageId } = savedDraft;
  const draft: Draft = { kind: "message", id, internetMessageId };
  const task: CleanupTask = { id: `draft.${id}`, accountId, since, over: { type: "draft", draft } };
  return { savedDraft: null, remoteCleanup: [...remoteCleanup, task] };
}

function abandonUpload(delivery: DeliveryRecord, attachmentId: string, since: number): DeliveryRecord {
  const attachment = delivery.attachments.find(({ id }) => id === attachmentId);
  // Unless a session was at least asked for, there is nothing at the service.
  if (attachment === undefined || (attachment.session === null && attachment.status !== "creating"))
    return delivery;
  const { session, size, asLink } = attachment;
  const task: CleanupTask = {
    id: secretName(attachment),
    accountId: delivery.accountId,
    since,
    over: {
      type: "upload",
      size,
      asLink,
      holder: asLink ? null : holderOf(delivery),
      attachmentId: session?.attachmentId ?? null,
      expiresAt: session?.expiresAt ?? null,
    },
  };
  const dropped = withFile(delivery, attachmentId, (file) => ({
    ...advanceAttachment(file, { type: "sessionDropped" }),
    abandoned: file.abandoned + 1,
  }));
  // A file that was sent with another mail belongs to that mail.
  return attachment.reused ? dropped : { ...dropped, remoteCleanup: [...delivery.remoteCleanup, task] };
}

function abandonDraft(delivery: DeliveryRecord, since: number): DeliveryRecord {
  const { draft, draftAsked, accountId, savedDraft, remoteCleanup } = delivery;
  if (draft === null && !draftAsked) return delivery;
  // A draft that the person saved is theirs to keep.
  if (draft !== null && draft.id === savedDraft?.id) return withoutDraft(delivery);
  const task: CleanupTask = {
    id: `draft.${draft?.id ?? since}`,
    accountId,
    since,
    over: { type: "draft", draft },
  };
  return { ...withoutDraft(delivery), remoteCleanup: [...remoteCleanup, task] };
}

function endLink(
  delivery: DeliveryRecord,
  { attachmentId, file, at }: Extract<RemoteEvent, { type: "linkEnding" }>,
): DeliveryRecord {
  const attachment = delivery.attachments.find(({ id }) => id === attachmentId);
  const fileId = attachment?.session?.attachmentId;
  if (attachment === undefined || fileId == null || !isLinkOut(delivery, attachment)) return delivery;
  const id = `${file}.${attachmentId}`;
  const isOver = file === "stays" && attachment.link === null;
  if (isOver || delivery.remoteCleanup.some((task) => task.id === id)) return delivery;
  const task: CleanupTask = {
    id,
    accountId: delivery.accountId,
    since: at,
    over: { type: "link", attachment: attachmentId, fileId, size: attachment.size, file },
  };
  const asked = withFile(delivery, attachmentId, (each) => ({ ...each, error: null }));
  return { ...asked, remoteCleanup: [...delivery.remoteCleanup, task] };
}

/** Cleaning up at a service changes only one thing about the mail itself: whether its links work. */
export function afterCleanup(delivery: DeliveryRecord, { id, refusal }: CleanupDone): DeliveryRecord {
  const over = delivery.remoteCleanup.find((task) => task.id === id)?.over;
  const told = { ...delivery, remoteCleanup: delivery.remoteCleanup.filter((task) => task.id !== id) };
  if (over?.type !== "link") return told;
  return withFile(told, over.attachment, (file) =>
    refusal === undefined
      ? advanceAttachment(file, { type: "unlinked", file: over.file })
      : { ...file, error: refusal },
  );
}
