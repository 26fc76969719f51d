/** The only home of deliveries. A fact goes in by `apply`; whoever shows something hears `onDidChange` and asks. */
import type { SecretShelf } from "../../accounts/accountBook.ts";
import { asFreightError, type FreightError, toSavedError } from "../../base/errors.ts";
import { type Disposable, Emitter } from "../../base/lifecycle.ts";
import { explain, type Log } from "../../base/log.ts";
import { Turns } from "../../base/turns.ts";
import { advance, type DeliveryEvent, isFleeting } from "../record/advance.ts";
import { type DeliveryRecord, type SavedDelivery, secretName } from "../record/delivery.ts";
import { type Journal, StoodStill } from "./disk/journal.ts";
import { drivenElsewhere, ofAnotherVersion } from "./drivenElsewhere.ts";
import { findRecords, recognize, UnknownRecords } from "./foundRecords.ts";
import { RecordWriters } from "./recordWriters.ts";
import { UploadTargets } from "./uploadTargets.ts";

export interface StoreOptions {
  readonly journal: Journal;
  readonly secrets: SecretShelf;
  readonly log: Log;
  /** How long to wait before a write that failed is repeated, in milliseconds, after so many in a row. */
  readonly retryMs?: (failures: number) => number;
}

export interface DeliveryChange {
  readonly id: string;
  /** Undefined when the delivery was removed. */
  readonly delivery: DeliveryRecord | undefined;
}

export class DeliveryStore implements Disposable {
  readonly #journal: Journal;
  readonly #log: Log;
  readonly targets: UploadTargets;
  readonly #deliveries = new Map<string, DeliveryRecord>();
  /** The ids, newest first; unset when there are other ones than before. */
  #order: readonly string[] | undefined;
  readonly #writers: RecordWriters;
  /** A record is read once at a time. */
  readonly #reads = new Turns();
  readonly #unknown = new UnknownRecords();
  #mayWrite: (id: string) => Promise<boolean> = async () => true;
  #owns: (id: string) => boolean = () => false;
  #isSure: (id: string) => boolean = () => true;
  /** Records that this window has lost to another one and not read since. */
  readonly #outdated = new Set<string>();
  readonly #didChange: Emitter<DeliveryChange>;
  readonly onDidChange: Emitter<DeliveryChange>["event"];
  readonly #didStumble: Emitter<FreightError>;
  /** Fires once when the disk starts to refuse what should be saved; not again before everything is saved. */
  readonly onDidStumble: Emitter<FreightError>["event"];

