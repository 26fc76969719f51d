/**
 * Computes hashes in a thread of its own: they take the most time of an upload, and the editor's thread has
 * other extensions to serve. Callers go on without it when it cannot be started.
 */
import { Worker } from "node:worker_threads";
import { crc32c } from "./crc32c.ts";
import type { Piece } from "./secondLook.ts";

/** SHA-256 in hexadecimal; CRC-32C as Google's storage writes it. */
export type HashName = "sha256" | "crc32c";

/** From this many bytes on, a file is worth a thread: hashing less takes less time than starting one. */
export const LARGE_BYTES = 16 * 1024 * 1024;
/** A small heap: little is kept, and garbage is collected often. */
const LITTLE = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

const PROGRAM = `
const { parentPort } = require("node:worker_threads");
const { createHash } = require("node:crypto");
const { readSync } = require("node:fs");
const { crc32 } = require("node:zlib");
const crc32c = ${crc32c.toString()};
const hashes = new Map();
const hashOf = (stream, name) => {
  const of = hashes.get(stream) ?? {};
  hashes.set(stream, of);
  return (of[name] ??= name === "crc32c" ? crc32c() : createHash(name));
};
const digest = (name, hash) => (name === "crc32c" ? hash.digest() : hash.copy().digest("hex"));
const isStill = ({ fd, pieces }) => {
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  return pieces.every(({ offset, length, sum }) => {
    let now = 0;
    for (let got = 0; got < length; ) {
      const read = readSync(fd, buffer, 0, Math.min(buffer.length, length - got), offset + got);
      if (read === 0) return false;
      now = crc32(buffer.subarray(0, read), now);
      got += read;
    }
    return now === sum;
  });
};
const orders = {
  take: (stream, { names, bytes }) => names.forEach((name) => void hashOf(stream, name).update(bytes)),
  digest: (stream, name) => digest(name, hashOf(stream, name)),
  look: (stream, where) => isStill(where),
  forget: (stream) => void hashes.delete(stream),
};
parentPort.on("message", ([order, stream, what]) => parentPort.postMessage(orders[order](stream, what)));
`;

type Order = "take" | "digest" | "look" | "forget";

/** One thread for everything that is hashed at the same time: it costs 10 MB, whatever it does. */
class Thread {
  readonly #worker: Worker | undefined;
  /** Those who wait for an answer: answers come in the order of the questions. */
  readonly #waiting: ((answer: unknown) => void)[] = [];
  isLost = false;
  users = 0;

  constructor(program: string) {
    const lost = () => {
      this.isLost = true;
      for (const answer of this.#waiting.splice(0)) answer(undefined);
    };
    try {
      this.#worker = new Worker(program, { eval: true, execArgv: [], resourceLimits: LITTLE });
      this.#worker
        .on("message", (answer: unknown) => this.#waiting.shift()?.(answer))
        .on("error", lost)
        .on("exit", lost);
    } catch {
      this.isLost = true; // Treated as one that ends at once.
    }
  }

  /** Undefined when the thread was lost. */
  ask(order: Order, stream: number, what?: unknown): Promise<unknown> {
    if (this.isLost) return Promise.resolve(undefined);
    this.#worker?.postMessage([order, stream, what]);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async end(): Promise<void> {
    this.isLost = true;
    await this.#worker?.terminate();
  }
}

let running: Thread | undefined;
let streams = 0;

/** The hashes of one file, in the shared thread, which ends with the last file. */
export class HashThread {
  readonly #names: readonly HashName[];
  readonly #thread: Thread;
  readonly #stream = streams++;
  #isOver = false;

  /** @param program what the thread runs, when there is none yet */
  constructor(names: readonly HashName[], program = PROGRAM) {
    this.#names = names;
    if (running === undefined || running.isLost) running = new Thread(program);
    this.#thread = running;
    this.#thread.users++;
  }

  /** Resolves once the bytes are hashed; they must not change until then. Shared memory is not copied. */
  async take(bytes: Uint8Array): Promise<void> {
    if (!this.#isOver) await this.#thread.ask("take", this.#stream, { names: this.#names, bytes });
  }

  /** Of what was taken so far; undefined when the thread was lost. */
  async digest(name: HashName): Promise<string | undefined> {
    const digest = this.#isOver ? undefined : await this.#thread.ask("digest", this.#stream, name);
    return typeof digest === "string" ? digest : undefined;
  }

  /** Reads pieces again. @returns whether they are unchanged; undefined when the thread was lost */
  async isStill(fd: number, pieces: readonly Piece[]): Promise<boolean | undefined> {
    const isSame = await this.#thread.ask("look", this.#stream, { fd, pieces });
    return typeof isSame === "boolean" ? isSame : undefined;
  }

  /** Resolves when the thread has ended, or has forgotten this file. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const thread = this.#thread;
    thread.users--;
    if (thread.users > 0) return void (await thread.ask("forget", this.#stream));
    if (running === thread) running = undefined;
    await thread.end();
  }
}
