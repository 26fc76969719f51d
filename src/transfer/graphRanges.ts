/** The dialect of Microsoft Graph's upload sessions: ranges in order, each from where the service says. */
import { errorsOf, FreightError, messageTooLarge, saysTooLarge } from "../base/errors.ts";
import { transientError } from "../net/answers.ts";
import type { Http, HttpAnswer } from "../net/http.ts";
import { parseJson } from "../net/json.ts";
import { t } from "../shared/l10n.ts";
import { hasHeard } from "./hasHeard.ts";
import { OUTLOOK_RULES, type RangeRules } from "./rangeRules.ts";
import type { Position, Range, UploadProtocol } from "./upload.ts";

/** Ranges are halved after this many failures in a row, and doubled again after this many successes. */
const FAILURES_TO_HALVE = 2;
const SUCCESSES_TO_DOUBLE = 3;

const ANSWER_TIMEOUT_MS = 120_000;
const ASK_TIMEOUT_MS = 30_000;
/** A new session may not be known everywhere yet: this many times, "gone" is not believed. */
const MAX_YOUNG_ANSWERS = 5;

const MIN_THROTTLED_MS = 15_000;

export interface GraphSession {
  /** An opaque bearer capability: sent exactly as it is, without `Authorization`, and never logged. */
  readonly url: string;
  /** Size of the whole file in bytes. */
  readonly total: number;
  /** The service's id of the file if it already has all of it: the answer that said so may have been lost. */
  readonly findStored: (signal: AbortSignal) => Promise<string | undefined>;
  /** Milliseconds on a clock that does not jump. */
  readonly monotonicNow: () => number;
  /** The storage's rules (default: those for attachments). */
  readonly rules?: RangeRules;
}

export class GraphRanges implements UploadProtocol {
  readonly #http: Http;
  readonly #session: GraphSession;
  readonly #rules: RangeRules;
  #rangeBytes: number;
  #failures = 0;
  #successes = 0;
  #youngAnswers = 0;
  /** The service has accepted a range of this session, so it knows the session. */
  #isKnown = false;
  /** The service has refused a range because of where it begins. */
  #isOutOfStep = false;
  /** The ends of ranges whose answers were lost: each was stored as a whole, or not at all. */
  #doubtfulEnds: number[] = [];
  /** Where the session must stand if not where the service last said. */
  #guess: number | undefined;
  /** When this upload began to use up the throttling window (`RangeRules.windowMs`). */
  #windowStart: number | undefined;

  constructor(http: Http, session: GraphSession) {
    this.#http = http;
    this.#session = session;
    this.#rules = session.rules ?? OUTLOOK_RULES;
    this.#rangeBytes = this.#rules.rangeBytes;
  }

