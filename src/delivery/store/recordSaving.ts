/**
 * Saves records, each with its own writer: facts that arrive during a write share the next one. How long to wait
 * after a failure, as on a full disk, is decided here.
 */
import { FreightError } from "../../base/errors.ts";
import { sleep } from "../../net/retry.ts";
import { type DeliveryRecord, type SavedDelivery, toSaved } from "../record/delivery.ts";
import { isFinished } from "../record/queries.ts";
import { type Journal, StoodStill } from "./disk/journal.ts";
import { RecordWriter } from "./disk/recordWriter.ts";
import { drivenElsewhere } from "./drivenElsewhere.ts";

export interface RecordSavingOptions {
  readonly journal: Journal;
  /** A record as it is now; undefined when it is gone. */
  readonly current: (id: string) => DeliveryRecord | undefined;
  /** Checks that this window owns a record. @throws FreightError `driven-elsewhere` */
  readonly assertOurs: (id: string) => Promise<void>;
  /** Whether it certainly owns the record at this moment. */
  readonly isSure: (id: string) => boolean;
  /** A new revision of a mail's form is on disk. */
  readonly onFormSaved: (id: string) => void;
  readonly onFailed: (id: string, reason: unknown) => void;
  /** Nothing is left to save. */
  readonly onSaved: (id: string) => void;
  /** Milliseconds to wait before a failed write is repeated, after that many failures in a row. */
  readonly retryMs: ((failures: number) => number) | undefined;
}

/** Short at first: a full disk is often full only for a moment. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
/** Between tries while the window closes. */
const PERSIST_MS = 100;

export class RecordSaving {
  readonly #options: RecordSavingOptions;
  readonly #writers = new Map<string, RecordWriter>();
  /** The revision of each form that is on disk. */
  readonly #savedRevisions = new Map<string, number>();

  constructor(options: RecordSavingOptions) {
    this.#options = options;
  }

  /** Saves a record's new facts: now, or after the write under way. */
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
      await this.flushed(id).catch(() => sleep(PERSIST_MS, signal).catch(() => {})); // The writer reports it.
    return !this.isUnsaved(id);
  }

  isUnsaved(id: string): boolean {
    return this.#writers.get(id)?.isDirty === true;
  }

  /** The revision of a mail's form that is on disk; -1 while none is. */
  revision(id: string): number {
    return this.#savedRevisions.get(id) ?? -1;
  }

  /** Notes which revision was on disk when a record was read. */
  read({ id, form }: SavedDelivery): void {
    this.#savedRevisions.set(id, form.revision);
  }

  /** Drops a record's unsaved facts. Resolves when no write of it is under way. */
  async stop(id: string): Promise<void> {
    const writer = this.#writers.get(id);
    this.#writers.delete(id);
    await writer?.stop();
  }

  /** The same for a record that is gone. */
  forget(id: string): Promise<void> {
    this.#savedRevisions.delete(id);
    return this.stop(id);
  }

  /**
   * Writes a record, provided that it is still ours when it replaces the old one.
   * @param isCurrent false once this write is obsolete
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
