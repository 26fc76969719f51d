/** The text of the status bar: work in progress, or an upload that will expire soon. Pure. */
import { formatDuration, percent } from "../../shared/format.ts";
import { plural, t } from "../../shared/l10n.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { mailName } from "../record/describeMail.ts";
import { type EndingSession, expiringSoon, unsentSessions } from "../record/expiry.ts";
import { isUnseen } from "../record/provenance.ts";
import { filesAtWork, isHeldUp, isUnderWay, standstill } from "../record/queries.ts";
import { describeAttachment, goingWords, isOnlyRead, waitWords } from "./describeAttachment.ts";
import { wordsOf } from "./purposeWords.ts";

/** A session that expires later than this needs no countdown. */
const COUNTDOWN_MS = 3_600_000;

export interface StatusLine {
  /** moving: uploading · waiting: for another try · ready: uploaded, not sent yet · ending: expires soon */
  readonly kind: "moving" | "waiting" | "ready" | "ending";
  /** "report.pdf 43%", "2 of 3 files · 43%" */
  readonly text: string;
  /** One line per file. */
  readonly lines: readonly string[];
  /** The mail to show on a click. */
  readonly deliveryId: string;
}

/**
 * @param since mails worked on since the last time that nothing was in progress: they all count until nothing
 *   is again, so that the progress does not fall back when one of them is done
 */
export function statusLine(
  deliveries: readonly DeliveryRecord[],
  now: number,
  since: ReadonlySet<string> = new Set(),
): StatusLine | undefined {
  return ending(deliveries, now) ?? work(deliveries, now, since) ?? ready(deliveries, now);
}

/** The mails with work in progress. */
export function busyMails(deliveries: readonly DeliveryRecord[]): readonly DeliveryRecord[] {
  return deliveries.filter((delivery) => busyFiles(delivery).length > 0);
}

function work(
  deliveries: readonly DeliveryRecord[],
  now: number,
  since: ReadonlySet<string>,
): StatusLine | undefined {
  const busy = busyMails(deliveries);
  const [newest] = busy;
  if (newest === undefined) return undefined;
  const moving = busy.flatMap((delivery) =>
    busyFiles(delivery).map((attachment) => ({ delivery, attachment })),
  );
  const lines = moving.map(({ delivery, attachment }) => {
    const { statusText, pace } = describeAttachment(delivery, attachment, now);
    return [attachment.name, statusText, pace].filter((part) => part !== "").join(" · ");
  });
  // A mail with only queued files waits for the others: it does not count.
  const waits = busy
    .filter((delivery) => filesAtWork(delivery).length > 0)
    .map((delivery) => standstill(delivery, now));
  const [wait] = waits;
  const line = { lines, deliveryId: newest.id };
  if (wait !== undefined && !waits.includes(undefined))
    return { ...line, kind: "waiting", text: waitWords(wait, now) };
  return { ...line, kind: "moving", text: progress(newest, moving, counted(deliveries, since)) };
}

/** All files of the mails that are counted, whatever their status. */
function counted(deliveries: readonly DeliveryRecord[], since: ReadonlySet<string>) {
  return deliveries
    .filter((delivery) => since.has(delivery.id) || busyFiles(delivery).length > 0)
    .flatMap(({ attachments }) => attachments.filter(({ status }) => status !== "cancelled"));
}

function progress(
  newest: DeliveryRecord,
  moving: readonly { readonly delivery: DeliveryRecord; readonly attachment: AttachmentRecord }[],
  files: readonly AttachmentRecord[],
): string {
  const [only, ...others] = files;
  const isOne = only !== undefined && others.length === 0;
  const done = files.filter(({ status }) => status === "ready").length;
  const share = percent(sum(files, "accepted"), sum(files, "size"));
  const isSending = moving.every(({ delivery }) => delivery.phase === "sending");
  if (isSending || share === 0) {
    const areRead = moving.every(({ delivery, attachment }) => isOnlyRead(delivery, attachment));
    const doing = isSending ? wordsOf(newest).state : goingWords(0, areRead);
    const what = isOne ? only.name : plural(files.length, "{0} file", "{0} files");
    return `${what} · ${doing}`;
  }
  return isOne
    ? t("{0} {1}%", only.name, share)
    : plural(files.length, "{1} of {0} file · {2}%", "{1} of {0} files · {2}%", done, share);
}

/** The first to expire of the uploads that expire soon. */
function ending(deliveries: readonly DeliveryRecord[], now: number): StatusLine | undefined {
  return soonest(deliveries, now, "ending", (delivery) => expiringSoon(delivery, now));
}

/** The first to expire of the finished uploads. */
function ready(deliveries: readonly DeliveryRecord[], now: number): StatusLine | undefined {
  return soonest(deliveries, now, "ready", (delivery) =>
    unsentSessions(delivery).filter(({ expiresAt }) => expiresAt > now && expiresAt - now <= COUNTDOWN_MS),
  );
}

function soonest(
  deliveries: readonly DeliveryRecord[],
  now: number,
  kind: StatusLine["kind"],
  sessionsOf: (delivery: DeliveryRecord) => readonly EndingSession[],
): StatusLine | undefined {
  const found = deliveries
    .flatMap((delivery) => sessionsOf(delivery).map(({ expiresAt }) => ({ delivery, expiresAt })))
    .sort((a, b) => a.expiresAt - b.expiresAt);
  const [first] = found;
  if (first === undefined) return undefined;
  const left = formatDuration(first.expiresAt - now);
  return {
    kind,
    text: t("{0} left to send “{1}”", left, mailName(first.delivery)),
    lines: found.map(({ delivery, expiresAt }) =>
      t(
        "The upload for “{0}” expires in {1}. If you send later, it is uploaded again.",
        mailName(delivery),
        formatDuration(expiresAt - now),
      ),
    ),
    deliveryId: first.delivery.id,
  };
}

function busyFiles(delivery: DeliveryRecord): readonly AttachmentRecord[] {
  return delivery.attachments.filter((attachment) => isBusy(delivery, attachment));
}

function isBusy(delivery: DeliveryRecord, attachment: AttachmentRecord): boolean {
  if (isHeldUp(delivery, attachment)) return false;
  if (delivery.phase === "sending") return true;
  if (isUnseen(delivery)) return false;
  return isUnderWay(attachment.status) && delivery.accountId !== null;
}

function sum(files: readonly AttachmentRecord[], what: "accepted" | "size"): number {
  return files.reduce((total, file) => total + file[what], 0);
}
