/** Splits a mail by an unknown program into its parts; effort and memory are bounded for any input. Pure. */

/** Characters that are read: the report is at the beginning of a bounce, the copy of the mail at its end. */
const MAX_CHARS = 512 * 1024;
const MAX_PARTS = 50;
const MAX_DEPTH = 4;
const MAX_HEADERS = 300;
const MAX_VALUE = 4_000;

export interface MimePart {
  /** In lower case, without parameters (default: "text/plain"). */
  readonly type: string;
  /** By name in lower case; values are unfolded. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The text of a part without parts, decoded if its encoding is known. */
  readonly text: string;
  readonly parts: readonly MimePart[];
}

export function readMime(mime: string): MimePart {
  return part(mime.slice(0, MAX_CHARS).split(/\r\n|\n|\r/), 0, { left: MAX_PARTS });
}

/** The first value of a header; empty if there is none. */
export function header({ headers }: Pick<MimePart, "headers">, name: string): string {
  return headers.get(name)?.[0] ?? "";
}

/** A parameter of a header's value, without quotes; empty if there is none. */
export function parameter(value: string, name: string): string {
  for (const piece of value.split(";").slice(1)) {
    const at = piece.indexOf("=");
    if (at > 0 && piece.slice(0, at).trim().toLowerCase() === name)
      return piece
        .slice(at + 1)
        .trim()
        .replace(/^"([^"]*)"?$/, "$1");
  }
  return "";
}

/** The headers up to the first empty line, and the lines after it. */
export function readHeaders(lines: readonly string[]): {
  readonly headers: Map<string, string[]>;
  readonly rest: readonly string[];
} {
  const headers = new Map<string, string[]>();
  let values: string[] | undefined;
  let count = 0;
  for (const [at, line] of lines.entries()) {
    if (line.trim() === "") return { headers, rest: lines.slice(at + 1) };
    const last = values?.length ?? 0;
    if (/^[ \t]/.test(line)) {
      const before = values?.[last - 1] ?? "";
      if (values !== undefined && before.length < MAX_VALUE) values[last - 1] = `${before} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(":");
    values = undefined;
    if (colon < 1 || ++count > MAX_HEADERS) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    values = headers.get(name) ?? [];
    values.push(line.slice(colon + 1, colon + MAX_VALUE).trim());
    headers.set(name, values);
  }
  return { headers, rest: [] };
}

function part(lines: readonly string[], depth: number, budget: { left: number }): MimePart {
  budget.left--;
  const { headers, rest } = readHeaders(lines);
  const contentType = headers.get("content-type")?.[0] ?? "text/plain";
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase() || "text/plain";
  const boundary = parameter(contentType, "boundary");
  if (type.startsWith("multipart/") && boundary !== "" && depth < MAX_DEPTH) {
    const parts: MimePart[] = [];
    for (const piece of pieces(rest, boundary))
      if (budget.left > 0) parts.push(part(piece, depth + 1, budget));
    return { type, headers, text: "", parts };
  }
  const encoding = (headers.get("content-transfer-encoding")?.[0] ?? "").trim().toLowerCase();
  const text = decoded(rest.join("\n"), encoding).replace(/\r\n?/g, "\n");
  return { type, headers, text, parts: [] };
}

function pieces(lines: readonly string[], boundary: string): string[][] {
  const found: string[][] = [];
  let piece: string[] | undefined;
  for (const line of lines) {
    const mark = line.trimEnd();
    if (mark === `--${boundary}--`) break;
    if (mark === `--${boundary}`) {
      piece = [];
      found.push(piece);
    } else piece?.push(line);
  }
  return found;
}

function decoded(text: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(text, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return text;
  const bytes = text
    .replace(/=[ \t]*\n/g, "")
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  // Text with characters that are not bytes stays as it is.
  return /[^\0-\xff]/.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}
