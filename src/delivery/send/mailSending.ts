/** Has a mail leave once its files are there: looks whether it may, gives a moment to take it back, then sends it. */
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

/** What of the engine a sending needs. */
export interface SendingParts extends FilesCheckParts {
  readonly drafts: Drafts;
  /** Throws when the account is gone. */
  readonly accountOf: (delivery: DeliveryRecord) => Account;
  /** Has a mail looked at again. */
  readonly kick: (deliveryId: string) => void;
}

interface Send {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  /** Whether anything of it may have left. */
  readonly mayBeOut: () => boolean;
}

/** Between two looks whether a sending that is hindered can go on, in milliseconds. */
const LOOK_AGAIN_MS = 5_000;
/** As long as any service keeps a key: from then on only a person can tell what to do. */
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
  /** Mails that somebody is acting on: none of them begins to leave. */
  readonly #held = new Tally();
  /** Mails that are looked at again soon. */
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

  /** True from the moment in which a mail is about to leave until it is known what came of it. */
  isUnderWay(deliveryId: string): boolean {
    return this.#sends.has(deliveryId);
  }

  /** Resolves when nothing of a mail is being sent. */
  async ended(deliveryId: string): Promise<void> {
    await this.#sends.get(deliveryId)?.ended;
  }

  /** Has a mail not begin to leave while a person acts on it. */
  hold<T>(deliveryId: string, act: () => Promise<T>): Promise<T> {
    return this.#held.during([deliveryId], act).finally(() => this.#parts.kick(deliveryId));
  }

  /**
   * Ends the sending of a mail while none of it has left, and has it noted what becomes of the mail before anything
   * goes on with it.
   * @returns false when it is too late: then nothing is noted
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

  /** Breaks the sending of a mail off without a word to its record: whoever owns the mail goes on with it. */
  abort(deliveryId: string): void {
    this.#sends.get(deliveryId)?.controller.abort();
    this.#undoSend.stay(deliveryId);
  }

  /** Begins nothing any more. What is under way may take `graceMs` milliseconds to end; then it is broken off. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort();
    this.#undoSend.dispose();
    const sends = [...this.#sends.values()];
    // A send is nearly always over in a moment, and then nobody has to find out later what became of it.
    const grace = setTimeout(() => {
      for (const { controller } of sends) controller.abort();
    }, graceMs);
    await Promise.all(sends.map(({ ended }) => ended));
    clearTimeout(grace);
  }

  /** Sends a mail if it waits for that and may leave now, and goes on with one whose sending broke off. */
  async proceed(deliveryId: string): Promise<void> {
    const { store, clock } = this.#options;
    if (this.isUnderWay(deliveryId)) return;
    const { phase, send, event } = store.get(deliveryId);
    if (phase === "sending" && send?.mayBeOut !== false) return this.#start(deliveryId, true);
    // Nothing has left: it waits as it did before. Nobody has to press Send for an event.
    if (phase === "sending" || (phase === "failed" && event !== null))
      store.apply(deliveryId, { type: "sendHalted" });
    const isDue = () => this.#isDue(deliveryId);
    if (!isDue()) return this.#undoSend.stay(deliveryId);
    try {
      const whole = await this.#options.serviceFor(this.#parts.accountOf(store.get(deliveryId)));
      const service = carrierOf(whole, store.get(deliveryId));
      // Somebody may have taken it back, or removed a file, while the service was being readied.
      if (!isDue()) return;
      if (this.#files.renewRunOut(deliveryId, service)) return this.#parts.kick(deliveryId);
      if (event !== null) this.#options.rules?.assertUpload(store.get(deliveryId));
      const objections = await this.#files.objections(deliveryId, whole);
      if (!isDue()) return;
      if (objections.size === 0)
        for (const refusal of await this.#links.open(deliveryId, whole)) objections.set(...refusal);
      if (!isDue()) return;
      this.#files.object(deliveryId, objections);
      if (objections.size > 0 || !this.#links.areOpen(store.get(deliveryId)))
        return this.#parts.kick(deliveryId);
      // What is too large for one request is said immediately, and not at the end of the moment to take it back.
      if (service.carriesFiles === true) await freezeMail(service, store.get(deliveryId), clock.now());
      if (!isDue()) return;
      // With the last byte the files are in the event.
      if (store.get(deliveryId).event !== null) await this.#settleEvent(deliveryId, whole);
      else if (
        // Only what reaches somebody immediately needs a moment in which it can be taken back.
        store.get(deliveryId).purpose.type !== "send" ||
        hasHadItsMoment(store.get(deliveryId)) ||
        this.#undoSend.mayLeave(deliveryId, () => this.#parts.kick(deliveryId))
      )
        this.#start(deliveryId, false);
    } catch (reason) {
      // Another look at the mail may have begun to send it, or somebody has taken it back or discarded it.
      if (this.#closing.signal.aborted || store.find(deliveryId) === undefined || !isDue()) return;
      if (event === null) store.apply(deliveryId, { type: "sendFailed", error: toSavedError(reason) });
      // There is nothing to send, and so nothing to press: it goes on as soon as it can.
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
    // Somebody has chosen whom they are open to while that was written: it is written once more.
    if (!this.#links.areOpen(store.get(deliveryId))) return this.#parts.kick(deliveryId);
    store.apply(deliveryId, { type: "sent", messageId: null, requestId: null, at: clock.now() });
    await rules?.end(deliveryId, account);
  }

  /** True while a mail waits to leave, everything of it is ready, and it is not leaving yet. */
  #isDue(deliveryId: string): boolean {
    const delivery = this.#options.store.get(deliveryId);
    const { phase, attachments } = delivery;
    return (
      phase === "waiting" &&
      !isHeldBack(delivery) &&
      !this.isUnderWay(deliveryId) &&
      // A file that somebody is taking out may be ready by now; one that they are adding is not among them yet.
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
        () => {}, // The window closes, and what is kicked then stays as it is.
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
      // Only readying the service fails here; whether an earlier process reached the recipients is then still open.
      if (signal.aborted || isCancellation(reason) || store.find(deliveryId) === undefined) return;
      log.error(explain(reason));
      const error = toSavedError(reason);
      store.apply(deliveryId, { type: resumed ? "sendUnconfirmed" : "sendFailed", error });
    }
  }

  /** The service of the account that a mail was saved in. For a look at its draft nobody is asked to sign in there. */
  async #savedIn(delivery: DeliveryRecord, signal: AbortSignal): Promise<MailService> {
    const { savedDraft } = delivery;
    const account = this.#parts.accountOf({ ...delivery, accountId: savedDraft?.accountId ?? null });
    if (asksPerson(account, this.#options.clock.now())) throw new SavedDraftUnknown();
    return orAborted(this.#options.serviceFor(account), signal);
  }

  /**
   * The mail's service. For a sending that broke off it is waited for: the key of the account may be locked away for a
   * moment after a start, and nobody should have to find out what can still be asked.
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

/** With the first of its set, unless somebody has sent this one by itself since. */
function hasHadItsMoment({ set }: DeliveryRecord): boolean {
  return set !== null && set.answers !== null && set.isSentAlone !== true;
}

/** Why it does not go on for now. Another look comes without a click. */
function hindrance(reason: unknown): SavedError {
  const error = toSavedError(reason);
  return error.remedy === "retry" ? { ...error, remedy: null } : error;
}
