/** How facts change the record of a mail. Pure: nothing here waits, asks or shows. */
import { type ErrorCode, type SavedError, unreachable } from "../../base/errors.ts";
import type { FileVersion } from "../../files/fileVersion.ts";
import { distinctNames } from "../../files/portableName.ts";
import type { FileLink } from "../../services/fileLinks.ts";
import type { Draft, Schedule } from "../../services/mailService.ts";
import type { Form } from "../../shared/contract.ts";
import { emptyForm, isSameText } from "../../shared/formTexts.ts";
import type { OutgoingMessage } from "../../shared/message.ts";
import { type Arrival, afterLook, type InboxRead, newArrival } from "../arrival/arrival.ts";
import { type AttachmentEvent, advanceAttachment, withoutSession } from "./advanceAttachment.ts";
import { agreedTo } from "./agreement.ts";
import {
  type AttachmentRecord,
  type CleanupTask,
  type DeliveryRecord,
  type InMail,
  type LinkChoice,
  newDelivery,
  type Purpose,
  type SavedAttachment,
  type SendRecord,
  secretName,
} from "./delivery.ts";
import { gives, type MailSet } from "./mailSet.ts";
import { moveMarks } from "./provenance.ts";
import { holderOf, isFinished, isLinkOut } from "./queries.ts";

export type DeliveryEvent =
  | { readonly type: "edited"; readonly form: Form }
  /** A person has done something in a mail that others had filled. */
  | { readonly type: "touched" }
  | ({ readonly type: "accountChosen"; readonly accountId: string } & Pick<
      DeliveryRecord,
      "provider" | "inMail" | "hasLinks"
    >)
  /** Whom the files that go as links are to be open to. */
  | { readonly type: "linksChosen"; readonly links: LinkChoice }
  /** Its files travel in the mail itself from now on. */
  | { readonly type: "inMailTaken"; readonly why: InMail | null }
  /** Files were added; one of them may be there in the place of another. */
  | {
      readonly type: "attached";
      readonly attachments: readonly SavedAttachment[];
      readonly instead?: string | undefined;
    }
  | { readonly type: "removed"; readonly attachmentId: string }
  | { readonly type: "attachment"; readonly attachmentId: string; readonly event: AttachmentEvent }
  /** Send was pressed: the files go as they are. `seen`: how those were that are not uploaded yet, by their id */
  | { readonly type: "versionsAgreed"; readonly seen: ReadonlyMap<string, FileVersion> }
  | { readonly type: "draftAsked" }
  | { readonly type: "draftOpened"; readonly draft: Draft }
  /** The draft is gone, and every file in it: they are needed again. */
  | { readonly type: "draftDropped" }
  /** What was uploaded of a file is not wanted any more, and the service is told. */
  | { readonly type: "uploadAbandoned"; readonly attachmentId: string; readonly at: number }
  /** The same of the draft. */
  | { readonly type: "draftAbandoned"; readonly at: number }
  /** A service was told, or there is nobody to tell. `refusal`: it will not do it */
  | { readonly type: "cleanupDone"; readonly id: string; readonly refusal?: SavedError | undefined }
  /** After it was sent: a file of it can be opened for longer. */
  | { readonly type: "linkExtended"; readonly attachmentId: string; readonly link: FileLink }
  /** The link of a file is to end, and the service is told. */
  | {
      readonly type: "linkEnding";
      readonly attachmentId: string;
      readonly file: "stays" | "deleted";
      readonly at: number;
    }
  | { readonly type: "discarded" }
  /** `purpose`: to send it immediately, unless told; `set`: with these mails, where that is new */
  | {
      readonly type: "sendRequested";
      readonly message: OutgoingMessage;
      readonly purpose?: Purpose;
      readonly set?: MailSet | undefined;
    }
  /** The other mails of the set have their files. `parts`: what this one keeps of those that are cut */
  | { readonly type: "handedOn"; readonly parts: readonly SavedAttachment[] }
  /** The first mail of the set was sent: this one follows. */
  | { readonly type: "setBegun"; readonly answers: NonNullable<MailSet["answers"]> }
  /** It goes alone again, with the files that the other mails had, and with whole ones in the place of parts. */
  | { readonly type: "setEnded"; readonly attachments: readonly SavedAttachment[] }
  | { readonly type: "sendWithdrawn" }
  /** Everything is ready; until then it can be taken back. */
  | { readonly type: "departing"; readonly at: number }
  /** The request is about to leave. `recallable`: it is certain that nothing of an earlier try has */
  | { readonly type: "sendStarted"; readonly send: SendRecord; readonly recallable?: boolean }
  /** Its first byte leaves. */
  | { readonly type: "sendLeft" }
  /** A try has failed and another one comes, unless it is taken back. */
  | {
      readonly type: "sendWaits";
      readonly mayBeOut: boolean;
      readonly until: number;
      readonly reason: ErrorCode;
    }
  /** It was broken off, and none of it has left. */
  | { readonly type: "sendKept" }
  /** It cannot go on for now; it is looked at again. */
  | { readonly type: "sendHindered"; readonly error: SavedError }
  | {
      readonly type: "sent";
      readonly messageId: string | null;
      readonly requestId: string | null;
      readonly at: number;
      /** How it is known elsewhere, see `Receipt`. */
      readonly internetMessageId?: string | undefined;
      readonly threadId?: string | undefined;
      readonly sentAt?: number | undefined;
    }
  /** After it was sent: somebody has looked whether any of it came back. */
  | { readonly type: "inboxRead"; readonly read: InboxRead }
  /** Before anything of it was out: a file has to be looked at first. */
  | { readonly type: "sendHalted" }
  /** The service has refused files that were used before: they are uploaded again, and then it is sent. */
  | { readonly type: "reusedDropped" }
  /** The service has it as a draft of its own. */
  | {
      readonly type: "saved";
      readonly messageId: string | null;
      readonly requestId: string | null;
      readonly at: number;
    }
  /** A person goes on with a mail that was saved. */
  | { readonly type: "reopened" }
  /** What it was saved as is not among the drafts anymore: somebody has deleted or sent it elsewhere. */
  | { readonly type: "savedDraftLost" }
  | {
      readonly type: "scheduled";
      readonly schedule: Schedule;
      readonly requestId: string | null;
      readonly at: number;
    }
  /** It does not leave; its files are needed again when it does. */
  | { readonly type: "scheduleCancelled" }
  | { readonly type: "sendFailed"; readonly error: SavedError }
  | { readonly type: "sendUnconfirmed"; readonly error: SavedError };

