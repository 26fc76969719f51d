/** Splits a form (`multipart/form-data`) into its fields. What Nylas makes of them: `sandbox/nylas/messageBody.ts`. */

/** One field of a form. */
export interface FormField {
  readonly name: string;
  /** Undefined for a field that is not a file. */
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  /** A view of the form's own bytes. */
  readonly content: Buffer;
}

/**
 * Splits a `multipart/form-data` body without copying it; undefined when it is malformed. The platform's own
 * parser copies everything twice, and refuses boundaries of less than 27 characters, which some clients use.
 */
export function parseForm(contentType: string, body: Buffer): readonly FormField[] | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter may be at the very start, without the line break that precedes all others.
  const opening = delimiter.subarray(2);
  let at = body.subarray(0, opening.length).equals(opening) ? opening.length : after(body, delimiter, 0);
  const fields: FormField[] = [];
  while (at !== undefined) {
    if (body.toString("latin1", at, at + 2) === "--") return fields;
    const head = after(body, "\r\n", at);
    const start = head === undefined ? undefined : after(body, "\r\n\r\n", head - 2);
    const end = start === undefined ? undefined : after(body, delimiter, start - 2);
    if (head === undefined || start === undefined || end === undefined) return undefined;
    const field = readHead(body.toString("utf8", head, start));
    if (!field) return undefined;
    fields.push({ ...field, content: body.subarray(start, Math.max(start, end - delimiter.length)) });
    at = end;
  }
  return undefined;
}

function after(body: Buffer, mark: Buffer | string, from: number): number | undefined {
  const found = body.indexOf(mark, from);
  return found < 0 ? undefined : found + mark.length;
}

function readHead(head: string): Omit<FormField, "content"> | undefined {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? "";
  const name = parameter(disposition, "name");
  if (name === undefined) return undefined;
  const contentType = /^content-type:\s*(.*?)\s*$/im.exec(head)?.[1];
  return { name, filename: parameter(disposition, "filename"), contentType };
}

function parameter(disposition: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|;)\\s*${name}=(?:"((?:\\\\.|[^"\\\\])*)"|([^\\s;]*))`, "i").exec(
    disposition,
  );
  // Browsers and the SDK write a quote as %22, curl as \".
  return (value?.[1] ?? value?.[2])
    ?.replaceAll(/\\(["\\])/g, "$1")
    .replaceAll(/%22/g, '"')
    .replaceAll(/%0D/gi, "\r")
    .replaceAll(/%0A/gi, "\n");
}
