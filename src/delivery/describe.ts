/** A delivery in words, for every surface. Pure: the panel, the tree and the status bar print what this says. */
import type { ErrorCode, SavedError } from "../errors.ts";
import type {
  AttachmentAction,
  AttachmentView,
  PanelSnapshot,
  ProblemView,
  Remedy,
  StepView,
} from "../shared/contract.ts";
import { formatAgo, formatBytes, formatDuration, formatRate, percent } from "../shared/format.ts";
import {
  type AttachmentRecord,
  type DeliveryRecord,
  isAlive,
  isEditable,
  isOpen,
  isUnderWay,
} from "./delivery.ts";

type ViewStatus = AttachmentView["status"];

/** An attachment with what its delivery and the clock make of it. */
export interface AttachmentWords {
  readonly status: ViewStatus;
  /** "uploading 43%", "ready", "failed: the key was refused" */
  readonly statusText: string;
  /** The same with the time that matters: "ready · expires in 42 min", "sent · 3 min ago". */
  readonly summary: string;
  readonly steps: readonly StepView[];
  /** Bytes that have left, confirmed or not. */
  readonly handedBytes: number;
  readonly pace: string;
  /** When the service drops the upload; null when that no longer matters. */
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
  const statusText = statusWords(status, attachment, now);
  return {
    status,
    statusText,
    summary: [statusText, timeWords(status, delivery, expiresAt, now)]
      .filter((part) => part !== "")
      .join(" · "),
    steps: steps(status, attachment),
    handedBytes: Math.max(attachment.accepted, attachment.flight?.handed ?? 0),
    pace: pace(status, attachment, now),
    expiresAt,
    actions: actions(delivery, attachment, status),
  };
}

function viewStatus(delivery: DeliveryRecord, attachment: AttachmentRecord, now: number): ViewStatus {
  if (delivery.phase === "sent") return "sent";
  const { status, session } = attachment;
  if (status === "ready" && (delivery.phase === "sending" || delivery.phase === "unconfirmed"))
    return delivery.phase;
  if ((status === "ready" || status === "paused") && session !== null && !isAlive(session, now))
    return "expired";
  return status;
}

function statusWords(status: ViewStatus, attachment: AttachmentRecord, now: number): string {
  const waiting = attachment.flight?.waiting;
  if (waiting !== undefined && (status === "uploading" || status === "creating" || status === "completing")) {
    const left = waiting.until - now;
    return left > 0
      ? `${waitWords(waiting.reason)}, trying again in ${formatDuration(Math.max(1000, left))}`
      : "trying again";
  }
  switch (status) {
    case "queued":
      return "waiting for its turn";
    case "creating":
      return "opening an upload session";
    case "uploading":
      return `uploading ${percent(attachment.accepted, attachment.size)}%`;
    case "completing":
      return "completing";
    case "paused":
      return `paused at ${percent(attachment.accepted, attachment.size)}%`;
    case "unconfirmed":
      return "not known whether it was sent";
    case "ready":
    case "sending":
    case "sent":
    case "failed":
    case "expired":
    case "cancelled":
      return status;
    default:
      return unreachableStatus(status);
  }
}

function waitWords(reason: ErrorCode): string {
  if (reason === "offline") return "no network";
  if (reason === "rate-limited") return "the service asks to wait";
  return reason === "service-fault" ? "the service has trouble" : "connection lost";
}

function timeWords(
  status: ViewStatus,
  delivery: DeliveryRecord,
  expiresAt: number | null,
  now: number,
): string {
  if (status === "sent") return delivery.finishedAt === null ? "" : formatAgo(now - delivery.finishedAt);
  if (status === "ready" && expiresAt !== null) return `expires in ${formatDuration(expiresAt - now)}`;
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

const STEP_LABELS = ["Create", "Upload", "Complete", "Send"] as const;

function steps(status: ViewStatus, attachment: AttachmentRecord): StepView[] {
  const [done, current] = stepOf(status, attachment);
  return STEP_LABELS.map((label, index) => ({
    label,
    state: index < done ? "done" : index > done ? "todo" : current,
  }));
}

/** How many steps are done, and how the next one stands. */
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
      return unreachableStatus(status);
  }
}

function pace(status: ViewStatus, { flight, size, session }: AttachmentRecord, now: number): string {
  if (status !== "uploading" || flight?.bytesPerSecond === undefined || flight.bytesPerSecond <= 0) return "";
  const leftMs = ((size - flight.handed) / flight.bytesPerSecond) * 1000;
  const words = `${formatRate(flight.bytesPerSecond)} · ${formatDuration(Math.max(1000, leftMs))} left`;
  const livesMs = (session?.expiresAt ?? Number.POSITIVE_INFINITY) - now;
  // Said while another line, or a smaller file, can still be chosen.
  return leftMs < livesMs
    ? words
    : `${words}, but the service keeps the session for ${formatDuration(livesMs)} only`;
}

function actions(
  delivery: DeliveryRecord,
  { flight }: AttachmentRecord,
  status: ViewStatus,
): AttachmentAction[] {
  const waits: AttachmentAction[] = flight?.waiting === undefined ? [] : ["tryNow"];
  if (!isOpen(delivery)) return [];
  switch (status) {
    case "queued":
    case "creating":
    case "uploading":
      return [...waits, "pause", "cancel", "remove", "rename"];
    case "completing":
      return [...waits, "cancel", "remove", "rename"];
    case "paused":
      return ["resume", "cancel", "remove", "rename"];
    case "ready":
      return ["remove", "rename"];
    case "failed":
    case "expired":
    case "cancelled":
      return ["retry", "remove", "rename"];
    case "sending":
    case "sent":
    case "unconfirmed":
      return [];
    default:
      return unreachableStatus(status);
  }
}

