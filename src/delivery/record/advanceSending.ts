/** How facts change the record of a mail from Send until its outcome is known. Pure. */
import { type ErrorCode, type SavedError, unreachable } from "../../base/errors.ts";
import type { Schedule } from "../../services/scheduling.ts";
import type { OutgoingMessage } from "../../shared/message.ts";
import { type Arrival, newArrival } from "../arrival/arrival.ts";
import { withoutSession } from "./advanceAttachment.ts";
import { withoutDraft, withoutOldDraft } from "./advanceRemote.ts";
import type { AttachmentRecord, DeliveryRecord, Purpose, SendRecord } from "./delivery.ts";
import type { MailSet } from "./mailSet.ts";

export type SendingEvent =
  /** `purpose`: default: send it immediately; `set`: the mails that it now goes with, if that is new */
  | {
      readonly type: "sendRequested";
      readonly message: OutgoingMessage;
      readonly purpose?: Purpose;
      readonly set?: MailSet | undefined;
    }
  | { readonly type: "sendWithdrawn" }
  /** The request is about to leave. `recallable`: it is certain that no earlier try has left */
  | { readonly type: "sendStarted"; readonly send: SendRecord; readonly recallable?: boolean }
  /** A try has failed, and another one follows unless the mail is taken back. */
  | {
      readonly type: "sendWaits";
      readonly mayBeOut: boolean;
      readonly until: number;
      readonly reason: ErrorCode;
    }
  /** The send was interrupted before anything had left. */
  | { readonly type: "sendKept" }
  /** The send cannot go on for now, and is tried again. */
  | { readonly type: "sendHindered"; readonly error: SavedError }
  | {
      readonly type: "sent";
      readonly messageId: string | null;
      readonly requestId: string | null;
      readonly at: number;
      /** What others call the mail, see `Receipt`. */
      readonly internetMessageId?: string | undefined;
      readonly threadId?: string | undefined;
      readonly sentAt?: number | undefined;
    }
  /** Nothing has left yet, and a file must be checked first. */
  | { readonly type: "sendHalted" }
  /** The service has refused reused files: they are uploaded again, and then the mail is sent. */
  | { readonly type: "reusedDropped" }
  /** The mail is now a draft in the mailbox. */
  | {
      readonly type: "saved";
      readonly messageId: string | null;
      readonly requestId: string | null;
      readonly at: number;
    }
  /** A person continues a mail that was saved as a draft. */
  | { readonly type: "reopened" }
  /** The saved draft is not among the drafts any more: it was deleted, or sent with another program. */
  | { readonly type: "savedDraftLost" }
  /** It is not known whether the saved draft still exists, and the person was told so. */
  | { readonly type: "savedDraftDoubted" }
  | {
      readonly type: "scheduled";
      readonly schedule: Schedule;
      readonly requestId: string | null;
      readonly at: number;
    }
  /** The service will not send it; when it is sent after all, its files are needed again. */
  | { readonly type: "scheduleCancelled" }
  | { readonly type: "sendFailed"; readonly error: SavedError }
  | { readonly type: "sendUnconfirmed"; readonly error: SavedError };

export function advanceSending(delivery: DeliveryRecord, event: SendingEvent): DeliveryRecord {
  switch (event.type) {
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
      // If it was also the draft that held the files, they are gone as well.
      if (draft !== null && draft.id === savedDraft?.id)
        return { ...withoutDraft(delivery), savedDraft: null };
      return { ...delivery, phase: phase === "sending" ? "waiting" : phase, send: null, savedDraft: null };
    }
    case "savedDraftDoubted": {
      const { savedDraft } = delivery;
      return savedDraft === null
        ? delivery
        : { ...delivery, savedDraft: { ...savedDraft, isDoubtTold: true } };
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

function sentByHand(set: MailSet | null): MailSet | null {
  return set === null || set.answers === null ? set : { ...set, isSentAlone: true };
}

/** Marks the uploads as reused: the service has taken these files once, and may not take them again. */
function takenOver({ attachments }: DeliveryRecord): readonly AttachmentRecord[] {
  return attachments.map((attachment) =>
    attachment.session === null || attachment.asLink ? attachment : { ...attachment, reused: true },
  );
}

/** The saved draft stays in the mailbox until the mail is saved again, scheduled or sent. */
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

function arrivalOf(
  { draft }: DeliveryRecord,
  { at, internetMessageId, threadId, sentAt = at }: Extract<SendingEvent, { type: "sent" }>,
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

/** Adds the properties that the request about to leave writes into the draft. */
function writing(delivery: DeliveryRecord): Pick<DeliveryRecord, "propertiesWritten"> {
  const { draft, propertiesWritten, message, purpose } = delivery;
  if (draft === null || message === null) return { propertiesWritten };
  return { propertiesWritten: [...new Set([...propertiesWritten, ...lastingProperties(message, purpose)])] };
}

/** Properties that cannot be taken out of a draft again. */
export function lastingProperties({ headers }: OutgoingMessage, { type }: Purpose): string[] {
  return [
    ...headers.map(({ name }) => name.toLowerCase()),
    ...(type === "later" ? ["deferred send time"] : []),
  ];
}
