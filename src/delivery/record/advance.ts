/**
 * How facts change the record of a mail. Pure: nothing here waits, asks or shows. Sending is in
 * `advanceSending.ts`; what the service holds of the mail, in `advanceRemote.ts`.
 */
import type { FileVersion } from "../../files/fileVersion.ts";
import { distinctNames } from "../../files/portableName.ts";
import type { Form } from "../../shared/contract/form.ts";
import { emptyForm, isSameText } from "../../shared/contract/form.ts";
import { afterLook, type InboxRead } from "../arrival/arrival.ts";
import { type AttachmentEvent, advanceAttachment, withFile } from "./advanceAttachment.ts";
import { advanceRemote, afterCleanup, type CleanupDone, type RemoteEvent } from "./advanceRemote.ts";
import { advanceSending, type SendingEvent } from "./advanceSending.ts";
import { agreedTo } from "./agreement.ts";
import type { DeliveryRecord, InMail, LinkChoice, SavedAttachment } from "./delivery.ts";
import { gives, type MailSet } from "./mailSet.ts";
import { newDelivery } from "./newDelivery.ts";
import { moveMarks } from "./provenance.ts";
import { isFinished } from "./queries.ts";

export type DeliveryEvent =
  | { readonly type: "edited"; readonly form: Form }
  /** A person has done something in a mail, which may have been filled in by a program. */
  | { readonly type: "touched" }
  | ({ readonly type: "accountChosen"; readonly accountId: string } & Pick<
      DeliveryRecord,
      "provider" | "inMail" | "hasLinks"
    >)
  /** Who may open the files that go as links, and for how long. */
  | { readonly type: "linksChosen"; readonly links: LinkChoice }
  /** Its files travel in the mail itself from now on; null: as the service does it. */
  | { readonly type: "inMailTaken"; readonly why: InMail | null }
  /** Files were added. `instead`: id of the file that they replace */
  | {
      readonly type: "attached";
      readonly attachments: readonly SavedAttachment[];
      readonly instead?: string | undefined;
    }
  | { readonly type: "removed"; readonly attachmentId: string }
  | { readonly type: "attachment"; readonly attachmentId: string; readonly event: AttachmentEvent }
  /** Send was pressed: the files go as they are. `seen`: versions of those not uploaded yet, by their id */
  | { readonly type: "versionsAgreed"; readonly seen: ReadonlyMap<string, FileVersion> }
  | { readonly type: "discarded" }
  /** The other mails of the set have their files. `parts`: those parts of cut files that stay in this mail */
  | { readonly type: "handedOn"; readonly parts: readonly SavedAttachment[] }
  /** The first mail of the set was sent: this one follows. */
  | { readonly type: "setBegun"; readonly answers: NonNullable<MailSet["answers"]> }
  /** The mail goes alone again. `attachments`: the other mails' files, and whole files in place of parts */
  | { readonly type: "setEnded"; readonly attachments: readonly SavedAttachment[] }
  /** Everything is ready. `at`: when the mail leaves; until then it can be taken back */
  | { readonly type: "departing"; readonly at: number }
  /** The first byte of the request leaves. */
  | { readonly type: "sendLeft" }
  /** After it was sent: the inbox was checked for mail that came back. */
  | { readonly type: "inboxRead"; readonly read: InboxRead }
  | CleanupDone
  | RemoteEvent
  | SendingEvent;

/** The record after a fact. Returns the same object when the fact changes nothing. */
export function advance(delivery: DeliveryRecord, event: DeliveryEvent): DeliveryRecord {
  // A late answer must not change a mail that was sent or discarded.
  if (event.type === "inboxRead") {
    const { arrival, discarded } = delivery;
    return arrival === null || discarded
      ? delivery
      : {
          ...delivery,
          // A time of sending in the future: somebody has set the clock back since.
          finishedAt: Math.min(delivery.finishedAt ?? event.read.at, event.read.at),
          arrival: afterLook(arrival, event.read),
        };
  }
  if (event.type === "cleanupDone") return afterCleanup(delivery, event);
  if (delivery.discarded || (isFinished(delivery) && !AFTERWARDS.has(event.type))) return delivery;
  if (event.type === "departing") return { ...delivery, leavesAt: event.at };
  // Any other change ends the countdown to leaving, and any wait for another try.
  const { leavesAt, recallable, sendWait, ...saved } = delivery;
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
  const { leavesAt: _, recallable: __, sendWait: ___, ...staying } = after;
  return after.phase === "sending" ? { ...staying, ...inHand } : staying;
}

/** The events that may still change a finished mail. */
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
      // Overtaken by a newer edit, or an echo from the panel of what is known already.
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
      // Send was already pressed, which covers these files too.
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
    case "discarded":
      return emptied(delivery);
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
    case "draftAsked":
    case "draftOpened":
    case "draftDropped":
    case "uploadAbandoned":
    case "draftAbandoned":
    case "linkExtended":
    case "linkEnding":
      return advanceRemote(delivery, event);
    default:
      return advanceSending(delivery, event);
  }
}

/** A mail reduced to what services must still be told. */
function emptied({ id, createdAt, accountId, provider, remoteCleanup }: DeliveryRecord): DeliveryRecord {
  return {
    ...newDelivery({ id, createdAt, accountId, provider, form: emptyForm, attachments: [] }),
    remoteCleanup,
    discarded: true,
  };
}

/** True for what need not be saved, because it ends with this process: speed, waits, bytes in flight. */
export function isFleeting(before: DeliveryRecord, event: DeliveryEvent): boolean {
  if (event.type === "sendLeft") return true;
  if (event.type !== "attachment") return false;
  const inner = event.event;
  if (inner.type === "waited") return true;
  if (inner.type !== "progressed") return false;
  return before.attachments.some(
    ({ id, accepted }) => id === event.attachmentId && accepted === inner.accepted,
  );
}
