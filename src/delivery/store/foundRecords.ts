/** Reads the journal: records, and what cannot be interpreted here but may still be needed. */
import * as z from "zod";
import { explain, type Log } from "../../base/log.ts";
import { parseJson } from "../../net/json.ts";
import { Delivery, type DeliveryRecord, type SavedDelivery, toSaved } from "../record/delivery.ts";
import type { Journal } from "./disk/journal.ts";

/** How many mails are read first: more than a tree shows at once. */
const FIRST = 200;
/** How many records are taken without a pause: some milliseconds' work. */
const IN_ONE_GO = 200;

/** Where found records go. */
export interface FoundOptions {
  readonly journal: Journal;
  readonly unknown: UnknownRecords;
  /** The record as it is known by now, even if it was discarded. */
  readonly known: (id: string) => DeliveryRecord | undefined;
  readonly take: (id: string, found: SavedDelivery | "foreign", value: unknown) => void;
  readonly drop: (id: string) => void;
  readonly log: Log;
}

/**
 * What a file of the journal holds: a record; "foreign" for one of another version of Freight Mail; undefined
 * for anything else.
 */
export function recognize(id: string, value: unknown): SavedDelivery | "foreign" | undefined {
  const { data } = Delivery.safeParse(value);
  // `toSaved` drops what holds only within a process, should the file contain any of it.
  if (data?.id === id) return toSaved(data);
  // Anything else with this id and a version is a record with contents that this version does not know.
  const record = z.object({ id: z.literal(id), version: z.int().min(1) }).safeParse(value);
  return record.success && data === undefined ? "foreign" : undefined;
}

/** Records that cannot be interpreted here. The files that they name must be kept all the same. */
export class UnknownRecords {
  /** The texts, by id. */
  readonly #texts = new Map<string, string>();
  readonly #foreign = new Set<string>();
  #isComplete = true;

  /** False once something was found that may name files nobody can know of. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Notes that something could not be read. */
  miss(): void {
    this.#isComplete = false;
  }

  /** Adds a record of another version of Freight Mail. */
  addForeign(id: string, value: unknown): void {
    this.#foreign.add(id);
    this.#texts.set(id, JSON.stringify(value));
  }

  /** Adds the text of a file that is not a record, or is torn. */
  add(id: string, text: string): void {
    this.#texts.set(id, text);
  }

  /** Drops one that can be interpreted by now, or is gone. */
  forget(id: string): void {
    this.#foreign.delete(id);
    this.#texts.delete(id);
  }

  isForeign(id: string): boolean {
    return this.#foreign.has(id);
  }

  /** True if one of them contains this text. */
  mention(text: string): boolean {
    return [...this.#texts.values()].some((unknown) => unknown.includes(text));
  }
}

/** See `DeliveryStore.load`. */
export async function findRecords(options: FoundOptions, onFirst?: () => void): Promise<number> {
  const { journal, unknown, known, take, drop, log } = options;
  const newest = onFirst === undefined ? [] : ((await journal.readNewest?.(FIRST)) ?? []);
  const first = new Map<string, DeliveryRecord | undefined>();
  for (const { id, value } of newest) {
    const found = recognize(id, value);
    if (found === undefined || found === "foreign" || known(id) !== undefined) continue;
    take(id, found, value);
    first.set(id, known(id));
  }
  if (first.size > 0) onFirst?.();
  let unreadable = 0;
  for (const [at, { id, value, text = "", failure }] of (await journal.readAll()).entries()) {
    // A long history must not hold up the other extensions.
    if (at % IN_ONE_GO === IN_ONE_GO - 1) await new Promise((resolve) => setImmediate(resolve));
    if (failure !== undefined) {
      // The file may be intact: the next start tries again.
      log.error(`The saved record ${id} could not be read: ${explain(failure)}`);
      unknown.miss();
      continue;
    }
    const found = recognize(id, value);
    if (found === undefined) {
      unreadable++;
      // The lost part of a torn text may have named files.
      if (value === undefined) unknown.miss();
      unknown.add(id, value === undefined ? text : JSON.stringify(value));
      log.warn(`The saved record ${id} cannot be read and was set aside.`);
      await journal.setAside(id).catch((reason: unknown) => log.error(explain(reason)));
    }
    // A record that this process has changed is newer than its file; one only read above is replaced.
    else if (known(id) === first.get(id)) take(id, found, value);
    first.delete(id);
  }
  // Records not found again were removed by another window meanwhile.
  for (const [id, delivery] of first) if (known(id) === delivery) drop(id);
  for (const [at, text] of (await journal.readAside?.())?.entries() ?? []) {
    if (parseJson(text) === undefined) unknown.miss();
    unknown.add(`aside ${at}`, text);
  }
  return unreadable;
}
