/**
 * Compresses on all processors, in threads of their own, and looks for secrets there: none of it is done on the editor's.
 * The blocks of a file are independent but for the 32 KiB before each, which its compression may refer to; behind one
 * another they are one stream of deflate, as pigz makes it. What a block becomes depends on its bytes alone.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ListedPath } from "../folder/listedFiles.ts";
import type { SecretFinding } from "../secrets/secretWords.ts";
import type { Answer, BlockOrder, FileOrder, Made, Order } from "./packThread.ts";
import type { SmallContent } from "./smallFile.ts";

/** How far back deflate may refer (RFC 1951). */
export const DICTIONARY_BYTES = 32 * 1024;
const MAX_THREADS = 8;
/** In the bundle it lies elsewhere, and is named. */
const PROGRAM = new URL("./packThread.ts", import.meta.url);
/** What a thread leaves behind is collected often: most of it is memory outside of its heap. */
const LITTLE = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

/** What is compressed, in memory that threads share and that is used again and again. */
export class BlockMemory {
  #memory = new SharedArrayBuffer(0);

  /** Room for a block of so many bytes. What it is compressed to comes behind it. */
  room(length: number): Uint8Array<SharedArrayBuffer> {
    const wanted = DICTIONARY_BYTES + 2 * length;
    if (this.#memory.byteLength < wanted) this.#memory = new SharedArrayBuffer(wanted);
    return new Uint8Array(this.#memory, DICTIONARY_BYTES, length);
  }

  /** Puts what is right before the block in front of it. */
  precede(end: Uint8Array): void {
    new Uint8Array(this.#memory, DICTIONARY_BYTES - end.length, end.length).set(end);
  }
}

export interface Block {
  /** In a `BlockMemory`. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** How many bytes right before them are of the same file. */
  readonly before: number;
  /** Whether the file ends with it. */
  readonly isLast: boolean;
  /** The name of a file that is looked through for secrets: the blocks at its ends are. */
  readonly lookedThrough?: string | undefined;
}

export interface Deflated {
  /** Raw deflate, in the block's memory; undefined when the block does not become smaller. */
  readonly body: Uint8Array | undefined;
  /** CRC-32 of the block as it was. */
  readonly sum: number;
  /** What the file looks like, as far as this block tells. */
  readonly secret?: SecretFinding | undefined;
}

/** Of a file without bytes. */
export const NOTHING: Deflated = { body: undefined, sum: 0 };

interface Task {
  readonly order: BlockOrder | FileOrder;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

export class DeflatePool {
  readonly #program: string | URL;
  readonly #threads: number;
  readonly #workers: Worker[] = [];
  readonly #ended: Promise<void>[] = [];
  /** Each as often as it can be given something. */
  readonly #idle: Worker[] = [];
  readonly #waiting: Task[] = [];
  /** What each is at, in order. */
  readonly #running = new Map<Worker, Task[]>();
  /** The memory that each was given last. */
  readonly #known = new Map<Worker, SharedArrayBuffer | undefined>();
  #failure: unknown;

  /** @param program of the threads: `packThread.ts`, as it is or bundled */
  constructor(program: string | URL = PROGRAM, threads = Math.min(MAX_THREADS, availableParallelism())) {
    this.#program = program;
    this.#threads = threads;
  }

  /** How many blocks keep all threads busy. */
  get depth(): number {
    return this.#threads + 1;
  }

  /** Rejects when the pool is closed meanwhile. @param block of at least one byte */
  deflate({ bytes, before, isLast, lookedThrough }: Block): Promise<Deflated> {
    return this.#ask({ bytes, before, isLast, lookedThrough }, ({ made }) => deflatedOf(bytes, made));
  }

  /**
   * Reads and compresses a small file, and looks it through. Rejects when the pool is closed meanwhile.
   * @returns see `readSmall`
   */
  small(
    { given, real }: ListedPath,
    memory: Uint8Array<SharedArrayBuffer>,
  ): Promise<(SmallContent & { readonly deflated: Deflated }) | "large" | undefined> {
    const { buffer, byteOffset: offset, length } = memory;
    return this.#ask({ given, real, memory: buffer, offset, length }, ({ file, made }) => {
      if (file === undefined || file === "large") return file;
      const { elsewhere, mtimeMs, mode } = file;
      const content = new Uint8Array(elsewhere ?? buffer, elsewhere ? 0 : offset, file.length);
      return { content, mtimeMs, mode, deflated: deflatedOf(content, made) };
    });
  }

  /**
   * Ends the threads, each behind the block that it is at: some milliseconds. Terminated in the middle of one it may take
   * the whole process with it ("close before init" in Node's node_zlib.cc, seen with 24).
   */
  async close(): Promise<void> {
    this.#fail(new Error("The compression was ended"));
    for (const worker of this.#workers) worker.postMessage(null);
    await Promise.all(this.#ended);
  }

  #ask<T>(order: BlockOrder | FileOrder, read: (answer: Answer) => T): Promise<T> {
    const done = new Promise<Answer>((resolve, reject) =>
      this.#waiting.push({ order, resolve, reject }),
    ).then(read);
    // Whoever has to stop in the middle waits for none of them.
    done.catch(() => {});
    this.#next();
    return done;
  }

  #next(): void {
    if (this.#failure !== undefined) this.#fail(this.#failure);
    while (this.#waiting.length > 0) {
      const worker = this.#start() ?? this.#idle.shift();
      const task = worker && this.#waiting.shift();
      if (worker === undefined || task === undefined) return;
      this.#running.set(worker, [...(this.#running.get(worker) ?? []), task]);
      worker.postMessage(this.#shortened(worker, task.order));
    }
  }

  /** Without the memory that the thread knows. */
  #shortened(worker: Worker, order: BlockOrder | FileOrder): Order {
    if (!("given" in order)) return order;
    const isKnown = this.#known.get(worker) === order.memory;
    this.#known.set(worker, order.memory);
    return isKnown ? { ...order, memory: undefined } : order;
  }

  /** @returns undefined when there are enough */
  #start(): Worker | undefined {
    if (this.#workers.length >= this.#threads) return undefined;
    const worker = new Worker(this.#program, { execArgv: [], resourceLimits: LITTLE });
    this.#workers.push(worker);
    this.#ended.push(new Promise((resolve) => worker.once("exit", () => resolve())));
    worker
      .on("message", (answer: Answer) => {
        this.#idle.push(worker);
        const task = this.#running.get(worker)?.shift();
        this.#next();
        task?.resolve(answer);
      })
      .on("error", (reason) => this.#fail(reason))
      .on("exit", () => this.#fail(new Error("A thread that compresses has ended")));
    // The next thing to do lies ready when it has done one.
    this.#idle.push(worker);
    return worker;
  }

  #fail(reason: unknown): void {
    this.#failure ??= reason;
    for (const { reject } of [...this.#running.values()].flat().concat(this.#waiting.splice(0)))
      reject(this.#failure);
    this.#running.clear();
  }
}

function deflatedOf(bytes: Uint8Array<SharedArrayBuffer>, made: Made | undefined): Deflated {
  if (made === undefined) throw new Error("A thread has not done what it was told to");
  const { packed, sum, secret } = made;
  const { buffer, byteOffset, length } = bytes;
  return {
    body: packed === undefined ? undefined : new Uint8Array(buffer, byteOffset + length, packed),
    sum,
    secret,
  };
}
