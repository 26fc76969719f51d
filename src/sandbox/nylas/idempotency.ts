/**
 * Stores the first answer to an `Idempotency-Key`, good or bad, and repeats it to requests with that key, for an hour.
 */
import type { Clock } from "../base/clock.ts";
import type { Reply } from "../http/exchange.ts";
import { NylasError } from "./nylasErrors.ts";

const lifeMs = 3600 * 1000;

interface Entry {
  readonly payload: string;
  readonly firstAt: number;
  /** Undefined while the first request is still running. */
  reply: Reply | undefined;
}

export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Restores an answer that was given before a restart. */
  restore(grantId: string, key: string, entry: { payload: string; firstAt: number; reply: Reply }): void {
    this.#entries.set(`${grantId} ${key}`, { ...entry });
  }

  /** `payload` is a digest of the request's bytes; requests with the same digest are the same. */
  async once(
    { grantId, key, payload }: { grantId: string; key: string; payload: string },
    run: (firstAt: number) => Promise<Reply>,
  ): Promise<Reply> {
    if (key.length > 256)
      throw new NylasError(
        400,
        "Idempotency-Key is longer than 256 characters",
        "api.invalid_idempotency_key",
      );
    const id = `${grantId} ${key}`;
    const now = this.#clock.now();
    for (const [old, { firstAt }] of this.#entries) if (now >= firstAt + lifeMs) this.#entries.delete(old);
    const known = this.#entries.get(id);
    if (known) {
      if (known.payload !== payload)
        throw new NylasError(
          409,
          "Idempotency-Key was used with another request body",
          "api.invalid_idempotent_request",
        );
      if (!known.reply)
        throw new NylasError(
          409,
          "A request with this Idempotency-Key is in progress",
          "api.concurrent_idempotent_request",
        );
      return { ...known.reply, headers: { ...known.reply.headers, "Idempotent-Response": "true" } };
    }
    const entry: Entry = { payload, firstAt: now, reply: undefined };
    this.#entries.set(id, entry);
    try {
      entry.reply = await run(now);
      return entry.reply;
    } catch (reason) {
      // Nothing was decided, so nothing may be replayed.
      this.#entries.delete(id);
      throw reason;
    }
  }
}
