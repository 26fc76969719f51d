/**
 * Looks again and again, as long as the sandbox runs, for mail whose time has come and for what is to be deleted. What
 * is due at Nylas: `sandbox/nylas/schedules.ts`; at Graph: `sandbox/graph/graphMessages.ts`.
 */

/** How often it looks for mail that is due; tests move the clock and wait for the effect. */
const roundMs = 200;

export class Postman {
  readonly #rounds: readonly (() => Promise<void>)[];
  readonly #timer: NodeJS.Timeout;
  #walking: Promise<void> = Promise.resolve();

  constructor(rounds: readonly (() => Promise<void>)[]) {
    this.#rounds = rounds;
    this.#timer = setInterval(() => {
      void this.walk();
    }, roundMs).unref();
  }

  /** Looks now; resolves when that is done. */
  walk(): Promise<void> {
    this.#walking = this.#walking.then(() => this.#walk());
    return this.#walking;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#walking;
  }

  async #walk(): Promise<void> {
    for (const round of this.#rounds)
      await round().catch((reason: unknown) => {
        process.stderr.write(`${reason instanceof Error ? (reason.stack ?? reason.message) : reason}\n`);
      });
  }
}
