/** Keeps an archive until no mail can need it: the mail was sent or forgotten, or the file removed. */
import { basename, dirname } from "node:path";
import type { Disposable } from "../base/lifecycle.ts";
import { explain, type Log } from "../base/log.ts";
import { isSamePath } from "../files/samePath.ts";
import { type CopyOptions, copyAtOneMoment, type FileCopy } from "../files/stillFile.ts";
import type { ArchiveFolder } from "../files/zip/archives.ts";
import type { DeliveryRecord } from "./record/delivery.ts";
import type { DeliveryStore } from "./store/store.ts";

export class ArchiveKeeper implements Disposable {
  readonly #store: DeliveryStore;
  readonly #archives: ArchiveFolder;
  readonly #log: Log;
  readonly #listening: Disposable;
  /** The archives that each mail had when it was last seen. */
  readonly #known = new Map<string, readonly string[]>();
  #work = Promise.resolve();

  constructor(store: DeliveryStore, archives: ArchiveFolder, log: Log) {
    this.#store = store;
    this.#archives = archives;
    this.#log = log;
    for (const delivery of store.list()) this.#known.set(delivery.id, this.#archivesOf(delivery));
    this.#listening = store.onDidChange(({ id, delivery }) => {
      const before = this.#known.get(id) ?? [];
      const now = delivery === undefined ? [] : this.#archivesOf(delivery);
      this.#known.set(id, now);
      const gone = before.filter((path) => !now.includes(path));
      if (gone.length > 0) this.#later(() => this.#drop(id, gone));
    });
  }

  /**
   * A copy of a file as it is at one moment. After `letGo`, it is deleted unless a mail has taken it.
   * @throws as `copyAtOneMoment`; no copy is left then
   */
  async takeCopy(path: string, options: CopyOptions): Promise<FileCopy> {
    const room = await this.#archives.makeRoom();
    const copy = room.pathOf(basename(path));
    const letGo = () => {
      room.release();
      return this.settle(copy);
    };
    try {
      return { path: copy, version: await copyAtOneMoment(path, copy, options), letGo };
    } catch (reason) {
      await letGo();
      throw reason;
    }
  }

  /** Deletes an archive unless a mail has taken it. */
  settle(path: string): Promise<void> {
    this.#later(async () => {
      if (!this.#isWanted(path)) await this.#archives.remove(path);
    });
    return this.#work;
  }

  /**
   * Deletes what crashes have left. Only for startup: later on, another window may have a mail that is not
   * known here yet. Does nothing unless every record could be read: any of the others may need an archive.
   */
  sweep(): Promise<void> {
    if (this.#store.isComplete) this.#later(() => this.#archives.sweep((path) => this.#isWanted(path)));
    else this.#log.warn("Archives that no mail seems to want stay: some records could not be read.");
    return this.#work;
  }

  dispose(): void {
    this.#listening.dispose();
  }

  async #drop(id: string, paths: readonly string[]): Promise<void> {
    // Save first: after a crash, an outdated record would look for the file.
    await this.#store.flushed(id);
    for (const path of paths) if (!this.#isWanted(path)) await this.#archives.remove(path);
  }

  #isWanted(path: string): boolean {
    // A record that we cannot interpret still contains the name of the archive's folder.
    if (this.#store.mentions(basename(dirname(path)))) return true;
    return this.#store
      .list()
      .some((delivery) => this.#archivesOf(delivery).some((own) => isSamePath(own, path)));
  }

  #archivesOf({ phase, attachments }: DeliveryRecord): readonly string[] {
    // A scheduled mail can be taken back, and a saved draft continued: both need their files again then.
    return phase === "sent"
      ? []
      : attachments.map(({ path }) => path).filter((path) => this.#archives.has(path));
  }

  /** Runs one task at a time; whatever fails is left to the next sweep. */
  #later(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((reason: unknown) => this.#log.warn(explain(reason)));
  }
}
