/** Watches whether the windows that hold leases are still there, without comparing any two clocks. */
import { open } from "node:fs/promises";
import * as z from "zod";
import { isHeldOpening, isMissing, type Patience, patiently } from "../../../base/fsErrors.ts";
import { isGone, isSameBoot, ProcessIdentity } from "../../../base/processIdentity.ts";
import { parseJson } from "../../../net/json.ts";

/** A holder that was silent for this long counts as gone: four missed heartbeats. */
const SILENT_MS = 20_000;
/** The same for one that is probably gone: a process from before this machine was started. */
const SILENT_SINCE_START_MS = 7_000;
/**
 * The most silence that counts between two looks: while the machine slept or this window was frozen, it could
 * not have heard anybody.
 */
const HEARING_MS = 10_000;
/** How long a lease is watched after somebody wanted it. */
const INTEREST_MS = 2 * 60_000;

/** What a lease says about its holder. Earlier versions wrote only owner and pid. */
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
  /** Undefined when it cannot be read, for example while it is being written. */
  readonly holder: Holder | undefined;
}

/** A lease of another window, as it was last seen. */
interface Sighting extends Lease {
  /** When it was seen, and when somebody last wanted it, by the monotonic clock. */
  readonly at: number;
  readonly wantedAt: number;
  /** How long this window has listened without a sign of life. */
  readonly silentMs: number;
}

export interface HolderWatchOptions {
  /** Milliseconds of a clock that nobody can set. */
  readonly monotonic: () => number;
  /** The process that listens. */
  readonly process: ProcessIdentity;
  readonly patience?: Patience;
}

export class HolderWatch {
  readonly #options: HolderWatchOptions;
  /** Leases that were wanted here while another window held them, by path. */
  readonly #sightings = new Map<string, Sighting>();

  constructor(options: HolderWatchOptions) {
    this.#options = options;
  }

  /** True while no lease is watched. */
  get isIdle(): boolean {
    return this.#sightings.size === 0;
  }

  clear(): void {
    this.#sightings.clear();
  }

  /** Checks all leases that were wanted recently. */
  async look(): Promise<void> {
    for (const [path, { wantedAt }] of this.#sightings)
      if (this.#options.monotonic() - wantedAt > INTEREST_MS) this.#sightings.delete(path);
      else await this.#listen(path, wantedAt);
  }

  /** "gone": the holder of a lease is certainly gone, or silent for too long; "nobody": there is no lease. */
  async find(path: string): Promise<"nobody" | "there" | "gone"> {
    const sighting = await this.#listen(path);
    if (sighting === undefined) return "nobody";
    return this.#isGone(sighting) ? "gone" : "there";
  }

  #isGone({ holder, silentMs }: Sighting): boolean {
    if (holder === undefined) return silentMs >= SILENT_MS;
    // A lease of an earlier version: its holder was on this machine.
    const other = holder.process ?? { ...this.#options.process, pid: holder.pid, started: "" };
    if (isGone(other, this.#options.process)) return true;
    const isOfBefore = other.host === this.#options.process.host && !isSameBoot(other, this.#options.process);
    return silentMs >= (isOfBefore ? SILENT_SINCE_START_MS : SILENT_MS);
  }

  /** Checks whether a lease was touched since the last look. @returns undefined when there is none */
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
      // A network disk may answer from its cache until the file is opened.
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
