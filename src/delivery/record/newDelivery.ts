/** Makes the record of a new mail, or of files for an event. */
import type { Form } from "../../shared/contract/form.ts";
import { agreedTo } from "./agreement.ts";
import {
  type DeliveryRecord,
  type EventRef,
  type InMail,
  type LinkChoice,
  type SavedAttachment,
  type SavedDelivery,
  USUAL_LINKS,
} from "./delivery.ts";
import type { Provenance, TextMarks } from "./provenance.ts";

export interface NewDelivery {
  readonly id: string;
  readonly createdAt: number;
  readonly accountId: string | null;
  readonly provider?: string | null;
  readonly inMail?: InMail | null;
  readonly form: Form;
  readonly blank?: string | null;
  readonly fillsIn?: boolean;
  readonly marks?: TextMarks | null;
  readonly filledBy?: Provenance | null;
  readonly imageFolders?: SavedDelivery["imageFolders"];
  readonly hasLinks?: boolean;
  readonly links?: LinkChoice;
  readonly attachments: readonly SavedAttachment[];
  readonly event?: EventRef | null;
}

export function newDelivery({ event = null, attachments, ...from }: NewDelivery): DeliveryRecord {
  return {
    version: 1,
    provider: null,
    inMail: null,
    blank: null,
    filledBy: null,
    fillsIn: false,
    marks: null,
    imageFolders: null,
    hasLinks: false,
    links: USUAL_LINKS,
    ...from,
    // Files for an event are agreed to immediately, as a mail's are by Send.
    attachments: event === null ? attachments : attachments.map((attachment) => agreedTo(attachment)),
    event,
    message: null,
    // An event needs no text: it is done once everything is uploaded.
    phase: event === null ? "composing" : "waiting",
    send: null,
    draft: null,
    draftAsked: false,
    savedDraft: null,
    propertiesWritten: [],
    purpose: { type: "send" },
    schedule: null,
    messageId: null,
    requestId: null,
    finishedAt: null,
    error: null,
    arrival: null,
    set: null,
    remoteCleanup: [],
    discarded: false,
  };
}
