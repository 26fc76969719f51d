/** What of a request decides which secrets its answer might repeat. */
interface Asked {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mayQuote?: boolean;
}

/** Shorter parts of an address are words, not secrets. A shorter key may be part of some id by chance. */
const SHORTEST_SECRET = 16;

/**
 * An answer without the secrets of its request. Gateways often quote in a refusal what they were sent, and
 * what a service says is shown, logged and stored, so a key would leak into all of that. A short key is
 * removed only where it stands as a whole word: inside an id it would falsify that id.
 */
export function withoutEcho(text: string, request: Asked): string {
  let clean = text;
  for (const secret of secretsOf(request))
    clean = clean.replaceAll(isLong(secret) ? secret : word(secret), "***");
  return clean;
}

function word(text: string): RegExp {
  return new RegExp(`(?<![\\w-])${text.replace(/[^\w\s]/g, "\\$&")}(?![\\w-])`, "g");
}

function secretsOf({ url, headers = {}, mayQuote }: Asked): string[] {
  const key = headers["authorization"]?.replace(/^\w+ /, "");
  if (key !== undefined) return key === "" ? [] : spellings(key);
  if (mayQuote === true) return [];
  // Without a key, the address itself is the secret: an upload's session may be in its query or its path.
  const { pathname, search, searchParams } = new URL(url);
  const parts = [...pathname.split("/"), ...searchParams.values()];
  return [url, search, ...parts].filter(isLong).flatMap(spellings);
}

const isLong = (part: string) => part.length >= SHORTEST_SECRET;

/** How a secret may be written, longest first: JSON may escape slashes; URLs and HTML, punctuation. */
function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  const all = [secret, secret.replaceAll("/", "\\/"), encodeURIComponent(secret), base64];
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}
