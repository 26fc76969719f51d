/** Who may open a file that goes as a link: it lies where whoever may finds it. */
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { lasting } from "../shared/lasting.ts";

/** "250 GB" a file. */
export const MAX_LINKED_BYTES = 250 * 1024 ** 3;

/** Who may open a file, from the fewest to the most. */
export const AUDIENCES = ["recipients", "organization", "anyone"] as const;
export const Audience = z.enum(AUDIENCES);
export type Audience = z.infer<typeof Audience>;

/** Whom a file is to be open to. */
export const LinkAccess = lasting({
  audience: Audience,
  /** The addresses of those who may open it by name; empty for the other audiences. */
  people: z.array(z.string()),
  /** In milliseconds since the epoch; null: until the link is taken away. */
  until: z.number().nullable(),
});
export type LinkAccess = z.infer<typeof LinkAccess>;

/** Where a file is opened, and by whom. */
export const FileLink = lasting({ url: z.url(), ...LinkAccess.shape });
export type FileLink = z.infer<typeof FileLink>;

/** A link could be made that ends earlier. */
export class EndsTooLate extends FreightError {}

/** Why files cannot be opened to an audience. */
export interface AudienceRefusal {
  readonly audience: Audience;
  readonly message: string;
  /** They can for a shorter time. */
  readonly isTooLong: boolean;
}

/** Opens and closes the files that were uploaded to the place for them. */
export interface LinkKeeper {
  /** @throws FreightError `link-refused` when the account has no place for files */
  assertThere(signal: AbortSignal): Promise<void>;
  /**
   * Which of some audiences files cannot be opened to until then, as far as that can be known before there is a file.
   * @param until in milliseconds since the epoch; null: without an end @param own the address of whoever sends
   * @param place for the file on which it is tried, see `newTrial`
   */
  refusals(
    audiences: readonly Audience[],
    until: number | null,
    own: string,
    signal: AbortSignal,
    place?: string,
  ): Promise<readonly AudienceRefusal[]>;
  /** A place for the file of a trial. */
  newTrial(): string;
  /** Has nothing of a trial be there; what is gone already is fine. */
  clearTrial(place: string, signal: AbortSignal): Promise<void>;
  /**
   * Has exactly these people be able to open a file, however often it is called, and whatever became of an earlier call:
   * what is there already is used, and what is too much is taken away.
   * @param fileId as the upload's end has named it
   * @throws FreightError `link-refused` when the organization does not allow it, `EndsTooLate` when not for so long
   */
  open(fileId: string, access: LinkAccess, signal: AbortSignal): Promise<FileLink>;
  /** Has nobody else be able to open a file any more; it stays where it is. One that is gone is fine. */
  close(fileId: string, signal: AbortSignal): Promise<void>;
}
