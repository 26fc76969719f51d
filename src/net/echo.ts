/** What a service says back of what was said to it. */
interface Asked {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mayQuote?: boolean;
}

/** Shorter parts of an address are words, not secrets; a shorter key may stand in any id by chance. */
const SHORTEST_SECRET = 16;

/**
 * An answer without the secrets of its request. Gateways like to repeat in their refusals what they were sent, and what
 * a service says is shown, logged and kept: a key would be in all of that. A key that is as short as a word is taken out
 * where it stands as one: inside of an id it would make another id of it.
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
  // Without a key the address is one: of an upload, whose session may stand in its query or its path.
  const { pathname, search, searchParams } = new URL(url);
  const parts = [...pathname.split("/"), ...searchParams.values()];
  return [url, search, ...parts].filter(isLong).flatMap(spellings);
}

const isLong = (part: string) => part.length >= SHORTEST_SECRET;

/** A secret as it may stand in a text, longest first: JSON may escape slashes, addresses and HTML what is no letter. */
function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  const all = [secret, secret.replaceAll("/", "\\/"), encodeURIComponent(secret), base64];
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}
