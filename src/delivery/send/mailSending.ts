/** Sends a mail once its files are there: checks whether it may leave, leaves a moment for Undo, sends it. */
import type { Account } from "../../accounts/accountBook.ts";
import { asksPerson } from "../../accounts/nylasTokens.ts";
import { isCancellation, type SavedError, toSavedError } from "../../base/errors.ts";
import { explain } from "../../base/log.ts";
import { Tally } from "../../base/tally.ts";
import { orAborted } from "../../net/orAborted.ts";
import { SavedDraftUnknown } from "../../services/drafts.ts";
import { carrierOf, type MailService } from "../../services/mailService.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { isHeldBack } from "../record/mailSet.ts";
import { isRecallable } from "../record/queries.ts";
import type { Drafts } from "../upload/drafts.ts";
import { saveErrand, sendErrand } from "./errand.ts";
import { FilesCheck, type FilesCheckParts } from "./filesCheck.ts";
import { freezeMail } from "./frozenMail.ts";
import { LinkSharing } from "./linkSharing.ts";
import { Sender, type SenderOptions } from "./sender.ts";
import { SendGate } from "./sendGate.ts";
import { UndoSend } from "./undoSend.ts";

type Options = SenderOptions & Pick<EnginePorts, "undoSendMs" | "serviceFor">;

/** The parts of the engine that sending needs. */
export interface SendingParts extends FilesCheckParts {
  readonly drafts: Drafts;
  /** Throws when the account is gone. */
  readonly accountOf: (delivery: DeliveryRecord) => Account;
  /** Has the engine look at a mail again. */
  readonly kick: (deliveryId: string) => void;
}

interface Send {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  /** Whether it may have left this machine. */
  readonly mayBeOut: () => boolean;
}

/** How often to check whether a hindered send can continue. */
const LOOK_AGAIN_MS = 5_000;
/** No service keeps an idempotency key for longer: after that only a person can tell what to do. */
const LONGEST_HINDRANCE_MS = 60 * 60_000;

export class MailSending {
  readonly #options: Options;
  readonly #parts: SendingParts;
  readonly #sender: Sender;
  readonly #undoSend: UndoSend;
  readonly #links: LinkSharing;
  readonly #files: FilesCheck;
  /** By delivery id. */
  readonly #sends = new Map<string, Send>();
  /** Mails that a person is acting on: none of them starts to leave. */
  readonly #held = new Tally();
  /** Mails with a look scheduled by `#lookAgain`. */
  readonly #hindered = new Set<string>();
  readonly #closing = new AbortController();

  constructor(options: Options, parts: SendingParts) {
    this.#options = options;
    this.#parts = parts;
    this.#sender = new Sender(options, parts.drafts);
    this.#undoSend = new UndoSend(options);
    this.#links = new LinkSharing(options, this.#closing.signal);
    this.#files = new FilesCheck(options, parts, this.#closing.signal);
  }

  /** True from the moment a mail is about to leave until its outcome is in the record. */
  isUnderWay(deliveryId: string): boolean {
    return this.#sends.has(deliveryId);
  }

  /** Resolves when the mail is not being sent any more. */
  async ended(deliveryId: string): Promise<void> {
    await this.#sends.get(deliveryId)?.ended;
  }

  /** Keeps a mail from starting to leave while a person acts on it. */
  hold<T>(deliveryId: string, act: () => Promise<T>): Promise<T> {
    return this.#held.during([deliveryId], act).finally(() => this.#parts.kick(deliveryId));
  }

  /**
   * Stops the send of a mail if nothing has left, and calls `note` to record what becomes of the mail before
   * anything continues with it.
   * @returns false when it is too late: then `note` is not called
   */
  recall(deliveryId: string, note: () => void | Promise<void>): Promise<boolean> {
    return this.hold(deliveryId, async () => {
      const { store } = this.#options;
      const send = this.#sends.get(deliveryId);
      if (send?.mayBeOut() === true) return false;
      send?.controller.abort();
      await send?.ended;
      const delivery = store.find(deliveryId);
      if (delivery?.phase === "sending") {
        if (!isRecallable(delivery)) return false;
        store.apply(deliveryId, { type: "sendHalted" });
      }
      this.#undoSend.stay(deliveryId);
      await note();
      return true;
    });
  }

  /** Aborts the send of a mail without changing its record: whoever owns the mail continues with it. */
  abort(deliveryId: string): void {
    this.#sends.get(deliveryId)?.controller.abort();
    this.#undoSend.stay(deliveryId);
  }

