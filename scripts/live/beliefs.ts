/** What is believed of a real service, and what it does: the rows of the report. It never holds a secret, an id or an address. */

export interface Belief {
  readonly title: string;
  /** What the service did, in numbers and names of fields. */
  readonly seen: string;
  readonly verdict: "holds" | "differs" | "not asked";
}

export class Beliefs {
  readonly rows: Belief[] = [];
  readonly #secrets = new Set<string>();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Whatever comes with this in it is not printed or written. */
  hide(...texts: readonly (string | undefined)[]): void {
    for (const text of texts) if (text !== undefined && text.length > 5) this.#secrets.add(text);
  }

  note(title: string, holds: boolean, seen: string): void {
    this.#add({ title, seen, verdict: holds ? "holds" : "differs" });
  }

  /** Asks one question; what goes wrong is told as such, and the next ones are asked all the same. */
  async ask(title: string, question: () => Promise<readonly [holds: boolean, seen: string]>): Promise<void> {
    try {
      this.note(title, ...(await question()));
    } catch (reason) {
      const why = reason instanceof Error ? reason.name : "error";
      this.#add({ title, seen: `could not be asked (${why})`, verdict: "not asked" });
    }
  }

  get report(): string {
    const lines = this.rows.map(({ title, verdict, seen }) => `| ${title} | ${verdict} | ${seen} |`);
    return ["| belief | verdict | seen |", "|---|---|---|", ...lines, ""].join("\n");
  }

  #add(row: Belief): void {
    const leaks = [...this.#secrets].some((secret) => JSON.stringify(row).includes(secret));
    const kept = leaks ? { ...row, seen: "(left out: it names something secret)" } : row;
    this.rows.push(kept);
    this.#print(`${kept.verdict.padEnd(9)}  ${kept.title}: ${kept.seen}`);
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
}

/** One request, never repeated and never redirected. */
export async function call(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body?: string | Uint8Array<ArrayBuffer>,
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers,
    redirect: "manual",
    signal: AbortSignal.timeout(180_000),
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // No JSON: whoever reads a field of it finds none.
  }
}

/** A field deep inside an answer; undefined where it is not. */
export function field(json: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null ? Reflect.get(value, String(name)) : undefined,
    json,
  );
}

export function textAt(json: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = field(json, ...path);
  return typeof value === "string" ? value : undefined;
}

/** Bytes that do not compress. */
export function someBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}