/** The record after a fact. Returns the same object when the fact changes nothing. */
export function advance(delivery: DeliveryRecord, event: DeliveryEvent): DeliveryRecord {
  // What is out stays so, and what is gone stays gone, whatever a late answer says.
  if (event.type === "inboxRead") {
    const { arrival, discarded } = delivery;
    return arrival === null || discarded
      ? delivery
      : {
          ...delivery,
          // Sent after now is what a clock said that somebody has set back since.
          finishedAt: Math.min(delivery.finishedAt ?? event.read.at, event.read.at),
          arrival: afterLook(arrival, event.read),
        };
  }
  if (event.type === "cleanupDone") return afterCleanup(delivery, event);
  if (delivery.discarded || (isFinished(delivery) && !AFTERWARDS.has(event.type))) return delivery;
  if (event.type === "departing") return { ...delivery, leavesAt: event.at };
  const { sendWait, recallable, ...saved } = delivery;
  const inHand = recallable === undefined ? {} : { recallable };
  switch (event.type) {
    case "sendStarted":
      return { ...advanceMail(saved, event), recallable: event.recallable ?? false };
    case "sendLeft":
      return { ...saved, recallable: false };
    case "sendWaits":
      return {
        ...advanceMail(saved, event),
        recallable: !event.mayBeOut,
        sendWait: { until: event.until, reason: event.reason },
      };
  }
  const after = advanceMail(delivery, event);
  if (after === delivery) return delivery;
  // Whatever changes the mail ends the moment in which it was about to leave.
  const { leavesAt: _, recallable: __, sendWait: ___, ...staying } = after;
  return after.phase === "sending" ? { ...staying, ...inHand } : staying;
}