  constructor(options: StoreOptions) {
    this.#journal = options.journal;
    this.targets = new UploadTargets(options.secrets);
    this.#log = options.log;
    this.#didChange = new Emitter((reason) => options.log.error(explain(reason)));
    this.onDidChange = this.#didChange.event;
    this.#didStumble = new Emitter((reason) => options.log.error(explain(reason)));
    this.onDidStumble = this.#didStumble.event;
    this.#writers = new RecordWriters({
      journal: options.journal,
      current: (id) => this.#deliveries.get(id),
      assertOurs: (id) => this.assertOurs(id),
      isSure: (id) => this.#isSure(id),
      onFormSaved: (id) => this.#didChange.fire({ id, delivery: this.find(id) }),
      onFailed: (id, reason) => {
        const error = asFreightError(reason);
        // Said once, and not each time that it is tried; who has taken the record over is told of elsewhere.
        if (!error.is("driven-elsewhere") && this.trouble(id, error)) this.#log.error(explain(reason));
      },
      onSaved: (id) => this.trouble(id, null),
      retryMs: options.retryMs,
    });
  }

  /**
   * Reads what earlier sessions left. Records that nobody can read are set aside; those of another version of Freight
   * Mail stay as they are.
   * @param onFirst called, where there are many, once the newest can be shown: all others come later
   * @returns how many were set aside
   */
  async load(onFirst?: () => void): Promise<number> {
    const unreadable = await findRecords(
      {
        journal: this.#journal,
        unknown: this.#unknown,
        known: (id) => this.#deliveries.get(id),
        take: (...found) => this.#take(...found),
        drop: (id) => this.#drop(id),
        log: this.#log,
      },
      onFirst,
    );
    for (const delivery of this.list()) this.#didChange.fire({ id: delivery.id, delivery });
    return unreadable;
  }

  /** False when a record was found whose content is not known: nothing may be deleted because no record wants it. */
  get isComplete(): boolean {
    return this.#unknown.isComplete;
  }

  /** True when a record that cannot be understood here has this text in it, as the name of a file. */
  mentions(text: string): boolean {
    return this.#unknown.mention(text);
  }

  /** True for a record that another version of Freight Mail has written: it is shown as it was last known, and left alone. */
  isForeign(id: string): boolean {
    return this.#unknown.isForeign(id);
  }

  /**
   * Takes a record as another window left it; one that is gone or cannot be read is forgotten here. What this window
   * owns, or comes to know meanwhile, counts more than what was read.
   */
  reload(id: string): Promise<void> {
    return this.#reads.take(id, async () => {
      for (;;) {
        const before = this.#deliveries.get(id);
        const value = await this.#journal.read(id);
        if (this.#owns(id) || this.isUnsaved(id)) return;
        if (this.#deliveries.get(id) === before) return this.#replace(id, value);
      }
    });
  }

  /** Takes a record as the last window that owned it has left it, whatever is known here. */
  adopt(id: string): Promise<void> {
    return this.#reads.take(id, async () => {
      const value = await this.#journal.read(id);
      this.lost(id);
      this.#outdated.delete(id);
      this.#replace(id, value);
    });
  }

  /**
   * Another window has owned a record meanwhile: nothing that this one had to save counts any more, and until it is
   * adopted nothing of it is written. Also not by a write that is under way, should this window come to own it again.
   */
  lost(id: string): void {
    this.#outdated.add(id);
    void this.#writers.stop(id);
  }

  /**
   * Has each write ask first whether this window still owns the record.
   * @param owns the same as far as it is known without asking
   * @param isSure whether that is beyond doubt at this moment, see `Leases`
   */
  fence(
    mayWrite: (id: string) => Promise<boolean>,
    owns: (id: string) => boolean = () => false,
    isSure: (id: string) => boolean = () => true,
  ): void {
    this.#mayWrite = mayWrite;
    this.#owns = owns;
    this.#isSure = isSure;
  }

  /**
   * Looks whether this window still owns the record; when not, takes it as the other one has left it.
   * @throws FreightError `driven-elsewhere`
   */
  async assertOurs(id: string): Promise<void> {
    if (this.isForeign(id)) throw ofAnotherVersion();
    if ((await this.#mayWrite(id)) && !this.#outdated.has(id)) return;
    await this.adopt(id);
    throw drivenElsewhere();
  }

  /**
   * For what must not leave after a stop of this window, in the turn in which it leaves.
   * @throws StoodStill when another window may own the record by now: ask `assertOurs`
   */
  assertSure(id: string): void {
    if (!this.#isSure(id)) throw new StoodStill();
  }

  /** Newest first. */
  list(): DeliveryRecord[] {
    this.#order ??= [...this.#deliveries.values()]
      .filter(({ discarded }) => !discarded)
      .sort((a, b) => b.createdAt - a.createdAt)
      .map(({ id }) => id);
    return this.#order.map((id) => this.get(id));
  }

  /** Undefined also for one that was discarded. */
  find(id: string): DeliveryRecord | undefined {
    const delivery = this.#deliveries.get(id);
    return delivery?.discarded === true ? undefined : delivery;
  }

  /** True also for one that was discarded. */
  has(id: string): boolean {
    return this.#deliveries.has(id);
  }

  /** Everything that services must be told of still, also for mails that were discarded. */
  withCleanup(): DeliveryRecord[] {
    return [...this.#deliveries.values()].filter(
      ({ remoteCleanup, discarded }) => remoteCleanup.length > 0 || discarded,
    );
  }

  /** Forgets a mail that was discarded, once nobody must be told of it any more. */
  async removeDiscarded(id: string): Promise<void> {
    const delivery = this.#deliveries.get(id);
    if (delivery?.discarded === true && delivery.remoteCleanup.length === 0) await this.remove(id);
  }

  /** @throws Error for an unknown id: a bug of the caller */
  get(id: string): DeliveryRecord {
    const delivery = this.find(id);
    if (delivery === undefined) throw new Error(`No delivery ${id}`);
    return delivery;
  }

  add(delivery: DeliveryRecord): void {
    this.#put(delivery);
    this.#writers.save(delivery.id);
    this.#didChange.fire({ id: delivery.id, delivery });
  }

  /** Notes a fact. It is shown immediately and saved soon; `flushed` waits until it is durable. */
  apply(id: string, event: DeliveryEvent): DeliveryRecord {
    const before = this.#deliveries.get(id) ?? this.get(id);
    const delivery = advance(before, event);
    if (delivery === before) return delivery;
    this.#put(delivery);
    if (!isFleeting(before, event)) this.#writers.save(id);
    this.#didChange.fire({ id, delivery: this.find(id) });
    return delivery;
  }

  /**
   * Resolves when everything applied so far is on disk. Await it before a request that the record protects.
   * @throws FreightError `journal-unwritable` when the write failed (it is repeated until it succeeds), or
   *   `driven-elsewhere` when another window has taken the record over
   */
  flushed(id: string): Promise<void> {
    return this.#writers.flushed(id);
  }

  /** Resolves when nothing of a record is left to save, however long that takes. */
  saved(id: string): Promise<void> {
    return this.#writers.saved(id);
  }

  /**
   * Tries to save what is not on disk yet, until it is or `signal` aborts.
   * @returns whether nothing is left to save
   */
  persist(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#writers.persist(id, signal);
  }

  /** True while a record has facts that are not on disk. */
  isUnsaved(id: string): boolean {
    return this.#writers.isUnsaved(id);
  }

  /** The revision of a mail's form that is on disk; -1 while none is. */
  savedRevision(id: string): number {
    return this.#writers.revision(id);
  }

  /**
   * Forgets deliveries with everything that belongs to them.
   * @throws FreightError `driven-elsewhere` for a record of another version of Freight Mail
   */
  async remove(id: string): Promise<void> {
    if (this.isForeign(id)) throw ofAnotherVersion();
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined) return;
    const stopped = this.#writers.forget(id);
    this.#drop(id);
    this.#didChange.fire({ id, delivery: undefined });
    await stopped;
    await this.#journal.remove(id);
    for (const attachment of delivery.attachments) await this.targets.drop(secretName(attachment));
  }

  /**
   * Notes why a mail cannot be saved or worked on at the moment, for the person to see; null when it can again.
   * @returns true when that is news
   */
  trouble(id: string, error: FreightError | null): boolean {
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined) return false;
    const { trouble, ...rest } = delivery;
    if (trouble?.message === error?.message) return false;
    const isFirst = error !== null && !this.list().some((other) => other.trouble !== undefined);
    const next = error === null ? rest : { ...rest, trouble: toSavedError(error) };
    this.#put(next);
    this.#didChange.fire({ id, delivery: this.find(id) });
    if (isFirst) this.#didStumble.fire(error);
    return true;
  }

  /** Deletes what crashes have left of records. @param now milliseconds since the epoch, by a clock that is believed */
  async tidy(now: number): Promise<void> {
    await this.#journal.tidy?.(now);
  }

  /**
   * Drops the secrets of files that are complete, which is on disk: the keyring, or the disk, may not have been ready then.
   * @param isFound the record was just read: a window that was killed may have left some, too
   */
  async dropSpentTargets(id: string, isFound = false): Promise<void> {
    if (this.isUnsaved(id)) return;
    const ready = (this.find(id)?.attachments ?? []).filter(({ status }) => status === "ready");
    for (const name of ready.map(secretName))
      if (isFound || this.targets.isKnown(name)) await this.targets.drop(name);
  }

  dispose(): void {
    this.#didChange.dispose();
    this.#didStumble.dispose();
  }

  #put(delivery: DeliveryRecord): void {
    const before = this.#deliveries.get(delivery.id);
    if (before?.createdAt !== delivery.createdAt || before.discarded !== delivery.discarded)
      this.#order = undefined;
    this.#deliveries.set(delivery.id, delivery);
  }

  /** Takes what was read of a record in the place of what is known. */
  #replace(id: string, value: unknown): void {
    const found = recognize(id, value);
    if (found !== undefined) this.#take(id, found, value);
    else if (!this.#drop(id)) return;
    this.#didChange.fire({ id, delivery: this.find(id) });
  }

  #take(id: string, found: SavedDelivery | "foreign", value: unknown): void {
    if (found !== "foreign") {
      this.#unknown.forget(id);
      this.#writers.read(found);
      this.#put(found);
      return;
    }
    this.#log.warn(`The saved record ${id} comes from another version of Freight Mail and is left alone.`);
    this.#unknown.addForeign(id, value);
    const known = this.#deliveries.get(id);
    if (known !== undefined) this.#put({ ...known, trouble: toSavedError(ofAnotherVersion()) });
  }

  #drop(id: string): boolean {
    this.#unknown.forget(id);
    this.#order = undefined;
    void this.#writers.forget(id);
    return this.#deliveries.delete(id);
  }
}
