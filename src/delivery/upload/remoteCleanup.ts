/**
 * Tells services what is no longer wanted: uploads, drafts that no file needs, links that end. Each task is
 * kept in the record until it is done: without a network, across restarts, and after the mail was discarded.
 * Whether a draft may still be deleted, its service decides (`services/drafts.ts`).
 */
import { asksPerson } from "../../accounts/nylasTokens.ts";
import { asFreightError, FreightError, toSavedError } from "../../base/errors.ts";
import { explain } from "../../base/log.ts";
import { linksOf, type MailService } from "../../services/mailService.ts";
import { t } from "../../shared/l10n.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { CleanupTask, DeliveryRecord } from "../record/delivery.ts";
import type { Ownership } from "../store/ownership.ts";

type Options = Pick<EnginePorts, "store" | "accounts" | "serviceFor" | "clock" | "log">;

/** For one task: cleaning up must not hold anything up. */
const PATIENCE_MS = 10_000;
/** VS Code gives an extension five seconds to shut down; what is left then is done by the next window. */
const LAST_WORDS_MS = 1_500;
/** The first and the longest wait between two tries for one mail. Trying without a network costs nothing. */
const TRY_AGAIN_MS = 1_000;
const LONGEST_TRY_AGAIN_MS = 15_000;
/** For so long a draft may still turn up after the request that opens it went unanswered. */
const SETTLED_MS = 60_000;

export class RemoteCleanup {
  readonly #options: Options;
  readonly #ownership: Ownership;
  readonly #isDriven: (attachmentId: string) => boolean;
  readonly #onAllSaid: (deliveryId: string) => void;
  /** By delivery id. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** Mails that wait for another try: how often they failed in a row, and the timer that starts it. */
  readonly #waiting = new Map<string, { readonly failures: number; readonly timer: NodeJS.Timeout }>();
  readonly #closing = new AbortController();

  /**
   * @param isDriven true while work on an attachment is under way
   * @param onAllSaid called when the last of a mail's tasks is done
   */
  constructor(
    options: Options,
    ownership: Ownership,
    isDriven: (attachmentId: string) => boolean,
    onAllSaid: (deliveryId: string) => void,
  ) {
    this.#options = options;
    this.#ownership = ownership;
    this.#isDriven = isDriven;
    this.#onAllSaid = onAllSaid;
  }

  /** Drops an attachment's session, and tells the service if there is anything to tell. */
  abandon(deliveryId: string, attachmentId: string): void {
    const { store, clock } = this.#options;
    store.apply(deliveryId, { type: "uploadAbandoned", attachmentId, at: clock.now() });
    this.say(deliveryId);
  }

