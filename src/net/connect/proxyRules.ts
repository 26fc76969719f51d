/** Which proxy a request goes through. Pure; VS Code's rules and order: exceptions, the setting, the environment. */
import { BlockList, isIP } from "node:net";
import { FreightError } from "../../base/errors.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { noted } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";

export interface ProxySettings {
  /** False (`http.proxySupport: off`) sends everything direct, whatever the environment says. */
  readonly enabled: boolean;
  /** `http.proxy`; empty when none is set. */
  readonly proxy: string;
  /** `http.noProxy`; when it names anything, `NO_PROXY` does not count. */
  readonly noProxy: readonly string[];
  /** `http.proxyAuthorization`: the whole header's value. Empty: what the proxy's address carries. */
  readonly proxyAuthorization: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface FoundProxy {
  /** As somebody wrote it: it may carry a password. */
  readonly address: string;
  /** Who says so, for people. */
  readonly source: string;
}

/** A proxy as it is used. */
export interface ProxyServer {
  readonly kind: "http" | "https" | "socks";
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Host, port, and who named it, for people; no password. */
  readonly name: string;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
  /** Who signs in, as the address says it; all that SOCKS knows. */
  readonly user: { readonly name: string; readonly password: string } | undefined;
}

const KINDS: Readonly<Record<string, readonly [kind: ProxyServer["kind"], port: number]>> = {
  "http:": ["http", 80],
  "https:": ["https", 443],
  "socks:": ["socks", 1080],
  "socks5:": ["socks", 1080],
  "socks5h:": ["socks", 1080],
};

/** Also as it is often mistyped: `http:/proxy`, `http//proxy`. */
const SCHEME = /^(?:(https?|socks5?h?):?[/\\]+|([a-z][a-z0-9+.-]*):[/\\]{2})/i;
/** As scripts for proxies say it: `PROXY host:8080; DIRECT`. */
const SCRIPT = /^(PROXY|HTTPS?|SOCKS[45]?)\s+([^\s;]+)/i;
/** What stands around an address that was copied out of a script or a page. */
const AROUND = /^(?:(?:export|set|setx)\s+|\$env:)|^["'“”‘’<]+|["'“”‘’>]+$/gi;

/** One without a scheme (“proxy.example:3128”), as the variables often have it, is http. */
function proxyAddress(written: string): string {
  const text = withoutHidden(written).trim().replace(AROUND, "").trim();
  const [, says = "", host] = SCRIPT.exec(text) ?? [];
  if (host !== undefined && !/^\d+$/.test(host))
    return `${/^proxy$/i.test(says) ? "http" : says.toLowerCase()}://${host}`;
  if (/^DIRECT;?$/i.test(text)) return ""; // The name of no proxy.
  const own = oneOf(text).replace(AROUND, "");
  const scheme = SCHEME.exec(own);
  const rest = scheme === null ? own : own.slice(scheme[0].length);
  // Nothing behind the host has a sign like it, and passwords may.
  const at = rest.lastIndexOf("@");
  const signIn = at === -1 ? "" : `${encoded(rest.slice(0, at))}@`;
  return `${scheme?.[1] ?? scheme?.[2] ?? "http"}://${signIn}${rest.slice(at + 1).normalize("NFKC")}`;
}

/**
 * Of a list as Windows keeps it the one for https, or else for http, or for everything (`http=a:80;https=b:80`), or the first
 * (`a:80;b:80`); nothing where it has none of these.
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

/** Who signs in may be `DOMAIN\name`, and have any sign in the password; the first colon divides the two. */
function encoded(signIn: string): string {
  return signIn.replace(/%(?![\da-f]{2})|[^\w%:.~!$&'()*+,;=-]/gi, (sign) => encodeURIComponent(sign));
}

/** “unsaid”: neither the settings nor the environment say anything, so the system may. */
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
 * Takes a proxy's address apart, see `proxyAddress`.
 * @throws FreightError `proxy-unusable` when it is no address of a proxy that we can speak to
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
    return text; // A lone “%” that nobody encoded: it is meant as it stands.
  }
}

function first(env: Environment, names: readonly string[]): { name: string; value: string } | undefined {
  for (const name of names) {
    const value = env[name]?.trim();
    if (value) return { name, value };
  }
  return undefined;
}

/** A host name as rules name it: without brackets, and without the dot that ends a full name. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$|\.$/g, "").toLowerCase();
}

const THIS_MACHINE = new BlockList();
THIS_MACHINE.addSubnet("127.0.0.0", 8);
THIS_MACHINE.addAddress("::1", "ipv6");

/** A proxy would look for it on its own machine. */
function isOnThisMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || contains(THIS_MACHINE, host);
}

function contains(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? "ipv6" : "ipv4");
}

/** `name`, `.name` and `*.name` stand for the name and all below it; with `:port` for this port only. */
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
