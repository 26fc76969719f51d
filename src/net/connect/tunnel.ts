/** A tunnel through a proxy to one host and port: `CONNECT`, for http as for https, or SOCKS. */
import { isIP, Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { FreightError } from "../../base/errors.ts";
import { listOf, t } from "../../shared/l10n.ts";
import type * as Undici from "./agent.ts";
import { TLS_RULES } from "./certificates.ts";
import { proxyFailure } from "./failures.ts";
import type { ProxyServer } from "./proxyRules.ts";
import { openSocks } from "./socks.ts";

export interface TunnelOptions {
  readonly proxy: ProxyServer;
  /** Host and port; an IPv6 address stands in brackets. */
  readonly target: string;
  readonly trusted: SecureContext | undefined;
  /** False accepts any certificate of the proxy; the service's own is still checked. */
  readonly strictSSL: boolean;
  /** For the connection to the proxy, and again for its answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** @throws FreightError that names the proxy; nothing has reached the service then */
export async function openTunnel(undici: typeof Undici, options: TunnelOptions): Promise<Socket> {
  if (options.proxy.kind === "socks") return openSocks(options);
  return openHttp(undici, options);
}

async function openHttp({ buildConnector, Client }: typeof Undici, options: TunnelOptions): Promise<Socket> {
  const { proxy, target, trusted, strictSSL, timeoutMs, signal } = options;
  const connect = buildConnector({
    timeout: timeoutMs,
    allowH2: false,
    ...TLS_RULES,
    rejectUnauthorized: strictSSL,
    ...(trusted === undefined ? {} : { secureContext: trusted }),
  });
  const client = new Client(
    `${proxy.kind}://${isIP(proxy.hostname) === 6 ? `[${proxy.hostname}]` : proxy.hostname}:${proxy.port}`,
    {
      allowH2: false,
      headersTimeout: timeoutMs,
      // The proxy's certificate must be for the proxy's own name; undici would take the name in the `host`
      // header, which is the service's.
      connect: (to, done) => connect({ ...to, servername: "" }, done),
    },
  );
  try {
    const { statusCode, headers, socket } = await client.connect({
      path: target,
      headers: {
        host: target,
        ...(proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization }),
      },
      signal,
    });
    if (statusCode >= 200 && statusCode < 300 && socket instanceof Socket) return socket;
    socket.on("error", () => {}).destroy();
    throw refusal(statusCode, headers["proxy-authenticate"], options);
  } catch (reason) {
    throw proxyFailure(reason, proxy.name);
  } finally {
    // The tunnel's socket no longer belongs to the client.
    void client.destroy();
  }
}

/** What the proxy said instead of opening the tunnel. Its status is not kept as if it were the service's. */
function refusal(
  status: number,
  challenges: string | readonly string[] | undefined,
  { proxy, target }: TunnelOptions,
): FreightError {
  if (status === 407)
    return new FreightError("proxy-auth", authSentence([challenges ?? []].flat(), proxy), {
      remedy: "openProxySettings",
    });
  const answered = new Error(`CONNECT was answered with ${status}`);
  if (status === 408 || status === 429 || status >= 500)
    return new FreightError(
      "network",
      t("The proxy {0} could not reach {1} (status {2}).", proxy.name, target, String(status)),
      { cause: answered, remedy: "retry" },
    );
  return new FreightError(
    "proxy-unusable",
    t(
      "The proxy {0} does not allow connections to {1} (status {2}). Your network administrator can allow it.",
      proxy.name,
      target,
      String(status),
    ),
    { cause: answered, remedy: "openProxySettings" },
  );
}

function authSentence(challenges: readonly string[], proxy: ProxyServer): string {
  const schemes = challenges.flatMap((text) => /^\s*([\w-]+)/.exec(text)?.[1] ?? []);
  if (schemes.length > 0 && !schemes.some((scheme) => scheme.toLowerCase() === "basic"))
    return t(
      "The proxy {0} needs a sign-in that Freight Mail does not support ({1}).",
      proxy.name,
      listOf(schemes),
    );
  if (proxy.authorization === undefined)
    return t(
      "The proxy {0} needs a user name and a password. They can be part of its address, before the host: name:password@.",
      proxy.name,
    );
  return t("The proxy {0} did not accept the user name and password.", proxy.name);
}
