/**
 * A neutral storage in a process of its own: takes the bytes of Google's resumable uploads and of Graph's upload
 * sessions, counts them and throws them away. Started with `fork`; see `sinkClient.ts`.
 */
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import { makeSelfSigned } from "../../src/sandbox/base/selfSigned.ts";
import { type Head, RequestReader } from "./requestReader.ts";

/** When connections are cut, each at a random byte. */
export interface Cuts {
  readonly seed: number;
  /** This share of all connections, somewhere in their first `withinBytes`. */
  readonly share?: number;
  readonly withinBytes?: number;
  /** Each connection, with this chance in each MiB. */
  readonly perMiB?: number;
}

export type SinkOrder =
  | { readonly type: "read" }
  | { readonly type: "cut"; readonly cuts: Cuts | null }
  | { readonly type: "end" };

export interface SinkReport {
  /** Bytes of bodies that have arrived, whether they were kept or not. */
  readonly bytes: number;
  readonly cuts: number;
  /** Of the process so far. */
  readonly cpuSeconds: number;
}

export interface SinkReady {
  readonly plainPort: number;
  readonly securePort: number;
  readonly certificate: string;
}

const GRID = 256 * 1024;
const MiB = 1024 * 1024;
const READ_BYTES = MiB;
/** What each session has, by its path. */
const sessions = new Map<string, number>();
let bytes = 0;
let cutCount = 0;
let cuts: Cuts | null = null;
let random = mulberry32(1);

/** One request, from its head to its answer. */
class Exchange {
  readonly #head: Head;
  readonly #socket: Socket;
  readonly #began: number;
  readonly #range: RegExpExecArray | null;
  #stored: number;

  constructor(head: Head, socket: Socket) {
    this.#head = head;
    this.#socket = socket;
    this.#range = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(head.headers.get("content-range") ?? "");
    // Whoever puts without a range begins anew.
    const anew = head.method === "PUT" && this.#range === null ? 0 : sessions.get(head.path);
    const first = this.#range?.[1];
    this.#began = first === undefined ? (anew ?? 0) : Number(first);
    this.#stored = this.#began;
    if (head.headers.has("expect")) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
  }

  add(length: number): void {
    bytes += length;
    this.#stored += length;
  }

  /** The connection broke. A range of Graph counts as a whole or not at all; Google keeps what fits its grid. */
  breakOff(): void {
    const kept = Math.floor((this.#stored - this.#began) / GRID) * GRID;
    sessions.set(this.#head.path, this.#began + (this.#isGraph ? 0 : kept));
  }

  end(): void {
    const stored = this.#stored;
    sessions.set(this.#head.path, stored);
    const isComplete = this.#head.method === "PUT" && stored > 0 && stored === this.#total;
    const next = { nextExpectedRanges: [`${stored}-`] };
    if (this.#head.method !== "PUT") this.#answer("200 OK", "", next);
    else if (this.#isGraph)
      if (isComplete) this.#answer("201 Created", "Location: /Attachments('bench=')\r\n");
      else this.#answer("200 OK", "", next);
    else if (isComplete) this.#answer("200 OK", "", { kind: "storage#object", size: String(stored) });
    else this.#answer("308 Resume Incomplete", stored > 0 ? `Range: bytes=0-${stored - 1}\r\n` : "");
  }

  get #isGraph(): boolean {
    return this.#head.path.startsWith("/graph/");
  }

  /** The size of the whole file; undefined when nobody knows it yet. */
  get #total(): number | undefined {
    const [, , last, total] = this.#range ?? [];
    if (total === undefined) return this.#stored;
    if (total !== "*") return Number(total);
    return last === "*" ? this.#stored : undefined;
  }

  #answer(status: string, headers: string, json?: object): void {
    const body = json === undefined ? "" : JSON.stringify(json);
    const type = json === undefined ? "" : "Content-Type: application/json\r\n";
    // Where connections are cut, each upload has one of its own, whoever sends.
    const isLast = cuts !== null && status.startsWith("2") && this.#head.method === "PUT";
    this.#socket.write(
      `HTTP/1.1 ${status}\r\n${headers}${type}${isLast ? "Connection: close\r\n" : ""}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    if (isLast) this.#socket.end();
  }
}

/** How many bytes a new connection will live for. */
function lifeOf(rules: Cuts): number {
  if (rules.perMiB !== undefined) return (Math.log(1 - random()) / Math.log(1 - rules.perMiB)) * MiB;
  return random() < (rules.share ?? 0) ? random() * (rules.withinBytes ?? 0) : Number.POSITIVE_INFINITY;
}

/** @returns what takes the bytes that come */
function serve(socket: Socket): (bytes: Uint8Array, length: number) => void {
  let exchange: Exchange | undefined;
  const reader = new RequestReader({
    onHead: (head) => {
      exchange = new Exchange(head, socket);
    },
    onBody: (length) => exchange?.add(length),
    onEnd: () => {
      exchange?.end();
      exchange = undefined;
    },
  });
  let life = cuts === null ? Number.POSITIVE_INFINITY : lifeOf(cuts);
  socket.on("error", () => {});
  socket.on("end", () => socket.end());
  socket.on("close", () => exchange?.breakOff());
  return (chunk, length) => {
    if (socket.destroyed) return;
    reader.take(chunk, Math.min(length, Math.ceil(life)));
    life -= length;
    if (life > 0) return;
    cutCount++;
    socket.resetAndDestroy();
  };
}

/**
 * Reads into one buffer again and again. A socket that a server hands out cannot be told to (its public interface has
 * `onread` for outgoing connections only), so its handle is taken over by one that can.
 */
function onPlainConnection(given: Socket): void {
  const handle: unknown = Reflect.get(given, "_handle");
  let take: (bytes: Uint8Array, length: number) => void = () => {};
  const options = {
    handle,
    readable: true,
    writable: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (length: number, buffer: Uint8Array) => {
        take(buffer, length);
        return true;
      },
    },
  };
  const socket = new Socket(options);
  Reflect.set(given, "_handle", null);
  take = serve(socket);
  socket.read(0);
}

function onSecureConnection(socket: Socket): void {
  const take = serve(socket);
  socket.on("data", (chunk: Buffer) => take(chunk, chunk.length));
}

/** A small generator with a seed, so that the same bytes are cut in every run. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

function report(): SinkReport {
  const { user, system } = process.cpuUsage();
  return { bytes, cuts: cutCount, cpuSeconds: (user + system) / 1e6 };
}

process.on("message", (order: SinkOrder) => {
  if (order.type === "cut") {
    cuts = order.cuts;
    random = mulberry32(order.cuts?.seed ?? 1);
    cutCount = 0;
  }
  if (order.type === "end") process.exit();
  process.send?.(report());
});
process.on("disconnect", () => process.exit());

const { key, cert } = makeSelfSigned();
const plain = createServer({ pauseOnConnect: true, noDelay: true }, onPlainConnection);
const secure = createSecureServer(
  { key, cert, ciphers: "TLS_AES_128_GCM_SHA256", noDelay: true },
  onSecureConnection,
);
const ready: SinkReady = {
  plainPort: await listen(plain),
  securePort: await listen(secure),
  certificate: cert,
};
process.send?.(ready);
