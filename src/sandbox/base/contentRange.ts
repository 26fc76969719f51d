/** What `Content-Range` (or its absence) says about a body; `end` is exclusive, unlike on the wire. */
export interface ByteRange {
  readonly first: number;
  /** Undefined when the body's end is the range's end. */
  readonly end: number | undefined;
  readonly total: number | undefined;
  /** Whether the object is complete after this body. */
  readonly last: boolean;
}

/** Reads `Content-Range`; undefined when it is malformed. */
export function parseRange(
  header: string | undefined,
  announcedBytes: number | undefined,
): ByteRange | undefined {
  if (header === undefined) return { first: 0, end: announcedBytes, total: undefined, last: true };
  const [, first, last, total] = /^bytes\s+(\d+)-(\d+|\*)\/(\d+|\*)$/i.exec(header) ?? [];
  if (first === undefined || last === undefined || total === undefined) return undefined;
  const end = last === "*" ? undefined : Number(last) + 1;
  const wholeBytes = total === "*" ? undefined : Number(total);
  if (end !== undefined && end <= Number(first)) return undefined;
  return {
    first: Number(first),
    end,
    total: wholeBytes,
    // With an open end the body's end is the object's end; with an open total a chunk is never the last one.
    last: end === undefined || end === wholeBytes,
  };
}
