/** A connection through a SOCKS 5 proxy (RFC 1928, RFC 1929), which resolves the host's name itself. */
import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import { proxyFailure } from "./failures.ts";
import type { ProxyServer } from "./proxyRules.ts";

export interface SocksOptions {
  readonly proxy: ProxyServer;
  /** Host and port; an IPv6 address stands in brackets. */
  readonly target: string;
  /** For connecting, signing in and the proxy's answer together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const VERSION = 5;
const NO_SIGN_IN = 0;
const PASSWORD = 2;
/** The status of a proxy that refuses by its rules: RFC 1928, section 6. */
const NOT_ALLOWED = 2;
/** Length of the address that ends an answer, by its type (IPv4, IPv6); a name states its own length. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };

/** @throws FreightError that names the proxy; nothing has reached the service then */
export async function openSocks({ proxy, target, timeoutMs, signal }: SocksOptions): Promise<Socket> {
  const socket = connect({ host: proxy.hostname, port: proxy.port, noDelay: true, keepAlive: true });
  socket.on("error", () => {}); // Whoever waits on the socket gets the error, too.
  const end = () =>
    socket.destroy(Object.assign(new Error("Nobody waits any more"), { code: "ECONNABORTED" }));
  const timer = setTimeout(
    () => socket.destroy(Object.assign(new Error("No answer in time"), { code: "ETIMEDOUT" })),
    timeoutMs,
  );
  signal.addEventListener("abort", end, { once: true });
  try {
    signal.throwIfAborted();
    await once(socket, "connect");
    await signIn(socket, proxy);
    await ask(socket, proxy, target);
    return socket;
  } catch (reason) {
    socket.destroy();
    throw proxyFailure(reason, proxy.name);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

async function signIn(socket: Socket, { user, name }: ProxyServer): Promise<void> {
  const methods = user === undefined ? [NO_SIGN_IN] : [NO_SIGN_IN, PASSWORD];
  socket.write(Buffer.of(VERSION, methods.length, ...methods));
  const [version, method] = await take(socket, 2);
  if (version !== VERSION)
    throw new FreightError("proxy-unusable", t("The server at {0} is not a SOCKS 5 proxy.", name), {
      remedy: "openProxySettings",
    });
  if (method === NO_SIGN_IN) return;
  if (method !== PASSWORD || user === undefined)
    throw authError(
      user === undefined
        ? t(
            "The proxy {0} needs a user name and a password. They can be part of its address, before the host: name:password@.",
            name,
          )
        : t("The proxy {0} needs a sign-in that Freight Mail does not support.", name),
    );
  socket.write(Buffer.concat([Buffer.of(1), prefixed(user.name), prefixed(user.password)]));
  const [, refused] = await take(socket, 2);
  if (refused !== 0) throw authError(t("The proxy {0} did not accept the user name and password.", name));
}

function authError(message: string): FreightError {
  return new FreightError("proxy-auth", message, { remedy: "openProxySettings" });
}

async function ask(socket: Socket, { name }: ProxyServer, target: string): Promise<void> {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  const request = Buffer.of(VERSION, 1, 0);
  socket.write(Buffer.concat([request, address(host), Buffer.of(Number(port) >> 8, Number(port) & 0xff)]));
  const [, refused, , kind = 0] = await take(socket, 4);
  if (refused !== 0)
    throw refused === NOT_ALLOWED
      ? new FreightError(
          "proxy-unusable",
          t("The proxy {0} does not allow connections to {1}.", name, target),
          { remedy: "openProxySettings" },
        )
      : new FreightError(
          "network",
          t("The proxy {0} could not reach {1} (SOCKS status {2}).", name, target, String(refused)),
          { remedy: "retry" },
        );
  const length = ADDRESS_BYTES[kind] ?? (await take(socket, 1))[0] ?? 0;
  await take(socket, length + 2); // The address that the proxy connects from; unused.
}

function address(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.of(1, ...host.split(".").map(Number));
  // An IPv6 address is sent as a name, too: a proxy that can connect to it can read it.
  return Buffer.concat([Buffer.of(3), prefixed(host)]);
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** Exactly the next `length` bytes; what follows stays in the socket. */
async function take(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes: unknown = socket.read(length);
    if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes;
    if (socket.destroyed || socket.readableEnded)
      throw socket.errored ?? Object.assign(new Error("It hung up"), { code: "ECONNRESET" });
    const heard = new AbortController();
    const { signal } = heard;
    try {
      await Promise.race([once(socket, "readable", { signal }), once(socket, "close", { signal })]);
    } finally {
      heard.abort();
    }
  }
}
