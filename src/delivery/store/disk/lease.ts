/**
 * Which window owns a delivery. A lease is a file in a folder that all windows of a machine share, and
 * perhaps several machines. No two clocks are compared: the holder keeps touching its lease, and who wants it
 * watches for that.
 */
import { mkdir, open, readdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, isHeldOpening, type Patience, patiently } from "../../../base/fsErrors.ts";
import { type Disposable, Emitter } from "../../../base/lifecycle.ts";
import { type ProcessIdentity, thisProcess } from "../../../base/processIdentity.ts";
import { Turns } from "../../../base/turns.ts";
import { type Holder, HolderWatch } from "./holderWatch.ts";
import { unwritable } from "./journal.ts";

/** Says which window owns what: each name has at most one holder at any time. */
export interface Leases {
  /**
   * @returns false while another window holds it
   * @throws FreightError `journal-unwritable`; an AbortError once this window closes
   */
  acquire(name: string): Promise<boolean>;
  /** True while this window holds it, as far as it knows. */
  holds(name: string): boolean;
  /**
   * True while no other window can have taken it over, because this one has just touched it, by both clocks.
   * For what must not happen if the window was frozen since it last looked at the lease. If false, `confirm`
   * first.
   */
  isSure(name: string): boolean;
  /**
   * Checks whether this window still holds it: one that was frozen for a while may have been replaced.
   * @throws FreightError `journal-unwritable` when that cannot be found out now
   */
  confirm(name: string): Promise<boolean>;
  release(name: string): Promise<void>;
  /** Touches all leases now, and notices which ones are lost: for a window that was frozen. */
  beat(): Promise<void>;
  /** For a window that closes: acquires nothing any more. Resolves when nothing is under way. */
  close(): Promise<void>;
  /** Removes the leases that dead windows have left of names that are not known any more. */
  tidy(isKnown: (name: string) => boolean): Promise<void>;
  /** What people call the window that holds it; undefined when unknown. */
  whereIs(name: string): Promise<string | undefined>;
  /** Fires when this window finds that another one has taken a lease over from it. */
  readonly onDidLose: Emitter<string>["event"];
}

const HEARTBEAT_MS = 5_000;
/** Well below the silence after which others take it over (see holderWatch.ts). */
const SURE_MS = 15_000;
const ENDING = ".lease";
/** Ending of the file that lets only one window at a time take a lease over. */
const TAKING = ".taking";

export interface FileLeasesOptions {
  readonly folder: string;
  /** Unique to this window, even within one process. */
  readonly owner: string;
  readonly now: () => number;
  /** Milliseconds of a clock that nobody can set (default: `performance.now`). */
  readonly monotonic?: () => number;
  /** The process that this window lives in (default: this one). */
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
  /** What both clocks said just before each lease was last found to be ours and touched. */
  readonly #held = new Map<string, Moment>();
  readonly #watch: HolderWatch;
  /** One operation at a time per name: a window must not meet its own half-made or half-removed lease. */
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
      // Nobody would release it any more.
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
      // A lease that a living window holds is left alone: that may be about to begin the mail.
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

  /** Stops the heartbeat; leases still held become free for others once they are stale. */
  dispose(): void {
    this.#held.clear();
    this.#watch.clear();
    this.#rest();
    this.#didLose.dispose();
  }

  /** Checks that a lease is still ours, and touches it if the last touch is `ms` milliseconds old or more. */
  async #keep(name: string, ms: number): Promise<boolean> {
    if (!this.#held.has(name)) return false;
    // Taken before the look: should this window freeze before the touch, the lease may be another's by then.
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

  /** Milliseconds since a lease was touched, by the clock that says more; infinite when it is not held. */
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
      // Close it first: Windows does not remove open files.
      await file.writeFile(text).finally(() => file.close());
    } catch (reason) {
      // For example a full disk. An empty lease would pass for another window's until it is stale.
      await this.#remove(path).catch(() => {}); // The failure to report is the first one.
      throw reason;
    }
  }

  /** @returns true when the name may be free now */
  async #clearAbandoned(path: string): Promise<boolean> {
    if ((await this.#watch.find(path)) === "there") return false;
    const turn = path + TAKING;
    // Only one window at a time may judge and remove: another could remove the lease that the first has just
    // made.
    if (!(await this.#create(turn))) {
      // Left by a window that died just then; one that was only busy has removed it itself.
      if ((await this.#watch.find(turn)) === "gone") await this.#remove(turn);
      return false;
    }
    try {
      const holder = await this.#watch.find(path);
      // With "nobody", there may be a new lease by now, which must stay.
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
