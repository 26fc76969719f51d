/** The only home of deliveries. A fact goes in by `apply`; whoever shows something hears `onDidChange` and asks. */
import type { SecretShelf } from "../../accounts/accountBook.ts";
import { asFreightError, FreightError, toSavedError } from "../../base/errors.ts";
import { type Disposable, Emitter } from "../../base/lifecycle.ts";
import { explain, type Log } from "../../base/log.ts";
import { parseJson } from "../../net/json.ts";
import { sleep } from "../../net/retry.ts";
import { advance, type DeliveryEvent } from "../record/advance.ts";
import { type DeliveryRecord, type SavedDelivery, secretName, toSaved } from "../record/delivery.ts";
import { isFinished } from "../record/queries.ts";
import { type Journal, StoodStill } from "./disk/journal.ts";
import { RecordWriter } from "./disk/recordWriter.ts";
import { drivenElsewhere, ofAnotherVersion } from "./drivenElsewhere.ts";
import { recognize, UnknownRecords } from "./foundRecords.ts";
import { UploadTargets } from "./uploadTargets.ts";

export interface StoreOptions {
  readonly journal: Journal;
  readonly secrets: SecretShelf;
  readonly log: Log;
  /** How long to wait before a write that failed is repeated, in milliseconds, after so many in a row. */
  readonly retryMs?: (failures: number) => number;
}

/** A moment at first: a disk that is full is often full for a moment only. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
/** The same for a window that closes. */
const PERSIST_MS = 100;

