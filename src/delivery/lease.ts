/** Which window drives a delivery. The folder is shared by all windows of a machine; a lease is a file in it. */
import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Disposable, Emitter } from "../lifecycle.ts";
import { parseJson } from "../net/json.ts";
import { unwritable } from "./journal.ts";

/** Says who may drive: at most one holder of a name at any time. */
export interface Leases {
  /** @returns false while another window holds it */
  acquire(name: string): Promise<boolean>;
  /** True while this window holds it, as far as it knows. */
  holds(name: string): boolean;
  /** Looks whether this window still holds it: one that was frozen for a while may have been replaced. */
  confirm(name: string): Promise<boolean>;
  release(name: string): Promise<void>;
  /** Fires when another window is found to have taken one over from this one. */
  readonly onDidLose: Emitter<string>["event"];
}

const HEARTBEAT_MS = 5_000;
/** A holder silent for longer is gone: four missed heartbeats. */
const STALE_MS = 20_000;

export interface FileLeasesOptions {
  readonly folder: string;
  /** Differs between any two windows, also of one process. */
  readonly owner: string;
  readonly now: () => number;
  readonly onError: (reason: unknown) => void;
}

export class FileLeases implements Leases, Disposable {
  readonly #options: FileLeasesOptions;
  readonly #held = new Set<string>();
  /** The end of each name's chain of work: a window must not meet its own half-made or half-removed lease. */
  readonly #turns = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  readonly #didLose: Emitter<string>;
  readonly onDidLose: Emitter<string>["event"];

  constructor(options: FileLeasesOptions) {
    this.#options = options;
    this.#didLose = new Emitter(options.onError);
    this.onDidLose = this.#didLose.event;
  }

  holds(name: string): boolean {
    return this.#held.has(name);
  }

  /** @throws FreightError `journal-unwritable` */
  acquire(name: string): Promise<boolean> {
    return this.#inTurn(name, async () => {
      if (this.#held.has(name)) return true;
      const isOurs = await this.#take(name).catch((reason: unknown) => {
        throw unwritable(reason);
      });
      if (!isOurs) return false;
      this.#held.add(name);
      this.#timer ??= setInterval(() => void this.#beat(), HEARTBEAT_MS).unref();
      return true;
    });
  }

  confirm(name: string): Promise<boolean> {
    return this.#inTurn(name, async () => {
      if (!this.#held.has(name)) return false;
      // No file at all means that another window took it over and is done.
      const isOurs = await this.#isOurs(name);
      if (!isOurs) this.#lose(name);
      return isOurs;
    });
  }

  async release(name: string): Promise<void> {
    if (!this.#drop(name)) return;
    await this.#inTurn(name, async () => {
      if (await this.#isOurs(name)) await rm(this.#path(name), { force: true });
    });
  }

  /** Stops the heartbeat; what is still held becomes free for others when it is stale. */
  dispose(): void {
    this.#stop();
    this.#held.clear();
    this.#didLose.dispose();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #lose(name: string): void {
    if (this.#drop(name)) this.#didLose.fire(name);
  }

  #drop(name: string): boolean {
    const held = this.#held.delete(name);
    if (this.#held.size === 0) this.#stop();
    return held;
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work);
    const end = turn.then(
      () => {},
      () => {}, // Whoever asked is told.
    );
    this.#turns.set(name, end);
    void end.then(() => this.#turns.get(name) === end && this.#turns.delete(name));
    return turn;
  }

  async #take(name: string): Promise<boolean> {
    await mkdir(this.#options.folder, { recursive: true });
    return (await this.#create(name)) || ((await this.#clearStale(name)) && (await this.#create(name)));
  }

  #create(name: string): Promise<boolean> {
    return this.#createFile(this.#path(name));
  }

  async #createFile(path: string): Promise<boolean> {
    const content = JSON.stringify({ owner: this.#options.owner, pid: process.pid });
    // "wx" fails when the file exists: of two windows that try, one succeeds.
    return writeFile(path, content, { flag: "wx", mode: 0o600 }).then(
      () => true,
      (reason: unknown) => {
        if (hasCode(reason, "EEXIST")) return false;
        throw reason;
      },
    );
  }

  /** @returns true when the name may be free now */
  async #clearStale(name: string): Promise<boolean> {
    const path = this.#path(name);
    const turn = `${path}.taking`;
    // One window at a time may judge and remove: a second one could remove the lease that the first has just made.
    if (!(await this.#createFile(turn))) {
      // Left behind by a window that died just then; gone already when its owner was only busy.
      if (await this.#isOld(turn).catch(() => false)) await rm(turn, { force: true });
      return false;
    }
    try {
      if (!(await this.#isOld(path)) && !isDead(await this.#holder(name))) return false;
      await rm(path, { force: true });
      return true;
    } catch (reason) {
      if (hasCode(reason, "ENOENT")) return true;
      throw reason;
    } finally {
      await rm(turn, { force: true });
    }
  }

  async #isOld(path: string): Promise<boolean> {
    return this.#options.now() - (await stat(path)).mtimeMs >= STALE_MS;
  }

  /** What the lease says of who has it; undefined when that cannot be read, as while it is being written. */
  async #holder(name: string): Promise<unknown> {
    return parseJson(await readFile(this.#path(name), "utf8"));
  }

  /** False when another window has taken it over, as after a sleep of this one. */
  async #isOurs(name: string): Promise<boolean> {
    const holder = await this.#holder(name).catch((reason: unknown) => {
      if (hasCode(reason, "ENOENT")) return undefined;
      throw reason;
    });
    return (
      typeof holder === "object" &&
      holder !== null &&
      "owner" in holder &&
      holder.owner === this.#options.owner
    );
  }

  async #beat(): Promise<void> {
    for (const name of [...this.#held])
      await this.#inTurn(name, async () => {
        if (!this.#held.has(name)) return;
        const time = new Date(this.#options.now());
        if (await this.#isOurs(name)) await utimes(this.#path(name), time, time);
        else this.#lose(name);
      }).catch((reason: unknown) => this.#options.onError(reason));
  }

  #path(name: string): string {
    return join(this.#options.folder, `${name}.lease`);
  }
}

/** True when the holder's process is known to be gone: no need to wait until its lease is stale. */
function isDead(holder: unknown): boolean {
  if (typeof holder !== "object" || holder === null || !("pid" in holder) || typeof holder.pid !== "number")
    return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (reason) {
    return hasCode(reason, "ESRCH");
  }
}

function hasCode(reason: unknown, code: string): boolean {
  return reason instanceof Error && "code" in reason && reason.code === code;
}
