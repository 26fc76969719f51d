/** What every table needs: the sink, the file, our engine, temporary space, and an end to all of it. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildEngines, type Hashing } from "./build.ts";
import type { Cuts, SinkOrder, SinkReady, SinkReport } from "./sink.ts";

export interface BenchOptions {
  readonly fileBytes: number;
  readonly repetitions: number;
  readonly isQuick: boolean;
}

/** Nylas takes up to 150 MiB. */
export const FULL_BYTES = 157_286_400;
const MiB = 1024 * 1024;

export class Bench {
  readonly options: BenchOptions;
  readonly folder: string;
  readonly engines: Readonly<Record<Hashing, string>>;
  /** A file of `options.fileBytes`. */
  readonly file: string;
  readonly certificateFile: string;
  readonly #sink: ChildProcess;
  readonly #ready: SinkReady;
  readonly #children = new Set<ChildProcess>();
  #urls = 0;

  private constructor(
    options: BenchOptions,
    folder: string,
    engines: Bench["engines"],
    sink: ChildProcess,
    ready: SinkReady,
  ) {
    this.options = options;
    this.folder = folder;
    this.engines = engines;
    this.file = join(folder, "bench.bin");
    this.certificateFile = join(folder, "sink.pem");
    this.#sink = sink;
    this.#ready = ready;
    this.#children.add(sink);
  }

  static async start(options: BenchOptions): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), "freight-bench-"));
    try {
      const engines = await buildEngines(join(folder, "engines"));
      const sink = fork(join(import.meta.dirname, "sink.ts"));
      const ready: SinkReady = await nextMessage(sink);
      const bench = new Bench(options, folder, engines, sink, ready);
      await bench.makeFile(options.fileBytes, "bench.bin");
      await writeFile(bench.certificateFile, ready.certificate);
      return bench;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** A file of random bytes. */
  async makeFile(bytes: number, name: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(this.folder, { recursive: true });
    const file = await open(path, "w");
    for (let left = bytes; left > 0; left -= MiB) await file.write(randomBytes(Math.min(MiB, left)));
    await file.close();
    return path;
  }

  /** The port of the sink. */
  port(isSecure: boolean): number {
    return isSecure ? this.#ready.securePort : this.#ready.plainPort;
  }

  /** A new session's address. @param port where it is reached; unset, at the sink itself */
  url(protocol: "gcs" | "graph", isSecure: boolean, port = this.port(isSecure)): string {
    return `${isSecure ? "https" : "http"}://127.0.0.1:${port}/${protocol}/${this.#urls++}`;
  }

  readSink(): Promise<SinkReport> {
    return this.#order({ type: "read" });
  }

  cutConnections(cuts: Cuts | null): Promise<SinkReport> {
    return this.#order({ type: "cut", cuts });
  }

  /** A line to the sink with a bandwidth and a round trip. @returns its port, and its end */
  async line(isSecure: boolean, roundTripMs: number, bytesPerSecond: number) {
    const args = [this.port(isSecure), roundTripMs / 2, bytesPerSecond].map(String);
    const child = fork(join(import.meta.dirname, "line.ts"), args);
    this.#children.add(child);
    const port: number = await nextMessage(child);
    return { port, end: () => this.#end(child) };
  }

  async stop(): Promise<void> {
    for (const child of this.#children) await this.#end(child);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #order(order: SinkOrder): Promise<SinkReport> {
    const answer = nextMessage<SinkReport>(this.#sink);
    this.#sink.send(order);
    return answer;
  }

  async #end(child: ChildProcess): Promise<void> {
    this.#children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    await ended;
  }
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`A process of the benchmark ended (${code}).`));
    child.once("exit", onExit);
    child.once("message", (message: T) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}