/** So many mails are read first of all: more than a tree shows at once. */
const FIRST = 200;
/** So many are understood in one go: some milliseconds. */
const IN_ONE_GO = 200;

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
  readonly #writers = new Map<string, RecordWriter>();
  /** The revision of each form that is on disk. */
  readonly #savedRevisions = new Map<string, number>();
  readonly #retryMs: (failures: number) => number;
  /** The end of each record's line of reads. */
  readonly #reads = new Map<string, Promise<void>>();
  readonly #unknown = new UnknownRecords();
  #isComplete = true;
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
    this.#retryMs =
      options.retryMs ??
      ((failures) => Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10)));
  }

  /**
   * Reads what earlier sessions left. Records that nobody can read are set aside; those of another version of Freight
   * Mail stay as they are.
   * @param onFirst called, where there are many, once the newest can be shown: all others come later
   * @returns how many were set aside
   */
  async load(onFirst?: () => void): Promise<number> {
    const newest = onFirst === undefined ? [] : ((await this.#journal.readNewest?.(FIRST)) ?? []);
    const first = new Map<string, DeliveryRecord | undefined>();
    for (const { id, value } of newest) {
      const found = recognize(id, value);
      if (found === undefined || found === "foreign" || this.#deliveries.has(id)) continue;
      this.#take(id, found, value);
      first.set(id, this.#deliveries.get(id));
    }
    if (first.size > 0) onFirst?.();
    let unreadable = 0;
    for (const [at, { id, value, text = "", failure }] of (await this.#journal.readAll()).entries()) {
      // Of a long history, the other extensions shall notice nothing.
      if (at % IN_ONE_GO === IN_ONE_GO - 1) await new Promise((resolve) => setImmediate(resolve));
      if (failure !== undefined) {
        // It may be whole: the next start looks again.
        this.#log.error(`The saved record ${id} could not be read: ${explain(failure)}`);
        this.#isComplete = false;
        continue;
      }
      const found = recognize(id, value);
      if (found === undefined) {
        unreadable++;
        // What a torn text does not name any more, nobody can know.
        if (value === undefined) this.#isComplete = false;
        this.#unknown.add(id, value === undefined ? text : JSON.stringify(value));
        this.#log.warn(`The saved record ${id} cannot be read and was set aside.`);
        await this.#journal.setAside(id).catch((reason: unknown) => this.#log.error(explain(reason)));
      }
      // What this process already knows is newer than what it finds on disk; but what it has just read.
      else if (this.#deliveries.get(id) === first.get(id)) this.#take(id, found, value);
      first.delete(id);
    }
    // Another window has removed them meanwhile.
    for (const [id, delivery] of first) if (this.#deliveries.get(id) === delivery) this.#drop(id);
    for (const [at, text] of (await this.#journal.readAside?.())?.entries() ?? []) {
      this.#isComplete &&= parseJson(text) !== undefined;
      this.#unknown.add(`aside ${at}`, text);
    }
    for (const delivery of this.list()) this.#didChange.fire({ id: delivery.id, delivery });
    return unreadable;
  }

  /** False when a record was found whose content is not known: nothing may be deleted because no record wants it. */
  get isComplete(): boolean {
    return this.#isComplete;
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
    return this.#inTurn(id, async () => {
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
    return this.#inTurn(id, async () => {
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
    void this.#writers.get(id)?.stop();
    this.#writers.delete(id);
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
  withFarewells(): DeliveryRecord[] {
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
    this.#save(delivery.id);
    this.#didChange.fire({ id: delivery.id, delivery });
  }

  /** Notes a fact. It is shown immediately and saved soon; `flushed` waits until it is durable. */
  apply(id: string, event: DeliveryEvent): DeliveryRecord {
    const before = this.#deliveries.get(id) ?? this.get(id);
    const delivery = advance(before, event);
    if (delivery === before) return delivery;
    this.#put(delivery);
    if (!isFleeting(before, event)) this.#save(id);
    this.#didChange.fire({ id, delivery: this.find(id) });
    return delivery;
  }

  /**
   * Resolves when everything applied so far is on disk. Await it before a request that the record protects.
   * @throws FreightError `journal-unwritable` when the write failed (it is repeated until it succeeds), or
   *   `driven-elsewhere` when another window has taken the record over
   */
  async flushed(id: string): Promise<void> {
    await this.#writers.get(id)?.flushed();
  }

  /** Resolves when nothing of a record is left to save, however long that takes. */
  async saved(id: string): Promise<void> {
    await this.#writers.get(id)?.settled();
  }

  /**
   * Tries to save what is not on disk yet, until it is or `signal` aborts.
   * @returns whether nothing is left to save
   */
  async persist(id: string, signal: AbortSignal): Promise<boolean> {
    while (this.isUnsaved(id) && !signal.aborted)
      await this.flushed(id).catch(() => sleep(PERSIST_MS, signal).catch(() => {})); // Told by the writer.
    return !this.isUnsaved(id);
  }

  /** True while a record has facts that are not on disk. */
  isUnsaved(id: string): boolean {
    return this.#writers.get(id)?.isDirty === true;
  }

  /** The revision of a mail's form that is on disk; -1 while none is. */
  savedRevision(id: string): number {
    return this.#savedRevisions.get(id) ?? -1;
  }

  /**
   * Forgets deliveries with everything that belongs to them.
   * @throws FreightError `driven-elsewhere` for a record of another version of Freight Mail
   */
  async remove(id: string): Promise<void> {
    if (this.isForeign(id)) throw ofAnotherVersion();
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined) return;
    const writer = this.#writers.get(id);
    this.#drop(id);
    this.#didChange.fire({ id, delivery: undefined });
    await writer?.stop();
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

  /** Drops the secrets of files that are complete: a window that was killed right before may have left them. */
  async dropSpentTargets(id: string): Promise<void> {
    for (const attachment of this.find(id)?.attachments ?? [])
      if (attachment.status === "ready") await this.targets.drop(secretName(attachment));
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

  #inTurn(id: string, read: () => Promise<void>): Promise<void> {
    const turn = (this.#reads.get(id) ?? Promise.resolve()).catch(() => {}).then(read); // Whoever asked was told.
    this.#reads.set(id, turn);
    const forget = () => {
      if (this.#reads.get(id) === turn) this.#reads.delete(id);
    };
    turn.then(forget, forget);
    return turn;
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
      this.#savedRevisions.set(id, found.form.revision);
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
    this.#writers.delete(id);
    this.#savedRevisions.delete(id);
    return this.#deliveries.delete(id);
  }

  /** The facts that come while a write is under way share the next one. */
  #save(id: string): void {
    const writer = this.#writers.get(id) ?? this.#newWriter(id);
    this.#writers.set(id, writer);
    writer.save();
  }

  /**
   * Writes a record that is still ours when it takes the place of the one before.
   * @param isCurrent false once what is written does not count any more
   */
  async #write(id: string, record: SavedDelivery, isCurrent: () => boolean): Promise<void> {
    for (;;)
      try {
        return await this.#journal.write(
          id,
          record,
          () => isCurrent() && this.#isSure(id),
          isFinished(record),
        );
      } catch (reason) {
        if (!(reason instanceof StoodStill)) throw reason;
        if (!isCurrent()) throw drivenElsewhere();
        await this.assertOurs(id);
      }
  }

  #newWriter(id: string): RecordWriter {
    const writer: RecordWriter = new RecordWriter({
      confirm: () => this.assertOurs(id),
      write: async () => {
        const delivery = this.#deliveries.get(id);
        if (delivery === undefined) return;
        await this.#write(id, toSaved(delivery), () => this.#writers.get(id) === writer);
        const { revision } = delivery.form;
        if (this.savedRevision(id) === revision || !this.#deliveries.has(id)) return;
        this.#savedRevisions.set(id, revision);
        this.#didChange.fire({ id, delivery: this.find(id) });
      },
      isFinal: (reason) => reason instanceof FreightError && reason.is("driven-elsewhere"),
      onFailed: (reason) => {
        const error = asFreightError(reason);
        // Said once, and not each time that it is tried; who has taken the record over is told of elsewhere.
        if (!error.is("driven-elsewhere") && this.trouble(id, error)) this.#log.error(explain(reason));
      },
      onSaved: () => this.trouble(id, null),
      retryMs: this.#retryMs,
    });
    return writer;
  }
}

/** True for what is gone with this process anyway: speed, waiting, bytes on their way. */
function isFleeting(before: DeliveryRecord, event: DeliveryEvent): boolean {
  if (event.type === "sendLeft") return true;
  if (event.type !== "attachment") return false;
  const inner = event.event;
  if (inner.type === "waited") return true;
  if (inner.type !== "progressed") return false;
  return before.attachments.some(
    ({ id, accepted }) => id === event.attachmentId && accepted === inner.accepted,
  );
}
