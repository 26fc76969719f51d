/** Listens whether the windows that hold leases are still there, without comparing any two clocks. */
import { open } from "node:fs/promises";
import * as z from "zod";
import { isHeldOpening, isMissing, type Patience, patiently } from "../../../base/fsErrors.ts";
import { isGone, isSameBoot, ProcessIdentity } from "../../../base/processIdentity.ts";
import { parseJson } from "../../../net/json.ts";

/** A holder that was not heard of for so long is gone: four missed heartbeats. */
const SILENT_MS = 20_000;
/** The same where it is likely: the holder was a process of before this machine was started. */
const SILENT_SINCE_START_MS = 7_000;
/**
 * Silence counts only while this window listens: a machine that slept, or a window that stood still, has heard nobody.
 * Between two looks at most so much of it is counted.
 */
const HEARING_MS = 10_000;
/** A lease that somebody wanted is listened to for so long. */
const INTEREST_MS = 2 * 60_000;

/** What a lease says of who has it. Earlier versions wrote owner and pid. */
const Holder = z.object({
  owner: z.string(),
  pid: z.int(),
  process: ProcessIdentity.optional(),
  place: z.string().optional(),
});
export type Holder = z.infer<typeof Holder>;

interface Lease {
  /** Changes with each heartbeat. */
  readonly mtimeMs: number;
  readonly text: string;
  /** Undefined when that cannot be read, as while it is being written. */
  readonly holder: Holder | undefined;
}

/** What was last seen of a lease that another window holds. */
interface Sighting extends Lease {
  /** When this was, and when somebody last wanted the lease, by the clock that is never put. */
  readonly at: number;
  readonly wantedAt: number;
  /** For how long this window has listened since without hearing anything. */
  readonly silentMs: number;
}

export interface HolderWatchOptions {
  /** Milliseconds by a clock that is never put. */
  readonly monotonic: () => number;
  /** The process that listens. */
  readonly process: ProcessIdentity;
  readonly patience?: Patience;
}

export class HolderWatch {
  readonly #options: HolderWatchOptions;
  /** By path: leases that were wanted here while another window had them. */
  readonly #sightings = new Map<string, Sighting>();

  constructor(options: HolderWatchOptions) {
    this.#options = options;
  }

  /** True while nobody is listened to. */
  get isIdle(): boolean {
    return this.#sightings.size === 0;
  }

  clear(): void {
    this.#sightings.clear();
  }

  /** Listens to all whose leases were wanted not long ago. */
  async look(): Promise<void> {
    for (const [path, { wantedAt }] of this.#sightings)
      if (this.#options.monotonic() - wantedAt > INTEREST_MS) this.#sightings.delete(path);
      else await this.#listen(path, wantedAt);
  }

  /** Whether the holder of a lease is there, or gone for sure, or was silent for too long; "nobody" without a lease. */
  async find(path: string): Promise<"nobody" | "there" | "gone"> {
    const sighting = await this.#listen(path);
    if (sighting === undefined) return "nobody";
    return this.#isGone(sighting) ? "gone" : "there";
  }

  #isGone({ holder, silentMs }: Sighting): boolean {
    if (holder === undefined) return silentMs >= SILENT_MS;
    // Earlier versions knew of no other machine.
    const other = holder.process ?? { ...this.#options.process, pid: holder.pid, started: "" };
    if (isGone(other, this.#options.process)) return true;
    const isOfBefore = other.host === this.#options.process.host && !isSameBoot(other, this.#options.process);
    return silentMs >= (isOfBefore ? SILENT_SINCE_START_MS : SILENT_MS);
  }

  /** Looks whether a lease was touched. @returns undefined when there is none */
  async #listen(path: string, wantedAt = this.#options.monotonic()): Promise<Sighting | undefined> {
    const lease = await this.read(path);
    if (lease === undefined) {
      this.#sightings.delete(path);
      return undefined;
    }
    const at = this.#options.monotonic();
    const before = this.#sightings.get(path);
    const isSilent = before?.mtimeMs === lease.mtimeMs && before.text === lease.text;
    const silentMs = isSilent ? before.silentMs + Math.min(at - before.at, HEARING_MS) : 0;
    const sighting = { ...lease, at, wantedAt, silentMs };
    this.#sightings.set(path, sighting);
    return sighting;
  }

  /** @returns undefined when there is none */
  async read(path: string): Promise<Lease | undefined> {
    try {
      // A network disk answers from memory until a file is opened.
      const opening = { ...this.#options.patience, isPassing: isHeldOpening };
      const file = await patiently(() => open(path, "r"), opening);
      try {
        const { mtimeMs } = await file.stat();
        const text = await file.readFile("utf8");
        return { mtimeMs, text, holder: Holder.safeParse(parseJson(text)).data };
      } finally {
        await file.close();
      }
    } catch (reason) {
      if (isMissing(reason)) return undefined;
      throw reason;
    }
  }
}
