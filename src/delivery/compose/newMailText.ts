/** How a new mail begins: its format, its template and signature. */

import type { Folders } from "../../files/workspaceFile.ts";
import type { BodyFormat } from "../../shared/contract.ts";
import { fileVariables, fillIn, hasVariables, type NamedFile, type Variables } from "../body/variables.ts";
import type { Filler } from "../record/provenance.ts";

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
  /** Where images of the text are looked for; null: nowhere. */
  readonly imageFolders: Folders | null;
  /** Set where it was not a person. */
  readonly filledBy?: Filler | undefined;
  /** Nobody has written anything of it yet: closed like this, it may go away. */
  readonly isBlank?: boolean;
}

/** Asked when a mail begins. */
export type Begin = (files: readonly (NamedFile & { readonly path: string })[]) => Promise<Beginning>;

export interface Stationery {
  readonly format: BodyFormat;
  /** Undefined: the template. */
  readonly document?: string | undefined;
  readonly template: string;
  readonly signature: string;
  readonly variables: Variables;
}

/** The text to begin with. Nothing in a document is a variable: it may well be about shell scripts. */
export function beginBody(
  stationery: Stationery,
  files: readonly NamedFile[],
): Pick<Beginning, "body" | "fillsIn"> {
  const { format, document, template, signature, variables } = stationery;
  const known = { ...variables, ...fileVariables(files) };
  const head = document === undefined ? fillIn(template, known, format) : document.trimEnd();
  const foot = fillIn(signature, known, format);
  const ours = document === undefined ? head + foot : foot;
  // Room to write in, above the signature.
  return { body: foot === "" ? head : `${head}\n\n${foot}`, fillsIn: hasVariables(ours) };
}
