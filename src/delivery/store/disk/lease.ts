/**
 * Which window owns a delivery. The folder is shared by all windows of a machine, and perhaps by machines; a lease is a
 * file in it. No two clocks are compared: who holds a lease touches it, and who wants it listens for that.
 */
import { mkdir, open, readdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, isHeldOpening, type Patience, patiently } from "../../../base/fsErrors.ts";
import { type Disposable, Emitter } from "../../../base/lifecycle.ts";
import { type ProcessIdentity, thisProcess } from "../../../base/processIdentity.ts";
import { Turns } from "../../../base/turns.ts";
import { type Holder, HolderWatch } from "./holderWatch.ts";
import { unwritable } from "./journal.ts";

/** Says who the owner is: at most one holder of a name at any time. */
export interface Leases {
  /**
   * @returns false while another window holds it
   * @throws FreightError `journal-unwritable`; an AbortError once this window closes
   */
  acquire(name: string): Promise<boolean>;
  /** True while this window holds it, as far as it knows. */
  holds(name: string): boolean;
  /**
   * True while no other window can have taken it over: this one has touched it a short time ago, by both clocks. For
   * what must not happen after a stop between the last look at the lease and itself; ask `confirm` first where it is false.
   */
  isSure(name: string): boolean;
  /**
   * Looks whether this window still holds it: one that was frozen for a while may have been replaced.
   * @throws FreightError `journal-unwritable` when that cannot be seen now
   */
  confirm(name: string): Promise<boolean>;
  release(name: string): Promise<void>;
  /** Tells the others now that this window lives, and notices what it has lost: for one that stood still. */
  beat(): Promise<void>;
  /** Acquires nothing any more, for a window that closes. Resolves when nothing is under way either. */
  close(): Promise<void>;
  /** Removes leases that dead windows have left of what is not known any more. */
  tidy(isKnown: (name: string) => boolean): Promise<void>;
  /** What people call the window that holds it; undefined when that is not known. */
  whereIs(name: string): Promise<string | undefined>;
  /** Fires when another window is found to have taken one over from this one. */
  readonly onDidLose: Emitter<string>["event"];
}

const HEARTBEAT_MS = 5_000;
/** Well below the silence after which others take it over (see holderWatch.ts). */
const SURE_MS = 15_000;
const ENDING = ".lease";
/** Of the file that lets one window at a time take a lease over. */
const TAKING = ".taking";

export interface FileLeasesOptions {
  readonly folder: string;
  /** Differs between any two windows, also of one process. */
  readonly owner: string;
  readonly now: () => number;
  /** Milliseconds by a clock that is never put; `performance.now` unless told. */
  readonly monotonic?: () => number;
  /** The process that this window lives in; this one unless told. */
  readonly process?: ProcessIdentity;
  /** What people call this window: the name of its folder. */
  readonly place?: string | undefined;
  readonly patience?: Patience;
  readonly onError: (reason: unknown) => void;
}

interface Moment {
  readonly now: number;
  readonly monotonic: number;
}

export class FileLeases implements Leases, Disposable {
  readonly #options: FileLeasesOptions;
  readonly #process: ProcessIdentity;
  /** What both clocks said before each lease was last seen to be ours, and touched. */
  readonly #held = new Map<string, Moment>();
  readonly #watch: HolderWatch;
  /** One thing after another with each name: a window must not meet its own half-made or half-removed lease. */
  readonly #turns = new Turns();
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;
  readonly #didLose: Emitter<string>;
  readonly onDidLose: Emitter<string>["event"];

  constructor(options: FileLeasesOptions) {
    this.#options = options;
    this.#process = options.process ?? thisProcess();
    this.#watch = new HolderWatch({ monotonic: () => performance.now(), ...options, process: this.#process });
    this.#didLose = new Emitter(options.onError);
    this.onDidLose = this.#didLose.event;
  }

  holds(name: string): boolean {
    return this.#held.has(name);
  }

