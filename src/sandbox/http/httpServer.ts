/**
 * One origin: leads requests past the faults to their service, and the answers back. Decides to which `Host` it
 * answers, on which port, and how many requests are remembered.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Clock } from "../base/clock.ts";
import { Exchange, type RequestRecord } from "./exchange.ts";
import { ConnectionLost, Refused } from "./faultInjection.ts";
import type { Faults } from "./faults.ts";
import { refusedReply, type Service } from "./service.ts";

/** How many requests are remembered. A practice mailbox may run for weeks; a test needs a few hundred. */
const keptRequests = 10_000;

export class HttpServer {
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #requests: RequestRecord[];
  readonly #server: Server;
  readonly #scheme: "http" | "https";
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #serviceFor: ((path: string) => Service) | undefined;

  /** With `tls` it uses https. */
  constructor(parts: {
    clock: Clock;
    faults: Faults;
    requests: RequestRecord[];
    tls?: { key: string; cert: string } | undefined;
  }) {
    this.#clock = parts.clock;
    this.#faults = parts.faults;
    this.#requests = parts.requests;
    this.#scheme = parts.tls ? "https" : "http";
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      const done = this.#serve(request, response).finally(() => this.#running.delete(done));
      this.#running.add(done);
    };
    // A slow upload may take longer than Node's five minutes for a request.
    const patience = { requestTimeout: 0, keepAliveTimeout: 60_000 };
    this.#server = parts.tls
      ? createTlsServer({ ...patience, ...parts.tls }, serve)
      : createServer(patience, serve);
  }

  get origin(): string {
    const address = this.#server.address();
    return address !== null && typeof address === "object"
      ? `${this.#scheme}://127.0.0.1:${address.port}`
      : "";
  }

  serve(serviceFor: (path: string) => Service): void {
    this.#serviceFor = serviceFor;
  }

  /** Listens on `port`; without one, on `preferred` if it is free, otherwise on any. @returns the port */
  async listen(port: number | undefined, preferred: number | undefined): Promise<number> {
    const attempt = (number: number) =>
      new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject);
        this.#server.listen(number, "127.0.0.1", () => {
          this.#server.off("error", reject);
          resolve();
        });
      });
    await attempt(port ?? preferred ?? 0).catch((reason: unknown) => {
      if (port !== undefined || preferred === undefined) throw reason;
      return attempt(0);
    });
    return Number(new URL(this.origin).port);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    await Promise.all(this.#running);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    const service = this.#serviceFor?.(path.split("?", 1)[0] ?? "");
    if (!service) return;
    const record: RequestRecord = {
      number: (this.#requests.at(-1)?.number ?? 0) + 1,
      service: service.name,
      step: undefined,
      method: request.method ?? "",
      path,
      headers: request.headers,
      startedAt: this.#clock.now(),
      bytesReceived: 0,
      status: undefined,
      range: undefined,
      fault: undefined,
      endedAt: undefined,
    };
    const exchange = new Exchange(request, response, {
      record,
      clock: this.#clock,
      closing: this.#closing.signal,
    });
    record.step = service.stepOf(exchange);
    exchange.faultInjection = this.#faults.faultInjection(record.step);
    // Requests about the sandbox itself are not traffic.
    if (!["control", "outbox", "neighbour"].includes(service.name)) this.#requests.push(record);
    if (this.#requests.length > keptRequests) this.#requests.shift();
    try {
      await this.#answer(service, exchange);
    } catch (reason) {
      exchange.drop();
      if (!(reason instanceof ConnectionLost || exchange.gone.aborted)) complain(reason);
    } finally {
      record.fault = exchange.faultInjection.struck?.fault;
      record.endedAt = this.#clock.now();
      exchange.faultInjection.end();
    }
  }

  async #answer(service: Service, exchange: Exchange): Promise<void> {
    try {
      // A web page whose host name was made to point here (DNS rebinding).
      if (!isHere(exchange.header("host")))
        return await exchange.answer(
          service.refusal(421, "The practice mailbox answers on this machine only"),
        );
      await exchange.faultInjection.beforeBody(exchange.gone);
      const reply = await service.handle(exchange);
      await exchange.answer(
        { ...reply, print: (json) => service.print?.(json) ?? JSON.stringify(json) },
        await exchange.faultInjection.beforeReply(exchange.gone),
      );
    } catch (reason) {
      if (reason instanceof ConnectionLost || exchange.gone.aborted) throw reason;
      if (reason instanceof Refused) return exchange.answer(refusedReply(service, reason.fault));
      complain(reason);
      return exchange.answer(service.refusal(500, "The practice mailbox has failed; its output says how"));
    }
  }
}

/**
 * Whether a `Host` header names this machine, with any port: VS Code forwards that of a remote window. The
 * last three belong to the company network that tests build, and to nobody on the internet (RFC 6761).
 */
function isHere(host: string | undefined): boolean {
  return /^(localhost|\[::1\]|127(\.\d{1,3}){3}|(mail|storage|plain)\.test)(:\d+)?$/i.test(host ?? "");
}

/** Reports a failure of the sandbox itself, which its user should hear of. */
function complain(reason: unknown): void {
  process.stderr.write(`${reason instanceof Error ? (reason.stack ?? reason.message) : reason}\n`);
}
