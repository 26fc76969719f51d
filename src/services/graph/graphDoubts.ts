/**
 * Sends through Microsoft Graph whose outcome is unknown. No key makes a repeated send safe, so what became
 * of the draft is looked up. https://learn.microsoft.com/graph/api/message-send
 */
import { FreightError } from "../../base/errors.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { t } from "../../shared/l10n.ts";
import type { Draft } from "../drafts.ts";
import type { Receipt } from "../mailService.ts";
import type { GraphMessages } from "./graphMessages.ts";

/** A draft that still exists after this long was not sent. */
const SETTLED_MS = 60_000;
const LOOK_AGAIN_MS = 5_000;

export class GraphDoubts {
  readonly #messages: GraphMessages;
  readonly #monotonicNow: () => number;
  /** By draft id, when its last send began whose outcome is unknown. */
  readonly #since = new Map<string, number>();
  /** Drafts that were being changed when they were to be sent: Microsoft says that they were not sent. */
  readonly #conflicts = new Set<string>();

  /** @param monotonicNow milliseconds on a clock that does not jump */
  constructor(messages: GraphMessages, monotonicNow: () => number) {
    this.#messages = messages;
    this.#monotonicNow = monotonicNow;
  }

  begin({ id }: Draft): void {
    this.#since.set(id, this.#monotonicNow());
  }

  end({ id }: Draft): void {
    this.#since.delete(id);
    this.#conflicts.delete(id);
  }

  /** The draft was being changed, so it was not sent: one look before the next try is enough to be sure. */
  conflicted({ id }: Draft): void {
    this.#conflicts.add(id);
  }

  has({ id }: Draft): boolean {
    return this.#since.has(id);
  }

  /**
   * Finds out what became of a send whose answer was lost.
   * @param isDeferred the mail is scheduled, and so looks like a draft that was never sent
   * @returns undefined when it was certainly not sent
   * @throws FreightError `unsettled` while nobody can tell, `send-unconfirmed` when nobody ever will
   */
  async settle(draft: Draft, isDeferred: boolean, signal: AbortSignal): Promise<Receipt | undefined> {
    const since = this.#since.get(draft.id) ?? this.#monotonicNow();
    this.#since.set(draft.id, since);
    const found = await this.#messages.find(draft, signal);
    if (found?.isDraft === false) return { messageId: found.id, requestId: null };
    if (this.#conflicts.delete(draft.id) && found !== undefined) return undefined;
    const leftMs = since + SETTLED_MS - this.#monotonicNow();
    if (leftMs > 0)
      throw new FreightError("unsettled", t("Checking with Microsoft whether the mail was sent."), {
        retryAfterMs: Math.min(LOOK_AGAIN_MS, leftMs),
        mayHaveActed: true,
        remedy: "retry",
      });
    if (found === undefined || isDeferred) throw unconfirmed(undefined);
    return undefined;
  }

  /**
   * Finds out what became of a send that something between here and Microsoft refused, perhaps after letting
   * it through: for a while a sent mail still looks like a draft. The doubt stays, so that the next send
   * looks first.
   * @throws FreightError `send-unconfirmed` unless the mail turns out to be sent
   */
  async lookAfterRefusal(draft: Draft, { status }: HttpAnswer, signal: AbortSignal): Promise<Receipt> {
    const refusal = new FreightError(
      "send-unconfirmed",
      t(
        "Something between here and Microsoft refused the mail (status {0}), and it may have been sent all the same. Check Sent Items and Drafts before you send it again.",
        String(status),
      ),
      { mayHaveActed: true, remedy: "sendAgain" },
    );
    const found = await this.#messages.find(draft, signal).catch((reason: unknown) => {
      throw reason instanceof FreightError ? refusal : reason;
    });
    if (found?.isDraft === false) return { messageId: found.id, requestId: null };
    throw refusal;
  }
}

export function unconfirmed(cause: FreightError | undefined): FreightError {
  return new FreightError(
    "send-unconfirmed",
    t(
      "We could not confirm that Microsoft accepted the mail: it is not in Sent Items, and Drafts does not tell. Check both before you send it again.",
    ),
    { cause, requestId: cause?.requestId, mayHaveActed: true, remedy: "sendAgain" },
  );
}
