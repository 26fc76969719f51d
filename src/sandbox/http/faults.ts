/**
 * The armed faults, and the line, which works without any: which request meets which fault, how often one strikes, and
 * what releases those that hold.
 */
import { Barrier } from "../base/barrier.ts";
import type { Clock } from "../base/clock.ts";
import { type Armed, FaultInjection } from "./faultInjection.ts";
import type { Fault, Step } from "./faultRules.ts";
import { Line } from "./line.ts";

/** A rule and how often it was met. */
export interface FaultReport {
  readonly rule: Fault;
  /** How many requests met it. A test whose fault was not met has proved nothing. */
  readonly met: number;
  readonly spent: boolean;
}

export class Faults {
  readonly line: Line;
  readonly #clock: Clock;
  #armed: Armed[] = [];

  constructor(clock: Clock, line = new Line()) {
    this.#clock = clock;
    this.line = line;
  }

  arm(...rules: readonly Fault[]): void {
    for (const rule of rules) {
      const isHold = rule.fault === "hold";
      this.#armed.push({
        rule,
        skip: rule.skip ?? 0,
        left: rule.times ?? (isHold ? Number.POSITIVE_INFINITY : 1),
        met: 0,
        reserved: 0,
        barrier: new Barrier(isHold ? (rule.afterBytes ?? 0) : Number.POSITIVE_INFINITY),
      });
    }
  }

  /** Removes every rule and releases what is held; requests that have met another rule are not released. */
  clear(): void {
    for (const { barrier } of this.#armed) barrier.open();
    this.#armed = [];
  }

  /** Releases what is held: everything, which also removes those rules; or this many more bytes. */
  release(bytes?: number): void {
    for (const { barrier } of this.#armed) barrier.open(bytes);
    if (bytes === undefined) this.#armed = this.#armed.filter(({ rule }) => rule.fault !== "hold");
  }

  report(): readonly FaultReport[] {
    return this.#armed.map(({ rule, met, left }) => ({ rule, met, spent: left === 0 }));
  }

  /** The rules that still wait for a request. */
  get unmet(): readonly Fault[] {
    return this.#armed.filter(isWaiting).map(({ rule }) => rule);
  }

  /** The fault that a new request of `step` will meet, if its moment comes. */
  faultInjection(step: Step | undefined): FaultInjection {
    for (const armed of this.#armed) {
      if (armed.rule.step !== step || armed.left <= armed.reserved) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.reserved += 1;
      return new FaultInjection({ armed, clock: this.#clock, line: this.line });
    }
    // A request without a step looks at the sandbox itself, and does not use the line.
    return new FaultInjection(step === undefined ? {} : { line: this.line });
  }
}

/** A rule without a number of requests holds all of them, and only waits for the first. */
function isWaiting({ left, met }: Armed): boolean {
  return left > 0 && (Number.isFinite(left) || met === 0);
}
