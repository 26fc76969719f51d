/** How a storage of Microsoft's wants its ranges: what of the dialect differs from one to the other. */
import type { FreightError } from "../base/errors.ts";
import type { HttpAnswer } from "../net/http.ts";

export interface RangeRules {
  /** The largest range, in bytes; a multiple of the grid. */
  readonly rangeBytes: number;
  /** All ranges but the last are multiples of so many bytes. Below one of it the round trips cost more than the line. */
  readonly gridBytes: number;
  /** The answer to the last range is one of these, where it does not say how to go on. */
  readonly doneStatuses: readonly number[];
  /** What the answer to the last range calls the file; undefined when it does not tell. */
  readonly idIn: (answer: HttpAnswer) => string | undefined;
  /** Lists may call the file otherwise: they are asked, and what `idIn` says is used where they cannot be. */
  readonly listsRename: boolean;
  /** Where the session stands can be asked, as is documented: after a 416 that is what helps, and a 404 ends it. */
  readonly tellsPosition: boolean;
  /** After how long bytes count no more for a limit; a wait for that is as long where none is named. In milliseconds. */
  readonly windowMs: number | undefined;
  /** What a refusal means that only this storage knows. */
  readonly refusal?: (answer: HttpAnswer) => FreightError | undefined;
}

/** Characters of an attachment's id; those of Outlook have about 200. */
const MAX_ID = 2_000;

/** Of the attachments of mails and events. https://learn.microsoft.com/graph/outlook-large-attachments */
export const OUTLOOK_RULES: RangeRules = {
  // "Up to 4 MB" a range; 12 × 320 KiB stays under 4,000,000 bytes.
  rangeBytes: 12 * 320 * 1024,
  gridBytes: 320 * 1024,
  doneStatuses: [201],
  idIn: ({ headers }) => idInLocation(headers["location"]),
  // No Graph header goes with a range. https://learn.microsoft.com/graph/api/attachment-createuploadsession
  listsRename: true,
  tellsPosition: false,
  // 150 MB in five minutes into one mailbox. https://learn.microsoft.com/graph/throttling-limits
  windowMs: 5 * 60_000,
};

/** The text inside the last `Attachments('…')`. */
function idInLocation(location: string | undefined): string | undefined {
  const ids = [...(location ?? "").matchAll(/attachments\('([^']+)'\)/gi)];
  const id = ids.at(-1)?.[1];
  if (id === undefined || id.length > MAX_ID || /\p{Cs}/u.test(id)) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return id; // It was not encoded, and has a percent sign.
  }
}
