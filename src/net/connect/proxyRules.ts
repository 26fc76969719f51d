/** Which proxy a request goes through. Pure; in VS Code's order: exceptions, the setting, the environment. */
import { BlockList, isIP } from "node:net";
import { FreightError } from "../../base/errors.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { noted } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";

export interface ProxySettings {
  /** False (`http.proxySupport: off`) connects directly, whatever the environment says. */
  readonly enabled: boolean;
  /** `http.proxy`; empty when none is set. */
  readonly proxy: string;
  /** `http.noProxy`; if it has any entry, `NO_PROXY` does not count. */
  readonly noProxy: readonly string[];
  /** `http.proxyAuthorization`: the header's whole value (default: the sign-in in the proxy's address). */
  readonly proxyAuthorization: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface FoundProxy {
  /** As it was written: it may contain a password. */
  readonly address: string;
  /** Where it comes from, for people. */
  readonly source: string;
}

/** A proxy's address, taken apart for use. */
export interface ProxyServer {
  readonly kind: "http" | "https" | "socks";
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Host, port and where it was set, for people; no password. */
  readonly name: string;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
  /** User and password from the address; the only sign-in that SOCKS has. */
  readonly user: { readonly name: string; readonly password: string } | undefined;
}

const KINDS: Readonly<Record<string, readonly [kind: ProxyServer["kind"], port: number]>> = {
  "http:": ["http", 80],
  "https:": ["https", 443],
  "socks:": ["socks", 1080],
  "socks5:": ["socks", 1080],
  "socks5h:": ["socks", 1080],
};

/** Includes common typing errors: `http:/proxy`, `http//proxy`. */
const SCHEME = /^(?:(https?|socks5?h?):?[/\\]+|([a-z][a-z0-9+.-]*):[/\\]{2})/i;
/** As PAC scripts write it: `PROXY host:8080; DIRECT`. */
const SCRIPT = /^(PROXY|HTTPS?|SOCKS[45]?)\s+([^\s;]+)/i;
/** What may surround an address that was copied from a script or a page. */
const AROUND = /^(?:(?:export|set|setx)\s+|\$env:)|^["'“”‘’<]+|["'“”‘’>]+$/gi;

/**
 * A proxy's address as a URL, however it was written. Without a scheme (“proxy.example:3128”, as variables
 * often have it) it is http.
 */
function proxyAddress(written: string): string {
  const text = withoutHidden(written).trim().replace(AROUND, "").trim();
  const [, says = "", host] = SCRIPT.exec(text) ?? [];
  if (host !== undefined && !/^\d+$/.test(host))
    return `${/^proxy$/i.test(says) ? "http" : says.toLowerCase()}://${host}`;
  if (/^DIRECT;?$/i.test(text)) return ""; // DIRECT means that there is no proxy.
  const own = oneOf(text).replace(AROUND, "");
  const scheme = SCHEME.exec(own);
  const rest = scheme === null ? own : own.slice(scheme[0].length);
  // The last @ ends the sign-in: nothing after the host contains one, but passwords may.
  const at = rest.lastIndexOf("@");
  const signIn = at === -1 ? "" : `${encoded(rest.slice(0, at))}@`;
  return `${scheme?.[1] ?? scheme?.[2] ?? "http"}://${signIn}${rest.slice(at + 1).normalize("NFKC")}`;
}

/**
 * The one address to use from a list as Windows stores it: the one for https, else for http, else for
 * everything (`http=a:80;https=b:80`); in a list without such names, the first (`a:80;b:80`). Empty when none
 * applies.
 */
function oneOf(text: string): string {
  const parts = text.split(/[;\s]+/);
  const named = (name: string) =>
    parts.map((part) => new RegExp(`^${name}(?:_proxy)?=(.+)`, "i").exec(part)?.[1]).find(Boolean);
  if (/^(?:https?|all|ftp|socks)(?:_proxy)?=/i.test(text)) {
    const socks = named("socks");
    return named("https") ?? named("http") ?? named("all") ?? (socks === undefined ? "" : `socks://${socks}`);
  }
  const [, host, port] = /^([^\s:;,@]+)\s*:?\s+(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined) return `${host}:${port}`;
  return text.includes("@") ? text : (text.split(/[;,\s]+/).find((part) => part !== "") ?? "");
}

/** A user may be `DOMAIN\name`, and a password may contain any character; the first colon separates them. */
function encoded(signIn: string): string {
  return signIn.replace(/%(?![\da-f]{2})|[^\w%:.~!$&'()*+,;=-]/gi, (sign) => encodeURIComponent(sign));
}

/** “unsaid”: neither the settings nor the environment name a proxy, but the system may. */
export function findProxy(
  { protocol, hostname, port }: URL,
  settings: ProxySettings,
  env: Environment,
): FoundProxy | "direct" | "unsaid" {
  const host = bare(hostname);
  if (!settings.enabled || isOnThisMachine(host)) return "direct";
  const exceptions = settings.noProxy.some((entry) => entry.trim() !== "")
    ? settings.noProxy
    : (first(env, ["no_proxy", "NO_PROXY"])?.value.split(/[\s,]+/) ?? []);
  const usedPort = port || (protocol === "https:" ? "443" : "80");
  if (exceptions.some((entry) => excepts(entry.trim().toLowerCase(), host, usedPort))) return "direct";
  if (settings.proxy.trim() !== "")
    return { address: settings.proxy.trim(), source: t("setting {0}", "http.proxy") };
  const ofHttps = protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : [];
  const found = first(env, [...ofHttps, "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]);
  return found === undefined ? "unsaid" : { address: found.value, source: t("variable {0}", found.name) };
}

/**
 * Takes a proxy's address apart; it may be written in any way that `proxyAddress` reads.
 * @throws FreightError `proxy-unusable` when it is not the address of a proxy that we can speak to
 */
export function readProxy({ address, source }: FoundProxy, authorization: string): ProxyServer {
  const text = proxyAddress(address);
  if (!URL.canParse(text)) throw unusable(t("The proxy's address ({0}) cannot be read.", source));
  const url = new URL(text);
  const name = noted(url.host, source);
  const [kind, usualPort = 0] = KINDS[url.protocol] ?? [];
  if (kind === undefined || url.hostname === "")
    throw unusable(
      t(
        "The proxy {0} uses {1}. Freight Mail can use http, https and SOCKS 5.",
        name,
        url.protocol.slice(0, -1),
      ),
    );
  const user =
    url.username === "" ? undefined : { name: decoded(url.username), password: decoded(url.password) };
  const own = user && `Basic ${Buffer.from(`${user.name}:${user.password}`).toString("base64")}`;
  return {
    kind,
    hostname: bare(url.hostname),
    port: url.port === "" ? usualPort : Number(url.port),
    name,
    authorization: authorization.trim() || own,
    user,
  };
}

function unusable(message: string): FreightError {
  return new FreightError("proxy-unusable", message, { remedy: "openProxySettings" });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A “%” that is not part of an encoding: it is meant literally.
  }
}

function first(env: Environment, names: readonly string[]): { name: string; value: string } | undefined {
  for (const name of names) {
    const value = env[name]?.trim();
    if (value) return { name, value };
  }
  return undefined;
}

/** A host name as rules write it: without brackets, and without the dot that ends a full name. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$|\.$/g, "").toLowerCase();
}

const THIS_MACHINE = new BlockList();
THIS_MACHINE.addSubnet("127.0.0.0", 8);
THIS_MACHINE.addAddress("::1", "ipv6");

/** Hosts that are this machine: a proxy would look for them on its own. */
function isOnThisMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || contains(THIS_MACHINE, host);
}

function contains(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? "ipv6" : "ipv4");
}

/**
 * Whether an entry of the exceptions covers a host. `name`, `.name` and `*.name` stand for the name and
 * everything below it; with `:port`, for this port only.
 */
function excepts(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry === "") return false;
  if (entry.includes("/")) return contains(subnet(entry), host);
  const [, bracketed, named = entry, ofPort] =
    isIP(entry) === 6 ? [] : (/^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? []);
  if (ofPort !== undefined && ofPort !== port) return false;
  const name = (bracketed ?? named).replace(/^\*?\./, "").replace(/\.$/, "");
  if (isIP(host) !== 0) return host === name;
  return name !== "" && (host === name || host.endsWith(`.${name}`));
}

/** The addresses of a CIDR entry; none when it is malformed. */
function subnet(entry: string): BlockList {
  const list = new BlockList();
  const [, network = "", bits = ""] = /^\[?([^\]/]*)\]?\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(network);
  if (family !== 0 && bits !== "" && Number(bits) <= (family === 6 ? 128 : 32))
    list.addSubnet(network, Number(bits), family === 6 ? "ipv6" : "ipv4");
  return list;
}