const REMEDY_LABELS: Readonly<Record<Remedy, string>> = {
  addAccount: "Add Account…",
  checkAccount: "Check Account",
  updateKey: "Update Key…",
  retry: "Retry",
  uploadNewVersion: "Upload the New Version",
  showLog: "Show Log",
  sendAgain: "Send Again…",
};

export function remedyLabel(remedy: Remedy): string {
  return REMEDY_LABELS[remedy];
}

export function describeProblem(error: SavedError | null): ProblemView | null {
  if (error === null) return null;
  return {
    message: error.message,
    remedy: error.remedy === null ? null : { remedy: error.remedy, label: remedyLabel(error.remedy) },
    requestId: error.requestId,
  };
}

/** One sentence on where a mail stands. */
export function headline(delivery: DeliveryRecord, now: number): string {
  const undecided = delivery.attachments.filter(({ status }) =>
    ["failed", "cancelled", "paused"].includes(status),
  );
  switch (delivery.phase) {
    case "composing":
      if (delivery.accountId === null)
        return "Add an account to send from; the upload starts by itself then.";
      return delivery.attachments.some(({ status }) => isUnderWay(status))
        ? "The upload is under way while you write."
        : "";
    case "waiting":
      if (undecided.length > 0)
        return `The mail waits for you: ${counted(undecided.length, "file needs", "files need")} a decision (go on, or remove).`;
      return delivery.attachments.every(({ status }) => status === "ready")
        ? "Sending…"
        : "Will be sent by itself as soon as everything is uploaded.";
    case "sending":
      return "Sending…";
    case "sent":
      return `Sent ${formatAgo(now - (delivery.finishedAt ?? now))}.`;
    case "failed":
      return "Not sent.";
    case "unconfirmed":
      return "It is not known whether the mail went out.";
    default:
      return unreachableStatus(delivery.phase);
  }
}

export function describeSend(delivery: DeliveryRecord): PanelSnapshot["send"] {
  const withdrawable = delivery.phase === "waiting";
  const ready = delivery.attachments.every(({ status }) => status === "ready");
  const label = withdrawable
    ? "Waiting to Send"
    : delivery.phase === "sending"
      ? "Sending…"
      : delivery.phase === "sent"
        ? "Sent"
        : ready
          ? "Send"
          : "Send When Ready";
  const enabled = isEditable(delivery) && delivery.accountId !== null;
  return { label, enabled, withdrawable };
}

/** All that the panel shows of a delivery. */
export function panelSnapshot(
  delivery: DeliveryRecord,
  around: {
    readonly accounts: PanelSnapshot["accounts"];
    readonly notice: string | null;
    readonly now: number;
  },
): PanelSnapshot {
  const { now } = around;
  return {
    now,
    accounts: around.accounts,
    accountId: delivery.accountId,
    form: delivery.form,
    phase: delivery.phase,
    headline: headline(delivery, now),
    problem: describeProblem(delivery.error),
    editable: isEditable(delivery),
    send: describeSend(delivery),
    notice: around.notice,
    attachments: delivery.attachments.map((attachment) => {
      const words = describeAttachment(delivery, attachment, now);
      return {
        id: attachment.id,
        name: attachment.name,
        detail: `${formatBytes(attachment.size)} · ${attachment.contentType}`,
        status: words.status,
        statusText: words.statusText,
        steps: [...words.steps],
        sizeBytes: attachment.size,
        acceptedBytes: attachment.accepted,
        handedBytes: words.handedBytes,
        pace: words.pace,
        expiresAt: words.expiresAt,
        problem: words.status === "failed" ? describeProblem(attachment.error) : null,
        actions: [...words.actions],
      };
    }),
  };
}

export interface StatusLine {
  /** "report.pdf 43%", "3 files 43%" */
  readonly text: string;
  /** One line for each file under way. */
  readonly lines: readonly string[];
  /** The mail that a click should show: the newest under way. */
  readonly deliveryId: string;
}

/** All work under way in one line; undefined when idle. */
export function describeWork(deliveries: readonly DeliveryRecord[], now: number): StatusLine | undefined {
  const busy = deliveries.flatMap((delivery) =>
    delivery.attachments
      .filter((attachment) => isBusy(delivery, attachment))
      .map((attachment) => ({ delivery, attachment })),
  );
  const newest = busy[0];
  if (newest === undefined) return undefined;
  const size = sum(busy.map(({ attachment }) => attachment.size));
  const accepted = sum(busy.map(({ attachment }) => attachment.accepted));
  const name = busy.length === 1 ? newest.attachment.name : `${busy.length} files`;
  return {
    text: busy.every(({ delivery }) => delivery.phase === "sending")
      ? `${name} sending`
      : `${name} ${percent(accepted, size)}%`,
    lines: busy.map(({ delivery, attachment }) => {
      const { statusText, pace: speed } = describeAttachment(delivery, attachment, now);
      return [attachment.name, statusText, speed].filter((part) => part !== "").join(" · ");
    }),
    deliveryId: newest.delivery.id,
  };
}

function isBusy(delivery: DeliveryRecord, attachment: AttachmentRecord): boolean {
  if (delivery.phase === "sending") return true;
  return isUnderWay(attachment.status) && delivery.accountId !== null;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function unreachableStatus(status: never): never {
  throw new Error(`No words for ${String(status)}`);
}
