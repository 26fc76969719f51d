/** Has records saved, each by a writer of its own: the facts that come while a write is under way share the next one. */
import { FreightError } from "../../base/errors.ts";
import { sleep } from "../../net/retry.ts";
import { type DeliveryRecord, type SavedDelivery, toSaved } from "../record/delivery.ts";
import { isFinished } from "../record/queries.ts";
import { type Journal, StoodStill } from "./disk/journal.ts";
import { RecordWriter } from "./disk/recordWriter.ts";
import { drivenElsewhere } from "./drivenElsewhere.ts";

export interface RecordWritersOptions {
  readonly journal: Journal;
  /** A record as it is now; undefined when it is gone. */
  readonly current: (id: string) => DeliveryRecord | undefined;
  /** Looks whether this window owns a record. @throws FreightError `driven-elsewhere` */
  readonly assertOurs: (id: string) => Promise<void>;
  /** Whether it does at this moment, beyond doubt. */
  readonly isSure: (id: string) => boolean;
  /** Another revision of a mail's form is on disk. */
  readonly onFormSaved: (id: string) => void;
  readonly onFailed: (id: string, reason: unknown) => void;
  /** Nothing is left to save. */
  readonly onSaved: (id: string) => void;
  /** How long to wait before a write that failed is repeated, in milliseconds, after so many in a row. */
  readonly retryMs: ((failures: number) => number) | undefined;
}

/** A moment at first: a disk that is full is often full for a moment only. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
/** The same for a window that closes. */
const PERSIST_MS = 100;

export class RecordWriters {
  readonly #options: RecordWritersOptions;
  readonly #writers = new Map<string, RecordWriter>();
  /** The revision of each form that is on disk. */
  readonly #savedRevisions = new Map<string, number>();

  constructor(options: RecordWritersOptions) {
    this.#options = options;
  }

  /** There is something new to save. */
  save(id: string): void {
    const writer = this.#writers.get(id) ?? this.#newWriter(id);
    this.#writers.set(id, writer);
    writer.save();
  }

  /** See `DeliveryStore`. */
  async flushed(id: string): Promise<void> {
    await this.#writers.get(id)?.flushed();
  }

  /** Resolves when nothing of a record is left to save, however long that takes. */
  async saved(id: string): Promise<void> {
    await this.#writers.get(id)?.settled();
  }

  /** Tries to save what is not on disk yet, until it is or `signal` aborts. @returns whether nothing is left to save */
  async persist(id: string, signal: AbortSignal): Promise<boolean> {
    while (this.isUnsaved(id) && !signal.aborted)
      await this.flushed(id).catch(() => sleep(PERSIST_MS, signal).catch(() => {})); // Told by the writer.
    return !this.isUnsaved(id);
  }

  isUnsaved(id: string): boolean {
    return this.#writers.get(id)?.isDirty === true;
  }

  /** The revision of a mail's form that is on disk; -1 while none is. */
  revision(id: string): number {
    return this.#savedRevisions.get(id) ?? -1;
  }

  /** A record was read: that much of it is on disk. */
  read({ id, form }: SavedDelivery): void {
    this.#savedRevisions.set(id, form.revision);
  }

  /** Nothing of a record that was to be saved counts any more. Resolves when no write of it is under way. */
  async stop(id: string): Promise<void> {
    const writer = this.#writers.get(id);
    this.#writers.delete(id);
    await writer?.stop();
  }

  /** The same of one that is gone. */
  forget(id: string): Promise<void> {
    this.#savedRevisions.delete(id);
    return this.stop(id);
  }

  /**
   * Writes a record that is still ours when it takes the place of the one before.
   * @param isCurrent false once what is written does not count any more
   */
  async #write(record: SavedDelivery, isCurrent: () => boolean): Promise<void> {
    const { journal, isSure, assertOurs } = this.#options;
    const { id } = record;
    for (;;)
      try {
        return await journal.write(id, record, () => isCurrent() && isSure(id), isFinished(record));
      } catch (reason) {
        if (!(reason instanceof StoodStill)) throw reason;
        if (!isCurrent()) throw drivenElsewhere();
        await assertOurs(id);
      }
  }

  #newWriter(id: string): RecordWriter {
    const { current, assertOurs, onFormSaved, onFailed, onSaved, retryMs = usualRetryMs } = this.#options;
    const writer: RecordWriter = new RecordWriter({
      confirm: () => assertOurs(id),
      write: async () => {
        const delivery = current(id);
        if (delivery === undefined) return;
        await this.#write(toSaved(delivery), () => this.#writers.get(id) === writer);
        const { revision } = delivery.form;
        if (this.revision(id) === revision || current(id) === undefined) return;
        this.#savedRevisions.set(id, revision);
        onFormSaved(id);
      },
      isFinal: (reason) => reason instanceof FreightError && reason.is("driven-elsewhere"),
      onFailed: (reason) => onFailed(id, reason),
      onSaved: () => onSaved(id),
      retryMs,
    });
    return writer;
  }
}

function usualRetryMs(failures: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
}
