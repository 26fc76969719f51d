/** What is found in the journal: records, and what may be somebody's although it cannot be understood here. */
import * as z from "zod";
import { explain, type Log } from "../../base/log.ts";
import { parseJson } from "../../net/json.ts";
import { Delivery, type DeliveryRecord, type SavedDelivery, toSaved } from "../record/delivery.ts";
import type { Journal } from "./disk/journal.ts";

/** So many mails are read first of all: more than a tree shows at once. */
const FIRST = 200;
/** So many are understood in one go: some milliseconds. */
const IN_ONE_GO = 200;

/** Where records go that were found. */
export interface FoundOptions {
  readonly journal: Journal;
  readonly unknown: UnknownRecords;
  /** What is known of a record by now, also of one that was discarded. */
  readonly known: (id: string) => DeliveryRecord | undefined;
  readonly take: (id: string, found: SavedDelivery | "foreign", value: unknown) => void;
  readonly drop: (id: string) => void;
  readonly log: Log;
}

/**
 * What a file of the journal holds: a record, or one that another version of Freight Mail has written; undefined for
 * nothing that is a record.
 */
export function recognize(id: string, value: unknown): SavedDelivery | "foreign" | undefined {
  const { data } = Delivery.safeParse(value);
  // What is true in one process only is not believed, should it ever stand there.
  if (data?.id === id) return toSaved(data);
  // Whatever else has its name and a version is a record, with something in it that is not known here.
  const record = z.object({ id: z.literal(id), version: z.int().min(1) }).safeParse(value);
  return record.success && data === undefined ? "foreign" : undefined;
}

/** Records that cannot be understood: the files that they name are still somebody's. */
export class UnknownRecords {
  /** The texts, by id. */
  readonly #texts = new Map<string, string>();
  readonly #foreign = new Set<string>();
  #isComplete = true;

  /** False when something was found of which nobody can say what it names. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** There is something that cannot be read. */
  miss(): void {
    this.#isComplete = false;
  }

  /** One of another version of Freight Mail. */
  addForeign(id: string, value: unknown): void {
    this.#foreign.add(id);
    this.#texts.set(id, JSON.stringify(value));
  }

  /** One that is none, or is torn. */
  add(id: string, text: string): void {
    this.#texts.set(id, text);
  }

  /** It is understood by now, or gone. */
  forget(id: string): void {
    this.#foreign.delete(id);
    this.#texts.delete(id);
  }

  isForeign(id: string): boolean {
    return this.#foreign.has(id);
  }

  /** True when one of them has this text in it. */
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
    // Of a long history, the other extensions shall notice nothing.
    if (at % IN_ONE_GO === IN_ONE_GO - 1) await new Promise((resolve) => setImmediate(resolve));
    if (failure !== undefined) {
      // It may be whole: the next start looks again.
      log.error(`The saved record ${id} could not be read: ${explain(failure)}`);
      unknown.miss();
      continue;
    }
    const found = recognize(id, value);
    if (found === undefined) {
      unreadable++;
      // What a torn text does not name any more, nobody can know.
      if (value === undefined) unknown.miss();
      unknown.add(id, value === undefined ? text : JSON.stringify(value));
      log.warn(`The saved record ${id} cannot be read and was set aside.`);
      await journal.setAside(id).catch((reason: unknown) => log.error(explain(reason)));
    }
    // What this process already knows is newer than what it finds on disk; but what it has just read.
    else if (known(id) === first.get(id)) take(id, found, value);
    first.delete(id);
  }
  // Another window has removed them meanwhile.
  for (const [id, delivery] of first) if (known(id) === delivery) drop(id);
  for (const [at, text] of (await journal.readAside?.())?.entries() ?? []) {
    if (parseJson(text) === undefined) unknown.miss();
    unknown.add(`aside ${at}`, text);
  }
  return unreadable;
}
