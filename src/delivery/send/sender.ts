/** Runs the errand of a mail whose files are all there, exactly once, and records the outcome. */
import {
  asFreightError,
  FreightError,
  isCancellation,
  toSavedError,
  withoutDoubt,
} from "../../base/errors.ts";
import { explain } from "../../base/log.ts";
import { fileChangedInParts } from "../../files/fileTrouble.ts";
import { LONG_WAIT_MS, withRetries } from "../../net/retry.ts";
import { SavedDraftUnknown } from "../../services/drafts.ts";
import type { MailService, Receipt } from "../../services/mailService.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { StoodStill } from "../store/disk/journal.ts";
import type { DeliveryStore } from "../store/store.ts";
import type { Drafts } from "../upload/drafts.ts";
import type { Errand } from "./errand.ts";
import { freezeMail } from "./frozenMail.ts";
import { type GateOptions, NotReady, type SendGate } from "./sendGate.ts";

export type SenderOptions = GateOptions & Pick<EnginePorts, "sleep" | "random" | "ownLimits" | "log">;

export interface Sending {
  readonly deliveryId: string;
  readonly service: MailService;
  readonly errand: Errand;
  readonly gate: SendGate;
  readonly signal: AbortSignal;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #drafts: Drafts;
  /** Mails whose draft was lost once already: a service that loses it again has a problem of its own. */
  readonly #restarted = new Set<string>();

  constructor(options: SenderOptions, drafts: Drafts) {
    this.#options = options;
    this.#drafts = drafts;
  }

  /**
   * Never rejects: the outcome becomes part of the record. The key and the exact bytes are on disk before the first
   * request, so that repeating it, here or after a restart, cannot reach anybody twice.
   */
  async send(sending: Sending): Promise<void> {
    const { deliveryId, errand } = sending;
    const { store, clock, log } = this.#options;
    try {
      const receipt = await this.#run(sending);
      const done = errand.done(receipt, store.get(deliveryId).send, clock.now());
      store.apply(deliveryId, done);
      if (done.type === "sent") this.#options.ownLimits?.sent(store.get(deliveryId));
      await store.flushed(deliveryId);
      this.#restarted.delete(deliveryId);
      log.info(`The ${errand.name} of ${deliveryId} is done (request ${receipt.requestId ?? "unknown"})`);
    } catch (reason) {
      this.#settle(sending, reason);
    }
  }

