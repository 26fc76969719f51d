/**
 * Where the bytes of a file may go. The service's answer contains the address; a hostile or broken service
 * must not make this machine write to itself, to its neighbours or to the metadata service of its cloud.
 *
 * - Only https: the certificate proves that the server owns the name, wherever the name leads.
 * - Never link-local addresses and cloud metadata services: no storage is there.
 * - This machine only when the API itself is on it, as the practice mailbox is.
 * - Private addresses not for the public services. A company's own gateway may well name a storage in its
 *   network.
 *
 * The same rules apply to the address that the name resolves to, which is checked before anything is sent.
 */
import { BlockList, isIP } from "node:net";
import { FreightError } from "../base/errors.ts";
import type { Http } from "../net/http.ts";
import { sentences, t } from "../shared/l10n.ts";

/** True for addresses that stay on this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

type Subnet = readonly [net: string, prefix: number];

/** `BlockList` also matches IPv4 addresses written as IPv6 (`::ffff:…`). */
function subnets(...nets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, isIP(net) === 6 ? "ipv6" : "ipv4");
  return list;
}

const THIS_MACHINE = subnets(["127.0.0.0", 8], ["0.0.0.0", 8], ["::1", 128], ["::", 128]);
/** Addresses with an IPv4 address inside, which a gateway of the network translates. RFC 6052 and 8215. */
const NAT64 = subnets(["64:ff9b::", 96], ["64:ff9b:1::", 48]);
const NO_STORAGE = subnets(
  ["169.254.0.0", 16],
  ["fe80::", 10],
  // Metadata beyond the link-local range: EC2, Google, Oracle and Scaleway on IPv6; Azure, Alibaba, Oracle.
  ["fd00:ec2::", 32],
  ["fd20:ce::254", 128],
  ["fd00:c1::a9fe:a9fe", 128],
  ["fd00:42::42", 128],
  ["168.63.129.16", 32],
  ["100.100.100.200", 32],
  // Includes the addresses that reveal a network's NAT64 prefix.
  ["192.0.0.0", 24],
  // Multicast and reserved addresses, and those around an IPv4 one (IPv4-compatible, SIIT, Teredo, 6to4).
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["ff00::", 8],
  ["100::", 64],
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["2001::", 23],
  ["2002::", 16],
);
const PRIVATE = subnets(
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["fc00::", 7],
  ["fec0::", 10],
);

const METADATA_NAME =
  /(^|\.)(metadata((\.[^.]+)*\.internal|\.goog|\.tencentyun\.com|\.packet\.net|\.platformequinix\.com|\.cloud\.ibm\.com)?|instance-data(\.[^.]+\.internal)?|rancher-metadata)$/;
/** What operating systems and container engines call the machine itself. */
const LOCAL_NAME =
  /(^|\.)localhost$|^(localhost6|ip6-localhost|ip6-loopback)$|^localhost6?\.localdomain6?$|^(host|gateway)\.[^.]+\.internal$/;
const PRIVATE_NAME = /^[^.]+$|\.(local|localdomain|internal|intranet|private|lan|home|corp|svc|home\.arpa)$/;
/** Nylas and Microsoft's clouds: their storage is on the internet. */
const PUBLIC_API = /(^|\.)(nylas\.com|microsoft\.com|microsoft\.us|chinacloudapi\.cn)$/;

type Place = "this machine" | "metadata" | "private" | undefined;

/** What is special about a host; undefined for one on the internet. */
function placeOf(host: string): Place {
  const name = host.replace(/^\[|\]$/g, "").replace(/\.+$/, "");
  const family = isIP(name);
  if (family === 0) {
    if (LOCAL_NAME.test(name)) return "this machine";
    if (METADATA_NAME.test(name)) return "metadata";
    return PRIVATE_NAME.test(name) ? "private" : undefined;
  }
  const within = (list: BlockList) => list.check(name, family === 6 ? "ipv6" : "ipv4");
  if (within(THIS_MACHINE)) return "this machine";
  if (within(NO_STORAGE) || within(NAT64)) return "metadata";
  return within(PRIVATE) ? "private" : undefined;
}

/** For an address that a name resolved to: in a network without IPv4, that may well be a NAT64 address. */
function placeOfAddress(address: string): Place {
  const [bare = ""] = address.split("%");
  return placeOf(isIP(bare) === 6 && NAT64.check(bare, "ipv6") ? lastFourBytes(bare) : bare);
}

function lastFourBytes(ipv6: string): string {
  const [high, low] = ipv6
    .split(":")
    .slice(-2)
    .map((group) => Number.parseInt(group || "0", 16));
  return [high, low].flatMap((group = 0) => [group >> 8, group & 0xff]).join(".");
}