  /**
   * Has the service delete its draft of a mail, unless an upload needs it, or a person has saved it.
   * @param orLost forgets a saved draft, and deletes one that was asked for and may exist, by the mail's mark
   */
  discardDraft(deliveryId: string, orLost = false): void {
    const { store, clock } = this.#options;
    const { draft, savedDraft, attachments } = store.get(deliveryId);
    if ((draft === null || draft.id === savedDraft?.id) && !orLost) return;
    const hangsOnIt = attachments.filter(({ asLink }) => !asLink);
    if (hangsOnIt.some(({ id, session }) => session !== null || this.#isDriven(id))) return;
    store.apply(deliveryId, { type: "draftAbandoned", at: clock.now() });
    this.say(deliveryId);
  }

  /** Starts a mail's tasks now; those that fail are repeated until they are done. */
  say(deliveryId: string): void {
    clearTimeout(this.#waiting.get(deliveryId)?.timer);
    this.#waiting.delete(deliveryId);
    this.#begin(deliveryId);
  }

  /** The same, unless the mail waits for another try. */
  saySoon(deliveryId: string): void {
    if (!this.#waiting.has(deliveryId)) this.#begin(deliveryId);
  }

  /** Resolves when a discarded mail is gone, or its remaining tasks are on disk. */
  async noted(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    await store.flushed(deliveryId);
    const isPending = store
      .withCleanup()
      .some(({ id, remoteCleanup }) => id === deliveryId && remoteCleanup.length > 0);
    if (!isPending) await this.#underWay.get(deliveryId);
  }

  /** Resolves when no task is running; those that take longer than a moment are left to the next window. */
  async close(): Promise<void> {
    const patience = setTimeout(() => this.#closing.abort(), LAST_WORDS_MS);
    await Promise.all(this.#underWay.values());
    clearTimeout(patience);
    this.#closing.abort();
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #begin(deliveryId: string): void {
    if (this.#underWay.has(deliveryId) || this.#closing.signal.aborted) return;
    if (!this.#options.store.withCleanup().some(({ id }) => id === deliveryId)) return;
    const saying = this.#sayAll(deliveryId)
      .catch((reason: unknown) => {
        this.#options.log.info(explain(reason));
        return false;
      })
      .then((isAllSaid) => {
        this.#underWay.delete(deliveryId);
        if (isAllSaid) this.#waiting.delete(deliveryId);
        else this.#wait(deliveryId);
      });
    this.#underWay.set(deliveryId, saying);
  }

  #wait(deliveryId: string): void {
    if (this.#closing.signal.aborted || !this.#ownership.holds(deliveryId)) return;
    const failures = (this.#waiting.get(deliveryId)?.failures ?? 0) + 1;
    const ms = Math.min(LONGEST_TRY_AGAIN_MS, TRY_AGAIN_MS * 2 ** (failures - 1));
    const timer = setTimeout(() => this.#begin(deliveryId), ms).unref();
    this.#waiting.set(deliveryId, { failures, timer });
  }

  /** @returns false when something must be tried again */
  async #sayAll(deliveryId: string): Promise<boolean> {
    const { store } = this.#options;
    const tried = new Set<string>();
    let isAllSaid = true;
    for (;;) {
      // The task is on disk before the service is told, so that nothing uses what it deletes after a restart.
      await store.flushed(deliveryId);
      const record = store.withCleanup().find(({ id }) => id === deliveryId);
      const task = record?.remoteCleanup.find(({ id }) => !tried.has(id));
      if (record === undefined || task === undefined || !this.#ownership.holds(deliveryId)) break;
      tried.add(task.id);
      const said = await this.#say(record, task);
      if (said === false) isAllSaid = false;
      else {
        await store.targets.drop(task.id);
        const refusal = said === true ? undefined : { ...toSavedError(said), remedy: null };
        store.apply(deliveryId, { type: "cleanupDone", id: task.id, refusal });
      }
    }
    if (isAllSaid) await this.#leave(deliveryId);
    if (isAllSaid && tried.size > 0) this.#onAllSaid(deliveryId);
    return isAllSaid;
  }

  /** Removes a discarded mail after its last task. */
  async #leave(deliveryId: string): Promise<void> {
    if (!this.#ownership.holds(deliveryId)) return;
    await this.#options.store.removeDiscarded(deliveryId);
    if (this.#options.store.find(deliveryId) === undefined) await this.#ownership.release(deliveryId);
  }

  /** False when it must be tried again; an error when trying again is of no use. */
  async #say(record: DeliveryRecord, task: CleanupTask): Promise<boolean | FreightError> {
    const { accounts, serviceFor, clock, log } = this.#options;
    const { over } = task;
    // A file that goes as a link has a place of its own, which does not expire.
    const ends = over.type === "upload" && !over.asLink ? over.expiresAt : null;
    if (ends !== null && ends <= clock.now()) return true;
    const account = accounts.find(task.accountId);
    if (account === undefined) {
      log.info("The account of something that is over was removed: its service cannot be told.");
      return new FreightError(
        "no-account",
        t(
          "The account of this mail was removed. Change who can open the file in the place where it is stored.",
        ),
      );
    }
    // Cleaning up is no reason to ask anybody to sign in.
    if (asksPerson(account, clock.now())) return false;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      const service = await serviceFor(account);
      if (over.type === "draft") return await this.#isDraftGone(service, record, task, signal);
      if (over.type === "link") {
        const { fileId: attachmentId, size, file } = over;
        const links = linksOf(service);
        await (file === "stays"
          ? links.close(attachmentId, signal)
          : links.cancel({ attachmentId, size, target: undefined, draft: null }, signal));
        return true;
      }
      const { size, holder, attachmentId, asLink } = over;
      const target = await this.#options.store.targets.find(task.id);
      if (target !== undefined || attachmentId !== null)
        await (asLink ? linksOf(service) : service).cancel(
          { size, target, draft: holder, attachmentId },
          signal,
        );
      return true;
    } catch (reason) {
      log.info(`The service was not told of what is over: ${explain(reason)}`);
      return isRefusal(reason) && asFreightError(reason);
    }
  }

  async #isDraftGone(
    { drafts, savedDrafts }: MailService,
    record: DeliveryRecord,
    { over, accountId, since }: CleanupTask,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (over.type !== "draft") return true;
    if (over.draft !== null) await savedDrafts?.remove(over.draft.id, signal);
    if (drafts === undefined) return true;
    if (over.draft !== null) {
      await drafts.discard(over.draft, signal);
      return true;
    }
    // The mail may be opening another draft right now, under the same mark.
    if (record.accountId === accountId && record.draftAsked && record.draft === null) return false;
    const gone = await drafts.discardMarked(record.id, record.draft, signal);
    return gone > 0 || this.#options.clock.now() - since >= SETTLED_MS;
  }
}

/** A rejected key can be replaced, and a service, or this draft, is not busy for ever. */
const MAY_CHANGE: readonly number[] = [401, 403, 407, 408, 409, 412, 423, 429];

/** The service itself has refused the request: another try would get the same answer. */
function isRefusal(reason: unknown): boolean {
  if (!(reason instanceof FreightError) || !reason.isOwnWord || reason.status === undefined) return false;
  const { status } = reason;
  return status >= 400 && status < 500 && !MAY_CHANGE.includes(status);
}
