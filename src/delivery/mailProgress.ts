/** Starts whatever can be done next for a mail; everything that happens to a mail triggers another check. */
import { FreightError } from "../base/errors.ts";
import type { Emitter } from "../base/lifecycle.ts";
import { explain } from "../base/log.ts";
import type { MailSets } from "./acts/mailSets.ts";
import type { EnginePorts } from "./ports/enginePorts.ts";
import { isUnseen } from "./record/provenance.ts";
import { isHandedOver } from "./record/queries.ts";
import type { ReturnWatch } from "./returnWatch.ts";
import type { MailSending } from "./send/mailSending.ts";
import type { Scheduled } from "./send/scheduled.ts";
import type { Ownership } from "./store/ownership.ts";
import type { TakeoverWork } from "./takeover.ts";
import type { RemoteCleanup } from "./upload/remoteCleanup.ts";
import type { UploadQueue } from "./upload/uploadQueue.ts";

/** The parts of the engine that take mails forward. */
export interface MailProgressParts {
  readonly ownership: Ownership;
  readonly uploads: UploadQueue;
  readonly sending: MailSending;
  readonly sets: MailSets;
  readonly remoteCleanup: RemoteCleanup;
  readonly scheduled: Scheduled;
  readonly returnWatch: ReturnWatch;
  /** Fires for a mail that has to be checked. */
  readonly onKick: Emitter<string>["event"];
  /** Fires for a mail that another window now owns. */
  readonly onLost: Emitter<string>["event"];
  /** Aborted when the window closes. */
  readonly closing: AbortSignal;
}

export class MailProgress implements TakeoverWork {
  readonly #options: Pick<EnginePorts, "store" | "accounts" | "log">;
  readonly #parts: MailProgressParts;

  constructor(options: Pick<EnginePorts, "store" | "accounts" | "log">, parts: MailProgressParts) {
    this.#options = options;
    this.#parts = parts;
    parts.onKick((id) => this.#kick(id));
    parts.onLost((id) => this.#end(id));
  }

  async takeOver(deliveryId: string): Promise<void> {
    await this.#parts.ownership.claim(deliveryId);
    this.#options.log.info(`Going on with ${deliveryId}`);
    await this.#look(deliveryId);
  }

  /** Aborts all uploads without noting it in the records, so that each is kicked again once it has ended. */
  wake(): void {
    void this.#parts.uploads.abort();
  }

  /** Asks the service what became of scheduled mails that are due. */
  async askScheduled(): Promise<void> {
    const { ownership, scheduled, closing } = this.#parts;
    for (const id of scheduled.due()) {
      if (ownership.isRetained(id) || closing.aborted) continue;
      try {
        await ownership.during(id, () => scheduled.ask(id, closing));
      } catch (reason) {
        if (!isElsewhere(reason)) this.#options.log.warn(explain(reason));
      }
    }
  }

  /** Checks, account by account, whether sent mails came back; skips those that another window works on. */
  async lookForReturns(): Promise<void> {
    const { ownership, returnWatch, closing } = this.#parts;
    for (const ids of returnWatch.due()) {
      if (closing.aborted) return;
      const look = async () => {
        const ours: string[] = [];
        for (const id of ids) if (await this.#claims(id)) ours.push(id);
        await returnWatch.look(ours, closing);
      };
      try {
        await ownership.retain(ids, look).finally(() => {
          for (const id of ids) this.#kick(id);
        });
      } catch (reason) {
        if (!closing.aborted) this.#options.log.warn(explain(reason));
      }
    }
  }

  /** False for a mail that another window works on. */
  #claims(deliveryId: string): Promise<boolean> {
    return this.#parts.ownership.claim(deliveryId).then(
      () => true,
      (reason: unknown) => {
        if (isElsewhere(reason)) return false;
        throw reason;
      },
    );
  }

  /** Aborts this window's work on a mail that another window continues. */
  #end(deliveryId: string): void {
    const { sending, uploads } = this.#parts;
    sending.abort(deliveryId);
    const files = this.#options.store.find(deliveryId)?.attachments ?? [];
    void uploads.abort(files.map(({ id }) => id));
  }

  #kick(deliveryId: string): void {
    this.#look(deliveryId).catch((reason: unknown) => this.#options.log.error(explain(reason)));
  }

  async #look(deliveryId: string): Promise<void> {
    const { store, accounts, log } = this.#options;
    const { ownership, uploads, sending, sets, remoteCleanup, closing } = this.#parts;
    if (closing.aborted || !ownership.holds(deliveryId)) return;
    remoteCleanup.saySoon(deliveryId);
    void store.dropSpentTargets(deliveryId).catch((reason: unknown) => log.warn(explain(reason)));
    await sets.proceed(deliveryId);
    const mail = store.find(deliveryId);
    if (mail === undefined || closing.aborted || !ownership.holds(deliveryId)) return;
    if (accounts.find(mail.accountId) !== undefined && !isUnseen(mail)) uploads.start(deliveryId);
    await sending.proceed(deliveryId);
    // A mail that the service has taken over needs no owner; any other stays with its window.
    const delivery = store.find(deliveryId);
    if (delivery === undefined || !isHandedOver(delivery) || delivery.remoteCleanup.length > 0) return;
    // Nothing can be saved without the lease: wait for what this look, or another one, has noted.
    if (store.isUnsaved(deliveryId)) return void store.saved(deliveryId).then(() => this.#kick(deliveryId));
    if (!ownership.isRetained(deliveryId)) await ownership.release(deliveryId);
  }
}

function isElsewhere(reason: unknown): boolean {
  return reason instanceof FreightError && reason.is("driven-elsewhere");
}
