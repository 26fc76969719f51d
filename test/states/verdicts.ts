/** What a person, or the engine, sees of a mail: by this it is told what an act has changed. */

import { linkState } from "../../src/delivery/links/linkWords.ts";
import type { AttachmentRecord, DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { toSaved } from "../../src/delivery/record/delivery.ts";
import { isHeldBack } from "../../src/delivery/record/mailSet.ts";
import { isRecallable, isUnderWay, linkEnding } from "../../src/delivery/record/queries.ts";
import { describeAttachment } from "../../src/delivery/words/describeAttachment.ts";

const PURPOSES = { send: "", draft: ", to be saved", later: ", to be scheduled" } as const;

export function mailLabel(delivery: DeliveryRecord | undefined): string {
  if (delivery === undefined || delivery.discarded) return "gone";
  const { phase, purpose, leavesAt, error } = delivery;
  if (phase === "waiting")
    return `${leavesAt === undefined ? "waiting" : "leaving"}${isHeldBack(delivery) ? " for its set" : PURPOSES[purpose.type]}`;
  if (phase === "sending" && isRecallable(delivery)) return "sending, recallable";
  return phase === "sending" && error !== null ? "sending, hindered" : phase;
}

/** @param now milliseconds since the epoch */
export function fileLabel(
  delivery: DeliveryRecord | undefined,
  file: AttachmentRecord | undefined,
  now: number,
): string {
  if (delivery === undefined) return "gone";
  if (file === undefined) return "out";
  if (isUnderWay(file.status)) return "under way";
  return linkState(delivery, file, now) === undefined
    ? describeAttachment(delivery, file, now).status
    : linkLabel(delivery, file);
}

/** Without its time, which each run has another of. */
function linkLabel(delivery: DeliveryRecord, file: AttachmentRecord): string {
  const ending = linkEnding(delivery, file);
  if (ending !== undefined) return ending === "deleted" ? "being deleted" : "link is ending";
  return { stopped: "not shared", deleted: "deleted", open: "shared" }[file.unshared ?? "open"];
}

/**
 * Everything of a record that lasts, but for what services are told beside it. Fields are in the order of their names:
 * one that was read from the disk again has another order, and is the same.
 */
export function content(delivery: DeliveryRecord | undefined): string {
  if (delivery === undefined) return "gone";
  const { remoteCleanup: _, ...saved } = toSaved(delivery);
  return JSON.stringify(saved, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
