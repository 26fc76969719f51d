/** Notes on disk of where trials put files: each is written before its file, and kept until that is gone. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { hasCode, patiently } from "../../../base/fsErrors.ts";
import { isGone, ProcessIdentity, thisProcess } from "../../../base/processIdentity.ts";

const Note = z.object({ accountId: z.string(), place: z.string(), by: ProcessIdentity });

export interface TrialNote {
  readonly name: string;
  readonly accountId: string;
  readonly place: string;
}

/** Longer than any trial: an older note is left over, even if nobody can tell whether its window is gone. */
const OVER_MS = 5 * 60_000;

export class TrialNotes {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async keep(accountId: string, place: string): Promise<TrialNote> {
    const name = `${randomUUID()}.json`;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const note = { accountId, place, by: thisProcess() };
    await writeFile(join(this.#folder, name), JSON.stringify(note), { mode: 0o600, flush: true });
    return { name, accountId, place };
  }

  async drop({ name }: Pick<TrialNote, "name">): Promise<void> {
    await patiently(() => rm(join(this.#folder, name), { force: true }));
  }

  /** Notes of trials that are over: their window is gone, or they are too old. */
  async left(): Promise<readonly TrialNote[]> {
    const names = await readdir(this.#folder).catch((reason: unknown) => {
      if (hasCode(reason, "ENOENT")) return [];
      throw reason;
    });
    const left: TrialNote[] = [];
    for (const name of names) {
      const path = join(this.#folder, name);
      const found = await Promise.all([readFile(path, "utf8"), stat(path)]).catch(() => undefined);
      if (found === undefined) continue; // Another window has just dropped it.
      const [text, { mtimeMs }] = found;
      const note = Note.safeParse(parsed(text)).data;
      const isOld = Date.now() - mtimeMs > OVER_MS;
      // An unreadable note was still being written, so its file was not there yet.
      if (note === undefined) {
        if (isOld) await this.drop({ name });
      } else if (isOld || isGone(note.by)) left.push({ name, ...note });
    }
    return left;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The write was interrupted.
  }
}