  /**
   * Asking is not documented for Outlook: if the answer does not say, what was confirmed last holds. If that
   * was refused, and the answer to a range from there was lost, the session stands at that range's end.
   */
  async locate(signal: AbortSignal, believed: number): Promise<Position> {
    const answer = await this.#http.send({
      method: "GET",
      url: this.#session.url,
      timeoutMs: ASK_TIMEOUT_MS,
      signal,
    });
    if (answer.status === 200) {
      const next = nextExpected(answer);
      if (next !== undefined) {
        this.#isInStep();
        return { next, done: false };
      }
    }
    const throttled = this.#throttled(answer);
    if (throttled !== undefined) throw throttled;
    const stored = await this.#session.findStored(signal);
    if (stored !== undefined) return { next: this.#session.total, done: true, attachmentId: stored };
    // A 404 may also mean that nothing can be asked there: the next range will tell.
    if (answer.status === 410 || (this.#rules.tellsPosition && answer.status === 404))
      throw this.#gone(answer, believed);
    if (this.#isOutOfStep) this.#guess = this.#doubtfulEnds.shift();
    // Nobody can say where it stands, and every place where it may stand was refused.
    if (this.#isOutOfStep && this.#guess === undefined) {
      await this.#giveUp(signal);
      throw lost(answer);
    }
    this.#isOutOfStep = false;
    return this.#guess === undefined
      ? { next: believed, done: false }
      : { next: this.#guess, done: false, isGuess: true };
  }

  async put(range: Range, signal: AbortSignal): Promise<Position> {
    try {
      const position = await this.#put(range, signal);
      // Counted from the range's end, as the service does: from its start, the wait would be too short.
      this.#windowStart ??= this.#session.monotonicNow();
      this.#succeeded();
      return position;
    } catch (reason) {
      if (!signal.aborted) this.#failed(reason, range);
      throw reason;
    }
  }

  /** The service has said where it stands. */
  #isInStep(): void {
    this.#isOutOfStep = false;
    this.#doubtfulEnds = [];
    this.#guess = undefined;
  }

  /** Ends the session, so that what it has of the file does not stay until it expires; failing is fine. */
  async #giveUp(signal: AbortSignal): Promise<void> {
    try {
      await this.cancel(signal);
    } catch (reason) {
      if (!(reason instanceof FreightError)) throw reason;
    }
  }

  /** Ends the session, if it is still there. @throws FreightError when the service may not know of it */
  async cancel(signal: AbortSignal): Promise<void> {
    const answer = await this.#http.send({
      method: "DELETE",
      url: this.#session.url,
      headers: { "content-length": "0" },
      timeoutMs: ASK_TIMEOUT_MS,
      signal,
    });
    if (!hasHeard(answer)) throw refused(answer);
  }

  chunkBytes(): number {
    return this.#rangeBytes;
  }

  async #put(range: Range, signal: AbortSignal): Promise<Position> {
    const { offset, length, total } = range;
    const answer = await this.#http.send({
      method: "PUT",
      url: this.#session.url,
      headers: {
        "content-type": "application/octet-stream",
        "content-range": `bytes ${offset}-${offset + length - 1}/${total}`,
      },
      body: { length, chunks: range.chunks },
      timeoutMs: ANSWER_TIMEOUT_MS,
      signal,
    });
    const { status } = answer;
    if (this.#rules.doneStatuses.includes(status) && nextExpected(answer) === undefined) {
      const id = await this.#idOf(answer, signal);
      if (id === undefined) throw unreadable(answer);
      return { next: total, done: true, attachmentId: id };
    }
    if (status === 200 || status === 202) {
      this.#isKnown = true;
      const next = nextExpected(answer);
      if (next === undefined) throw unreadable(answer);
      this.#isInStep();
      return { next, done: false };
    }
    const known = status > 399 ? this.#rules.refusal?.(answer) : undefined;
    if (known !== undefined) throw known;
    // The mailbox's limit shows only during an upload: a session opens even for a file too large to finish.
    if (status > 399 && saysTooLarge(answer.text))
      throw messageTooLarge({ ...details(answer), ofSize: answer.text.slice(0, 1_000) });
    const throttled = this.#throttled(answer);
    if (throttled !== undefined) throw throttled;
    if (status === 400 || status === 409 || status === 412 || status === 416) {
      this.#isOutOfStep = true;
      throw elsewhere(answer);
    }
    if (status === 413 && this.#rangeBytes > this.#rules.gridBytes) {
      this.#halve();
      throw elsewhere(answer);
    }
    // A session may be gone because it is finished, and the answer that said so was lost.
    if (isGone(answer)) {
      const stored = await this.#session.findStored(signal);
      if (stored !== undefined) return { next: total, done: true, attachmentId: stored };
      throw this.#gone(answer, offset);
    }
    // No key was sent, so it cannot be wrong: some mailboxes are given an address on the wrong host.
    if (status === 401) throw lost(answer);
    throw refused(answer);
  }

  /** The service's id of the file. */
  async #idOf(answer: HttpAnswer, signal: AbortSignal): Promise<string | undefined> {
    const named = this.#rules.idIn(answer);
    if (named !== undefined && !this.#rules.listsRename) return named;
    const listed = await this.#session.findStored(signal).catch((reason: unknown) => {
      if (named === undefined || !(reason instanceof FreightError)) throw reason;
      return undefined;
    });
    return listed ?? named;
  }

  #gone(answer: HttpAnswer, offset: number): FreightError {
    if (this.#isKnown || offset > 0 || ++this.#youngAnswers > MAX_YOUNG_ANSWERS) return lost(answer);
    return elsewhere(answer);
  }

  /** A transient error. A 429 is normal near the end of a large file on a fast line, and not a failure. */
  #throttled(answer: HttpAnswer): FreightError | undefined {
    const error = transientError(answer, "Microsoft");
    const { windowMs } = this.#rules;
    if (error === undefined || answer.status !== 429 || error.retryAfterMs !== undefined) return error;
    if (windowMs === undefined) return error;
    const start = this.#windowStart ?? this.#session.monotonicNow();
    const left = start + windowMs - this.#session.monotonicNow();
    // After one window, a long upload's bytes are spread over it, and a little room is free at any time.
    const retryAfterMs = left > 0 ? Math.max(MIN_THROTTLED_MS, left) : MIN_THROTTLED_MS;
    return new FreightError(error.code, error.message, {
      status: answer.status,
      requestId: answer.requestId,
      retryAfterMs,
      remedy: "retry",
    });
  }

  #succeeded(): void {
    this.#failures = 0;
    if (this.#rangeBytes === this.#rules.rangeBytes || ++this.#successes < SUCCESSES_TO_DOUBLE) return;
    this.#successes = 0;
    this.#rangeBytes = Math.min(this.#rules.rangeBytes, this.#rangeBytes * 2);
  }

  #halve(): void {
    const { gridBytes } = this.#rules;
    this.#rangeBytes = Math.max(1, Math.floor(this.#rangeBytes / 2 / gridBytes)) * gridBytes;
  }

  #failed(reason: unknown, { offset, length }: Range): void {
    this.#successes = 0;
    const end = offset + length;
    if (reason instanceof FreightError && reason.mayHaveActed && !this.#doubtfulEnds.includes(end))
      this.#doubtfulEnds.push(end);
    // Being told to wait says nothing about the range.
    if (reason instanceof FreightError && reason.is("rate-limited", "offline")) return;
    if (++this.#failures < FAILURES_TO_HALVE) return;
    this.#failures = 0;
    this.#halve();
  }
}

