/**
 * Compresses on several processors, in libuv's pool, and looks for secrets in threads: nothing on the
 * editor's thread. A file's blocks are independent, except that compression may refer to the 32 KiB before
 * each; one after the other, they form one deflate stream, as pigz makes it. The result for a block depends
 * on its bytes alone.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SecretFinding } from "../secrets/secretWords.ts";
import type { Answer, BlockOrder, Made, Order, SmallOrder } from "./packThread.ts";

/** How far back deflate may refer (RFC 1951). */
export const DICTIONARY_BYTES = 32 * 1024;
/** A thread takes as long to read small files and search them as libuv's pool does to compress them. */
const PROCESSORS_A_THREAD = 2;
/** A thread costs 10 MB or more; and libuv's pool, which compresses, has four for the whole editor. */
const MOST_THREADS = 2;
const MOST_LANES = 3;
/** In the bundle it is elsewhere, and the caller names it. */
const PROGRAM = new URL("./packThread.ts", import.meta.url);
/** Garbage is collected often: most of what a thread leaves behind is memory outside of its heap. */
const LITTLE = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

/** Holds what is compressed, in memory that threads share and that is reused. */
export class BlockMemory {
  #memory = new SharedArrayBuffer(0);

  /** Room for a block of this many bytes. Its compressed form replaces it there. */
  room(length: number): Uint8Array<SharedArrayBuffer> {
    const wanted = DICTIONARY_BYTES + length;
    if (this.#memory.byteLength < wanted) this.#memory = new SharedArrayBuffer(wanted);
    return new Uint8Array(this.#memory, DICTIONARY_BYTES, length);
  }

  /** Puts the bytes that precede the block in front of it. */
  precede(end: Uint8Array): void {
    new Uint8Array(this.#memory, DICTIONARY_BYTES - end.length, end.length).set(end);
  }
}

export interface Block {
  /** In a `BlockMemory`. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** How many bytes of the same file are right before them. */
  readonly before: number;
  /** Whether it ends the file. */
  readonly isLast: boolean;
  /** The file's name, if it is searched for secrets: then its first and last blocks are. */
  readonly lookedThrough?: string | undefined;
}

export interface Deflated {
  /** Raw deflate, in the block's place; undefined when the block does not shrink, and is unchanged. */
  readonly body: Uint8Array | undefined;
  /** CRC-32 of the original block. */
  readonly sum: number;
  /** What secret the file seems to contain, as far as this block tells. */
  readonly secret?: SecretFinding | undefined;
}

/** For an empty file. */
export const NOTHING: Deflated = { body: undefined, sum: 0 };

/** A small file that was read, and compressed in place. */
export interface SmallFile {
  /** As long as the file; still its content only if it was not compressed. */
  readonly content: Uint8Array;
  readonly mtimeMs: number;
  /** For the archive. */
  readonly mode: number;
  readonly deflated: Deflated;
}

export interface PoolSize {
  readonly threads: number;
  /** How many blocks each thread has compressed at the same time. */
  readonly lanes: number;
}

/** Enough to keep the processors busy, within bounds. */
export function poolSize(processors: number): PoolSize {
  const threads = Math.min(MOST_THREADS, Math.max(1, Math.floor(processors / PROCESSORS_A_THREAD)));
  return { threads, lanes: Math.ceil(Math.min(MOST_LANES, processors + 1) / threads) };
}

export class DeflatePool {
  readonly #size: PoolSize;
  readonly #threads: readonly PackThread[];
  #next = 0;

  /** @param program what the threads run: `packThread.ts`, as it is or bundled */
  constructor(program: string | URL = PROGRAM, size = poolSize(availableParallelism())) {
    this.#size = size;
    this.#threads = Array.from({ length: size.threads }, () => new PackThread(program, size.lanes));
  }

  /** How many blocks keep all lanes busy. */
  get depth(): number {
    return this.#size.threads * this.#size.lanes + 1;
  }

  /** How many orders for small files keep all threads busy while the result of one is written. */
  get ordersAhead(): number {
    return this.#size.threads + 2;
  }

  /** Rejects when the pool is closed meanwhile. @param block of at least one byte */
  deflate({ bytes, before, isLast, lookedThrough }: Block): Promise<Deflated> {
    const order: BlockOrder = { bytes, before, isLast, lookedThrough };
    return this.#thread().ask(order, (answer) => {
      if (isList(answer)) throw outOfStep();
      return deflatedOf(bytes, answer);
    });
  }

  /**
   * Reads, compresses and searches small files. Rejects if the pool is closed meanwhile.
   * @param memory as long as all of them together
   * @param platform the system whose disk they are on
   * @returns for each file, as `readSmall`
   */
  small(
    files: readonly SmallOrder[],
    { buffer, byteOffset }: Uint8Array<SharedArrayBuffer>,
    platform: NodeJS.Platform,
  ): Promise<readonly (SmallFile | "large" | undefined)[]> {
    const thread = this.#thread();
    return thread.ask({ files, memory: thread.notKnown(buffer), offset: byteOffset, platform }, (answer) => {
      if (!isList(answer)) throw outOfStep();
      let offset = byteOffset;
      return answer.map((made, at) => {
        const place = offset;
        offset += files[at]?.size ?? 0;
        if (made === undefined || made === "large") return made;
        const { elsewhere, length, mtimeMs, mode } = made;
        const content = new Uint8Array(elsewhere ?? buffer, elsewhere ? 0 : place, length);
        return { content, mtimeMs, mode, deflated: deflatedOf(content, made) };
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** Threads take turns: most orders are of the same size. */
  #thread(): PackThread {
    const thread = this.#threads[this.#next++ % this.#threads.length];
    if (thread === undefined) throw new Error("A pool has at least one thread");
    return thread;
  }
}

/** A thread that starts with its first order. */
class PackThread {
  readonly #program: string | URL;
  readonly #lanes: number;
  #worker: Worker | undefined;
  #ended: Promise<void> | undefined;
  /** Those who wait for an answer: answers come in the order of the orders. */
  readonly #waiting: { resolve: (answer: Answer) => void; reject: (reason: unknown) => void }[] = [];
  /** The memory that small files were read into last. */
  #known: SharedArrayBuffer | undefined;
  #failure: unknown;

  constructor(program: string | URL, lanes: number) {
    this.#program = program;
    this.#lanes = lanes;
  }

  /** The memory for small files, if it is not the one the thread had last. */
  notKnown(memory: SharedArrayBuffer): SharedArrayBuffer | undefined {
    if (this.#known === memory) return undefined;
    this.#known = memory;
    return memory;
  }

  /**
   * Ends the thread after the blocks that are being compressed: some milliseconds. Terminated in the middle
   * of one, it may take the whole process with it ("close before init" in Node's node_zlib.cc, seen with 24).
   */
  async close(): Promise<void> {
    this.#fail(new Error("The compression was ended"));
    this.#worker?.postMessage(null);
    await this.#ended;
  }

  ask<T>(order: Order, read: (answer: Answer) => T): Promise<T> {
    const answer = new Promise<Answer>((resolve, reject) => this.#waiting.push({ resolve, reject })).then(
      read,
    );
    // A caller that has to stop early awaits none of the answers.
    answer.catch(() => {});
    if (this.#failure === undefined) this.#start().postMessage(order);
    else this.#fail(this.#failure);
    return answer;
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#program, {
      execArgv: [],
      resourceLimits: LITTLE,
      workerData: this.#lanes,
    });
    this.#worker = worker;
    this.#ended = new Promise((resolve) => worker.once("exit", () => resolve()));
    return worker
      .on("message", (answer: Answer) => this.#waiting.shift()?.resolve(answer))
      .on("error", (reason) => this.#fail(reason))
      .on("exit", () => this.#fail(new Error("The thread that compresses has ended")));
  }

  #fail(reason: unknown): void {
    this.#failure ??= reason;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

const isList = (answer: Answer): answer is Exclude<Answer, Made> => Array.isArray(answer);
const outOfStep = () => new Error("The thread that compresses has answered something else");

function deflatedOf({ buffer, byteOffset }: Uint8Array<SharedArrayBuffer>, made: Made): Deflated {
  const { packed, sum, secret } = made;
  return { body: packed === undefined ? undefined : new Uint8Array(buffer, byteOffset, packed), sum, secret };
}
