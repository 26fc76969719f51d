import type { Clock } from "./clock.ts";
import { type Armed, Encounter } from "./encounter.ts";
import type { Fault, Step } from "./faultRules.ts";

/** A rule with what became of it. */
export interface FaultReport {
  readonly rule: Fault;
  /** How many requests met it. A test whose fault was not met has proved nothing. */
  readonly met: number;
  readonly spent: boolean;
}

/** The rules that were armed and what they met. */
export class Faults {
  readonly #clock: Clock;
  #armed: Armed[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  arm(...rules: readonly Fault[]): void {
    for (const rule of rules)
      this.#armed.push({ rule, skip: rule.skip ?? 0, left: rule.times ?? 1, met: 0, reserved: 0 });
  }

  /** Forgets every rule. Requests that have met one already are not released. */
  clear(): void {
    this.#armed = [];
  }

  report(): readonly FaultReport[] {
    return this.#armed.map(({ rule, met, left }) => ({ rule, met, spent: left === 0 }));
  }

  /** The rules that are still waiting for their request. */
  get unmet(): readonly Fault[] {
    return this.#armed.filter(({ left }) => left > 0).map(({ rule }) => rule);
  }

  /** The fault that a new request of `step` is going to meet, if its moment comes. */
  encounter(step: Step | undefined): Encounter {
    for (const armed of this.#armed) {
      if (armed.rule.step !== step || armed.left <= armed.reserved) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.reserved += 1;
      return new Encounter(armed, this.#clock);
    }
    return new Encounter();
  }
}