  acquire(name: string): Promise<boolean> {
    return this.#turns.take(name, async () => {
      if (this.#held.has(name)) return true;
      this.#assertOpen();
      const at = this.#moment();
      const isOurs = await this.#take(name).catch((reason: unknown) => {
        throw unwritable(reason);
      });
      // Nobody would give it back any more.
      if (isOurs && this.#isClosing) await this.#remove(this.#path(name));
      this.#assertOpen();
      if (isOurs) this.#held.set(name, at);
      this.#timer ??= setInterval(() => void this.beat(), HEARTBEAT_MS).unref();
      return isOurs;
    });
  }

  isSure(name: string): boolean {
    return this.#age(name) < SURE_MS;
  }

  confirm(name: string): Promise<boolean> {
    return this.#turns.take(name, () =>
      this.#keep(name, HEARTBEAT_MS).catch((reason: unknown) => {
        throw unwritable(reason);
      }),
    );
  }

  async release(name: string): Promise<void> {
    if (!this.#drop(name)) return;
    await this.#turns.take(name, async () => {
      if (await this.#isOurs(name)) await this.#remove(this.#path(name));
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#turns.over();
  }

  #assertOpen(): void {
    if (this.#isClosing) throw new DOMException("The window closes", "AbortError");
  }

  async whereIs(name: string): Promise<string | undefined> {
    return (await this.#watch.read(this.#path(name)))?.holder?.place;
  }

  async tidy(isKnown: (name: string) => boolean): Promise<void> {
    const files = await readdir(this.#options.folder).catch((): string[] => []);
    for (const file of files) {
      const [name = ""] = file.split(ENDING);
      if (file.endsWith(TAKING) && (await this.#watch.find(join(this.#options.folder, file))) === "gone")
        await this.#remove(join(this.#options.folder, file));
      // One that lives may be about to begin a mail of this name.
      else if (file.endsWith(ENDING) && !isKnown(name) && !this.holds(name) && (await this.acquire(name)))
        await this.release(name);
    }
  }

  async beat(): Promise<void> {
    for (const name of [...this.#held.keys()])
      await this.#turns
        .take(name, () => this.#keep(name, 0))
        .catch((reason: unknown) => this.#options.onError(reason));
    await this.#watch.look().catch((reason: unknown) => this.#options.onError(reason));
    this.#rest();
  }

  /** Stops the heartbeat; what is still held becomes free for others when it is stale. */
  dispose(): void {
    this.#held.clear();
    this.#watch.clear();
    this.#rest();
    this.#didLose.dispose();
  }

  /** Looks whether a lease is still ours, and touches it when that was not done for `ms` milliseconds. */
  async #keep(name: string, ms: number): Promise<boolean> {
    if (!this.#held.has(name)) return false;
    // Before the look: after a stop between the two it would be another window's that is touched.
    const at = this.#moment();
    // No file at all means that another window took it over and is done.
    const isOurs = await this.#isOurs(name);
    if (!isOurs) this.#lose(name);
    else if (this.#age(name) >= ms) {
      const time = new Date(this.#options.now());
      await utimes(this.#path(name), time, time);
      if (this.#held.has(name)) this.#held.set(name, at);
    }
    return isOurs;
  }

  /** For how long a lease was not touched, by the clock that says more; for ever when it is not held. */
  #age(name: string): number {
    const then = this.#held.get(name);
    const { now, monotonic } = this.#moment();
    return then === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(Math.abs(now - then.now), monotonic - then.monotonic);
  }

  #moment(): Moment {
    const { now, monotonic = () => performance.now() } = this.#options;
    return { now: now(), monotonic: monotonic() };
  }

  get #isIdle(): boolean {
    return this.#held.size === 0 && this.#watch.isIdle;
  }

  #rest(): void {
    if (!this.#isIdle) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #lose(name: string): void {
    if (this.#drop(name)) this.#didLose.fire(name);
  }

  #drop(name: string): boolean {
    const held = this.#held.delete(name);
    this.#rest();
    return held;
  }

  async #take(name: string): Promise<boolean> {
    await mkdir(this.#options.folder, { recursive: true });
    const path = this.#path(name);
    return (await this.#create(path)) || ((await this.#clearAbandoned(path)) && (await this.#create(path)));
  }

  async #create(path: string): Promise<boolean> {
    const { owner, place, patience } = this.#options;
    const holder: Holder = { owner, pid: this.#process.pid, process: this.#process, place };
    try {
      const create = () => this.#write(path, JSON.stringify(holder));
      await patiently(create, { ...patience, isPassing: isHeldOpening });
      return true;
    } catch (reason) {
      if (hasCode(reason, "EEXIST")) return false;
      throw reason;
    }
  }

  async #write(path: string, text: string): Promise<void> {
    // "wx" fails when the file exists: of two windows that try, one succeeds.
    const file = await open(path, "wx", 0o600);
    try {
      // Closed before all else: Windows removes no file that is open.
      await file.writeFile(text).finally(() => file.close());
    } catch (reason) {
      // As on a full disk: without a content everybody would take it for another window's, until it is old.
      await this.#remove(path).catch(() => {}); // The failure to report is the first one.
      throw reason;
    }
  }

  /** @returns true when the name may be free now */
  async #clearAbandoned(path: string): Promise<boolean> {
    if ((await this.#watch.find(path)) === "there") return false;
    const turn = path + TAKING;
    // One window at a time may judge and remove: a second one could remove the lease that the first has just made.
    if (!(await this.#create(turn))) {
      // Left behind by a window that died just then; gone already when its owner was only busy.
      if ((await this.#watch.find(turn)) === "gone") await this.#remove(turn);
      return false;
    }
    try {
      const holder = await this.#watch.find(path);
      // Where there was nobody, somebody may be by now.
      if (holder === "gone") await this.#remove(path);
      return holder !== "there";
    } finally {
      await this.#remove(turn);
    }
  }

  /** False when another window has taken it over, as after a sleep of this one. */
  async #isOurs(name: string): Promise<boolean> {
    return (await this.#watch.read(this.#path(name)))?.holder?.owner === this.#options.owner;
  }

  #remove(path: string): Promise<void> {
    return patiently(() => rm(path, { force: true }), this.#options.patience);
  }

  #path(name: string): string {
    return join(this.#options.folder, name + ENDING);
  }
}
