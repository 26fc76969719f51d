/** Receives the answer of one sign-in, which the system's browser brings back to this machine. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Disposable } from "../base/lifecycle.ts";
import { locale, t } from "../shared/l10n.ts";

export interface LoopbackListenerOptions {
  readonly port: number;
  /** The path of the registered redirect address. */
  readonly path: string;
  /**
   * Given the query of each answer.
   * @returns false for one that belongs to something else: it is refused, and the listener waits on
   */
  readonly take: (answer: URLSearchParams) => boolean;
}

/** Both, because a browser may take "localhost" for either. */
const ADDRESSES = ["127.0.0.1", "::1"] as const;
/** Where the browser ends up: an address without the code, which would otherwise stay in its history. */
const DONE = "/done";
/** How long a browser may take to load that page. */
const LAST_PAGE_MS = 5_000;

export class LoopbackListener implements Disposable {
  readonly #options: LoopbackListenerOptions;
  readonly #servers: Server[] = [];
  /** The browser was redirected to the last page and has not asked for it yet. */
  #isAwaited = false;
  #closing: NodeJS.Timeout | undefined;

  private constructor(options: LoopbackListenerOptions) {
    this.#options = options;
  }

  /** @throws Error when the port is taken: the answer could then go to another program */
  static async open(options: LoopbackListenerOptions): Promise<LoopbackListener> {
    const listener = new LoopbackListener(options);
    try {
      for (const address of ADDRESSES) await listener.#listen(address);
    } catch (reason) {
      listener.dispose();
      throw reason;
    }
    return listener;
  }

  /** Stops listening, but still serves the last page to a browser that was redirected to it. */
  dispose(): void {
    if (!this.#isAwaited) this.#close();
    else this.#closing ??= setTimeout(() => this.#close(), LAST_PAGE_MS).unref();
  }

  #close(): void {
    clearTimeout(this.#closing);
    for (const server of this.#servers) server.close();
  }

  async #listen(host: string): Promise<void> {
    const { port } = this.#options;
    const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) =>
      this.#answer(request, response),
    );
    await new Promise<void>((resolve, reject) => {
      server.once("error", (reason: NodeJS.ErrnoException) => {
        // Some machines have no IPv6.
        if (host === "::1" && /^E(ADDRNOTAVAIL|AFNOSUPPORT|INVAL)$/.test(reason.code ?? "")) resolve();
        else reject(reason);
      });
      server.listen({ port, host, exclusive: true }, resolve);
    });
    if (server.listening) this.#servers.push(server);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { port, path, take } = this.#options;
    response.setHeader("Connection", "close");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    const here = new RegExp(`^(localhost|127\\.0\\.0\\.1|\\[::1\\]):${port}$`, "i");
    const url = URL.parse(`http://localhost${request.url}`);
    if (request.method !== "GET" || url === null || !here.test(request.headers.host ?? ""))
      page(response, 404, t("There is nothing here."));
    else if (url.pathname === DONE) {
      this.#isAwaited = false;
      if (this.#closing !== undefined) this.#close();
      page(response, 200, t("Go back to Visual Studio Code. You can close this page."));
    } else if (url.pathname !== path) page(response, 404, t("There is nothing here."));
    else if (take(url.searchParams)) {
      this.#isAwaited = true;
      response.writeHead(303, { Location: DONE }).end();
    } else
      page(
        response,
        400,
        t("This belongs to another sign-in. Go back to Visual Studio Code and begin again."),
      );
  }
}

const HEAD = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Freight Mail</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem;text-align:center}</style>`;

function page(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { "Content-Type": "text/html; charset=utf-8" })
    .end(`<!DOCTYPE html><html lang="${locale()}">${HEAD}<h1>Freight Mail</h1><p>${text}</p></html>`);
}
