/** The one loop that moves a file's bytes into an upload session. Knows ranges and retries; the dialects know a service. */
import { FreightError } from "../base/errors.ts";
import { ContentHash, type HashCheckpoint, md5Of } from "../files/contentHash.ts";
import type { Reader } from "../files/fileReader.ts";
import { fileChanged } from "../files/fileTrouble.ts";
import type { FileVersion } from "../files/fileVersion.ts";
import { FileWatch, type WatchedFile } from "../files/fileWatch.ts";
import { isTransient, Patience, type Sleep } from "../net/retry.ts";
import { t } from "../shared/l10n.ts";
import { Meter } from "./meter.ts";

/** How far the upload is, according to the service. */
export interface Position {
  /** Bytes the service has, from the start without a gap: the offset to go on from. */
  readonly next: number;
  /** The service says that the file is complete. */
  readonly done: boolean;
  /** The service does not say: `next` is inferred, and confirmed by the answer to a range from there. */
  readonly isGuess?: boolean;
  /** MD5 of what it stored, in base64, if it says. */
  readonly md5?: string | undefined;
  /** CRC-32C of what it stored, in base64, if it says: then the MD5, which takes longer, is not computed. */
  readonly crc32c?: string | undefined;
  /** The service's id of what it stored, if only the end of the upload brings it. */
  readonly attachmentId?: string | undefined;
}

export interface Range {
  readonly offset: number;
  readonly length: number;
  readonly total: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** One service's dialect of resumable uploading. `locate` and `put` both return the service's own count. */
export interface UploadProtocol {
  /**
   * Asks where the service stands; changes nothing.
   * @param believed what the service confirmed last, for a service that does not always say
   */
  locate(signal: AbortSignal, believed: number): Promise<Position>;
  put(range: Range, signal: AbortSignal): Promise<Position>;
  /** True when the storage reports the CRC-32C of what it has, so that it is worth computing ours. */
  readonly tellsCrc32c?: boolean;
  /** How much to put at once. @param bytesPerSecond the measured speed; undefined at first */
  chunkBytes(bytesPerSecond: number | undefined): number;
}

export interface UploadSource extends WatchedFile {
  readonly version: FileVersion;
  reader(): Reader;
}

export interface UploadProgress {
  /** Bytes that the service has confirmed. */
  readonly accepted: number;
  /** Bytes that have left, confirmed or not; at least `accepted`. */
  readonly handed: number;
  readonly bytesPerSecond: number | undefined;
  /** The hash of what was read so far; a new one each time `accepted` rises. */
  readonly checkpoint: HashCheckpoint | undefined;
}

export interface UploadOptions {
  readonly source: UploadSource;
  readonly protocol: UploadProtocol;
  /** True when the session may hold bytes already: the service is asked before anything is sent. */
  readonly resume: boolean;
  /** The hash of the bytes that the session already has, if an earlier process left one. */
  readonly checkpoint?: HashCheckpoint | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UploadProgress) => void;
  readonly onWait: (error: FreightError, waitMs: number) => void;
  /** Given the service's id of what it stored, if only the end of the upload brings it. */
  readonly onStored?: (attachmentId: string) => void;
  /**
   * Given the whole file's hash before the last bytes leave, and again before the upload counts as done;
   * throws when it must not go.
   */
  readonly assertMayEnd?: (whole: HashCheckpoint) => void;
  readonly sleep: Sleep;
  readonly random: () => number;
  /** Milliseconds on a clock that does not jump. */
  readonly monotonicNow: () => number;
}

/**
 * Uploads until the service says that it has everything. Survives lost connections, 429 and 5xx: after any
 * failure the service is asked where it stands before a byte is sent again. The count of failures starts over
 * when the service has more bytes than before.
 *
 * Never completes a mixture of two versions of the file: its size and times are watched, what an earlier
 * process sent is hashed again and compared, and so is what the service says it has stored. The last bytes
 * leave only after the whole file was read again and compared: no timestamp shows the writes of a program
 * that has the file mapped into its memory.
 *
 * @throws FreightError the last transient failure after `MAX_FAILURES` in a row, or at once one that cannot
 * be retried (`file-changed`, `session-lost`, `upload-refused`, …); an AbortError when `signal` was aborted.
 */
export async function upload(options: UploadOptions): Promise<HashCheckpoint> {
  const { source, protocol, signal } = options;
  const hash = new ContentHash(source, { withCrc32c: protocol.tellsCrc32c === true });
  const watch = new FileWatch(source, signal, hash.isStill);
  try {
    return await moveAll(options, watch, hash);
  } finally {
    await watch.end();
    await hash.end();
  }
}

