/** Has a mail leave once its files are there: looks whether it may, gives a moment to take it back, then sends it. */
import type { Account } from "../accounts.ts";
import { type FreightError, toSavedError } from "../errors.ts";
import type { MailService } from "../services/mailService.ts";
import type { Carrier } from "./carrier.ts";
import { type DeliveryRecord, isAlive } from "./delivery.ts";
import { Departures, type DeparturesOptions } from "./departures.ts";
import { DraftSaver } from "./draftSaver.ts";
import type { Drafts } from "./drafts.ts";
import { freezeMail } from "./frozenMail.ts";
import { Sender, type SenderOptions } from "./sender.ts";
import type { Uploads } from "./uploads.ts";

export interface MailSendingOptions extends SenderOptions, DeparturesOptions {
  readonly serviceFor: (account: Account) => Promise<MailService>;
}

/** What of the engine a sending needs. */
export interface SendingParts {
  readonly drafts: Drafts;
  readonly carrier: Carrier;
  readonly uploads: Uploads;
  /** Throws when the account is gone. */
  readonly accountOf: (delivery: DeliveryRecord) => Account;
  /** Has a mail looked at again. */
  readonly kick: (deliveryId: string) => void;
}

interface Send {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

export class MailSending {
  readonly #options: MailSendingOptions;
  readonly #parts: SendingParts;
  readonly #sender: Sender;
  readonly #draftSaver: DraftSaver;
  readonly #departures: Departures;
  /** By delivery id. */
  readonly #sends = new Map<string, Send>();
  readonly #closing = new AbortController();

  constructor(options: MailSendingOptions, parts: SendingParts) {
    this.#options = options;
    this.#parts = parts;
    this.#sender = new Sender(options, parts.drafts);
    this.#draftSaver = new DraftSaver(options, parts.drafts);
    this.#departures = new Departures(options);
  }

  /** True from the moment in which a mail is about to leave until it is known what came of it. */
  isUnderWay(deliveryId: string): boolean {
    return this.#sends.has(deliveryId);
  }

  /** Resolves when nothing of a mail is being sent. */
  async ended(deliveryId: string): Promise<void> {
    await this.#sends.get(deliveryId)?.ended;
  }

  /** Breaks the sending of a mail off without a word to its record: whoever drives the mail goes on with it. */
  abort(deliveryId: string): void {
    this.#sends.get(deliveryId)?.controller.abort();
    this.stay(deliveryId);
  }

  /** Somebody took it back: the next time its moment begins anew. */
  stay(deliveryId: string): void {
    this.#departures.stay(deliveryId);
  }

  /** Begins nothing any more. What is under way may take `graceMs` milliseconds to end; then it is broken off. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort();
    this.#departures.dispose();
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
    const { store, clock, serviceFor } = this.#options;
    if (this.isUnderWay(deliveryId)) return;
    if (store.get(deliveryId).phase === "sending") return this.#start(deliveryId, true);
    const isDue = () => this.#isDue(deliveryId);
    if (!isDue()) return this.#departures.stay(deliveryId);
    try {
      const service = await serviceFor(this.#parts.accountOf(store.get(deliveryId)));
      // Somebody may have taken it back, or removed a file, while the service was being readied.
      if (!isDue()) return;
      if (this.#renewRunOut(deliveryId, service)) return this.#parts.kick(deliveryId);
      const objections = await this.#objections(deliveryId, service);
      if (!isDue()) return;
      for (const [attachmentId, error] of objections)
        store.apply(deliveryId, {
          type: "attachment",
          attachmentId,
          event: { type: "failed", error: toSavedError(error) },
        });
      if (objections.size > 0) return;
      // What is too large for one request is said at once, and not at the end of the moment to take it back.
      if (service.carriesFiles === true) await freezeMail(service, store.get(deliveryId), clock.now());
      if (!isDue()) return;
      // With the last byte the files are in the event.
      if (store.get(deliveryId).event !== null)
        store.apply(deliveryId, { type: "sent", messageId: null, requestId: null, at: clock.now() });
      else if (
        // Only what reaches somebody at once needs a moment to be taken back.
        store.get(deliveryId).purpose.type !== "send" ||
        this.#departures.mayLeave(deliveryId, () => this.#parts.kick(deliveryId))
      )
        this.#start(deliveryId, false);
    } catch (reason) {
      // Another look at the mail may have begun to send it, or somebody has taken it back or discarded it.
      if (this.#closing.signal.aborted || store.find(deliveryId) === undefined || !isDue()) return;
      store.apply(deliveryId, { type: "sendFailed", error: toSavedError(reason) });
    }
  }

  /** True while a mail waits to leave, everything of it is ready, and it is not leaving yet. */
  #isDue(deliveryId: string): boolean {
    const { phase, attachments } = this.#options.store.get(deliveryId);
    // A file that is being halted may be ready by now, and still not be meant to go.
    return (
      phase === "waiting" &&
      !this.isUnderWay(deliveryId) &&
      attachments.every(({ id, status }) => status === "ready" && !this.#parts.uploads.isHalting(id))
    );
  }

  /**
   * The service deletes a file at its session's end, sent or not: what cannot make it is uploaded again first.
   * @returns true when there is such a file
   */
  #renewRunOut(deliveryId: string, { limits }: MailService): boolean {
    const { store, clock } = this.#options;
    const runOut = store
      .get(deliveryId)
      .attachments.filter(({ session }) => !isAlive(session, clock.now(), limits.expiryMarginMs));
    for (const { id: attachmentId } of runOut) {
      store.apply(deliveryId, { type: "attachment", attachmentId, event: { type: "sessionDropped" } });
      store.apply(deliveryId, { type: "attachment", attachmentId, event: { type: "queued" } });
    }
    return runOut.length > 0;
  }

  /** What speaks against sending files as they are, by their id. */
  async #objections(deliveryId: string, service: MailService): Promise<ReadonlyMap<string, FreightError>> {
    const found = new Map<string, FreightError>();
    for (const attachment of this.#options.store.get(deliveryId).attachments) {
      const objection = await this.#parts.carrier.objection(attachment, service, this.#closing.signal);
      if (objection !== undefined) found.set(attachment.id, objection);
    }
    return found;
  }

  #start(deliveryId: string, resumed: boolean): void {
    const controller = new AbortController();
    const ended = this.#send(deliveryId, resumed, controller.signal).finally(() =>
      this.#sends.delete(deliveryId),
    );
    this.#sends.set(deliveryId, { controller, ended });
    void ended.then(() => this.#parts.kick(deliveryId));
  }

  /** Never rejects: what goes wrong becomes part of the record. */
  async #send(deliveryId: string, resumed: boolean, signal: AbortSignal): Promise<void> {
    const { store, serviceFor } = this.#options;
    try {
      const service = await serviceFor(this.#parts.accountOf(store.get(deliveryId)));
      const sending = { deliveryId, service, resumed, signal };
      if (store.get(deliveryId).purpose.type === "draft") await this.#draftSaver.save(sending);
      else await this.#sender.send(sending);
    } catch (reason) {
      // Only readying the service fails here; whether an earlier process reached the reader is then still open.
      const error = toSavedError(reason);
      store.apply(deliveryId, { type: resumed ? "sendUnconfirmed" : "sendFailed", error });
    }
  }
}
