/**
 * What the practice mailbox keeps: a map whose values are JSON files in a folder, so that they outlive the process.
 * Writing is synchronous: what was answered must be on disk when the process is killed, and the files are small.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod";
import { moveFile, removeFile } from "./heldFiles.ts";

export class Records<T> {
  readonly #folder: string;
  readonly #values = new Map<string, T>();

  /** A file that does not match `schema` stays where it is and is not loaded. */
  constructor(folder: string, schema: z.ZodType<T>) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      if (!name.endsWith(".json")) continue;
      const record = schema.safeParse(readJson(join(folder, name)));
      if (record.success) this.#values.set(name.slice(0, -".json".length), record.data);
    }
  }

  get(id: string): T | undefined {
    return this.#values.get(id);
  }

  values(): readonly T[] {
    return [...this.#values.values()];
  }

  put(id: string, value: T): void {
    writeJson(join(this.#folder, `${id}.json`), value);
    this.#values.set(id, value);
  }

  delete(id: string): void {
    removeFile(join(this.#folder, `${id}.json`));
    this.#values.delete(id);
  }
}

/** The parsed content of a JSON file, or undefined when there is none. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step; only its owner may read it, as some contain keys. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
  moveFile(`${path}.new`, path);
}
