/** Mails that are scheduled at the service: cancelling one, and asking what became of it. */
import { asksPerson } from "../../accounts/nylasTokens.ts";
import { FreightError, toSavedError } from "../../base/errors.ts";
import { withRetries } from "../../net/retry.ts";
import type { MailService } from "../../services/mailService.ts";
import type { Schedule, ScheduleState, Schedules } from "../../services/scheduling.ts";
import { t } from "../../shared/l10n.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { drivenElsewhere } from "../store/drivenElsewhere.ts";
import { tooLate } from "./tooLateError.ts";

/** So close to its time, by the service's clock, a mail may be sent although the service has cancelled it. */
const TOO_LATE_MS = 10_000;
/** A mail still waiting so long after its time is held up, by a rule or full mailbox; it can be cancelled. */
const LEAVING_MS = 60_000;
/** After the scheduled time: a service needs a moment to send. */
const FIRST_LOOK_MS = 5_000;
const LOOK_AGAIN_MS = 20_000;
const LONGEST_LOOK_AGAIN_MS = 10 * 60_000;
const PATIENCE_MS = 60_000;

type Options = Pick<
  EnginePorts,
  "store" | "accounts" | "serviceFor" | "leases" | "clock" | "sleep" | "random"
>;

export class Scheduled {
  readonly #options: Options;
  /** When the service is to be asked next, and how often it was asked; by delivery id. */
  readonly #looks = new Map<string, { readonly at: number; readonly count: number }>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** The mails whose time has come, and that `ask` is due for. */
  due(): string[] {
    const { store, clock, accounts } = this.#options;
    const now = clock.now();
    return store
      .list()
      .filter(({ id, phase, schedule, accountId }) => {
        if (phase !== "scheduled" || schedule === null) return false;
        const account = accounts.find(accountId);
        // This is no reason to ask anybody to sign in.
        if (account !== undefined && asksPerson(account, now)) return false;
        return now >= (this.#looks.get(id)?.at ?? schedule.sendAt + FIRST_LOOK_MS);
      })
      .map(({ id }) => id);
  }

  /**
   * Cancels a scheduled mail, so that it can be edited again.
   * @returns true when a draft of it may be left in the mailbox
   * @throws FreightError `schedule-late` when it has been sent, or is being sent
   */
  async cancel(deliveryId: string): Promise<boolean> {
    const { store, clock, sleep, random } = this.#options;
    const delivery = store.find(deliveryId);
    if (delivery === undefined) throw tooLate(delivery);
    const { schedule, draft } = delivery;
    if (delivery.phase !== "scheduled" || schedule === null) return false;
    const { service, schedules } = await this.#serviceOf(delivery);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const repeating = { signal, sleep, random, onWait: () => {} };
    let isDraftLeft: boolean;
    try {
      // The service knows what has become of it; the clock of this machine may be wrong.
      const found = await withRetries(() => schedules.look(schedule, draft, signal), repeating);
      this.#assertWaits(deliveryId, schedule);
      const leftMs = schedule.sendAt - (found.now ?? clock.now());
      if (found.state === "sent") throw late(t("It was too late: the mail has been sent."));
      if (found.state === "failed" || (found.state === "unknown" && leftMs < 0)) {
        this.#note(deliveryId, schedule, found);
        return false;
      }
      if (leftMs < TOO_LATE_MS && leftMs > -LEAVING_MS) throw leaving();
      isDraftLeft = await withRetries(
        () =>
          schedules.cancel(schedule, deliveryId, draft, signal, () =>
            this.#assertWaits(deliveryId, schedule),
          ),
        repeating,
      );
      this.#assertWaits(deliveryId, schedule);
    } catch (reason) {
      if (reason instanceof FreightError && reason.is("schedule-late") && reason.mayHaveActed)
        this.#left(deliveryId, schedule);
      throw signal.aborted ? notTakenBack(reason) : reason;
    }
    store.apply(deliveryId, { type: "scheduleCancelled" });
    // Its draft was deleted, and the files with it.
    if (service.drafts !== undefined) store.apply(deliveryId, { type: "draftDropped" });
    await store.flushed(deliveryId);
    return isDraftLeft;
  }

  /** Asks what became of a mail whose time has come, and notes it. @throws FreightError when it cannot be asked */
  async ask(deliveryId: string, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#options;
    const delivery = store.get(deliveryId);
    const { schedule, draft } = delivery;
    if (delivery.phase !== "scheduled" || schedule === null) return;
    const count = (this.#looks.get(deliveryId)?.count ?? 0) + 1;
    const waitMs = Math.min(LONGEST_LOOK_AGAIN_MS, LOOK_AGAIN_MS * 2 ** (count - 1));
    this.#looks.set(deliveryId, { at: clock.now() + waitMs, count });
    const { schedules } = await this.#serviceOf(delivery);
    const found = await schedules.look(schedule, draft, signal);
    this.#assertWaits(deliveryId, schedule);
    this.#note(deliveryId, schedule, found);
    if (found.state !== "pending") this.#looks.delete(deliveryId);
    await store.flushed(deliveryId);
  }

  /** To be called after each wait: the mail may be another window's by now, or cancelled, or gone. */
  #assertWaits(deliveryId: string, { id, sendAt }: Schedule): void {
    const { store, leases } = this.#options;
    const delivery = store.find(deliveryId);
    if (!leases.holds(deliveryId)) throw drivenElsewhere();
    const isSame = delivery?.schedule?.id === id && delivery.schedule.sendAt === sendAt;
    if (delivery?.phase !== "scheduled" || !isSame) throw tooLate(delivery);
  }

  #note(deliveryId: string, schedule: Schedule, { state, reason }: ScheduleState): void {
    const { store } = this.#options;
    if (state === "sent") this.#left(deliveryId, schedule);
    else if (state === "failed")
      store.apply(deliveryId, { type: "sendFailed", error: toSavedError(notSent(reason)) });
    else if (state === "unknown")
      store.apply(deliveryId, { type: "sendUnconfirmed", error: toSavedError(unknown()) });
  }