async function moveAll(options: UploadOptions, watch: FileWatch, hash: ContentHash): Promise<HashCheckpoint> {
  const { source, protocol, signal } = options;
  const total = source.version.size;
  const meter = new Meter(options.monotonicNow);
  let reader = source.reader();
  /** What the service has confirmed, and where the next range begins: the same except after a guess. */
  let accepted = 0;
  let next = 0;
  /** The most that the service ever had: only more than this is progress. */
  let furthest = 0;
  let checkpoint = options.checkpoint;
  const patience = new Patience(options.random);
  let mustAsk = options.resume;

  const report = (handed: number) => {
    meter.note(handed);
    options.onProgress({ accepted, handed, bytesPerSecond: meter.bytesPerSecond, checkpoint });
  };
  const note = async (offset: number, chunk: Uint8Array) => {
    watch.note(offset, chunk);
    await hash.take(offset, chunk);
  };
  /**
   * Called once everything was read.
   * @throws FreightError when what was read must not go as one file
   */
  const assertMayEnd = async () => {
    await watch.assertStill();
    await watch.assertVersion();
    options.assertMayEnd?.(await hash.checkpoint());
  };
  /** Whether what was read matches the storage's checksum of the whole file, if it gave one. */
  const isStored = async ({ crc32c, md5 }: Position) => {
    if (crc32c !== undefined && protocol.tellsCrc32c === true) return crc32c === (await hash.crc32c());
    return md5 === undefined || md5 === (await md5Of(source, signal));
  };
  const beforeLeaving = async (offset: number, chunk: Uint8Array) => {
    await note(offset, chunk);
    if (offset + chunk.length === total) await assertMayEnd();
  };
  /** Hashes what the service has but this process has not read yet. */
  const catchUp = async (end: number) => {
    const from = hash.bytes;
    if (from >= end) return;
    for await (const chunk of reader.read(from, end - from)) {
      signal.throwIfAborted();
      await note(hash.bytes, chunk);
    }
  };

  for (;;) {
    signal.throwIfAborted();
    try {
      let position: Position;
      // Once all bytes are there, nothing is left to put: `locate`, which names the total, finishes the file.
      if (mustAsk || next === total) {
        position = await protocol.locate(signal, Math.max(accepted, options.checkpoint?.bytes ?? 0));
        mustAsk = false;
        if (options.checkpoint !== undefined && hash.bytes < options.checkpoint.bytes && position.next > 0) {
          await catchUp(options.checkpoint.bytes);
          if ((await hash.checkpoint()).sha256 !== options.checkpoint.sha256) throw fileChanged(source.path);
        }
        if (!position.done && position.next === total) throw unfinished();
      } else {
        await watch.assertVersion();
        const length = Math.min(protocol.chunkBytes(meter.bytesPerSecond), total - next);
        const chunks = noted(reader.read(next, length), next, beforeLeaving, report);
        position = await protocol.put({ offset: next, length, total, chunks }, signal);
        if (!position.done && position.next <= next) throw noProgress();
        // It answered before it had read everything: the old buffers may still be being filled or sent.
        if (position.next < next + length) reader = source.reader();
      }
      if (position.next > total) throw ahead(position.next, total);
      await catchUp(position.done ? total : position.next);
      next = position.done ? total : position.next;
      if (position.isGuess === true) continue;
      if (position.next > furthest) {
        furthest = position.next;
        patience.renew();
        checkpoint = await hash.checkpoint();
      }
      accepted = next;
      report(accepted);
      if (position.done) {
        if (position.attachmentId !== undefined) options.onStored?.(position.attachmentId);
        await assertMayEnd();
        if (!(await isStored(position))) throw differs();
        return hash.checkpoint();
      }
    } catch (reason) {
      signal.throwIfAborted();
      const waitMs = patience.after(reason);
      if (waitMs === undefined || !isTransient(reason)) throw reason;
      options.onWait(reason, waitMs);
      await options.sleep(waitMs, signal);
      mustAsk = true;
      reader = source.reader();
    }
  }
}

/** Checks each chunk before it leaves, and reports it as handed over when the next one is asked for. */
async function* noted(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  beforeLeaving: (offset: number, chunk: Uint8Array) => Promise<void>,
  onHanded: (handed: number) => void,
): AsyncGenerator<Uint8Array> {
  let handed = start;
  for await (const chunk of chunks) {
    await beforeLeaving(handed, chunk);
    yield chunk;
    handed += chunk.length;
    onHanded(handed);
  }
}

function noProgress(): FreightError {
  return new FreightError("service-fault", t("The storage accepted none of the bytes that were sent."), {
    remedy: "retry",
  });
}

function unfinished(): FreightError {
  return new FreightError("service-fault", t("The storage has all the bytes but does not finish the file."), {
    remedy: "retry",
  });
}

function differs(): FreightError {
  return new FreightError(
    "upload-mismatch",
    t("What the storage received is not what the file contains. The upload has to start again."),
    { remedy: "retry" },
  );
}

function ahead(next: number, total: number): FreightError {
  return new FreightError(
    "upload-mismatch",
    t("The storage claims {0} bytes of a file that has {1}. The upload has to start again.", next, total),
    { remedy: "retry" },
  );
}