  /** Starts no more sends. Those under way may take `graceMs` milliseconds to end; then they are aborted. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort();
    this.#undoSend.dispose();
    const sends = [...this.#sends.values()];
    // Nearly every send is over in a moment, and if it ends, nobody has to find out later what became of it.
    const grace = setTimeout(() => {
      for (const { controller } of sends) controller.abort();
    }, graceMs);
    await Promise.all(sends.map(({ ended }) => ended));
    clearTimeout(grace);
  }

  /** Sends a mail if it waits to be sent and may leave now; resumes a send that was interrupted. */
  async proceed(deliveryId: string): Promise<void> {
    const { store, clock } = this.#options;
    if (this.isUnderWay(deliveryId)) return;
    const { phase, send, event, accountId } = store.get(deliveryId);
    if (phase === "sending" && send?.mayBeOut !== false) return this.#start(deliveryId, true);
    // Nothing has left: the mail waits as before. For an event nobody has to press Send again.
    if (phase === "sending" || (phase === "failed" && event !== null))
      store.apply(deliveryId, { type: "sendHalted" });
    // From another account it may be sent by now, with other files: that is another look's work.
    const isDue = () => store.find(deliveryId)?.accountId === accountId && this.#isDue(deliveryId);
    if (!isDue()) return this.#undoSend.stay(deliveryId);
    try {
      const whole = await this.#options.serviceFor(this.#parts.accountOf(store.get(deliveryId)));
      const service = carrierOf(whole, store.get(deliveryId));
      // The mail may have been taken back, or a file removed, while the service was being prepared.
      if (!isDue()) return;
      if (this.#files.renewRunOut(deliveryId, service)) return this.#parts.kick(deliveryId);
      if (event !== null) this.#options.rules?.assertUpload(store.get(deliveryId));
      const objections = await this.#files.objections(deliveryId, whole);
      if (!isDue()) return;
      if (objections.size === 0)
        for (const refusal of await this.#links.open(deliveryId, whole, isDue)) objections.set(...refusal);
      if (!isDue()) return;
      this.#files.object(deliveryId, objections);
      if (objections.size > 0 || !this.#links.areOpen(store.get(deliveryId)))
        return this.#parts.kick(deliveryId);
      // If the mail is too large for one request, say so now and not after the moment for Undo.
      if (service.carriesFiles === true) await freezeMail(service, store.get(deliveryId), clock.now());
      if (!isDue()) return;
      // The files were in the event with their last byte: there is nothing to send.
      if (store.get(deliveryId).event !== null) await this.#settleEvent(deliveryId, whole);
      else if (
        // Only what reaches people immediately needs a moment for Undo.
        store.get(deliveryId).purpose.type !== "send" ||
        hasHadItsMoment(store.get(deliveryId)) ||
        this.#undoSend.mayLeave(deliveryId, () => this.#parts.kick(deliveryId))
      )
        this.#start(deliveryId, false);
    } catch (reason) {
      // By now another call may have started to send it, or a person has taken it back or discarded it.
      if (this.#closing.signal.aborted || store.find(deliveryId) === undefined || !isDue()) return;
      if (event === null) store.apply(deliveryId, { type: "sendFailed", error: toSavedError(reason) });
      // For an event there is no Send to press again: it continues as soon as it can.
      else {
        store.apply(deliveryId, { type: "sendHindered", error: hindrance(reason) });
        this.#lookAgain(deliveryId);
      }
    }
  }

  async #settleEvent(deliveryId: string, service: MailService): Promise<void> {
    const { store, clock, rules } = this.#options;
    const delivery = store.get(deliveryId);
    const account = this.#parts.accountOf(delivery);
    await rules?.begin(delivery, account);
    await this.#links.tellEvent(deliveryId, service);
    if (!this.#isDue(deliveryId)) return;
    // Meanwhile a person changed whom the links are for: write them again.
    if (!this.#links.areOpen(store.get(deliveryId))) return this.#parts.kick(deliveryId);
    store.apply(deliveryId, { type: "sent", messageId: null, requestId: null, at: clock.now() });
    await rules?.end(deliveryId, account);
  }

  /** True while a mail waits to leave, all of its files are ready, and it is not leaving yet. */
  #isDue(deliveryId: string): boolean {
    const delivery = this.#options.store.get(deliveryId);
    const { phase, attachments } = delivery;
    return (
      phase === "waiting" &&
      !isHeldBack(delivery) &&
      !this.isUnderWay(deliveryId) &&
      // A file being removed may be ready by now; one being added is not in the list yet.
      !this.#held.has(deliveryId) &&
      attachments.every(({ status }) => status === "ready")
    );
  }

  #lookAgain(deliveryId: string): void {
    if (this.#hindered.has(deliveryId)) return;
    this.#hindered.add(deliveryId);
    this.#options
      .sleep(LOOK_AGAIN_MS, this.#closing.signal)
      .then(
        () => {},
        () => {}, // The window closes; the kick then does nothing.
      )
      .then(() => {
        this.#hindered.delete(deliveryId);
        this.#parts.kick(deliveryId);
      });
  }

  #start(deliveryId: string, resumed: boolean): void {
    const controller = new AbortController();
    let gate: SendGate | undefined;
    const ended = this.#send(deliveryId, resumed, controller.signal, (made) => {
      gate = made;
    }).finally(() => this.#sends.delete(deliveryId));
    this.#sends.set(deliveryId, { controller, ended, mayBeOut: () => gate?.mayBeOut ?? resumed });
    void ended.then(() => this.#parts.kick(deliveryId));
  }

  /** Never rejects: what goes wrong becomes part of the record. */
  async #send(
    deliveryId: string,
    resumed: boolean,
    signal: AbortSignal,
    onGate: (gate: SendGate) => void,
  ): Promise<void> {
    const { store, log, rules } = this.#options;
    try {
      const service = await this.#ready(deliveryId, resumed, signal);
      const delivery = store.get(deliveryId);
      const errand =
        delivery.purpose.type === "draft"
          ? saveErrand(delivery, service)
          : sendErrand(delivery, service, (patience) => this.#savedIn(delivery, patience));
      const { ages, mayBeDone, unconfirmed } = errand;
      const areLinksOpen = (mail: DeliveryRecord) => this.#links.areOpen(mail);
      const rest = { ages, mayBeDone, unconfirmed, areLinksOpen };
      const gate = new SendGate(this.#options, { deliveryId, service, signal, mayBeOut: resumed, ...rest });
      onGate(gate);
      const account = this.#parts.accountOf(delivery);
      await rules?.begin(delivery, account);
      await this.#sender.send({ deliveryId, service, errand, gate, signal });
      await rules?.end(deliveryId, account);
    } catch (reason) {
      // This failed before any request: whether an earlier process has sent the mail is still open.
      if (signal.aborted || isCancellation(reason) || store.find(deliveryId) === undefined) return;
      log.error(explain(reason));
      const error = toSavedError(reason);
      store.apply(deliveryId, { type: resumed ? "sendUnconfirmed" : "sendFailed", error });
    }
  }

  /** The service of the account where a mail was saved. Checking a draft is no reason to ask for sign-in. */
  async #savedIn(delivery: DeliveryRecord, signal: AbortSignal): Promise<MailService> {
    const { savedDraft } = delivery;
    const account = this.#parts.accountOf({ ...delivery, accountId: savedDraft?.accountId ?? null });
    if (asksPerson(account, this.#options.clock.now())) throw new SavedDraftUnknown();
    return orAborted(this.#options.serviceFor(account), signal);
  }

  /**
   * The mail's service. A resumed send waits for it: right after a start, the account's key may still be
   * locked away, and a person should not have to find out what the service can tell us later.
   */
  async #ready(deliveryId: string, resumed: boolean, signal: AbortSignal): Promise<MailService> {
    const { store, clock, sleep } = this.#options;
    for (;;) {
      const delivery = store.get(deliveryId);
      const account = this.#parts.accountOf(delivery);
      try {
        return carrierOf(await orAborted(this.#options.serviceFor(account), signal), delivery);
      } catch (reason) {
        const since = delivery.send?.startedAt ?? 0;
        if (isCancellation(reason) || !resumed || clock.now() - since >= LONGEST_HINDRANCE_MS) throw reason;
        store.apply(deliveryId, { type: "sendHindered", error: hindrance(reason) });
        await sleep(LOOK_AGAIN_MS, signal);
      }
    }
  }
}

/** A mail shares the moment of the first mail of its set, unless a person has sent it by itself since. */
function hasHadItsMoment({ set }: DeliveryRecord): boolean {
  return set !== null && set.answers !== null && set.isSentAlone !== true;
}

/** Why it cannot continue for now. Without a Retry button, because it is tried again by itself. */
function hindrance(reason: unknown): SavedError {
  const error = toSavedError(reason);
  return error.remedy === "retry" ? { ...error, remedy: null } : error;
}
