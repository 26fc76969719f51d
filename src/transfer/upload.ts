/** The one loop that moves a file's bytes into an upload session. Knows ranges and retries; the dialects know a service. */
import { FreightError } from "../errors.ts";
import { backoffMs, isTransient, MAX_FAILURES, type Sleep } from "../net/retry.ts";
import type { FileVersion, Reader } from "./fileSource.ts";
import { Meter } from "./meter.ts";

/** Where the service stands, in its own words. */
export interface Position {
  /** Bytes the service has, from the start without a gap: the offset to go on from. */
  readonly next: number;
  /** The service says that the file is complete. */
  readonly done: boolean;
}

export interface Range {
  readonly offset: number;
  readonly length: number;
  readonly total: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** One service's dialect of resumable uploading. Both questions are answered with the service's own count. */
export interface UploadProtocol {
  /** Asks where the service stands; changes nothing. */
  locate(signal: AbortSignal): Promise<Position>;
  put(range: Range, signal: AbortSignal): Promise<Position>;
  /** How much to put at once. @param bytesPerSecond the measured speed; undefined at first */
  chunkBytes(bytesPerSecond: number | undefined): number;
}

export interface UploadSource {
  readonly version: FileVersion;
  reader(): Reader;
  assertVersion(expected?: FileVersion): Promise<void>;
}

export interface UploadProgress {
  /** Bytes that the service has confirmed. */
  readonly accepted: number;
  /** Bytes that have left, confirmed or not; at least `accepted`. */
  readonly handed: number;
  readonly bytesPerSecond: number | undefined;
}

export interface UploadOptions {
  readonly source: UploadSource;
  readonly protocol: UploadProtocol;
  /** True when the session may hold bytes already: the service is asked before anything is sent. */
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UploadProgress) => void;
  readonly onWait: (error: FreightError, waitMs: number) => void;
  readonly sleep: Sleep;
  readonly random: () => number;
  /** Milliseconds on a clock that does not jump. */
  readonly monotonicNow: () => number;
}

/**
 * Uploads until the service says that it has everything. Survives lost connections, 429 and 5xx: after any failure the
 * service is asked where it stands before a byte is sent again. The count of failures starts over when the service
 * has more bytes than before.
 *
 * @throws FreightError the last transient failure after `MAX_FAILURES` in a row, or at once what cannot be repeated
 * (`file-changed`, `session-lost`, `upload-refused`, …); an AbortError when `signal` ended it.
 */
export async function upload(options: UploadOptions): Promise<void> {
  const { source, protocol, signal } = options;
  const total = source.version.size;
  const meter = new Meter(options.monotonicNow);
  let reader = source.reader();
  let accepted = 0;
  let failures = 0;
  let mustAsk = options.resume;

  const report = (handed: number) => {
    meter.note(handed);
    options.onProgress({ accepted, handed, bytesPerSecond: meter.bytesPerSecond });
  };

  for (;;) {
    signal.throwIfAborted();
    try {
      let position: Position;
      if (mustAsk) {
        position = await protocol.locate(signal);
        mustAsk = false;
      } else {
        await source.assertVersion();
        const length = Math.min(protocol.chunkBytes(meter.bytesPerSecond), total - accepted);
        const chunks = counted(reader.read(accepted, length), accepted, report);
        position = await protocol.put({ offset: accepted, length, total, chunks }, signal);
        if (!position.done && position.next <= accepted) throw noProgress();
      }
      if (position.next > total) throw ahead(position.next, total);
      if (position.next > accepted) failures = 0;
      accepted = position.done ? total : position.next;
      report(accepted);
      if (position.done) {
        // The last bytes may have been read before somebody wrote to the file: look once more before it counts.
        await source.assertVersion();
        return;
      }
    } catch (reason) {
      signal.throwIfAborted();
      failures++;
      if (!isTransient(reason) || failures >= MAX_FAILURES) throw reason;
      const waitMs = backoffMs(failures, reason, options.random);
      options.onWait(reason, waitMs);
      await options.sleep(waitMs, signal);
      mustAsk = true;
      reader = source.reader();
    }
  }
}

/** Tells how far the reading has come, each time the next chunk is asked for: then the one before it has left. */
async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  onHanded: (handed: number) => void,
): AsyncGenerator<Uint8Array> {
  let handed = start;
  for await (const chunk of chunks) {
    yield chunk;
    handed += chunk.length;
    onHanded(handed);
  }
}

function noProgress(): FreightError {
  return new FreightError("service-fault", "The storage took none of the bytes that were sent.", {
    remedy: "retry",
  });
}

function ahead(next: number, total: number): FreightError {
  return new FreightError(
    "upload-mismatch",
    `The storage claims ${next} bytes of a file that has ${total}. The upload has to start again.`,
    { remedy: "retry" },
  );
}
