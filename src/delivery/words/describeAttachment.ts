/** One file of a delivery in words. Pure: the panel, the tree and the status bar print what this says. */
import type { ErrorCode } from "../../base/errors.ts";
import { unreachable } from "../../base/errors.ts";
import { LONG_WAIT_MS } from "../../net/retry.ts";
import type { AttachmentAction, AttachmentView, StepView } from "../../shared/contract/snapshot.ts";
import {
  formatAgo,
  formatDuration,
  formatMoment,
  formatRate,
  formatTime,
  percent,
  shortMoment,
} from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { linkState } from "../links/linkWords.ts";
import type { AttachmentRecord, DeliveryRecord, Flight } from "../record/delivery.ts";
import { inPractice, isPracticeMail } from "../record/practiceWords.ts";
import { isAlive, isHeldUp, waitOf } from "../record/queries.ts";
import { asksVersion, fileActions } from "./fileActions.ts";
import { wordsOf } from "./purposeWords.ts";
import { travelsInMail } from "./sendMethod.ts";

type ViewStatus = AttachmentView["status"];
type Waiting = NonNullable<Flight["waiting"]>;

/** How an attachment is described, given its delivery and the time. */
export interface AttachmentWords {
  readonly status: ViewStatus;
  /** "uploading 43%", "ready", "failed: the key was refused" */
  readonly statusText: string;
  /** Nothing moves until the next try. */
  readonly waits: boolean;
  /** Nothing is wrong: a person has to say which version of the file is meant. */
  readonly asks: boolean;
  /** The same with the time that matters: "ready · expires in 42 min", "sent · 3 min ago". */
  readonly summary: string;
  /** The summary without the state. */
  readonly since: string;
  readonly steps: readonly StepView[];
  /** Bytes that were sent, confirmed or not. */
  readonly handedBytes: number;
  readonly pace: string;
  /** When the service deletes the upload; null if that does not matter now. */
  readonly expiresAt: number | null;
  readonly actions: readonly AttachmentAction[];
}

export function describeAttachment(
  delivery: DeliveryRecord,
  attachment: AttachmentRecord,
  now: number,
): AttachmentWords {
  const status = viewStatus(delivery, attachment, now);
  const expiresAt = showsExpiry(status) ? (attachment.session?.expiresAt ?? null) : null;
  const isAttached = delivery.event !== null && status === "sent";
  const onlyRead = isOnlyRead(delivery, attachment);
  const statusText = isAttached
    ? t("attached")
    : isHeldUp(delivery, attachment)
      ? t("on hold")
      : (purposeWords(delivery, status, now) ?? statusWords(status, attachment, onlyRead, now));
  const joined = (...parts: readonly (string | undefined)[]) =>
    parts.filter((part) => part !== undefined && part !== "").join(" · ");
  const since = joined(timeWords(status, delivery, expiresAt, now), linkState(delivery, attachment, now));
  return {
    status,
    statusText,
    waits: waitOf(delivery, attachment, now) !== undefined,
    asks: status === "failed" && asksVersion(attachment),
    summary: joined(statusText, since),
    since,
    steps: onlyRead
      ? readingSteps(status, attachment, lastStep(delivery))
      : steps(status, attachment, lastStep(delivery)),
    handedBytes: Math.max(attachment.accepted, attachment.flight?.handed ?? 0),
    pace: pace(status, attachment, now),
    expiresAt,
    actions: fileActions(delivery, attachment, status, now),
  };
}

function viewStatus(delivery: DeliveryRecord, attachment: AttachmentRecord, now: number): ViewStatus {
  const { phase } = delivery;
  if (phase === "sent" || phase === "saved" || phase === "scheduled") return phase;
  const { status, session } = attachment;
  if (isHeldUp(delivery, attachment)) return "queued";
  if (status === "ready" && (delivery.phase === "sending" || delivery.phase === "unconfirmed"))
    return delivery.phase;
  if ((status === "ready" || status === "paused") && session !== null && !isAlive(session, now))
    return "expired";
  return status;
}

/** The status, if it depends on what the mail is for or where it goes; otherwise undefined. */
function purposeWords(delivery: DeliveryRecord, status: ViewStatus, now: number): string | undefined {
  if (status === "sending") {
    const { sendWait } = delivery;
    return sendWait !== undefined && sendWait.until > now
      ? waitWords(sendWait, now)
      : wordsOf(delivery).state;
  }
  if (status === "sent" && isPracticeMail(delivery)) return inPractice();
  const isDraft = delivery.purpose.type === "draft";
  return status === "unconfirmed" && isDraft ? t("may have been saved") : undefined;
}

function statusWords(
  status: ViewStatus,
  attachment: AttachmentRecord,
  onlyRead: boolean,
  now: number,
): string {
  const waiting = attachment.flight?.waiting;
  if (waiting !== undefined && (status === "uploading" || status === "creating" || status === "completing")) {
    return waiting.until > now ? waitWords(waiting, now) : t("trying again");
  }
  switch (status) {
    case "queued":
      return t("waiting for its turn");
    case "creating":
      return onlyRead ? t("reading") : t("opening an upload session");
    case "uploading":
      return goingWords(percent(attachment.accepted, attachment.size), onlyRead);
    case "completing":
      return onlyRead ? t("reading") : t("completing");
    case "paused":
      return t("paused at {0}%", percent(attachment.accepted, attachment.size));
    case "unconfirmed":
      return t("may have been sent");
    case "saved":
      return t("saved as a draft");
    case "failed":
      return attachment.error?.code === "file-changed" ? t("changed on disk") : t("failed");
    case "ready":
      return t("ready");
    case "sending":
      return t("sending");
    case "sent":
      return t("sent");
    case "scheduled":
      return t("scheduled");
    case "expired":
      return t("expired");
    case "cancelled":
      return t("cancelled");
    default:
      return unreachable(status);
  }
}

