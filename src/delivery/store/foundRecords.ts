/** What is found in the journal: records, and what may be somebody's although it cannot be understood here. */
import * as z from "zod";
import { Delivery, type SavedDelivery, toSaved } from "../record/delivery.ts";

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
