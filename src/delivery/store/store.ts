/** Holds all deliveries. Facts come in through `apply`; views hear `onDidChange` and ask for the rest. */
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
import { RecordSaving } from "./recordSaving.ts";
import { UploadTargets } from "./uploadTargets.ts";

export interface StoreOptions {
  readonly journal: Journal;
  readonly secrets: SecretShelf;
  readonly log: Log;
  /** Milliseconds to wait before a failed write is repeated, after that many failures in a row. */
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
  /** The ids, newest first; unset while they must be sorted again. */
  #order: readonly string[] | undefined;
  readonly #saving: RecordSaving;
  /** One read at a time for each record. */
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
  /** Fires when saving starts to fail; not again until everything is saved. */
  readonly onDidStumble: Emitter<FreightError>["event"];

  constructor(options: StoreOptions) {
    this.#journal = options.journal;
    this.targets = new UploadTargets(options.secrets);
    this.#log = options.log;
    this.#didChange = new Emitter((reason) => options.log.error(explain(reason)));
    this.onDidChange = this.#didChange.event;
    this.#didStumble = new Emitter((reason) => options.log.error(explain(reason)));
    this.onDidStumble = this.#didStumble.event;
    this.#saving = new RecordSaving({
      journal: options.journal,
      current: (id) => this.#deliveries.get(id),
      assertOurs: (id) => this.assertOurs(id),
      isSure: (id) => this.#isSure(id),
      onFormSaved: (id) => this.#didChange.fire({ id, delivery: this.find(id) }),
      onFailed: (id, reason) => {
        const error = asFreightError(reason);
        // Logged once, not at every attempt. That another window took the record over is reported elsewhere.
        if (!error.is("driven-elsewhere") && this.trouble(id, error)) this.#log.error(explain(reason));
      },
      onSaved: (id) => this.trouble(id, null),
      retryMs: options.retryMs,
    });
  }

  /**
   * Reads the saved records. Unreadable ones are set aside; those of another version of Freight Mail stay as
   * they are.
   * @param onFirst called, if there are many, once the newest can be shown; the others follow
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

  /** False if some record's content is not known: no file may then be deleted for not being in any record. */
  get isComplete(): boolean {
    return this.#unknown.isComplete;
  }

  /** True if a record that cannot be interpreted here contains this text, such as the name of a file. */
  mentions(text: string): boolean {
    return this.#unknown.mention(text);
  }

  /** True for a record of another version of Freight Mail: it is shown as last known, and left alone. */
  isForeign(id: string): boolean {
    return this.#unknown.isForeign(id);
  }

  /**
   * Rereads a record that another window has written; one that is gone or unreadable is forgotten here.
   * Nothing changes if this window owns the record, or has unsaved facts of it.
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

  /** Takes a record as its last owner left it, whatever is known here. */
  adopt(id: string): Promise<void> {
    return this.#reads.take(id, async () => {
      const value = await this.#journal.read(id);
      this.lost(id);
      this.#outdated.delete(id);
      this.#replace(id, value);
    });
  }

  /**
   * Notes that another window has owned a record meanwhile. Unsaved facts are dropped, and nothing is written
   * until the record is adopted; not even by a write under way, should this window own it again before that.
   */
  lost(id: string): void {
    this.#outdated.add(id);
    void this.#saving.stop(id);
  }

  /**
   * Makes each write ask first whether this window still owns the record.
   * @param owns the same, as far as it is known without asking
   * @param isSure whether that is certain at this moment, see `Leases`
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
   * Checks that this window still owns the record; if not, takes it as the other one has left it.
   * @throws FreightError `driven-elsewhere`
   */
  async assertOurs(id: string): Promise<void> {
    if (this.isForeign(id)) throw ofAnotherVersion();
    if ((await this.#mayWrite(id)) && !this.#outdated.has(id)) return;
    await this.adopt(id);
    throw drivenElsewhere();
  }

  /**
   * For requests that must not leave if this window was frozen: call it in the very turn in which one leaves.
   * @throws StoodStill when another window may own the record by now: call `assertOurs` then
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

  /** Undefined for a discarded mail, too. */
  find(id: string): DeliveryRecord | undefined {
    const delivery = this.#deliveries.get(id);
    return delivery?.discarded === true ? undefined : delivery;
  }

  /** True for a discarded mail, too. */
  has(id: string): boolean {
    return this.#deliveries.has(id);
  }

  /** The mails of which services must still be told something, and all discarded ones. */
  withCleanup(): DeliveryRecord[] {
    return [...this.#deliveries.values()].filter(
      ({ remoteCleanup, discarded }) => remoteCleanup.length > 0 || discarded,
    );
  }

  /** Forgets a discarded mail once no service must be told of it any more. */
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
    this.#saving.save(delivery.id);
    this.#didChange.fire({ id: delivery.id, delivery });
  }

  /** Notes a fact. It is shown immediately and saved soon; `flushed` waits until it is durable. */
  apply(id: string, event: DeliveryEvent): DeliveryRecord {
    const before = this.#deliveries.get(id) ?? this.get(id);
    const delivery = advance(before, event);
    if (delivery === before) return delivery;
    this.#put(delivery);
    if (!isFleeting(before, event)) this.#saving.save(id);
    this.#didChange.fire({ id, delivery: this.find(id) });
    return delivery;
  }

  /**
   * Resolves when everything applied so far is on disk. Await it before a request that the record protects.
   * @throws FreightError `journal-unwritable` when the write failed (it is repeated until it succeeds), or
   *   `driven-elsewhere` when another window has taken the record over
   */
  flushed(id: string): Promise<void> {
    return this.#saving.flushed(id);
  }

  /** Resolves when nothing of a record is left to save, however long that takes. */
  saved(id: string): Promise<void> {
    return this.#saving.saved(id);
  }

  /**
   * Tries to save what is not on disk yet, until it is or `signal` aborts.
   * @returns whether nothing is left to save
   */
  persist(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#saving.persist(id, signal);
  }

  /** True while a record has facts that are not on disk. */
  isUnsaved(id: string): boolean {
    return this.#saving.isUnsaved(id);
  }

  /** The revision of a mail's form that is on disk; -1 while none is. */
  savedRevision(id: string): number {
    return this.#saving.revision(id);
  }

  /**
   * Forgets a delivery and everything that belongs to it.
   * @throws FreightError `driven-elsewhere` for a record of another version of Freight Mail
   */
  async remove(id: string): Promise<void> {
    if (this.isForeign(id)) throw ofAnotherVersion();
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined) return;
    const stopped = this.#saving.forget(id);
    this.#drop(id);
    this.#didChange.fire({ id, delivery: undefined });
    await stopped;
    await this.#journal.remove(id);
    for (const attachment of delivery.attachments) await this.targets.drop(secretName(attachment));
  }

  /**
   * Notes why a mail cannot be saved or worked on now, for the person to see; null once it can again.
   * @returns true when that is new
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

  /** Deletes leftovers of crashes. @param now milliseconds since the epoch, by a clock that was checked */
  async tidy(now: number): Promise<void> {
    await this.#journal.tidy?.(now);
  }

  /**
   * Drops the secrets of uploaded files once that is on disk: the keyring or the disk may have been busy
   * before.
   * @param isFound the record was just read, so that a killed window may have left secrets, too
   */
  async dropSpentTargets(id: string, isFound = false): Promise<void> {
    if (this.isUnsaved(id)) return;
    const ready = () => this.find(id)?.attachments.filter(({ status }) => status === "ready") ?? [];
    for (const name of ready().map(secretName)) {
      // While another one was dropped, a new session may have put its address in this one's place.
      const isSpent = ready().some((attachment) => secretName(attachment) === name);
      if (isSpent && (isFound || this.targets.isKnown(name))) await this.targets.drop(name);
    }
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

  /** Replaces what is known of a record by what was read. */
  #replace(id: string, value: unknown): void {
    const found = recognize(id, value);
    if (found !== undefined) this.#take(id, found, value);
    else if (!this.#drop(id)) return;
    this.#didChange.fire({ id, delivery: this.find(id) });
  }

  #take(id: string, found: SavedDelivery | "foreign", value: unknown): void {
    if (found !== "foreign") {
      this.#unknown.forget(id);
      this.#saving.read(found);
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
    void this.#saving.forget(id);
    return this.#deliveries.delete(id);
  }
}