/** Why nothing may be sent to a place that this service named; undefined when it may. */
function objection(place: Place, api: URL): string | undefined {
  if (place === "metadata") return t("It does not belong to a storage service.");
  if (place === "this machine" && !isLoopback(api.hostname)) return t("It is on this machine.");
  if (place === "private" && PUBLIC_API.test(api.hostname)) return t("It is on a private network.");
  return undefined;
}

/**
 * Refuses an upload URL by which a hostile or broken answer could misdirect a file.
 * @param apiUri the service that named the URL; plain http is accepted only between loopback addresses
 * @throws FreightError `bad-answer`
 */
export function assertUploadUrl(text: string, apiUri: string): void {
  if (!URL.canParse(text)) throw refuse(t("It cannot be read."), undefined);
  const url = new URL(text);
  const api = new URL(apiUri);
  const apiIsHere = isLoopback(api.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && apiIsHere && isLoopback(url.hostname)))
    throw refuse(t("It does not use https."), url);
  if (url.username !== "" || url.password !== "") throw refuse(t("It carries a user name."), url);
  const why = objection(placeOf(url.hostname), api);
  if (why !== undefined) throw refuse(why, url);
  // A signed URL only opens a session; uploading to it would fail half-way with a puzzling error. The URL of
  // a session that was opened through one has the signature, too.
  const names = [...url.searchParams.keys()].map((name) => name.toLowerCase());
  if (names.includes("x-goog-signature") && !names.includes("upload_id"))
    throw refuse(t("It is a signed URL, not an upload session."), url);
}

/**
 * Connections for an upload, whose addresses must meet the same rules as the URL. Behind a proxy only the
 * proxy knows them.
 * @param apiUri the service that named the URL
 */
export function uploadLine(http: Http, apiUri: string): Http {
  const api = new URL(apiUri);
  return {
    send: (request) =>
      http.send({
        ...request,
        checkAddress: (address) => {
          const why = objection(placeOfAddress(address), api);
          if (why !== undefined) throw refuse(why, new URL(request.url), address);
        },
      }),
  };
}

/** Headers that we set ourselves: which bytes these are, and how they travel. The service's are dropped. */
const OURS = /^(content-length|content-range|connection|keep-alive|transfer-encoding|te|trailer|expect)$/;
/** Headers that could change who asks, what is asked of whom, or what the bytes are. No upload needs them. */
const REFUSED =
  /^(host|authorization|cookie2?|forwarded|via|upgrade|http2-settings|content-encoding|range|destination|proxy-.*|x-forwarded.*|x-host|x-http-.*|x-method(-override)?|x-(original|rewrite)-.*|.*-copy-source(-.*)?|metadata(-flavor)?|x-(aws-ec2-)?metadata-.*)$/;
const MAX_HEADERS = 50;

/**
 * The headers that a service wants on each request of an upload, without those that we set ourselves.
 * @throws FreightError `bad-answer` for a header that could change what the request does
 */
export function uploadHeaders(
  wanted: Readonly<Record<string, string>> | null | undefined,
): Record<string, string> {
  const given = Object.entries(wanted ?? {});
  if (given.length > MAX_HEADERS) throw unusable(t("too many headers"));
  const headers: [string, string][] = [];
  for (const [name, value] of given) {
    // CGI and the like do not distinguish the two characters.
    const key = name.toLowerCase().replaceAll("_", "-");
    if (!/^[!#$%&'*+.^_`|~\w-]{1,100}$/.test(name) || !/^[\t\x20-\x7e]{0,2000}$/.test(value))
      throw unusable(t("a header that cannot be sent"));
    if (REFUSED.test(key)) throw unusable(t("the header “{0}”", key));
    if (!OURS.test(key)) headers.push([name, value]);
  }
  return Object.fromEntries(headers);
}

/** @param why a sentence about the address. @param leadsTo the address that its name resolved to */
function refuse(why: string, url: URL | undefined, leadsTo?: string): FreightError {
  const where = url === undefined ? "" : (url.hostname || url.protocol).slice(0, 100);
  const place = leadsTo === undefined ? where : `${where} → ${leadsTo}`;
  const what =
    place === ""
      ? t("The service gave an upload address that cannot be used.")
      : t("The service gave an upload address that cannot be used: {0}.", place);
  return new FreightError("bad-answer", sentences(what, why, t("Nothing was sent there.")), {
    remedy: "showLog",
  });
}

function unusable(what: string): FreightError {
  return new FreightError(
    "bad-answer",
    t("The service wants the upload to carry what is not allowed: {0}. Nothing was sent.", what),
    { remedy: "showLog" },
  );
}
