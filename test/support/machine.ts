/** The machine that windows run on: its clocks, its disk, its secrets, and when it is idle. */
import type { SecretShelf } from "../../src/accounts/accountBook.ts";
import { BadDisk } from "./badDisk.ts";
import type { MemorySecrets } from "./engine.ts";
import { type Lane, VirtualTime } from "./virtualTime.ts";

/** Hears when something is under way that needs no time to pass. */
export interface Foreman {
  busily<T>(work: () => Promise<T>): Promise<T>;
}

/** A window, as far as the machine knows it. */
export interface Program {
  readonly lane: Lane;
  /** Told of each record that some window has written or removed. */
  noticed(id: string): void;
}

export interface MachineOptions {
  /** Where its windows keep their records. */
  readonly folder: string;
  /** Around it: where the files are. */
  readonly around: string;
  readonly secrets: MemorySecrets;
  /** The world's clock; see `VirtualTime`. */
  readonly world: { offsetMs: number };
  /** Has the world do what it does now and then, when time has passed. */
  readonly worldGoesOn: () => Promise<void>;
  readonly countsSleep: boolean;
}

/** How long whatever a window does may take, in virtual time, before it counts as hanging. */
const PATIENCE_MS = 4 * 3_600_000;
/** How often windows look around for what needs no decision. */
const LOOK_MS = 5_000;

export class Machine implements Foreman {
  readonly folder: string;
  readonly time: VirtualTime;
  readonly disk: BadDisk;
  /** How many turns of the event loop each work of the secret store takes; used in turn. */
  secretTurns: readonly number[] = [];
  readonly slowSecrets: SecretShelf;
  readonly #worldGoesOn: () => Promise<void>;
  readonly #programs = new Set<Program>();
  #busy = 0;
  #idle: (() => void)[] = [];

  constructor({ folder, around, secrets, world, worldGoesOn, countsSleep }: MachineOptions) {
    this.folder = folder;
    this.#worldGoesOn = worldGoesOn;
    this.slowSecrets = this.#slow(secrets);
    this.time = new VirtualTime(world, countsSleep);
    const onChange = (name: string) => {
      if (!/\.(json|log)$/.test(name)) return;
      for (const program of this.#programs) program.noticed(name.slice(0, name.indexOf(".")));
    };
    this.disk = new BadDisk({ folder, around, clock: this.time, foreman: this, onChange });
  }

  start(program: Program): void {
    this.#programs.add(program);
  }

  end(program: Program): void {
    this.#programs.delete(program);
    this.time.end(program.lane);
  }

  /** Does work that needs no time to pass: a request, a file. */
  async busily<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
      if (this.#busy === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Resolves when nothing is under way: only time can bring something now. */
  async rest(): Promise<void> {
    for (let still = 0; still < 4; still++) {
      if (this.#busy > 0) {
        still = 0;
        await new Promise<void>((resolve) => this.#idle.push(resolve));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Lets time pass as it is needed until `isOver`. @returns false when it does not come to that in so long, awake */
  async passUntil(isOver: () => boolean, patienceMs = PATIENCE_MS): Promise<boolean> {
    for (const begun = this.time.awakeMs; ; ) {
      await this.rest();
      if (isOver()) return true;
      if (this.time.awakeMs - begun > patienceMs) return false;
      if (!this.time.passToNext()) {
        // What cannot be seen from here, in a thread of its own, is not to miss hours.
        await new Promise((resolve) => setTimeout(resolve, 1));
        this.time.pass(LOOK_MS);
      }
      await this.#worldGoesOn();
    }
  }

  /** Lets time pass until `work` is done. */
  async during<T>(what: string, work: Promise<T>): Promise<T> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    if (!(await this.passUntil(() => isOver))) throw new Error(`${what} does not end`);
    return work;
  }

  /** Lets time pass with everything that happens in it. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= LOOK_MS) {
      this.time.pass(Math.min(left, LOOK_MS));
      await this.#worldGoesOn();
      await this.rest();
    }
  }

  /** The machine sleeps, and the world goes on. */
  async sleep(ms: number): Promise<void> {
    this.time.sleep(ms);
    await this.#worldGoesOn();
    await this.rest();
  }

  dispose(): void {
    this.disk.dispose();
  }

  /** The same secrets, in a store that takes its time. */
  #slow(secrets: MemorySecrets): SecretShelf {
    let next = 0;
    const slowly = <T>(work: () => Promise<T>) =>
      this.busily(async () => {
        for (let turn = this.secretTurns[next++ % this.secretTurns.length] ?? 0; turn > 0; turn--)
          await new Promise((resolve) => setImmediate(resolve));
        return work();
      });
    return {
      get: (key) => slowly(() => secrets.get(key)),
      store: (key, value) => slowly(() => secrets.store(key, value)),
      delete: (key) => slowly(() => secrets.delete(key)),
    };
  }
}