  async #run({ deliveryId, service, errand, gate, signal }: Sending) {
    const { store, clock, newId, log, sleep, random } = this.#options;
    const delivery = store.get(deliveryId);
    const { body, keeper } = delivery.send ?? (await freezeMail(service, delivery, clock.now()));
    let send = gate.prepare(
      delivery.send ?? { idempotencyKey: newId(), body, keeper, startedAt: clock.now(), mayBeOut: true },
    );
    const noteWait = (error: FreightError, waitMs: number, mayBeOut: boolean) =>
      store.apply(deliveryId, {
        type: "sendWaits",
        mayBeOut,
        until: clock.now() + waitMs,
        reason: error.code,
      });
    const repeating = {
      signal,
      sleep,
      random,
      onWait: (error: FreightError, waitMs: number) => {
        noteWait(error, waitMs, gate.mayBeOut);
        log.warn(`The ${errand.name} waits: ${explain(error)}`);
      },
    };
    const draft = await withoutDoubt(
      this.#drafts.of(deliveryId, service, signal, (open) => withRetries(open, repeating)),
    );
    const attempt = async (): Promise<Receipt> => {
      send = gate.prepare(send);
      store.apply(deliveryId, { type: "sendStarted", send, recallable: !gate.mayBeOut });
      await store.flushed(deliveryId);
      try {
        return await errand.run({ ...send, draft, isInDoubt: gate.isInDoubt, gate: gate.pass }, signal);
      } catch (reason) {
        if (reason instanceof FreightError) gate.failed(reason);
        if (!(reason instanceof StoodStill)) throw reason;
        // Nothing has left.
        await store.assertOurs(deliveryId);
        return attempt();
      }
    };
    return withRetries(attempt, {
      ...repeating,
      onWait: (error, waitMs) => {
        noteWait(error, waitMs, gate.mayBeOut && !error.keySpent);
        log.warn(
          `The ${errand.name} is repeated under ${error.keySpent ? "a new" : "the same"} key: ${explain(error)}`,
        );
      },
      // A mail that may have been sent does not wait for long: a person finds out sooner than the service.
      mayRepeat: (error) =>
        error.keySpent || (gate.isSafe && !(gate.mayBeOut && (error.retryAfterMs ?? 0) > LONG_WAIT_MS)),
    });
  }

  #settle(sending: Sending, reason: unknown): void {
    const { deliveryId, gate, signal, errand } = sending;
    const { store, leases, log } = this.#options;
    // Only saving the outcome failed, which the store reports; or the mail is gone, or another window's now.
    const delivery = store.find(deliveryId);
    if (delivery?.phase !== "waiting" && delivery?.phase !== "sending") return;
    if (reason instanceof FreightError && reason.is("driven-elsewhere")) return;
    if (signal.aborted || isCancellation(reason)) {
      // If another window owns the mail by now, this one writes nothing.
      if (!gate.mayBeOut && leases.holds(deliveryId)) store.apply(deliveryId, { type: "sendKept" });
      return;
    }
    if (reason instanceof NotReady) {
      store.apply(deliveryId, { type: "sendHalted" });
      return;
    }
    log.error(`The ${errand.name} failed: ${explain(reason)}`);
    this.#options.ownLimits?.failed(delivery, reason);
    const error = asFreightError(reason);
    if (this.#isMended(sending, delivery, error)) return;
    const isInDoubt = leavesDoubt(sending, error);
    if (isInDoubt && delivery.purpose.type === "draft") store.apply(deliveryId, { type: "draftAsked" });
    store.apply(
      deliveryId,
      isInDoubt
        ? { type: "sendUnconfirmed", error: toSavedError(errand.unconfirmed(error)) }
        : { type: "sendFailed", error: toSavedError(error) },
    );
  }

  /** True when nothing but time was lost: the mail continues, or waits for a decision about a file. */
  #isMended(sending: Sending, delivery: DeliveryRecord, error: FreightError): boolean {
    const { store } = this.#options;
    const { deliveryId } = sending;
    if (leavesDoubt(sending, error)) return false;
    if (blame(store, deliveryId, error)) return true;
    if (error.is("saved-draft-lost")) {
      store.apply(deliveryId, {
        type: error instanceof SavedDraftUnknown ? "savedDraftDoubted" : "savedDraftLost",
      });
      // A draft is saved anew. Whether to send what may have been sent elsewhere is a person's decision.
      return delivery.purpose.type === "draft";
    }
    if (isRefused(error) && delivery.attachments.some(({ reused }) => reused)) {
      // The service may refuse a file because it was sent before: upload it again.
      store.apply(deliveryId, { type: "reusedDropped" });
      return true;
    }
    if (!error.is("draft-lost")) return false;
    store.apply(deliveryId, { type: "draftDropped" });
    // The second time the person is told; the next Send starts with a new draft all the same.
    if (this.#restarted.delete(deliveryId)) return false;
    this.#restarted.add(deliveryId);
    return true;
  }
}

/** A request may also have left if its try ended with an error that is not the network's. */
function leavesDoubt({ errand, gate }: Sending, error: FreightError): boolean {
  return errand.leavesDoubt(error, gate.isInDoubt || gate.mayBeOut || error.mayHaveActed);
}

/** The service refuses the mail as it is. */
function isRefused({ status }: FreightError): boolean {
  return status !== undefined && [400, 404, 409, 410, 422].includes(status);
}

/**
 * Gives a failure to the file that is to blame for it: nothing was sent, and the mail waits for a decision on it.
 * @returns false when no file is
 */
function blame(store: DeliveryStore, deliveryId: string, error: FreightError): boolean {
  const blamed = store.get(deliveryId).attachments.filter(({ path }) => path === error.path);
  if (blamed.length === 0 || error.mayHaveActed) return false;
  store.apply(deliveryId, { type: "sendHalted" });
  for (const { id, part, path } of blamed) {
    // A part of another version would fit none of the others.
    const reason = part !== undefined && error.is("file-changed") ? fileChangedInParts(path) : error;
    store.apply(deliveryId, {
      type: "attachment",
      attachmentId: id,
      event: { type: "failed", error: toSavedError(reason) },
    });
  }
  return true;
}
