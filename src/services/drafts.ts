/** Unsent messages in the mailbox at the service: what files are added to, and what mails are saved as. */
import * as z from "zod";
import { type ErrorDetails, FreightError } from "../base/errors.ts";
import { t } from "../shared/l10n.ts";
import { lasting } from "../shared/lasting.ts";

/** What some services keep while files are added to it: an unsent message, or an event in a calendar. */
export const Draft = lasting({
  kind: z.enum(["message", "event"]).default("message"),
  id: z.string(),
  /** Under which every mail program knows the mail: proof of its sending when `id` leads nowhere any more. */
  internetMessageId: z.string().nullable(),
});
export type Draft = z.infer<typeof Draft>;

/** Opens and discards drafts, at a service that adds files to nothing else. */
export interface DraftKeeper {
  /**
   * @param mark finds the draft again; the same for each call that is for the same mail
   * @param asked true when an earlier call may have opened it: then it is looked for first
   * @param gate asked in the turn in which the request that opens it leaves
   */
  open(mark: string, asked: boolean, signal: AbortSignal, gate?: () => void): Promise<Draft>;
  /** @throws FreightError `saved-draft-lost` when somebody may have sent a draft that was saved */
  assertUnsent(draft: Draft, signal: AbortSignal): Promise<void>;
  /** Deletes a draft that is not sent; one that is gone already is fine. */
  discard(draft: Draft, signal: AbortSignal): Promise<void>;
  /**
   * Deletes the drafts that were opened with a mark, but not those that are sent.
   * @param except is wanted still
   * @returns how many there were
   */
  discardMarked(mark: string, except: Draft | null, signal: AbortSignal): Promise<number>;
}

/** Drafts that mails were saved as, where what is sent is another message. */
export interface SavedDrafts {
  /** See `DraftKeeper`. */
  assertUnsent(draft: Draft, signal: AbortSignal): Promise<void>;
  /** One that is gone already is fine. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** Nobody could tell what became of the draft that a mail was saved as. */
export class SavedDraftUnknown extends FreightError {
  constructor(cause?: unknown) {
    super(
      "saved-draft-lost",
      t(
        "We could not check whether the saved draft of this mail was sent from another program. Nothing was sent now. Check Sent Items before you send it again.",
      ),
      { cause, remedy: "retry" },
    );
  }
}

/** What a mail was saved as is gone, and nobody can tell from here whether it was sent. */
export function savedDraftLost(details: ErrorDetails = {}): FreightError {
  return new FreightError(
    "saved-draft-lost",
    t(
      "The draft of this mail is no longer in Drafts: it was deleted, or sent from another program. Nothing was sent now. Check Sent Items before you send it again.",
    ),
    { ...details, remedy: "retry" },
  );
}