/** What can be done with a mail that has left. */
const AFTERWARDS: ReadonlySet<DeliveryEvent["type"]> = new Set([
  "discarded",
  "linkExtended",
  "linkEnding",
  "reopened",
]);

type MailEvent = Exclude<DeliveryEvent, { type: "departing" | "cleanupDone" | "sendLeft" | "inboxRead" }>;

function advanceMail(delivery: DeliveryRecord, event: MailEvent): DeliveryRecord {
  switch (event.type) {
    case "edited":
      // An edit that another one has overtaken, or the panel's echo of what is known.
      if (event.form.revision <= delivery.form.revision) return delivery;
      return {
        ...delivery,
        form: { ...delivery.form, ...event.form },
        marks: delivery.marks && moveMarks(delivery.marks, delivery.form.body, event.form.body),
        filledBy: isSameText(delivery.form, event.form) ? delivery.filledBy : null,
      };
    case "touched":
      return delivery.filledBy === null && delivery.blank === null
        ? delivery
        : {
            ...delivery,
            blank: null,
            filledBy: delivery.filledBy && { ...delivery.filledBy, touched: true },
          };
    case "accountChosen":
      return {
        ...delivery,
        accountId: event.accountId,
        provider: event.provider,
        inMail: event.inMail,
        hasLinks: event.hasLinks,
      };
    case "linksChosen":
      return { ...delivery, links: event.links };
    case "inMailTaken":
      return { ...delivery, inMail: event.why };
    case "attached": {
      const others = delivery.attachments.filter(({ id }) => id !== event.instead);
      const names = distinctNames(
        event.attachments.map(({ name }) => name),
        others.map(({ name }) => name),
      );
      const named = event.attachments.map((file, at) => ({ ...file, name: names[at] ?? file.name }));
      // To a mail that was sent on its way already.
      const isAgreed = delivery.phase === "waiting";
      const added = isAgreed ? named.map((attachment) => agreedTo(attachment)) : named;
      return { ...delivery, attachments: [...others, ...added] };
    }
    case "removed":
      return { ...delivery, attachments: delivery.attachments.filter(({ id }) => id !== event.attachmentId) };
    case "attachment":
      return withFile(delivery, event.attachmentId, (file) => advanceAttachment(file, event.event));
    case "versionsAgreed":
      return {
        ...delivery,
        attachments: delivery.attachments.map((attachment) =>
          agreedTo(attachment, event.seen.get(attachment.id)),
        ),
      };
    case "draftAsked":
      return { ...delivery, draftAsked: true };
    case "draftOpened":
      return { ...delivery, draft: event.draft };
    case "draftDropped":
      return {
        ...delivery,
        phase: delivery.phase === "sending" ? "waiting" : delivery.phase,
        send: null,
        draft: null,
        draftAsked: false,
        propertiesWritten: [],
        // What goes as a link is not in it.
        attachments: delivery.attachments.map((file) => (file.asLink ? file : withoutSession(file))),
      };
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
    case "discarded":
      return emptied(delivery);
    case "sendRequested":
      return {
        ...delivery,
        phase: "waiting",
        message: event.message,
        purpose: event.purpose ?? { type: "send" },
        set: event.set ?? sentByHand(delivery.set),
        schedule: null,
        error: null,
        send: null,
      };
    case "handedOn": {
      if (delivery.set === null) return delivery;
      const given = new Set(gives(delivery.set));
      return {
        ...delivery,
        set: { ...delivery.set, moving: [] },
        attachments: delivery.attachments.flatMap((file) =>
          given.has(file.id) ? event.parts.filter(({ part }) => part?.of === file.id) : [file],
        ),
      };
    }
    case "setBegun":
      return delivery.set === null
        ? delivery
        : { ...delivery, set: { ...delivery.set, answers: event.answers } };
    case "setEnded":
      return {
        ...delivery,
        set: null,
        attachments: [...delivery.attachments.filter(({ part }) => part === undefined), ...event.attachments],
      };
    case "sendWithdrawn":
      return { ...delivery, phase: "composing", message: null, purpose: { type: "send" } };
    case "sendStarted":
      return { ...delivery, phase: "sending", send: event.send, error: null, ...writing(delivery) };
    case "sendWaits":
      return withDoubt(delivery, event.mayBeOut);
    case "sendKept":
      return withDoubt(delivery, false);
    case "sendHindered":
      return isSameError(delivery.error, event.error) ? delivery : { ...delivery, error: event.error };
    case "scheduled":
      return {
        ...delivery,
        phase: "scheduled",
        schedule: event.schedule,
        requestId: event.requestId,
        error: null,
        ...withoutOldDraft(delivery, delivery.draft?.id, event.at),
      };
    case "scheduleCancelled":
      return {
        ...delivery,
        phase: "composing",
        purpose: { type: "send" },
        schedule: null,
        message: null,
        send: null,
        error: null,
        attachments: takenOver(delivery),
      };
    case "reopened":
      return delivery.phase === "saved" ? reopened(delivery) : delivery;
    case "savedDraftLost": {
      const { draft, savedDraft, phase } = delivery;
      // Where the files were in it they are gone as well.
      if (draft !== null && draft.id === savedDraft?.id)
        return { ...advanceMail(delivery, { type: "draftDropped" }), savedDraft: null };
      return { ...delivery, phase: phase === "sending" ? "waiting" : phase, send: null, savedDraft: null };
    }
    case "saved":
    case "sent":
      return {
        ...delivery,
        phase: event.type,
        messageId: event.messageId,
        requestId: event.requestId,
        finishedAt: event.at,
        error: null,
        arrival: event.type === "sent" && delivery.event === null ? arrivalOf(delivery, event) : null,
        ...withoutOldDraft(
          delivery,
          event.type === "saved" ? (event.messageId ?? delivery.savedDraft?.id) : delivery.draft?.id,
          event.at,
        ),
      };
    case "sendHalted":
      return { ...delivery, phase: "waiting", send: null, error: null };
    case "reusedDropped":
      return {
        ...delivery,
        phase: "waiting",
        send: null,
        error: null,
        attachments: delivery.attachments.map((attachment) =>
          attachment.reused ? { ...withoutSession(attachment), reused: false } : attachment,
        ),
      };
    case "sendFailed":
      return { ...delivery, phase: "failed", error: event.error, send: null };
    case "sendUnconfirmed":
      return { ...delivery, phase: "unconfirmed", error: event.error };
    default:
      return unreachable(event);
  }
}

