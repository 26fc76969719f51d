/** Time that passes as soon as nothing else can happen: what the engine waits for takes no time of ours. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../../src/base/clock.ts";

/** The part of a service's clock that is moved; its own events may move it, too. */
interface WorldClock {
  offsetMs: number;
}

interface Timer {
  readonly lane: Lane;
  readonly everyMs: number | undefined;
  /** The limit of something, which is waited for for its own sake. */
  readonly isLimit?: boolean;
  readonly call: () => void;
  /** On the monotonic clock. */
  due: number;
}

/** Whose timers these are: a window's, all of which stop with it. */
export class Lane {
  isFrozen = false;
  isOver = false;
}

const lanes = new AsyncLocalStorage<{ readonly time: VirtualTime; readonly lane: Lane }>();
const real = {
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  clearTimeout: globalThis.clearTimeout,
  limit: AbortSignal.timeout.bind(AbortSignal),
};
/** The longest that Node knows; what really fires it is virtual time. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * The clocks of one machine, and the timers of the windows on it. Timers that are begun inside `run` are virtual: also
 * those which the code under test makes by calling `setTimeout`, `setInterval` and `AbortSignal.timeout`.
 */
export class VirtualTime implements Clock {
  readonly #world: WorldClock;
  readonly #countsSleep: boolean;
  readonly #timers = new Map<NodeJS.Timeout, Timer>();
  #awakeMs = 0;
  /** How far the machine's wall clock is ahead of the world's. */
  #skewMs = 0;

  /**
   * @param world goes on with this machine, and without it: an hour that passes, passes for both
   * @param countsSleep the monotonic clock of Windows and macOS goes on while the machine sleeps, Linux's stands still
   */
  constructor(world: WorldClock, countsSleep: boolean) {
    this.#world = world;
    this.#countsSleep = countsSleep;
  }

  now(): number {
    return Date.now() + this.#world.offsetMs + this.#skewMs;
  }

  monotonic(): number {
    return performance.now() + (this.#countsSleep ? this.#world.offsetMs : this.#awakeMs);
  }

  /** What has passed while the machine was awake. */
  get awakeMs(): number {
    return this.#awakeMs;
  }

  /** How far this machine's wall clock is ahead of the real one. */
  get offsetMs(): number {
    return this.#world.offsetMs + this.#skewMs;
  }

  /** Runs work whose timers are virtual, and belong to `lane`. */
  run<T>(lane: Lane, work: () => T): T {
    patch();
    return lanes.run({ time: this, lane }, work);
  }

  /** Somebody sets the wall clock; the world does not follow. */
  jump(ms: number): void {
    this.#skewMs += ms;
  }

  /** The machine sleeps, and the world goes on. */
  sleep(ms: number): void {
    this.#world.offsetMs += ms;
  }

  /** True while something waits for time to pass that is neither an interval nor a limit. */
  get isAwaited(): boolean {
    return this.#next() !== undefined;
  }

  /** Passes until the next timer is due that something waits for, and calls what is due by then. False when there is none. */
  passToNext(): boolean {
    const next = this.#next();
    if (next === undefined) return false;
    this.pass(Math.max(0, next.due - this.monotonic()));
    return true;
  }

  /** Passes, awake; what is due by then is called in its order, each timer once. */
  pass(ms: number): void {
    this.#awakeMs += ms;
    this.#world.offsetMs += ms;
    this.fire();
  }

  /** Calls what is due: what passed at once, as a sleep does, is called once. */
  fire(): void {
    const now = this.monotonic();
    const due = [...this.#timers].filter(([, timer]) => timer.due <= now && !timer.lane.isFrozen);
    for (const [handle, timer] of due.sort(([, one], [, other]) => one.due - other.due)) {
      if (!this.#timers.has(handle)) continue; // One before it has ended it.
      if (timer.everyMs === undefined) this.#drop(handle);
      else timer.due = now + timer.everyMs;
      this.run(timer.lane, timer.call);
    }
  }

  /** Ends what belongs to a window that is gone. */
  end(lane: Lane): void {
    lane.isOver = true;
    for (const [handle, timer] of this.#timers) if (timer.lane === lane) this.#drop(handle);
  }

  /** For `setTimeout` and its like, see `run`. */
  begin(lane: Lane, ms: number, timer: Pick<Timer, "call" | "everyMs" | "isLimit">): NodeJS.Timeout {
    const handle = real.setTimeout(() => {}, NEVER_MS).unref();
    if (lane.isOver) real.clearTimeout(handle);
    else this.#timers.set(handle, { ...timer, lane, due: this.monotonic() + ms });
    handles.set(handle, this);
    return handle;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.lane.isFrozen || timer.everyMs !== undefined || timer.isLimit === true) continue;
      if (next === undefined || timer.due < next.due) next = timer;
    }
    return next;
  }

  #drop(handle: NodeJS.Timeout): void {
    this.#timers.delete(handle);
    real.clearTimeout(handle);
  }

  /** For `clearTimeout`. */
  forget(handle: NodeJS.Timeout): void {
    this.#timers.delete(handle);
  }
}

const handles = new WeakMap<NodeJS.Timeout, VirtualTime>();
let isPatched = false;

/** Timers are begun as always outside of `run`. */
function patch(): void {
  if (isPatched) return;
  isPatched = true;
  const timeout = <A extends unknown[]>(call: (...args: A) => void, ms?: number, ...args: A) => {
    const inside = lanes.getStore();
    if (inside === undefined) return real.setTimeout(call, ms, ...args);
    return inside.time.begin(inside.lane, ms ?? 0, { call: () => call(...args), everyMs: undefined });
  };
  const interval = <A extends unknown[]>(call: (...args: A) => void, ms?: number, ...args: A) => {
    const inside = lanes.getStore();
    if (inside === undefined) return real.setInterval(call, ms, ...args);
    return inside.time.begin(inside.lane, ms ?? 0, { call: () => call(...args), everyMs: ms ?? 0 });
  };
  const limit = (ms: number) => {
    const inside = lanes.getStore();
    if (inside === undefined) return real.limit(ms);
    const controller = new AbortController();
    const call = () => controller.abort(new DOMException("The operation timed out", "TimeoutError"));
    inside.time.begin(inside.lane, ms, { call, everyMs: undefined, isLimit: true });
    return controller.signal;
  };
  const clear = (handle?: NodeJS.Timeout | string | number) => {
    if (typeof handle === "object") handles.get(handle)?.forget(handle);
    real.clearTimeout(handle);
  };
  Object.assign(globalThis, {
    setTimeout: Object.assign(timeout, { ...real.setTimeout }),
    setInterval: interval,
    clearTimeout: clear,
    clearInterval: clear,
  });
  AbortSignal.timeout = limit;
}

/** What is not the engine's: its timers are real ones. */
export function outsideTime<T>(work: () => T): T {
  return lanes.exit(work);
}