  #left(deliveryId: string, { sendAt }: Schedule): void {
    const { store } = this.#options;
    const { messageId, requestId } = store.get(deliveryId);
    store.apply(deliveryId, { type: "sent", messageId, requestId, at: sendAt });
  }

  async #serviceOf({ accountId }: DeliveryRecord): Promise<{ service: MailService; schedules: Schedules }> {
    const account = this.#options.accounts.find(accountId);
    const service = account === undefined ? undefined : await this.#options.serviceFor(account);
    if (service?.schedules !== undefined) return { service, schedules: service.schedules };
    throw new FreightError(
      "no-account",
      t(
        "This mail's account was removed. The mail will still be sent as scheduled; cancel it in your mail program.",
      ),
      { remedy: "addAccount" },
    );
  }
}

/** The mail has been sent. */
function late(message: string): FreightError {
  return new FreightError("schedule-late", message, { mayHaveActed: true });
}

/** The mail is so close to its time that nobody can say whether it will be sent. */
function leaving(): FreightError {
  return new FreightError(
    "schedule-late",
    t(
      "It is too late to cancel: the mail is being sent right now. If it is still scheduled in a minute, cancel it again.",
    ),
  );
}

function notTakenBack(cause: unknown): FreightError {
  return new FreightError(
    "timeout",
    t(
      "The mail service did not answer for a minute. As far as we know, the mail will still be sent as scheduled: cancel it again when the connection is back.",
    ),
    { cause },
  );
}

function notSent(reason: string | undefined): FreightError {
  const message =
    reason === undefined || reason === ""
      ? t("The service could not send the mail at the scheduled time.")
      : t("The service could not send the mail at the scheduled time ({0}).", reason);
  return new FreightError("provider-refused", message, { remedy: "retry" });
}

function unknown(): FreightError {
  return new FreightError(
    "send-unconfirmed",
    t(
      "The service no longer knows the scheduled mail: it was cancelled elsewhere, or its outcome is no longer kept. Check Sent Items before you send it again.",
    ),
    { remedy: "sendAgain" },
  );
}