/** Whether the file is only read for now, and leaves together with its mail. */
export function isOnlyRead(delivery: DeliveryRecord, { asLink }: AttachmentRecord): boolean {
  return travelsInMail(delivery) && !asLink;
}

/**
 * Without a percentage until the first bytes are confirmed: "0%" would look as if nothing moved.
 * @param share of the bytes that are confirmed, in percent
 */
export function goingWords(share: number, onlyRead: boolean): string {
  if (onlyRead) return share === 0 ? t("reading") : t("reading {0}%", share);
  return share === 0 ? t("uploading") : t("uploading {0}%", share);
}

/** Why and when there is another try; for a long wait as the time of day, which beats a countdown. */
export function waitWords({ until, reason }: Waiting, now: number): string {
  const left = until - now;
  if (left <= LONG_WAIT_MS)
    return t("{0}, trying again in {1}", whyItWaits(reason), formatDuration(Math.max(1000, left)));
  const isToday = new Date(until).toDateString() === new Date(now).toDateString();
  return t(
    "waits until {0}: {1}",
    isToday ? formatTime(until) : formatMoment(until, now),
    whyItWaits(reason),
  );
}

function whyItWaits(reason: ErrorCode): string {
  if (reason === "offline") return t("no network");
  if (reason === "rate-limited") return t("the service asked to wait");
  return reason === "service-fault" ? t("the service is having trouble") : t("connection lost");
}

function timeWords(
  status: ViewStatus,
  delivery: DeliveryRecord,
  expiresAt: number | null,
  now: number,
): string {
  if (status === "scheduled")
    return delivery.schedule === null ? "" : shortMoment(delivery.schedule.sendAt, now);
  if (status === "sent" || status === "saved")
    return delivery.finishedAt === null ? "" : formatAgo(now - delivery.finishedAt);
  if (status === "ready" && expiresAt !== null) return t("expires in {0}", formatDuration(expiresAt - now));
  return "";
}

function showsExpiry(status: ViewStatus): boolean {
  return (
    status === "uploading" ||
    status === "completing" ||
    status === "ready" ||
    status === "paused" ||
    status === "expired"
  );
}

function lastStep(delivery: DeliveryRecord): string {
  return delivery.event === null ? wordsOf(delivery).step : t("Attach");
}

const stepLabels = () => [t("Create"), t("Upload"), t("Complete")];

function steps(status: ViewStatus, attachment: AttachmentRecord, last: string): StepView[] {
  const [done, current] = stepOf(status, attachment);
  return [...stepLabels(), last].map((label, index) => ({
    label,
    state: index < done ? "done" : index > done ? "todo" : current,
  }));
}

/** The steps of a file that travels with its mail. */
function readingSteps(status: ViewStatus, attachment: AttachmentRecord, last: string): StepView[] {
  const [done, current] = stepOf(status, attachment);
  const isRead = done >= 3;
  return [
    { label: t("Read"), state: isRead ? "done" : current },
    { label: last, state: isRead ? current : "todo" },
  ];
}

/** How many steps are done, and the state of the next one. */
function stepOf(status: ViewStatus, attachment: AttachmentRecord): [number, StepView["state"]] {
  switch (status) {
    case "queued":
    case "cancelled":
      return [0, "todo"];
    case "creating":
      return [0, "doing"];
    case "uploading":
      return [1, "doing"];
    case "completing":
      return [2, "doing"];
    case "ready":
      return [3, "todo"];
    case "sending":
      return [3, "doing"];
    case "unconfirmed":
      return [3, "failed"];
    case "sent":
    case "saved":
    case "scheduled":
      return [4, "done"];
    case "paused":
      return [attachment.session === null ? 0 : 1, "todo"];
    case "expired":
      return [0, "failed"];
    case "failed": {
      const { session } = attachment;
      return [session === null ? 0 : session.completeAsked ? 2 : 1, "failed"];
    }
    default:
      return unreachable(status);
  }
}

function pace(status: ViewStatus, { flight, size, session }: AttachmentRecord, now: number): string {
  if (status !== "uploading" || flight?.bytesPerSecond === undefined || flight.bytesPerSecond <= 0) return "";
  const leftMs = ((size - flight.handed) / flight.bytesPerSecond) * 1000;
  const rate = formatRate(flight.bytesPerSecond);
  const left = formatDuration(Math.max(1000, leftMs));
  const livesMs = (session?.expiresAt ?? Number.POSITIVE_INFINITY) - now;
  // Warn while the person can still use a faster network or a smaller file.
  return leftMs < livesMs
    ? t("{0} · {1} left", rate, left)
    : t("{0} · {1} left, but the upload session expires in {2}", rate, left, formatDuration(livesMs));
}