/** The service has taken the files over once: that it takes them again is not promised. */
function takenOver({ attachments }: DeliveryRecord): readonly AttachmentRecord[] {
  return attachments.map((attachment) =>
    attachment.session === null || attachment.asLink ? attachment : { ...attachment, reused: true },
  );
}

/** What was saved stays in the mailbox as it is until the mail is saved anew, or sent. */
function reopened(delivery: DeliveryRecord): DeliveryRecord {
  const { accountId, messageId: id, draft, attachments } = delivery;
  const links = attachments.flatMap((file) => (file.link === null ? [] : [file.id]));
  const internetMessageId = draft?.internetMessageId ?? null;
  return {
    ...delivery,
    phase: "composing",
    purpose: { type: "send" },
    message: null,
    send: null,
    messageId: null,
    requestId: null,
    finishedAt: null,
    draftAsked: draft !== null,
    savedDraft: id === null ? null : { accountId, id, internetMessageId, links },
    attachments: takenOver(delivery),
  };
}

/** The mail is somewhere else now than in the draft that it was saved as: that one goes. @param now the id of where it is */
function withoutOldDraft(
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

function arrivalOf(
  { draft }: DeliveryRecord,
  { at, internetMessageId, threadId, sentAt = at }: Extract<DeliveryEvent, { type: "sent" }>,
): Arrival {
  return newArrival(sentAt, {
    messageId: internetMessageId ?? draft?.internetMessageId ?? null,
    threadId: threadId ?? null,
  });
}

function withDoubt(delivery: DeliveryRecord, mayBeOut: boolean): DeliveryRecord {
  const { send } = delivery;
  return send === null ? delivery : { ...delivery, send: { ...send, mayBeOut } };
}

function isSameError(one: SavedError | null, other: SavedError): boolean {
  return one !== null && one.code === other.code && one.message === other.message;
}

function abandonUpload(delivery: DeliveryRecord, attachmentId: string, since: number): DeliveryRecord {
  const attachment = delivery.attachments.find(({ id }) => id === attachmentId);
  // Without a session that was asked for there is nothing at the service.
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
  return {
    ...delivery,
    // One that went out with another mail is that mail's.
    remoteCleanup: attachment.reused ? delivery.remoteCleanup : [...delivery.remoteCleanup, task],
    attachments: delivery.attachments.map((each) =>
      each.id === attachmentId
        ? { ...advanceAttachment(each, { type: "sessionDropped" }), abandoned: each.abandoned + 1 }
        : each,
    ),
  };
}

function abandonDraft(delivery: DeliveryRecord, since: number): DeliveryRecord {
  const { draft, draftAsked, accountId, savedDraft, remoteCleanup } = delivery;
  if (draft === null && !draftAsked) return delivery;
  // What a person has saved is theirs.
  if (draft !== null && draft.id === savedDraft?.id) return advanceMail(delivery, { type: "draftDropped" });
  const task: CleanupTask = {
    id: `draft.${draft?.id ?? since}`,
    accountId,
    since,
    over: { type: "draft", draft },
  };
  return { ...advanceMail(delivery, { type: "draftDropped" }), remoteCleanup: [...remoteCleanup, task] };
}

function sentByHand(set: MailSet | null): MailSet | null {
  return set === null || set.answers === null ? set : { ...set, isSentAlone: true };
}

function withFile(
  delivery: DeliveryRecord,
  attachmentId: string,
  change: (file: AttachmentRecord) => AttachmentRecord,
): DeliveryRecord {
  const attachments = delivery.attachments.map((file) => (file.id === attachmentId ? change(file) : file));
  return { ...delivery, attachments };
}

function endLink(
  delivery: DeliveryRecord,
  { attachmentId, file, at }: Extract<DeliveryEvent, { type: "linkEnding" }>,
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

/** What is told to services beside the mail changes nothing about it, but for who can open its files. */
function afterCleanup(
  delivery: DeliveryRecord,
  { id, refusal }: Extract<DeliveryEvent, { type: "cleanupDone" }>,
): DeliveryRecord {
  const over = delivery.remoteCleanup.find((task) => task.id === id)?.over;
  const told = { ...delivery, remoteCleanup: delivery.remoteCleanup.filter((task) => task.id !== id) };
  if (over?.type !== "link") return told;
  return withFile(told, over.attachment, (file) =>
    refusal === undefined
      ? advanceAttachment(file, { type: "unlinked", file: over.file })
      : { ...file, error: refusal },
  );
}

/** Nothing of a mail but what services must be told still. */
function emptied({ id, createdAt, accountId, provider, remoteCleanup }: DeliveryRecord): DeliveryRecord {
  return {
    ...newDelivery({ id, createdAt, accountId, provider, form: emptyForm, attachments: [] }),
    remoteCleanup,
    discarded: true,
  };
}

/** What the request that is about to leave writes into a draft. */
function writing(delivery: DeliveryRecord): Pick<DeliveryRecord, "propertiesWritten"> {
  const { draft, propertiesWritten, message, purpose } = delivery;
  if (draft === null || message === null) return { propertiesWritten };
  return { propertiesWritten: [...new Set([...propertiesWritten, ...lastingProperties(message, purpose)])] };
}

/** What stays in a draft for good once it is written there. */
export function lastingProperties({ headers }: OutgoingMessage, { type }: Purpose): string[] {
  return [
    ...headers.map(({ name }) => name.toLowerCase()),
    ...(type === "later" ? ["deferred send time"] : []),
  ];
}
