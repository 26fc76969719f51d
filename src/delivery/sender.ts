/** Sends a mail whose files are all there, exactly once, and notes what came of it. */
import { asFreightError, FreightError, isCancellation, toSavedError, withoutDoubt } from "../errors.ts";
import { explain, type Log } from "../log.ts";
import { type Sleep, withRetries } from "../net/retry.ts";
import type { MailService, Receipt } from "../services/mailService.ts";
import { blame } from "./blame.ts";
import type { Clock } from "./carrier.ts";
import type { DeliveryEvent, DeliveryRecord } from "./delivery.ts";
import type { Drafts } from "./drafts.ts";
import { freezeMail } from "./frozenMail.ts";
import type { DeliveryStore } from "./store.ts";

export interface SenderOptions {
  readonly store: DeliveryStore;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: Log;
}

export interface Sending {
  readonly deliveryId: string;
  readonly service: MailService;
  /** True when an earlier process may have sent the request already. */
  readonly resumed: boolean;
  readonly signal: AbortSignal;
}

/** Clocks are corrected by seconds all the time; a key "from the future" beyond that tells nothing about its age. */
const CLOCK_TOLERANCE_MS = 60_000;

export class Sender {
  readonly #options: SenderOptions;
  readonly #drafts: Drafts;
  /** Mails whose draft was lost once already: a service that loses it again has a fault of its own. */
  readonly #restarted = new Set<string>();

  constructor(options: SenderOptions, drafts: Drafts) {
    this.#options = options;
    this.#drafts = drafts;
  }

  /**
   * Never rejects: the outcome becomes part of the record. The key and the exact bytes are on disk before the first
   * request, so that whoever repeats it, here or after a restart, cannot reach a second reader.
   */
  async send({ deliveryId, service, resumed, signal }: Sending): Promise<void> {
    const { store, clock, newId, log, sleep, random } = this.#options;
    let uncertain = resumed;
    try {
      const delivery = store.get(deliveryId);
      const frozen = delivery.send ?? (await freezeMail(service, delivery, clock.now()));
      const { body, keeper } = frozen;
      let send = delivery.send ?? { idempotencyKey: newId(), body, keeper, startedAt: clock.now() };
      // A clock that was put back must not make a key look young: this process measures for itself as well.
      let since = clock.monotonic();
      const age = () => Math.max(clock.now() - send.startedAt, clock.monotonic() - since);
      const isSafe = () => age() < service.limits.safeRepeatMs;
      const wasPutBack = clock.now() < send.startedAt - CLOCK_TOLERANCE_MS;
      const ages = Number.isFinite(service.limits.safeRepeatMs);
      if (resumed && ages && (wasPutBack || !isSafe())) throw unconfirmed(delivery);
      const repeating = {
        signal,
        sleep,
        random,
        onWait: (error: FreightError) => log.warn(`The sending waits: ${explain(error)}`),
      };
      const draft = await this.#drafts
        .of(deliveryId, service, signal, (open) => withRetries(open, repeating))
        .catch((reason: unknown) => {
          throw withoutDoubt(reason);
        });
      let isKeySpent = false;
      const attempt = async () => {
        if (isKeySpent) {
          send = { idempotencyKey: newId(), body, keeper, startedAt: clock.now() };
          since = clock.monotonic();
          isKeySpent = false;
          // What the service keeps under the old key is that nothing was sent.
          uncertain = false;
        }
        store.apply(deliveryId, { type: "sendStarted", send });
        await store.flushed(deliveryId);
        return service.send({ ...send, draft, mayBeOut: uncertain }, signal);
      };
      const receipt = await withRetries(attempt, {
        ...repeating,
        onWait: (error) => {
          isKeySpent = error.keySpent;
          uncertain ||= error.mayHaveActed;
          log.warn(`The send is repeated under ${isKeySpent ? "a new" : "the same"} key: ${explain(error)}`);
        },
        mayRepeat: (error) => error.keySpent || isSafe(),
      });
      store.apply(deliveryId, outcome(store.get(deliveryId), receipt, clock.now()));
      await store.flushed(deliveryId);
      this.#restarted.delete(deliveryId);
      log.info(`Sent ${deliveryId} (request ${receipt.requestId ?? "unknown"})`);
    } catch (reason) {
      if (signal.aborted || isCancellation(reason)) return;
      const { phase } = store.get(deliveryId);
      if (phase === "sent" || phase === "scheduled") return; // Only the note of it could not be saved: the store says so.
      if (reason instanceof FreightError && reason.is("driven-elsewhere")) return; // It is the other one's now.
      log.error(`Sending failed: ${explain(reason)}`);
      const error = asFreightError(reason);
      if (!uncertain && blame(store, deliveryId, error)) return;
      if (error.is("draft-lost") && !uncertain && !this.#restarted.has(deliveryId)) {
        // Nothing was sent, and nothing is lost but time: the files are uploaded again, and it goes out by itself.
        this.#restarted.add(deliveryId);
        store.apply(deliveryId, { type: "draftDropped" });
        return;
      }
      if (error.is("draft-lost") && !uncertain) {
        // A second time is for the person to see; the next Send begins with a new draft all the same.
        this.#restarted.delete(deliveryId);
        store.apply(deliveryId, { type: "draftDropped" });
      }
      store.apply(
        deliveryId,
        leavesDoubt(error, uncertain)
          ? { type: "sendUnconfirmed", error: toSavedError(unconfirmed(store.get(deliveryId), error)) }
          : { type: "sendFailed", error: toSavedError(error) },
      );
    }
  }
}

/** What a receipt says of a mail: that it is out, or that it waits for its time. */
function outcome(
  { purpose, send }: DeliveryRecord,
  { messageId, requestId, scheduleId }: Receipt,
  now: number,
): DeliveryEvent {
  // A service that has sent it at once gives it an id as a message.
  const waits = purpose.type === "later" && (scheduleId !== undefined || messageId === null);
  if (!waits) return { type: "sent", messageId, requestId, at: now };
  const keeper = send?.keeper ?? "service";
  return {
    type: "scheduled",
    schedule: { id: scheduleId ?? null, sendAt: purpose.at, keeper },
    requestId,
  };
}

/** Refusals of the mail itself: the answer that its key keeps. Not 413, which a gateway on the way may say as well. */
const SETTLED = new Set([400, 402, 409, 422]);

/**
 * Whether the mail may be out although the send failed. A refusal of the mail itself settles earlier doubt; others (a
 * rejected key, a busy service, a gateway) say nothing about earlier tries.
 */
function leavesDoubt(error: FreightError, uncertain: boolean): boolean {
  if (error.mayHaveActed) return true;
  const settles = !error.is("bad-answer") && error.status !== undefined && SETTLED.has(error.status);
  return uncertain && !settles;
}

function unconfirmed({ purpose }: DeliveryRecord, cause?: FreightError): FreightError {
  if (cause?.is("send-unconfirmed") === true) return cause;
  return new FreightError(
    "send-unconfirmed",
    purpose.type === "later"
      ? "The connection broke while the mail was being scheduled, and nobody can tell whether the service has it. " +
          "Look in Scheduled Mails, in Drafts and in Sent Items before you send it again."
      : "The connection broke while the mail was being sent, and nobody can tell whether it went out. " +
          "Look in Sent Items before you send it again.",
    { cause, remedy: "sendAgain", requestId: cause?.requestId },
  );
}
