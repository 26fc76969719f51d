/** Unsent messages in the mailbox at the service: what files are added to, and what mails are saved as. */
import * as z from "zod";
import { type ErrorDetails, FreightError } from "../base/errors.ts";
import { t } from "../shared/l10n.ts";
import { lasting } from "../shared/lasting.ts";

/** What some services need to exist before files are added: an unsent message, or an event in a calendar. */
export const Draft = lasting({
  kind: z.enum(["message", "event"]).default("message"),
  id: z.string(),
  /** The `Message-ID` in every mail program: proof that the mail was sent when `id` is no longer valid. */
  internetMessageId: z.string().nullable(),
});
export type Draft = z.infer<typeof Draft>;

/** Opens and discards drafts, for a service that adds files to drafts only. */
export interface DraftKeeper {
  /**
   * @param mark finds the draft again; the same for every call for the same mail
   * @param asked true when an earlier call may have opened it: then it is looked up first
   * @param gate called synchronously right before the request that opens it leaves; may throw
   */
  open(mark: string, asked: boolean, signal: AbortSignal, gate?: () => void): Promise<Draft>;
  /** @throws FreightError `saved-draft-lost` when somebody may have sent a draft that a mail was saved as */
  assertUnsent(draft: Draft, signal: AbortSignal): Promise<void>;
  /** Deletes a draft that was not sent; it may be gone already. */
  discard(draft: Draft, signal: AbortSignal): Promise<void>;
  /**
   * Deletes the drafts that were opened with a mark, except those that were sent.
   * @param except a draft that is still wanted
   * @returns how many there were
   */
  discardMarked(mark: string, except: Draft | null, signal: AbortSignal): Promise<number>;
}

/** Drafts that mails were saved as, for a service where the mail that is sent is another message. */
export interface SavedDrafts {
  /** See `DraftKeeper`. */
  assertUnsent(draft: Draft, signal: AbortSignal): Promise<void>;
  /** The draft may be gone already. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** We could not find out what became of the draft that a mail was saved as. */
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

/** The draft that a mail was saved as is gone, and we cannot tell whether it was sent. */
export function savedDraftLost(details: ErrorDetails = {}): FreightError {
  return new FreightError(
    "saved-draft-lost",
    t(
      "The draft of this mail is no longer in Drafts: it was deleted, or sent from another program. Nothing was sent now. Check Sent Items before you send it again.",
    ),
    { ...details, remedy: "retry" },
  );
}
