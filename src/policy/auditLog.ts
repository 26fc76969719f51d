/**
 * The audit log that a policy asks for: one line of JSON for each mail that was sent, appended to a file of
 * the user's and synced. A mail is noted before it is sent, so that a crash in between loses no line, and
 * what cannot be noted is not sent.
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { hasCode, isMissing, type Patience, patiently } from "../base/fsErrors.ts";
import { t } from "../shared/l10n.ts";

const Departure = z.object({
  /** The mail's id: the same in all lines about it. */
  id: z.string().regex(/^[\w-]{1,100}$/),
  account: z.string(),
  /** How it leaves: "send", "later", "draft" or "event". */
  purpose: z.string(),
  recipients: z.number(),
  domains: z.array(z.string()),
  files: z.array(z.object({ name: z.string(), size: z.number(), sha256: z.string().nullable() })),
});
export type Departure = z.infer<typeof Departure>;

/** What became of a mail. */
export interface Outcome {
  /** "sent", "scheduled", "saved", "unconfirmed", "failed", or "unknown" when nothing can tell any more. */
  readonly result: string;
  readonly messageId: string | null;
}

export interface AuditLogOptions {
  /** Where the policy wants the log; undefined: nowhere. */
  readonly folder: () => string | undefined;
  /** Our own folder, for notes of what is about to be sent. */
  readonly noteFolder: string;
  /** The user whose file it is; part of its name. */
  readonly user: string;
  readonly now: () => number;
  readonly patience?: Patience;
}

/** A younger note may belong to another window that is just writing its line. */
const LEFT_BEHIND_MS = 60_000;

export class AuditLog {
  readonly #options: AuditLogOptions;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** Notes that a mail is about to be sent. @throws FreightError `audit-unwritable`: then it must not be */
  async begin(departure: Departure): Promise<void> {
    const folder = this.#options.folder();
    if (folder === undefined) return;
    try {
      await (await this.#open(folder)).close();
      await this.#note(departure);
    } catch (reason) {
      throw unwritable(folder, reason);
    }
  }

  /** Writes the line of a mail's outcome. @throws FreightError `audit-unwritable`: the note stays */
  async end(departure: Departure, outcome: Outcome): Promise<void> {
    const folder = this.#options.folder();
    if (folder === undefined) return;
    try {
      await this.#append(folder, departure, outcome);
      await this.#forget(departure.id);
    } catch (reason) {
      throw unwritable(folder, reason);
    }
  }

  /** Forgets a mail that nothing has tried to send: somebody took it back. */
  async withdraw(id: string): Promise<void> {
    await this.#forget(id);
  }

  /**
   * Writes lines that are missing because of a crash, or because the log could not be written.
   * @param outcomeOf returns undefined while a mail is still being sent
   */
  async catchUp(outcomeOf: (id: string) => Outcome | undefined): Promise<void> {
    const folder = this.#options.folder();
    if (folder === undefined) return;
    try {
      for (const departure of await this.#leftBehind()) {
        const outcome = outcomeOf(departure.id);
        if (outcome !== undefined) await this.end(departure, outcome);
      }
    } catch (reason) {
      throw reason instanceof FreightError ? reason : unwritable(folder, reason);
    }
  }

  async #leftBehind(): Promise<readonly Departure[]> {
    const { noteFolder, now } = this.#options;
    const names = await readdir(noteFolder).catch((reason: unknown) => {
      if (isMissing(reason)) return []; // Nothing was ever noted.
      throw reason;
    });
    const found: Departure[] = [];
    for (const name of names.filter((each) => each.endsWith(".json"))) {
      const path = join(noteFolder, name);
      // Another window may have written its line by now.
      const stats = await stat(path).catch(() => undefined);
      if (stats === undefined || stats.mtimeMs > now() - LEFT_BEHIND_MS) continue;
      const note = Departure.safeParse(parsed(await readFile(path, "utf8")));
      if (note.success) found.push(note.data);
    }
    return found;
  }

  #forget(id: string): Promise<void> {
    return patiently(() => rm(this.#notePath(id), { force: true }), this.#options.patience);
  }

  #notePath(id: string): string {
    return join(this.#options.noteFolder, `${id}.json`);
  }

  async #note(departure: Departure): Promise<void> {
    await mkdir(this.#options.noteFolder, { recursive: true, mode: 0o700 });
    const path = this.#notePath(departure.id);
    const handle = await open(`${path}.new`, "w", 0o600);
    try {
      await handle.writeFile(JSON.stringify(departure));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await patiently(() => rename(`${path}.new`, path), this.#options.patience);
  }

  async #append(folder: string, departure: Departure, { result, messageId }: Outcome): Promise<void> {
    const { id, ...facts } = departure;
    const time = new Date(this.#options.now()).toISOString();
    const line = `${oneLine(JSON.stringify({ time, departure: id, ...facts, result, messageId }))}\n`;
    const handle = await this.#open(folder);
    try {
      // A line that a power cut has torn must not spoil the next one.
      await handle.appendFile((await endsInLine(handle, this.#path(folder))) ? line : `\n${line}`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #path(folder: string): string {
    return join(folder, `freight-mail-${this.#options.user.replace(/[^\w.-]/g, "_").slice(0, 100)}.jsonl`);
  }

  /**
   * Opens for appending only: the user may not be allowed to read or replace the file. In a folder that all
   * users can write to, another one may have put something in its place: a link, a pipe, or a file of theirs.
   */
  async #open(folder: string): Promise<FileHandle> {
    const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
    const flags = O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK | O_NOFOLLOW;
    const opening = { ...this.#options.patience, isPassing: isBusy };
    const handle = await patiently(() => open(this.#path(folder), flags, 0o600), opening);
    const stats = await handle.stat();
    const user = process.getuid?.();
    const isOurs = user === undefined || stats.uid === user || stats.uid === 0;
    if (stats.isFile() && isOurs) return handle;
    await handle.close();
    throw new Error(isOurs ? t("it is not a file") : t("it belongs to user {0}", String(stats.uid)));
  }
}

/** Only a file that another program has open is worth waiting for: what is forbidden stays forbidden. */
function isBusy(reason: unknown): boolean {
  return hasCode(reason, "EBUSY");
}

/** JSON escapes its own line ends; some readers take these characters for line ends as well. */
function oneLine(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

async function endsInLine(handle: FileHandle, path: string): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return true;
  const reader = await open(path, "r").catch((reason: unknown) => {
    if (hasCode(reason, "EACCES", "EPERM")) return undefined; // The user may append to it, but not read it.
    throw reason;
  });
  if (reader === undefined) return true;
  try {
    const { buffer } = await reader.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() === "\n";
  } finally {
    await reader.close();
  }
}

function unwritable(folder: string, cause: unknown): FreightError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FreightError(
    "audit-unwritable",
    t(
      "Your organization logs each mail before it is sent, and the log in {0} cannot be written ({1}), so nothing is sent. Tell your administrator, then try again.",
      folder,
      why,
    ),
    { cause, path: folder, remedy: "retry" },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not one of our notes: those are written whole.
  }
}
