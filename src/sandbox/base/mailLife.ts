/** How long the practice mailbox keeps mails, and how many bytes of them (also told in README.md and SECURITY.md). */
import type { Clock } from "./clock.ts";

/** How long the practice mailbox keeps a mail. Its user has seen it long before. */
export const mailLifeMs = 30 * 24 * 3600 * 1000;
/** Bytes that all mails may take; the oldest are deleted first. A mail with a file of 150 MB takes 205 MB. */
export const mailsBytes = 1024 ** 3;
/** Nothing younger is deleted: its sender may still repeat the request, and needs the first answer. */
export const safeMs = 3600 * 1000;

const roundMs = 10 * 60 * 1000;

/** Deletes old mails and uploads now and then: a process may run for weeks, its folder lasts for years. */
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
