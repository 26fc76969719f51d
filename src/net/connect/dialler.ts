/** Opens a line's connections: directly, or through the proxy that the settings name for the destination. */
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { buildConnector } from "undici";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import type * as Undici from "./agent.ts";
import { TLS_RULES, trust } from "./certificates.ts";
import { transportError } from "./failures.ts";
import {
  type Environment,
  findProxy,
  type ProxyServer,
  type ProxySettings,
  readProxy,
} from "./proxyRules.ts";
import { openTunnel } from "./tunnel.ts";

export interface NetworkSettings extends ProxySettings {
  /**
   * `http.proxyStrictSSL`: whether the certificate of the proxy itself is checked, which is what VS Code
   * means by it. The service's certificate is always checked: nobody wants to let a stranger read the mail.
   */
  readonly strictSSL: boolean;
  /** `http.systemCertificates`: trust the system's authorities besides Node's and `NODE_EXTRA_CA_CERTS`. */
  readonly systemCertificates: boolean;
}

/** What the editor and the machine say about how to reach the network. */
export interface Network {
  readonly settings: NetworkSettings;
  readonly env: Environment;
  /** The system's proxy (from a PAC file, say), asked for when settings and environment name none. */
  readonly systemProxy?: (url: string) => Promise<string | undefined>;
  /** Which certificates TLS trusts (default: as `systemCertificates` says). */
  readonly trusted?: () => Promise<SecureContext | undefined>;
}

/** Always a direct connection, with Node's own certificates. */
export const DIRECT: Network = {
  settings: {
    enabled: false,
    proxy: "",
    noProxy: [],
    proxyAuthorization: "",
    strictSSL: true,
    systemCertificates: false,
  },
  env: {},
};

export class Dialler {
  readonly #undici: typeof Undici;
  readonly #network: Network;
  readonly #timeoutMs: number;
  readonly #ended: AbortSignal;
  readonly #checkAddress: (origin: string, address: string) => void;
  /** One for all connections: it remembers TLS sessions. */
  #connector: Promise<buildConnector.connector> | undefined;

  /**
   * @param timeoutMs for connecting, including TLS; a proxy gets as much again for its answer
   * @param ended ends tunnels that are being opened; open ones belong to whoever asked for them
   * @param checkAddress throws to refuse the address that a name has led to
   */
  constructor(
    undici: typeof Undici,
    network: Network,
    timeoutMs: number,
    ended: AbortSignal,
    checkAddress: (origin: string, address: string) => void,
  ) {
    this.#undici = undici;
    this.#network = network;
    this.#timeoutMs = timeoutMs;
    this.#ended = ended;
    this.#checkAddress = checkAddress;
  }

  /** undici's `connect` option. */
  readonly connect: buildConnector.connector = (options, callback) => {
    this.#dial(options).then(
      (socket) => callback(null, socket),
      (reason: unknown) => callback(reason instanceof Error ? reason : new Error(String(reason)), null),
    );
  };

  async #dial(options: buildConnector.Options) {
    const url = new URL(`${options.protocol}//${options.host ?? options.hostname}`);
    const proxy = await this.#proxyFor(url);
    const host = options.host ?? options.hostname;
    if (proxy === undefined) return this.#checked(await this.#open(options, host), url);
    const socket = await openTunnel(this.#undici, {
      proxy,
      target: `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`,
      trusted: proxy.kind === "https" ? await this.#trusted() : undefined,
      strictSSL: this.#network.settings.strictSSL,
      timeoutMs: this.#timeoutMs,
      signal: this.#ended,
    });
    if (url.protocol === "http:") return socket;
    return this.#open({ ...options, httpSocket: socket }, t("{0} behind the proxy {1}", host, proxy.name));
  }

  #checked(socket: Socket, { origin }: URL): Socket {
    try {
      this.#checkAddress(origin, socket.remoteAddress ?? "");
      return socket;
    } catch (reason) {
      socket.destroy();
      throw reason;
    }
  }

  async #proxyFor(url: URL): Promise<ProxyServer | undefined> {
    const { settings, env, systemProxy } = this.#network;
    const found = findProxy(url, settings, env);
    if (found === "direct") return undefined;
    if (found !== "unsaid") return readProxy(found, settings.proxyAuthorization);
    const address = await this.#inTime(systemProxy?.(url.href));
    if (address === undefined || address === "") return undefined;
    return readProxy({ address, source: t("the system's proxy") }, settings.proxyAuthorization);
  }

  async #inTime<T>(asking: Promise<T> | undefined): Promise<T | undefined> {
    if (asking === undefined) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const late = () =>
        reject(
          new FreightError("network", t("The system took too long to say which proxy to use."), {
            remedy: "retry",
          }),
        );
      timer = setTimeout(late, this.#timeoutMs);
    });
    try {
      return await Promise.race([asking, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A connection to the service, direct or inside a tunnel. @param name the service's host for people */
  async #open(options: buildConnector.Options, name: string) {
    const secure = options.protocol === "https:";
    // Reading the certificates may take a while: spare those who need none.
    const connector = secure ? await this.#secureConnector() : this.#build(undefined);
    return new Promise<Socket>((resolve, reject) =>
      connector(options, (...[error, socket]) =>
        error === null ? resolve(socket) : reject(transportError(error, name, true)),
      ),
    );
  }

  #trusted(): Promise<SecureContext | undefined> {
    const { trusted, settings } = this.#network;
    return trusted === undefined ? trust(settings.systemCertificates) : trusted();
  }

  #secureConnector(): Promise<buildConnector.connector> {
    this.#connector ??= this.#trusted().then((trusted) => this.#build(trusted));
    return this.#connector;
  }

  #build(trusted: SecureContext | undefined): buildConnector.connector {
    return this.#undici.buildConnector({
      timeout: this.#timeoutMs,
      // HTTP/2's flow control slows a long upload down (0.74 to 0.93 of HTTP/1.1 at 100 ms).
      allowH2: false,
      ...TLS_RULES,
      ...(trusted === undefined ? {} : { secureContext: trusted }),
    });
  }
}
