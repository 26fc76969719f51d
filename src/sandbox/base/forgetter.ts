import type { Clock } from "./clock.ts";

/** How old a mail gets in the practice mailbox. Its user has seen it long before. */
export const mailLifeMs = 30 * 24 * 3600 * 1000;
/** Bytes of all mails; the oldest go first. A mail with a file of 150 MB has 205 MB. */
export const mailsBytes = 1024 ** 3;
/** Nothing younger goes: whoever has sent it may still repeat the request and wants the answer of the first. */
export const safeMs = 3600 * 1000;

const roundMs = 10 * 60 * 1000;

/** Lets go of old mails and uploads now and then: a practice mailbox may run for weeks, and its folder stays for years. */
export class Forgetter {
  readonly #clock: Clock;
  readonly #rounds: readonly (() => void)[];
  #next = 0;

  constructor(clock: Clock, rounds: readonly (() => void)[]) {
    this.#clock = clock;
    this.#rounds = rounds;
  }

  async look(): Promise<void> {
    if (this.#clock.now() < this.#next) return;
    this.#next = this.#clock.now() + roundMs;
    for (const round of this.#rounds) round();
  }
}