/**
 * The offset in `nextExpectedRanges` or `NextExpectedRanges`, written "N", "N-" or "N-M"; undefined when the
 * answer has none.
 */
function nextExpected(answer: HttpAnswer): number | undefined {
  const json = parseJson(answer.text);
  if (typeof json !== "object" || json === null) return undefined;
  const [, ranges] = Object.entries(json).find(([name]) => name.toLowerCase() === "nextexpectedranges") ?? [];
  const [first]: unknown[] = Array.isArray(ranges) ? ranges : [];
  const digits = typeof first === "string" ? /^(\d+)(-\d*)?$/.exec(first.trim())?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

function isGone({ status }: HttpAnswer): boolean {
  return status === 404 || status === 410;
}

function details(answer: HttpAnswer) {
  const { status, requestId } = answer;
  return { status, requestId, cause: new Error(`status ${status}: ${answer.text.slice(0, 300)}`) };
}

function lost(answer: HttpAnswer): FreightError {
  const words = t("Microsoft no longer knows this upload; it has to start again.");
  return errorsOf(details(answer))("session-lost", words);
}

/** The upload stands elsewhere than we thought: asking where puts that right. */
function elsewhere(answer: HttpAnswer): FreightError {
  const words = t("Microsoft did not accept the bytes (status {0}).", String(answer.status));
  return errorsOf(details(answer))("service-fault", words);
}

function unreadable(answer: HttpAnswer): FreightError {
  const words = t("Microsoft's answer to the bytes cannot be read.");
  return errorsOf({ ...details(answer), mayHaveActed: true })("service-fault", words);
}

function refused(answer: HttpAnswer): FreightError {
  const words = t("Microsoft refused the upload (status {0}).", String(answer.status));
  return errorsOf(details(answer))("upload-refused", words);
}
