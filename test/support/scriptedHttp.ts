import assert from "node:assert/strict";
import type { Http, HttpAnswer, HttpRequest } from "../../src/net/http.ts";

/** A request as the wire would have seen it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What was sent: a text, or the bytes of a stream. */
  readonly body: string | Buffer | undefined;
  readonly timeoutMs: number;
}

/** What happens to one request: it is answered, or fails. A function sees the request first. */
export type Line = HttpAnswer | Error | ((request: SeenRequest) => HttpAnswer | Error);

/** Our clock when an answer of `answer` arrives. */
export const receivedAt = Date.UTC(2026, 3, 22, 18, 0, 0);

/** An answer as the service gives it: an object becomes JSON, a string stays what it is. */
export function answer(
  status: number,
  body: unknown = "",
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers, text, requestId: headers["x-request-id"], receivedAt };
}

/** Answers requests in the order of its script, and keeps what it saw. One request too many fails the test. */
export class ScriptedHttp implements Http {
  readonly seen: SeenRequest[] = [];
  readonly #script: Line[];

  constructor(...script: readonly Line[]) {
    this.#script = [...script];
  }

  /** True when every line of the script was met. */
  get isDone(): boolean {
    return this.#script.length === 0;
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    request.signal.throwIfAborted();
    request.gate?.();
    const { method, url, headers = {}, timeoutMs } = request;
    const seen = { method, url, headers, timeoutMs, body: await readBody(request) };
    this.seen.push(seen);
    const line = this.#script.shift();
    assert.ok(line, `no line in the script for ${method} ${url}`);
    const outcome = typeof line === "function" ? line(seen) : line;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }
}

async function readBody({ body }: HttpRequest): Promise<string | Buffer | undefined> {
  if (typeof body !== "object") return body;
  const chunks: Uint8Array[] = [];
  // Copied: the reader's buffers are used again.
  for await (const chunk of body.chunks) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
