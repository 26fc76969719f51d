/** Files that are sent as links: who may open them, and until when. */
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { lasting } from "../shared/lasting.ts";

/** "250 GB" per file. */
export const MAX_LINKED_BYTES = 250 * 1024 ** 3;

/** Who may open a file, from fewest to most. */
export const AUDIENCES = ["recipients", "organization", "anyone"] as const;
export const Audience = z.enum(AUDIENCES);
export type Audience = z.infer<typeof Audience>;

/** Who should be able to open a file, and until when. */
export const LinkAccess = lasting({
  audience: Audience,
  /** The addresses of the people who may open it; empty for the other audiences. */
  people: z.array(z.string()),
  /** In milliseconds since the epoch; null: until the link is removed. */
  until: z.number().nullable(),
});
export type LinkAccess = z.infer<typeof LinkAccess>;

/** Where a file can be opened, and by whom. */
export const FileLink = lasting({ url: z.url(), ...LinkAccess.shape });
export type FileLink = z.infer<typeof FileLink>;

/** The organization allows such a link only if it ends earlier. */
export class EndsTooLate extends FreightError {}

/** Why files cannot be shared with an audience. */
export interface AudienceRefusal {
  readonly audience: Audience;
  readonly message: string;
  /** They can be shared for a shorter time. */
  readonly isTooLong: boolean;
}

/** Shares files that were uploaded to the account's storage, and ends their sharing. */
export interface LinkKeeper {
  /** @throws FreightError `link-refused` when the account has no storage for files */
  assertThere(signal: AbortSignal): Promise<void>;
  /**
   * The audiences that files cannot be shared with until then, where that can be known before there is a
   * file.
   * @param until in milliseconds since the epoch; null: no end @param own the sender's address
   * @param place where to put the file that this is tried on, see `newTrial`
   */
  refusals(
    audiences: readonly Audience[],
    until: number | null,
    own: string,
    signal: AbortSignal,
    place?: string,
  ): Promise<readonly AudienceRefusal[]>;
  /** A path for the file of a trial. */
  newTrial(): string;
  /** Removes everything that a trial left; it may be gone already. */
  clearTrial(place: string, signal: AbortSignal): Promise<void>;
  /**
   * Lets exactly these people open a file. Can be called again, whatever became of an earlier call: access
   * that is there already is kept, and any other is removed.
   * @param fileId as the finished upload named it
   * @throws FreightError `link-refused` if the organization forbids it, `EndsTooLate` if only for so long
   */
  open(fileId: string, access: LinkAccess, signal: AbortSignal): Promise<FileLink>;
  /** Stops all sharing of a file; the file stays where it is. It may be gone already. */
  close(fileId: string, signal: AbortSignal): Promise<void>;
}
