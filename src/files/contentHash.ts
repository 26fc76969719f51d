/** Hashes a file's bytes while they are read for sending: each byte once, in order, even if sent again. */
import { createHash } from "node:crypto";
import { crc32c } from "./crc32c.ts";
import { type HashName, HashThread, LARGE_BYTES } from "./hashThread.ts";
import { isStill, type Look, type Piece } from "./secondLook.ts";

/** The hash of a file's first bytes, to tell later whether they are still the same. */
export interface HashCheckpoint {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The part of a `FileSource` that is hashed. */
export interface HashedSource {
  readonly version: { readonly size: number };
  reader(): { read(offset: number, length: number): AsyncIterable<Uint8Array> };
}

export interface HashOptions {
  /** Computes a CRC-32C, too, for a storage that reports the one of what it has. */
  readonly withCrc32c?: boolean;
  /** Files of fewer bytes are hashed on the calling thread: another one takes longer to start. */
  readonly threadsFrom?: number;
}

/**
 * This many chunks may wait for the thread before `take` waits, too: a `Reader` overwrites a chunk when the
 * third one after it is asked for.
 */
const WAITING = 2;

/** How many pieces the thread checks per order: some milliseconds of work. */
const LOOKED_AT = 8;

export class ContentHash {
  readonly #source: HashedSource;
  readonly #withCrc32c: boolean;
  /** SHA-256 tells versions of the file apart; CRC-32C is what Google's storage reports. */
  readonly #thread: HashThread | undefined;
  /** Used instead of the thread. */
  #here: ReturnType<typeof hashesHere> | undefined;
  #bytes = 0;
  readonly #coming: Promise<unknown>[] = [];

  /**
   * Call `end` when it is no longer needed.
   * @param source read again if the thread is lost
   */
  constructor(source: HashedSource, { withCrc32c = false, threadsFrom = LARGE_BYTES }: HashOptions = {}) {
    this.#source = source;
    this.#withCrc32c = withCrc32c;
    if (source.version.size < threadsFrom) this.#here = hashesHere(withCrc32c);
    else this.#thread = new HashThread(withCrc32c ? ["sha256", "crc32c"] : ["sha256"]);
  }

  /** How many bytes from the start of the file were taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Hashes what is new in a chunk. Resolves when there is room for the next one.
   * @param offset where in the file the chunk begins, at most `bytes`
   */
  async take(offset: number, chunk: Uint8Array): Promise<void> {
    if (offset > this.#bytes) throw new Error(`Bytes ${this.#bytes} to ${offset} were never hashed`);
    const fresh = chunk.subarray(this.#bytes - offset);
    if (fresh.length === 0) return;
    this.#bytes += fresh.length;
    if (this.#here !== undefined) return this.#here.take(fresh);
    this.#coming.push(this.#thread?.take(fresh) ?? Promise.resolve());
    if (this.#coming.length >= WAITING) await this.#coming.shift();
  }

  async checkpoint(): Promise<HashCheckpoint> {
    const bytes = this.#bytes;
    return { bytes, sha256: await this.#digest("sha256") };
  }

  /** In base64, as Google's storage writes it. */
  crc32c(): Promise<string> {
    return this.#digest("crc32c");
  }

  /** The second look at a file (`isStill` of secondLook.ts), by this thread and libuv's pool in parallel. */
  readonly isStill: Look = async (file, pieces, signal) => {
    const { fd } = file;
    const thread = this.#thread;
    if (fd === undefined || thread === undefined) return isStill(file, pieces, signal);
    const verdicts = new Set<boolean | undefined>([true]);
    const rest = (function* () {
      // Once the verdict is known, no more pieces are given out: the file may soon be closed.
      for (const piece of pieces) if (verdicts.size === 1 && signal?.aborted !== true) yield piece;
    })();
    const byThread = async () => {
      for (let share = some(rest); share.length > 0; share = some(rest))
        verdicts.add(await thread.isStill(fd, share));
    };
    const byPool = async () => void verdicts.add(await isStill(file, rest));
    for (const ended of await Promise.allSettled([byThread(), byPool()]))
      if (ended.status === "rejected") throw ended.reason;
    signal?.throwIfAborted();
    return verdicts.has(undefined) ? isStill(file, pieces, signal) : !verdicts.has(false);
  };

  /** Resolves when the thread has forgotten this file. */
  async end(): Promise<void> {
    await this.#thread?.end();
  }

  async #digest(name: HashName): Promise<string> {
    await Promise.all(this.#coming);
    const digest = this.#here === undefined ? await this.#thread?.digest(name) : undefined;
    if (digest !== undefined) return digest;
    this.#here ??= await this.#again();
    return this.#here.digest(name);
  }

  /** The thread was lost: what it had hashed is hashed again here. */
  async #again(): Promise<ReturnType<typeof hashesHere>> {
    const here = hashesHere(this.#withCrc32c);
    for await (const chunk of this.#source.reader().read(0, this.#bytes)) here.take(chunk);
    return here;
  }
}

/** The next pieces for the thread to check. */
function some(pieces: Iterator<Piece>): readonly Piece[] {
  const share: Piece[] = [];
  for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
    share.push(next.value);
    if (share.length === LOOKED_AT) break;
  }
  return share;
}

function hashesHere(withCrc32c: boolean) {
  const sha256 = createHash("sha256");
  const crc = withCrc32c ? crc32c() : undefined;
  return {
    take(bytes: Uint8Array): void {
      sha256.update(bytes);
      crc?.update(bytes);
    },
    digest: (name: HashName) => (name === "sha256" ? sha256.copy().digest("hex") : (crc?.digest() ?? "")),
  };
}

/** The SHA-256 of a whole file, in hexadecimal. @throws as its reader does; an AbortError when cancelled */
export async function sha256Of(source: HashedSource, signal: AbortSignal): Promise<string> {
  const hash = new ContentHash(source);
  try {
    for await (const chunk of source.reader().read(0, source.version.size)) {
      signal.throwIfAborted();
      await hash.take(hash.bytes, chunk);
    }
    return (await hash.checkpoint()).sha256;
  } finally {
    await hash.end();
  }
}

/** The MD5 of a whole file, in base64: for a storage that reports nothing else. @throws as `sha256Of` */
export async function md5Of(source: HashedSource, signal: AbortSignal): Promise<string> {
  const hash = createHash("md5");
  for await (const chunk of source.reader().read(0, source.version.size)) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest("base64");
}
