/** How one of Microsoft's storages wants its ranges: the part of the dialect that differs between them. */
import type { FreightError } from "../base/errors.ts";
import type { HttpAnswer } from "../net/http.ts";

export interface RangeRules {
  /** The largest range, in bytes; a multiple of the grid. */
  readonly rangeBytes: number;
  /**
   * All ranges but the last are multiples of this many bytes. With smaller ones, the round trips would cost
   * more than the transfer.
   */
  readonly gridBytes: number;
  /** The statuses that end an upload, unless the answer says how to go on. */
  readonly doneStatuses: readonly number[];
  /** The file's id in the answer to the last range; undefined when it has none. */
  readonly idIn: (answer: HttpAnswer) => string | undefined;
  /** Lists may have another id for the file: that one counts, and `idIn` only when no list has it. */
  readonly listsRename: boolean;
  /**
   * Whether a session can be asked where it stands, as documented: then that helps after a 416, and a 404
   * means that the session is gone.
   */
  readonly tellsPosition: boolean;
  /** How long bytes count towards a limit, in milliseconds, and how long to wait when a 429 does not say. */
  readonly windowMs: number | undefined;
  /** The meaning of a refusal that only this storage gives. */
  readonly refusal?: (answer: HttpAnswer) => FreightError | undefined;
}

/** The longest attachment id, in characters; Outlook's have about 200. */
const MAX_ID = 2_000;

/** For attachments of mails and events. https://learn.microsoft.com/graph/outlook-large-attachments */
export const OUTLOOK_RULES: RangeRules = {
  // "Up to 4 MB" a range; 12 × 320 KiB stays under 4,000,000 bytes.
  rangeBytes: 12 * 320 * 1024,
  gridBytes: 320 * 1024,
  doneStatuses: [201],
  idIn: ({ headers }) => idInLocation(headers["location"]),
  // A range takes no Graph headers, so not the one for immutable ids either.
  // https://learn.microsoft.com/graph/api/attachment-createuploadsession
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
    return id; // It was not encoded, but contains a percent sign.
  }
}
