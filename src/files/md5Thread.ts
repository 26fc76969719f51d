/**
 * The MD5 of a large file, taken beside its upload in a thread of its own, which reads the file itself. Of all that is
 * computed for an upload it takes the longest, and the storage tells it only at the end.
 */
import { Worker } from "node:worker_threads";

/** Below this a thread takes longer to begin than to hash. */
const LARGE_BYTES = 16 * 1024 * 1024;

const PROGRAM = `
const { parentPort, workerData: { path, bytes } } = require("node:worker_threads");
const { closeSync, constants, openSync, readSync } = require("node:fs");
const hash = require("node:crypto").createHash("md5");
const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
for (let at = 0; at < bytes; ) {
  const read = readSync(file, buffer, 0, Math.min(buffer.length, bytes - at), at);
  if (read === 0) throw new Error("It ends early.");
  hash.update(buffer.subarray(0, read));
  at += read;
}
closeSync(file);
parentPort.postMessage(hash.digest("base64"));
`;

export class Md5Thread {
  readonly #worker: Worker;
  readonly #digest: Promise<string | undefined>;

  constructor(path: string, bytes: number) {
    this.#worker = new Worker(PROGRAM, { eval: true, execArgv: [], workerData: { path, bytes } });
    this.#digest = new Promise((resolve) => {
      this.#worker
        .once("message", resolve)
        .once("error", () => resolve(undefined))
        .once("exit", () => resolve(undefined));
    });
  }

  /** A thread for a file that is worth one. @param bytes of the file */
  static forLarge(path: string, bytes: number, least = LARGE_BYTES): Md5Thread | undefined {
    return bytes < least ? undefined : new Md5Thread(path, bytes);
  }

  /** Base64; undefined when the file could not be read. */
  digest(): Promise<string | undefined> {
    return this.#digest;
  }

  /** Resolves when the thread is no more. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
