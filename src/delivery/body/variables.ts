/** The variables of templates and signatures: `${file}`, `${size}`, `${sha256}`, `${branch}`, `${date}`, `${name}`. */
import type { BodyFormat } from "../../shared/contract.ts";
import { formatBytes } from "../../shared/format.ts";
import type { Recipient } from "../../shared/recipients.ts";
import { shownName } from "../../shared/shownRecipient.ts";
import { escapeHtml } from "./bodyHtml.ts";

const NAMES = ["file", "size", "sha256", "branch", "date", "name"] as const;
export type Variable = (typeof NAMES)[number];
/** Those that are known; the others stay as they stand. */
export type Variables = Readonly<Partial<Record<Variable, string>>>;

/** What a mail's files say of themselves. */
export interface NamedFile {
  readonly name: string;
  readonly size: number;
  /** Null until the file is uploaded. */
  readonly sha256: string | null;
}

const PATTERN = /\$\{([a-z0-9]+)\}/g;

/** Fills in what is known. A value is text wherever it stands: no file's name makes markup. */
export function fillIn(text: string, variables: Variables, format: BodyFormat): string {
  return text.replace(PATTERN, (typed, name: string) => {
    const value = isVariable(name) ? variables[name] : undefined;
    return value === undefined ? typed : plain(value, format);
  });
}

/** True when there is a variable in the text that can still become known. */
export function hasVariables(text: string): boolean {
  return [...text.matchAll(PATTERN)].some(([, name = ""]) => isVariable(name));
}

/** @param unknownHash stands for the hash of a file that is not uploaded yet; without it the variable stays */
export function fileVariables(files: readonly NamedFile[], unknownHash?: string): Variables {
  if (files.length === 0) return {};
  const hashes = files.map(({ name, sha256 }) => {
    const hash = sha256 ?? unknownHash;
    return hash === undefined || files.length === 1 ? hash : `${hash} (${name})`;
  });
  const known = hashes.filter((hash) => hash !== undefined);
  return {
    file: files.map(({ name }) => name).join(", "),
    size: formatBytes(files.reduce((sum, { size }) => sum + size, 0)),
    ...(known.length === files.length ? { sha256: known.join(", ") } : {}),
  };
}

/** Whom the mail is for; an address without a name that can be shown stands for itself. */
export function readerVariables(to: readonly Recipient[]): Variables {
  if (to.length === 0) return {};
  return { name: to.map((reader) => shownName(reader) ?? reader.email).join(", ") };
}

function isVariable(name: string): name is Variable {
  return NAMES.some((known) => known === name);
}

function plain(value: string, format: BodyFormat): string {
  const line = value.replace(/\s+/g, " ");
  if (format === "html") return escapeHtml(line);
  // Within words an underscore is no markup; what makes a list does so at the start of a line only.
  return format === "markdown"
    ? line.replace(/[\\`*[\]<>&~|!#]|(?<!\w)_|_(?!\w)|^[-+=]|(?<=^\d+)[.)]/g, "\\$&")
    : line;
}
