/**
 * Compresses blocks on all processors, in threads of their own, and looks for secrets there: none of it is done on the editor's. The blocks of a file are
 * independent but for the 32 KiB before each, which its compression may refer to; behind one another they are one stream
 * of deflate, as pigz makes it. What a block becomes depends on its bytes alone.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { secretName } from "../secrets/secretNames.ts";
import type { Made, Order } from "./packThread.ts";

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
  /** What the file looks like, as far as this block tells: "an AWS access key, line 12". */
  readonly secret?: string | undefined;
}

/** Of a file without bytes. */
export const NOTHING: Deflated = { body: undefined, sum: 0 };

interface Task {
  readonly block: Block;
  readonly resolve: (deflated: Deflated) => void;
  readonly reject: (reason: unknown) => void;
}

export class DeflatePool {
  readonly #program: string | URL;
  readonly #threads: number;
  readonly #workers: Worker[] = [];
  readonly #ended: Promise<void>[] = [];
  readonly #idle: Worker[] = [];
  readonly #waiting: Task[] = [];
  readonly #running = new Map<Worker, Task>();
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

  /** Rejects when the pool is closed meanwhile. */
  deflate(block: Block): Promise<Deflated> {
    const { bytes, lookedThrough } = block;
    if (bytes.length === 0)
      return Promise.resolve({ ...NOTHING, secret: lookedThrough && secretName(lookedThrough) });
    const done = new Promise<Deflated>((resolve, reject) => this.#waiting.push({ block, resolve, reject }));
    // Whoever has to stop in the middle waits for none of them.
    done.catch(() => {});
    this.#next();
    return done;
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

  #next(): void {
    if (this.#failure !== undefined) this.#fail(this.#failure);
    while (this.#waiting.length > 0) {
      const worker = this.#idle.pop() ?? this.#start();
      const task = worker && this.#waiting.shift();
      if (worker === undefined || task === undefined) return;
      this.#running.set(worker, task);
      const { bytes, before, isLast, lookedThrough } = task.block;
      const { buffer: memory, byteOffset: offset, length } = bytes;
      worker.postMessage({ memory, offset, length, before, isLast, lookedThrough } satisfies Order);
    }
  }

  /** @returns undefined when there are enough */
  #start(): Worker | undefined {
    if (this.#workers.length >= this.#threads) return undefined;
    const worker = new Worker(this.#program, { execArgv: [], resourceLimits: LITTLE });
    this.#workers.push(worker);
    this.#ended.push(new Promise((resolve) => worker.once("exit", () => resolve())));
    worker
      .on("message", ({ packed, sum, secret }: Made) => {
        const task = this.#running.get(worker);
        this.#running.delete(worker);
        this.#idle.push(worker);
        this.#next();
        if (task === undefined) return;
        const { buffer, byteOffset, length } = task.block.bytes;
        const body = packed === undefined ? undefined : new Uint8Array(buffer, byteOffset + length, packed);
        task.resolve({ body, sum, secret });
      })
      .on("error", (reason) => this.#fail(reason))
      .on("exit", () => this.#fail(new Error("A thread that compresses has ended")));
    return worker;
  }

  #fail(reason: unknown): void {
    this.#failure ??= reason;
    for (const { reject } of [...this.#running.values(), ...this.#waiting.splice(0)]) reject(this.#failure);
    this.#running.clear();
  }
}
