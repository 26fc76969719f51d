/**
 * One request and its answer, with the fault layer between them and the service: how its body is read, how its reply is
 * written, and what is recorded of it.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../base/clock.ts";
import { ConnectionLost, FaultInjection, type Mangled } from "./faultInjection.ts";
import type { Step } from "./faultRules.ts";

/** What a test can find out about a request afterwards. */
export interface RequestRecord {
  readonly number: number;
  readonly service: string;
  step: Step | undefined;
  readonly method: string;
  /** With the query; that of an upload is a key, so only tests may see it. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly startedAt: number;
  /** Bytes of the body that were read from the connection. */
  bytesReceived: number;
  /** Undefined until something was answered, and for good if the connection was lost. */
  status: number | undefined;
  /** The answer's `Range`, if it had one. */
  range: string | undefined;
  /** Name of the fault that hit the request. */
  fault: string | undefined;
  /** Set when the request is over, one way or the other. */
  endedAt: number | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Turns `json` into text (default: `JSON.stringify`). */
  readonly print?: (json: unknown) => string;
  readonly text?: string;
  /** Path of a file that is the body. */
  readonly file?: string;
  /** A body that is made while it is sent. */
  readonly stream?: AsyncIterable<Buffer>;
  /** Only this part of the file; `end` is exclusive. */
  readonly slice?: { readonly first: number; readonly end: number };
}

export class Exchange {
  readonly url: URL;
  readonly record: RequestRecord;
  /** Aborts when the client has left, or when the exchange is over. */
  readonly gone: AbortSignal;
  /** The fault that may hit this request; none until the server has looked for one. */
  faultInjection = new FaultInjection();
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #closing: AbortSignal;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    context: { record: RequestRecord; clock: Clock; closing: AbortSignal },
  ) {
    this.#request = request;
    this.#response = response;
    this.record = context.record;
    this.#clock = context.clock;
    this.#closing = context.closing;
    // A client may put anything on its request line; what is not a path leads nowhere.
    const base = "http://127.0.0.1";
    this.url = URL.parse(context.record.path, base) ?? new URL(base);
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    this.gone = gone.signal;
  }

  get method(): string {
    return this.record.method;
  }

  /** The path's parts, percent-decoded; undefined when they do not decode. */
  get segments(): readonly string[] | undefined {
    try {
      return this.url.pathname.split("/").slice(1).map(decodeURIComponent);
    } catch {
      return undefined;
    }
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** `Content-Length`, when the client announced one. */
  get announcedBytes(): number | undefined {
    const value = this.header("content-length");
    return value === undefined ? undefined : Number(value);
  }

  /** The body as it arrives. Throws `ConnectionLost` when it breaks off. */
  async *body(): AsyncGenerator<Buffer> {
    try {
      for await (const piece of this.#request.iterator({ destroyOnReturn: false })) {
        const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
        for await (const passed of this.faultInjection.duringBody(
          bytes,
          this.record.bytesReceived,
          this.gone,
        )) {
          this.record.bytesReceived += passed.length;
          yield passed;
        }
      }
    } catch (reason) {
      if (this.#request.destroyed && !this.#request.complete) throw new ConnectionLost();
      throw reason;
    }
  }

  /** The whole body; undefined when it is longer than `limit`, in which case it is still read to its end. */
  async bytes(limit: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of this.body()) {
      length += piece.length;
      if (length <= limit) pieces.push(piece);
      else pieces.length = 0;
    }
    return length <= limit ? Buffer.concat(pieces) : undefined;
  }

  /** Runs the service's own work, with the faults that can strike before and after it. */
  async act(work: () => Promise<Reply>): Promise<Reply> {
    await this.faultInjection.beforeCommit(this.#closing);
    const reply = await work();
    this.faultInjection.afterCommit();
    return reply;
  }

  /** Resets the connection, so that the client sees no orderly end. */
  drop(): void {
    const { socket } = this.#request;
    // A connection that is ending cannot be reset: Node would keep it open for good. Over TLS, Node cannot
    // reset at all.
    if (socket.writableEnded || "encrypted" in socket) socket.destroy();
    else socket.resetAndDestroy();
  }

  async answer(reply: Reply, mangled?: Mangled): Promise<void> {
    const response = this.#response;
    response.sendDate = false;
    response.setHeader("Date", new Date(this.#clock.now()).toUTCString());
    // A sign-in page of the network has none of the service's headers.
    const headers = mangled?.fault === "htmlBody" ? {} : (reply.headers ?? {});
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.statusCode = (mangled && "status" in mangled ? mangled.status : undefined) ?? reply.status;
    this.record.range = reply.headers?.["Range"];
    this.record.status = response.statusCode;
    if (reply.stream !== undefined) {
      await pipeline(reply.stream, response);
      return;
    }
    if (reply.file !== undefined) {
      const { first, end } = reply.slice ?? { first: 0, end: (await stat(reply.file)).size };
      response.setHeader("Content-Length", end - first);
      if (this.method === "HEAD" || first === end) response.end();
      else await pipeline(createReadStream(reply.file, { start: first, end: end - 1 }), response);
      return;
    }
    const json = mangled?.fault === "otherBody" ? mangled.json : reply.json;
    const { print = JSON.stringify } = reply;
    let body = reply.text ?? (json === undefined ? "" : print(json));
    if (json !== undefined) response.setHeader("Content-Type", "application/json; charset=utf-8");
    if (mangled?.fault === "emptyBody") body = "";
    if (mangled?.fault === "htmlBody") {
      body = "<!DOCTYPE html><title>Please sign in</title><h1>Please sign in to this network</h1>";
      response.setHeader("Content-Type", "text/html; charset=utf-8");
    }
    const bytes = Buffer.from(body);
    response.setHeader("Content-Length", bytes.length);
    if (mangled?.fault === "truncatedBody") {
      const kept = bytes.subarray(0, mangled.bytes ?? Math.floor(bytes.length / 2));
      response.flushHeaders();
      // Ends the connection in an orderly way, so that the kept bytes arrive first.
      response.write(kept, () => this.#request.socket.end());
      return;
    }
    response.end(bytes);
    // The rest of the body must be read, or the next request on the connection would never be seen.
    this.#request.resume();
  }
}
