/** One HTTP request: bounded in time and size, cancellable, with typed failures. Knows no service. */
import type { Readable } from "node:stream";
import type { Agent } from "undici";
import { errorsOf, FreightError, isCancellation } from "../base/errors.ts";
import type { Disposable } from "../base/lifecycle.ts";
import { t } from "../shared/l10n.ts";
import { DIRECT, Dialler, type Network } from "./connect/dialler.ts";
import { transportError } from "./connect/failures.ts";
import { withoutEcho } from "./echo.ts";
import { orAborted } from "./orAborted.ts";
import { gated } from "./requestGate.ts";
import { Watchdog } from "./watchdog.ts";

/** A body that is read while it is sent. A retry needs a new one. */
export interface StreamBody {
  /** Exactly the bytes that `chunks` yields. */
  readonly length: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "PATCH";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is: the same string means the same bytes on every try. */
  readonly body?: string | StreamBody;
  /** How long the answer may take to begin once the last byte was sent, and again to its end. */
  readonly timeoutMs: number;
  /** How many bytes of the request the answer may repeat (default: all of a string, none of a stream). */
  readonly echoedBytes?: number;
  /** How many bytes the answer may have beyond those (default: `MAX_ANSWER_BYTES`). */
  readonly ownBytes?: number;
  /** A 2xx counts even when its body breaks off or never ends; `text` is then what could be read. */
  readonly statusCounts?: boolean;
  /**
   * Called with the address of a new direct connection before anything is sent on it; throws to refuse it.
   * From then on it applies to all connections to the same origin.
   */
  readonly checkAddress?: (address: string) => void;
  readonly signal: AbortSignal;
  /**
   * Called when a connection takes the request, in the same turn of the event loop and before the first byte
   * leaves. If it throws, nothing is sent, and `send` throws the same.
   */
  readonly gate?: (() => void) | undefined;
  /** The answer may quote parts of the request's address (default: they count as secrets and are removed). */
  readonly mayQuote?: boolean;
}

/** What a call of a service's API may ask for. */
export type ServiceCall = Partial<
  Pick<HttpRequest, "body" | "timeoutMs" | "echoedBytes" | "ownBytes" | "statusCounts" | "gate">
>;

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly requestId: string | undefined;
  /** Milliseconds since the epoch, by our clock. */
  readonly receivedAt: number;
}

/** Sends requests. `HttpLine` does so over the network; tests may script it. */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
}

/**
 * No genuine answer is larger than this, not counting what it repeats of the request: the largest, a page of
 * 200 grants, is about 200 KB. Lists of what people wrote are the exception (`ownBytes`).
 */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
/** JSON may write any byte as `\u00XX`: Go does so with `<`, `>` and `&`, others with all but ASCII. */
const ESCAPED_BYTES = 6;
/** Safely below V8's limit for the length of a string. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;
/** Interim answers (status 1xx); these services send none. */
const MAX_HINTS = 20;
/** A request id is a UUID or a little longer. The rest of anything longer is cut off. */
const MAX_REQUEST_ID = 200;
/** Connecting includes TLS. */
const CONNECT_TIMEOUT_MS = 10_000;
/** If a streamed body is not read on for this long, the connection is dead, whatever the socket says. */
const STALL_MS = 60_000;
/** Long enough to keep the connection through a short backoff. */
const KEEP_ALIVE_MS = 30_000;

export interface HttpLineOptions {
  /** 1 keeps all requests on one warm connection, in order, as uploads need (default: no limit). */
  readonly connections?: number;
  readonly stallMs?: number;
  /** For connecting, including TLS. */
  readonly connectMs?: number;
  /** Asked before each request, so that a changed setting applies to the next one (default: direct). */
  readonly network?: () => Network;
  readonly now?: () => number;
}

/** The connections of one upload, or of all JSON calls. Disposing closes them, whatever is under way. */
export class HttpLine implements Http, Disposable {
  readonly #options: HttpLineOptions;
  #current: Outlet | undefined;
  readonly #outlets = new Set<Outlet>();
  /** By origin. */
  readonly #addressChecks = new Map<string, (address: string) => void>();
  #disposed = false;

  constructor(options: HttpLineOptions = {}) {
    this.#options = options;
  }

