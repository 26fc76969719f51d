/** The uploads of this process: at most one per attachment, and as many at once as the service allows. */
import type { Account } from "../../accounts/accountBook.ts";
import { FreightError, isCancellation, toSavedError } from "../../base/errors.ts";
import { DisposableStore } from "../../base/lifecycle.ts";
import { explain } from "../../base/log.ts";
import { Tally } from "../../base/tally.ts";
import { orAborted } from "../../net/orAborted.ts";
import { Slots } from "../../net/slots.ts";
import { fileCarrierOf } from "../../services/mailService.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isUnderWay } from "../record/queries.ts";
import type { AttachmentUpload } from "./attachmentUpload.ts";

type Options = Pick<EnginePorts, "store" | "serviceFor" | "rules" | "ownLimits" | "log">;

interface Upload {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

export class UploadQueue {
  readonly #options: Options;
  readonly #attachmentUpload: AttachmentUpload;
  readonly #accountOf: (delivery: DeliveryRecord) => Account;
  readonly #onEnded: (deliveryId: string) => void;
  readonly #slots = new Slots();
  /** By attachment id. */
  readonly #running = new Map<string, Upload>();
  /** Attachments being stopped: they must not start again until that is in the record. */
  readonly #halting = new Tally();

  /**
   * @param accountOf throws when the account is gone
   * @param onEnded called when an upload of a mail has ended, so that the mail is looked at again
   */
  constructor(
    options: Options,
    attachmentUpload: AttachmentUpload,
    accountOf: (delivery: DeliveryRecord) => Account,
    onEnded: (deliveryId: string) => void,
  ) {
    this.#options = options;
    this.#attachmentUpload = attachmentUpload;
    this.#accountOf = accountOf;
    this.#onEnded = onEnded;
  }

  isRunning(attachmentId: string): boolean {
    return this.#running.has(attachmentId);
  }

  /** Starts the mail's uploads that should be running. */
  start(deliveryId: string): void {
    for (const { id, status } of this.#options.store.get(deliveryId).attachments)
      if (isUnderWay(status) && !this.#running.has(id) && !this.#halting.has(id)) this.#run(deliveryId, id);
  }

  /**
   * Aborts uploads immediately, calls `note` once they have ended, and then has the mail continue.
   * @param inTurn runs the last part when its turn comes (default: immediately)
   */
  async halt(
    deliveryId: string,
    attachmentIds: readonly string[],
    note: () => void | Promise<void>,
    inTurn: (work: () => Promise<void>) => Promise<void> = (work) => work(),
  ): Promise<void> {
    const end = async () => {
      const uploads = attachmentIds.map((id) => this.#running.get(id));
      for (const upload of uploads) upload?.controller.abort();
      await inTurn(async () => {
        await Promise.all(uploads.map((upload) => upload?.ended));
        await note();
      });
    };
    await this.#halting.during(attachmentIds, end).finally(() => this.#onEnded(deliveryId));
  }

  /**
   * Ends uploads without changing their records: they resume when their mails are looked at next. Resolves
   * when they have ended.
   * @param attachmentIds (default: all that are running)
   */
  async abort(attachmentIds: readonly string[] = [...this.#running.keys()]): Promise<void> {
    const uploads = attachmentIds.flatMap((id) => this.#running.get(id) ?? []);
    for (const { controller } of uploads) controller.abort();
    await Promise.all(uploads.map(({ ended }) => ended));
  }

  #run(deliveryId: string, attachmentId: string): void {
    const controller = new AbortController();
    const work = this.#carry(deliveryId, attachmentId, controller.signal);
    const ended = work.finally(() => this.#running.delete(attachmentId));
    this.#running.set(attachmentId, { controller, ended });
    void ended.then(() => this.#onEnded(deliveryId));
  }

  /** Never rejects: what goes wrong becomes part of the record. */
  async #carry(deliveryId: string, attachmentId: string, signal: AbortSignal): Promise<void> {
    const { store, rules, log } = this.#options;
    const owner = new DisposableStore();
    try {
      const account = this.#accountOf(store.get(deliveryId));
      const service = await orAborted(this.#options.serviceFor(account), signal);
      const delivery = store.get(deliveryId);
      // Files of an event reach people with their last byte: no send follows that could be stopped.
      if (delivery.event !== null) await rules?.begin(delivery, account);
      else rules?.assertUpload(delivery);
      const giveBack = await this.#slots.take(account.id, service.limits.parallelUploads, signal);
      owner.add({ dispose: giveBack });
      const now = store.get(deliveryId);
      const file = now.attachments.find(({ id }) => id === attachmentId);
      const carrier = fileCarrierOf(service, now, { asLink: file?.asLink === true });
      await this.#attachmentUpload.carry({ deliveryId, attachmentId, service: carrier, signal, owner });
    } catch (reason) {
      if (signal.aborted || isCancellation(reason)) return;
      if (reason instanceof FreightError && reason.is("driven-elsewhere")) return; // Another window's by now.
      log.warn(`Upload stopped: ${explain(reason)}`);
      const mail = store.get(deliveryId);
      const isLink = mail.attachments.some(({ id, asLink }) => id === attachmentId && asLink);
      const there = ({ id, accepted }: AttachmentRecord) => !isLink && (id === attachmentId || accepted > 0);
      this.#options.ownLimits?.failed({ ...mail, attachments: mail.attachments.filter(there) }, reason);
      const event = { type: "failed", error: toSavedError(reason) } as const;
      store.apply(deliveryId, { type: "attachment", attachmentId, event });
    } finally {
      owner.dispose();
    }
  }
}
