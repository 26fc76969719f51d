/** Which window drives a delivery. The folder is shared by all windows of a machine; a lease is a file in it. */
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Disposable } from "../lifecycle.ts";

/** Says who may drive: at most one holder of a name at any time. */
export interface Leases {
  /** @returns false while another window holds it */
  acquire(name: string): Promise<boolean>;
  /** True while this window holds it. */
  holds(name: string): boolean;
  release(name: string): Promise<void>;
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
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FileLeasesOptions) {
    this.#options = options;
  }

  holds(name: string): boolean {
    return this.#held.has(name);
  }

  async acquire(name: string): Promise<boolean> {
    if (this.#held.has(name)) return true;
    await mkdir(this.#options.folder, { recursive: true });
    if (!(await this.#create(name)) && !((await this.#clearStale(name)) && (await this.#create(name))))
      return false;
    this.#held.add(name);
    this.#timer ??= setInterval(() => void this.#beat(), HEARTBEAT_MS).unref();
    return true;
  }

  async release(name: string): Promise<void> {
    if (!this.#held.delete(name)) return;
    if (this.#held.size === 0) this.#stop();
    await rm(this.#path(name), { force: true });
  }

  /** Stops the heartbeat; what is still held becomes free for others when it is stale. */
  dispose(): void {
    this.#stop();
    this.#held.clear();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #create(name: string): Promise<boolean> {
    const content = JSON.stringify({ owner: this.#options.owner, pid: process.pid });
    // "wx" fails when the file exists: of two windows that try, one succeeds.
    return writeFile(this.#path(name), content, { flag: "wx", mode: 0o600 }).then(
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
    try {
      const { mtimeMs } = await stat(path);
      const holder: unknown = JSON.parse((await readFile(path, "utf8")) || "{}");
      if (this.#options.now() - mtimeMs < STALE_MS && !isDead(holder)) return false;
      // Of two windows that find the same dead lease, only one can rename it away.
      const grave = `${path}.${this.#options.owner}.stale`;
      await rename(path, grave);
      await rm(grave, { force: true });
      return true;
    } catch (reason) {
      if (hasCode(reason, "ENOENT")) return true;
      if (reason instanceof SyntaxError) return false; // Being written this moment.
      throw reason;
    }
  }

  async #beat(): Promise<void> {
    const time = new Date(this.#options.now());
    for (const name of this.#held)
      await utimes(this.#path(name), time, time).catch((reason: unknown) => this.#options.onError(reason));
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