  /**
   * @throws FreightError `network`, `offline`, `timeout`, `certificate`, `proxy-auth` or `proxy-unusable`
   * when no answer came, `bad-answer` when it was too large; the body's own error when reading it failed; an
   * AbortError when `signal` was aborted. Any status is an answer, unless it is a proxy's.
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    request.signal.throwIfAborted();
    const now = this.#options.now ?? Date.now;
    const { host, origin } = new URL(request.url);
    if (request.checkAddress !== undefined) this.#addressChecks.set(origin, request.checkAddress);
    const watch = new Watchdog(request.signal, this.#options.stallMs ?? STALL_MS);
    let hints = 0;
    let kept: { readonly reason: unknown } | undefined;
    const gate = () => {
      try {
        request.gate?.();
      } catch (reason) {
        kept = { reason };
        throw reason;
      }
    };
    try {
      const agent = await this.#outlet().agent;
      const asked = (request.gate === undefined ? agent : gated(agent, gate)).request({
        origin,
        path: pathOf(request.url),
        method: request.method,
        headers: withLength(request),
        body:
          typeof request.body === "object"
            ? iterable(watch.over(request.body.chunks))
            : (request.body ?? null),
        headersTimeout: request.timeoutMs,
        bodyTimeout: request.timeoutMs,
        signal: watch.signal,
        // Each of these restarts undici's timeout for the headers.
        onInfo: () => {
          if (++hints > MAX_HINTS) watch.expect(0);
        },
      });
      // While it waits for a connection, undici only notes a cancellation and does not act on it.
      const response = await orAborted(asked, request.signal);
      // A byte now and then restarts undici's own timeout, so that an endless answer would never time out.
      watch.expect(request.timeoutMs);
      const mayBreakOff = request.statusCounts === true && isSuccess(response.statusCode);
      const text = withoutEcho(await readText(response.body, host, boundOf(request), mayBreakOff), request);
      request.signal.throwIfAborted();
      const headers = flatten(response.headers);
      const id = headers["x-request-id"] ?? headers["request-id"] ?? headers["x-guploader-uploadid"];
      return {
        status: response.statusCode,
        headers,
        text,
        requestId: id === undefined ? undefined : withoutEcho(id, request).slice(0, MAX_REQUEST_ID),
        receivedAt: now(),
      };
    } catch (reason) {
      if (kept !== undefined) throw kept.reason;
      if (request.signal.aborted) throw cancellation(request.signal);
      const failure = errorsOf({ cause: reason, mayHaveActed: true });
      if (watch.overdue) throw failure("timeout", t("The answer from {0} took too long.", host));
      if (watch.stalled)
        throw failure("timeout", t("The connection to {0} made no progress for a minute.", host));
      throw transportError(reason, host);
    } finally {
      watch.dispose();
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const { close } of this.#outlets) close();
    this.#outlets.clear();
    this.#current = undefined;
  }

  /** The connections for the current settings; those for earlier settings close after their last request. */
  #outlet(): Outlet {
    const network = this.#options.network?.() ?? DIRECT;
    const key = JSON.stringify(network.settings);
    if (this.#current?.key === key) return this.#current;
    const old = this.#current;
    void old?.agent.then((agent) => agent.close()).finally(() => this.#outlets.delete(old));
    this.#current = this.#open(key, network);
    this.#outlets.add(this.#current);
    return this.#current;
  }

  #open(key: string, network: Network): Outlet {
    const ended = new AbortController();
    const opening = import("./connect/agent.ts").then(async (undici) => {
      const dialler = new Dialler(
        undici,
        network,
        this.#options.connectMs ?? CONNECT_TIMEOUT_MS,
        ended.signal,
        (origin, address) => this.#addressChecks.get(origin)?.(address),
      );
      const agent = new undici.Agent({
        connect: dialler.connect,
        // One request at a time on a connection: both services need the ranges of an upload in order.
        pipelining: 1,
        allowH2: false,
        keepAliveTimeout: KEEP_ALIVE_MS,
        ...(this.#options.connections === undefined ? {} : { connections: this.#options.connections }),
      });
      if (this.#disposed) await agent.destroy();
      return agent;
    });
    const close = () => {
      ended.abort();
      void opening.then((agent) => agent.destroy());
    };
    return { key, agent: opening, close };
  }
}

/** The connections that were opened under the same settings. */
interface Outlet {
  readonly key: string;
  readonly agent: Promise<Agent>;
  /** Ends them, and whatever is under way on them. */
  readonly close: () => void;
}

/**
 * Everything after the origin exactly as given: upload URLs are opaque, and `URL` would encode their quotes
 * differently. Only a URL with characters that no request line can carry is encoded.
 */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  const raw = /^[a-z]+:\/\/[^/?#]*([^#]*)/i.exec(url)?.[1] ?? "";
  return raw.startsWith("/") && /^[\x21-\x7e]*$/.test(raw) ? raw : pathname + search;
}

/** undici sends any async iterable, as its documentation says; its types name only Node's streams. */
function iterable(chunks: AsyncIterable<Uint8Array>): Readable {
  return chunks as Readable;
}

function withLength(request: HttpRequest): Record<string, string> {
  if (typeof request.body !== "object") return { ...request.headers };
  return { ...request.headers, "content-length": String(request.body.length) };
}

const isSuccess = (status: number) => status >= 200 && status <= 299;

/** How many bytes the answer may have, which grows with what it may repeat. */
function boundOf({ body, echoedBytes, ownBytes = MAX_ANSWER_BYTES }: HttpRequest): number {
  const echoed = echoedBytes ?? (typeof body === "string" ? Buffer.byteLength(body) : 0);
  return Math.min(MAX_TEXT_BYTES, ownBytes + ESCAPED_BYTES * echoed);
}

/** @param mayBreakOff whether what could be read is enough, whatever happened to the rest */
async function readText(
  body: AsyncIterable<Uint8Array>,
  host: string,
  maxBytes: number,
  mayBreakOff: boolean,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBytes)
        throw new FreightError("bad-answer", t("The answer from {0} is too large to be genuine.", host), {
          mayHaveActed: true,
          remedy: "showLog",
        });
      chunks.push(chunk);
    }
  } catch (reason) {
    if (!mayBreakOff) throw reason;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  return flat;
}

/** The AbortError of a signal, even if it was aborted for another reason. */
export function cancellation(signal: AbortSignal): unknown {
  return isCancellation(signal.reason) ? signal.reason : new DOMException("Cancelled", "AbortError");
}
