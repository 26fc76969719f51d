/**
 * The dialect of Google Cloud Storage's resumable uploads, for a session URI that the mail service has
 * opened. https://cloud.google.com/storage/docs/performing-resumable-uploads
 */
import * as z from "zod";
import { errorsOf, type FreightError } from "../base/errors.ts";
import { isOwn, transientError } from "../net/answers.ts";
import type { Http, HttpAnswer } from "../net/http.ts";
import { parseJson } from "../net/json.ts";
import { t } from "../shared/l10n.ts";
import { hasHeard } from "./hasHeard.ts";
import type { Position, Range, UploadProtocol } from "./upload.ts";

/** Every range but the last must be a multiple of this. */
const STEP = 256 * 1024;
const FIRST_CHUNK = 8 * 1024 * 1024;
const MIN_CHUNK = 1024 * 1024;
/**
 * A chunk should take about this long: long enough for its round trip not to matter, short enough to see
 * progress. No chunk is too large: if the connection breaks, the storage keeps what has arrived.
 */
const CHUNK_SECONDS = 3;
/** A chunk that left before the speed could be measured took at most 0.25 s; this many take 3 s. */
const GROWTH = 12;

/** Undici waits this long for one chunk to drain and for the answer: the kernel may still hold 4 MiB. */
const ANSWER_TIMEOUT_MS = 120_000;
const PROBE_TIMEOUT_MS = 30_000;

const StoredObject = z.object({
  size: z.coerce.number(),
  md5Hash: z.string().optional(),
  crc32c: z.string().optional(),
});

export interface GcsSession {
  /** A bearer capability: it alone lets anyone write the object. Never logged, no `Authorization` with it. */
  readonly url: string;
  /** Headers that whoever opened the session requires on each PUT. */
  readonly headers: Readonly<Record<string, string>>;
  /** Size of the whole file in bytes. */
  readonly total: number;
}

export class GcsResumable implements UploadProtocol {
  readonly #http: Http;
  readonly #session: GcsSession;
  readonly tellsCrc32c = true;
  #nextChunk = FIRST_CHUNK;

  constructor(http: Http, session: GcsSession) {
    this.#http = http;
    this.#session = session;
  }

  // Naming the total also finishes an upload whose bytes are all there; without it, this would only ask.
  async locate(signal: AbortSignal): Promise<Position> {
    const answer = await this.#http.send({
      method: "PUT",
      url: this.#session.url,
      headers: {
        ...this.#session.headers,
        "content-length": "0",
        "content-range": `bytes */${this.#session.total}`,
      },
      timeoutMs: PROBE_TIMEOUT_MS,
      signal,
    });
    return this.#read(answer);
  }

  async put(range: Range, signal: AbortSignal): Promise<Position> {
    const last = range.offset + range.length - 1;
    const answer = await this.#http.send({
      method: "PUT",
      url: this.#session.url,
      headers: { ...this.#session.headers, "content-range": `bytes ${range.offset}-${last}/${range.total}` },
      body: { length: range.length, chunks: range.chunks },
      timeoutMs: ANSWER_TIMEOUT_MS,
      signal,
    });
    const position = this.#read(answer);
    this.#nextChunk = GROWTH * range.length;
    return position;
  }

  /**
   * Ends the session at the storage. The answer is 499, odd but documented; a session that is gone counts as
   * ended.
   * @throws FreightError when the storage may not know of it
   */
  async cancel(signal: AbortSignal): Promise<void> {
    const answer = await this.#http.send({
      method: "DELETE",
      url: this.#session.url,
      headers: { "content-length": "0" },
      timeoutMs: PROBE_TIMEOUT_MS,
      signal,
    });
    if (!hasHeard(answer)) throw refused(answer);
  }

  chunkBytes(bytesPerSecond: number | undefined): number {
    // The speed is also unknown when the first chunks left too fast for it to be measured.
    if (bytesPerSecond === undefined) return this.#nextChunk;
    const wanted = Math.floor((bytesPerSecond * CHUNK_SECONDS) / STEP) * STEP;
    return Math.max(MIN_CHUNK, wanted);
  }

  #read(answer: HttpAnswer): Position {
    const { status, headers, requestId } = answer;
    const refuse = errorsOf({ status, requestId });
    // Some intermediaries hide 308 behind a 200 with this header.
    const incomplete = status === 308 || (status === 200 && headers["x-http-status-code-override"] === "308");
    if (incomplete) return { next: storedBytes(headers["range"], answer), done: false };
    if (status === 200 || status === 201) {
      // The answer may be cut short on its way; the status line alone says that the object is complete.
      const stored = StoredObject.safeParse(parseJson(answer.text));
      if (stored.success && stored.data.size !== this.#session.total)
        throw refuse(
          "upload-mismatch",
          t(
            "The storage has {0} bytes of a file of {1}. The upload has to start again.",
            stored.data.size,
            this.#session.total,
          ),
        );
      if (!stored.success && !isOwn(answer))
        throw errorsOf({ status })(
          "network",
          t("The network's sign-in page answered instead of the storage."),
        );
      const md5 = stored.data?.md5Hash ?? hashIn(headers["x-goog-hash"], "md5");
      const crc32c = stored.data?.crc32c ?? hashIn(headers["x-goog-hash"], "crc32c");
      return { next: this.#session.total, done: true, md5, crc32c };
    }
    if (status === 404 || status === 410 || status === 499)
      throw refuse("session-lost", t("The storage no longer knows this upload; it has to start again."));
    // The upload stands elsewhere than we thought: asking where puts that right.
    if (status === 409 || status === 412 || status === 416)
      throw refuse("service-fault", t("The storage did not accept the bytes (status {0}).", String(status)));
    throw transientError(answer, t("The storage")) ?? refused(answer);
  }
}

/** `crc32c=…,md5=…`: the XML API's answer has no body. https://cloud.google.com/storage/docs/xml-api/reference-headers */
function hashIn(header: string | undefined, name: "md5" | "crc32c"): string | undefined {
  return new RegExp(`(?:^|[,\\s])${name}=([A-Za-z0-9+/]+={0,2})`).exec(header ?? "")?.[1];
}

/** `bytes=0-K` → K + 1. No header: the storage has nothing yet. */
function storedBytes(range: string | undefined, answer: HttpAnswer): number {
  if (range === undefined) return 0;
  const match = /^bytes[=\s]0-(\d+)$/.exec(range.trim());
  if (match?.[1] === undefined)
    throw errorsOf({ cause: new Error(`range: ${range}`), requestId: answer.requestId })(
      "bad-answer",
      t("The storage's answer about the bytes it has cannot be read."),
    );
  return Number(match[1]) + 1;
}

function refused(answer: HttpAnswer): FreightError {
  const { status, requestId } = answer;
  const cause = new Error(answer.text.slice(0, 500));
  const words = t("The storage refused the upload (status {0}).", String(status));
  return errorsOf({ status, requestId, cause })("upload-refused", words);
}
