/** A company's network: the sandbox behind TLS of a private authority, at names that only the company's proxy knows. */
import { createSecureContext } from "node:tls";
import { DIRECT, type Network, type NetworkSettings } from "../../src/net/connect/dialler.ts";
import type { Environment } from "../../src/net/connect/proxyRules.ts";
import type { Http, HttpAnswer } from "../../src/net/http.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { Authority } from "./certificates.ts";
import { LocalProxy, type ProxyOptions, TlsFront } from "./proxyServer.ts";

const API = "https://mail.test";
const STORAGE = "https://storage.test";

interface Inside {
  readonly routes: ProxyOptions["routes"];
  readonly fronts: readonly TlsFront[];
  readonly storageOrigin: string;
}

export class Company {
  readonly authority: Authority;
  readonly proxy: LocalProxy;
  /** What its proxy knows, for another one. */
  readonly routes: ProxyOptions["routes"];
  readonly #fronts: readonly TlsFront[];
  readonly #storageOrigin: string;

  private constructor(authority: Authority, proxy: LocalProxy, inside: Inside) {
    this.authority = authority;
    this.proxy = proxy;
    this.routes = inside.routes;
    this.#fronts = inside.fronts;
    this.#storageOrigin = inside.storageOrigin;
  }

  static async start(
    { nylas, storageOrigin }: Sandbox,
    proxy: Pick<ProxyOptions, "credentials"> & { readonly secure?: boolean } = {},
  ): Promise<Company> {
    const authority = new Authority();
    const certificate = authority.issue("mail.test", "storage.test", "127.0.0.1");
    const port = (url: string) => Number(new URL(url).port);
    const api = await TlsFront.start(certificate, port(nylas.apiUri));
    const storage = await TlsFront.start(certificate, port(storageOrigin));
    const routes = {
      "mail.test:443": api.port,
      "storage.test:443": storage.port,
      "plain.test:80": port(nylas.apiUri),
    };
    const { secure = false, ...options } = proxy;
    const server = await LocalProxy.start({
      ...options,
      ...(secure ? { secure: certificate } : {}),
      routes,
    });
    return new Company(authority, server, { routes, fronts: [api, storage], storageOrigin });
  }

  /** Where the mail API is, for whoever goes through the proxy. */
  readonly apiUri = API;

  /** Leads uploads to the storage's name in the company, as the service would. */
  readonly between = (http: Http): Http => ({
    send: async (request) => {
      const answer = await http.send(request);
      return { ...answer, text: answer.text.replaceAll(this.#storageOrigin, STORAGE) };
    },
  });

  /** The way out of whoever believes the company's authority. */
  wayOut(settings: Partial<NetworkSettings> = {}, env: Environment = {}): Network {
    const trusted = Promise.resolve(createSecureContext({ ca: this.authority.cert }));
    return { ...wayOut(settings, env), trusted: () => trusted };
  }

  async close(): Promise<void> {
    await Promise.all([this.proxy, ...this.#fronts].map((server) => server.close()));
  }
}

/** The way out as the settings and the environment say; certificates are Node's own, unless said otherwise. */
export function wayOut(settings: Partial<NetworkSettings> = {}, env: Environment = {}): Network {
  return { settings: { ...DIRECT.settings, enabled: true, ...settings }, env };
}

/** One call of the mail API. */
export function askForGrants(http: Http, { nylas }: Sandbox, url = `${API}/v3/grants`): Promise<HttpAnswer> {
  const headers = { authorization: `Bearer ${nylas.apiKey}` };
  return http.send({ method: "GET", url, headers, timeoutMs: 5_000, signal: new AbortController().signal });
}
