/** What a new mail begins with: its format, template and signature. */
import type { FreightError } from "../../base/errors.ts";
import type { Folders } from "../../files/workspaceFile.ts";
import type { BodyFormat } from "../../shared/contract/form.ts";
import { plural } from "../../shared/l10n.ts";
import { fileVariables, fillIn, hasVariables, type NamedFile, type Variables } from "../body/variables.ts";
import type { Filler, TextMarks } from "../record/provenance.ts";

export interface Beginning {
  /** Recipients as they are typed into the form; undefined: nobody yet. */
  readonly to?: string | undefined;
  readonly cc?: string | undefined;
  readonly bcc?: string | undefined;
  /** Undefined: the names of the files. */
  readonly subject?: string | undefined;
  readonly body: string;
  readonly format: BodyFormat;
  /** The text holds variables of a template, which are filled in as soon as they are known. */
  readonly fillsIn: boolean;
  /** The parts of the text that the person did not type; undefined: none. */
  readonly marks?: TextMarks | undefined;
  /** Where to look for images of the text; null: nowhere. */
  readonly imageFolders: Folders | null;
  /** Who filled it in, if it was not a person. */
  readonly filledBy?: Filler | undefined;
  /** Nobody has written anything in it yet: if it is closed unchanged, it may be deleted. */
  readonly isBlank?: boolean;
}

/** Called when a mail begins. */
export type Begin = (files: readonly (NamedFile & { readonly path: string })[]) => Promise<Beginning>;

/** The result of adding files: the mail, and why some of them could not be added. */
export interface Attached {
  /** Undefined when files were given and none can be sent: then no mail was created. */
  readonly deliveryId: string | undefined;
  readonly problems: readonly FreightError[];
}

/** Nobody reads more names, or longer ones, in a subject or on a tab. */
const NAMED = 3;
const MAX_NAMES_LENGTH = 78;

/** The subject of a mail without one: "report.pdf", "part-01.bin and 32 more files". */
export function filesSubject(names: readonly string[]): string {
  const [first, ...others] = names;
  const all = names.join(", ");
  if (first === undefined || others.length === 0) return all;
  if (names.length <= NAMED && all.length <= MAX_NAMES_LENGTH) return all;
  return plural(others.length, "{1} and {0} more file", "{1} and {0} more files", first);
}

export interface Stationery {
  /** Undefined: the template. */
  readonly text?: string | undefined;
  /** The text is a Markdown document, and is read as one. */
  readonly isDocument?: boolean;
  readonly template: string;
  readonly signature: string;
  readonly variables: Variables;
}

/** The text to begin with. In a given `text`, nothing is a variable: it may well be about shell scripts. */
export function beginBody(
  stationery: Stationery,
  files: readonly NamedFile[],
): Pick<Beginning, "body" | "fillsIn" | "marks"> {
  const { text, isDocument = false, template, signature, variables } = stationery;
  const known = { ...variables, ...fileVariables(files) };
  const head = text === undefined ? fillIn(template, known) : { text: text.trimEnd(), values: [] };
  const foot = fillIn(signature, known);
  // Room to write in, above the signature.
  const above = foot.text === "" ? head.text : `${head.text}\n\n`;
  const body = above + foot.text;
  const values = [
    ...head.values,
    ...foot.values.map(({ at, length }) => ({ at: at + above.length, length })),
  ];
  const document = isDocument && head.text !== "" ? { from: 0, to: head.text.length } : null;
  return {
    body,
    fillsIn: values.some(({ at, length }) => hasVariables(body.slice(at, at + length))),
    marks: { values, document },
  };
}
