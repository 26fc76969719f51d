/**
 * Counts the requests to every mailbox and, when `throttling` is on, refuses those over its limits; the limits
 * themselves: `graphBehaviour.ts`.
 */
import type { Clock } from "../base/clock.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import { GraphError } from "./graphAnswers.ts";
import type { GraphBehaviour } from "./graphBehaviour.ts";

const windowMs = 5 * 60 * 1000;

interface Meter {
  running: number;
  /** Bodies of the last five minutes, oldest first. */
  bodies: { readonly at: number; readonly bytes: number }[];
}

export class GraphThrottle {
  readonly #clock: Clock;
  readonly #behaviour: GraphBehaviour;
  readonly #meters = new Map<string, Meter>();

  constructor(clock: Clock, behaviour: GraphBehaviour) {
    this.#clock = clock;
    this.#behaviour = behaviour;
  }

  async run(mailbox: string, exchange: Exchange, work: () => Promise<Reply>): Promise<Reply> {
    const meter = this.#meters.get(mailbox) ?? { running: 0, bodies: [] };
    this.#meters.set(mailbox, meter);
    meter.bodies = meter.bodies.filter(({ at }) => at > this.#clock.now() - windowMs);
    if (this.#behaviour.throttling) this.#check(meter, exchange);
    meter.running += 1;
    try {
      return await work();
    } finally {
      meter.running -= 1;
      const bytes = exchange.record.bytesReceived;
      if (bytes > 0) meter.bodies.push({ at: this.#clock.now(), bytes });
    }
  }

  #check(meter: Meter, exchange: Exchange): void {
    if (meter.running >= this.#behaviour.concurrentRequests)
      throw this.#throttled("MailboxConcurrency", 1000);
    let excess =
      meter.bodies.reduce((sum, { bytes }) => sum + bytes, exchange.announcedBytes ?? 0) -
      this.#behaviour.incomingBytes;
    if (excess <= 0 || (exchange.announcedBytes ?? 0) === 0) return;
    // This one fits as soon as enough of the oldest bodies have left the window.
    const last = meter.bodies.find(({ bytes }) => {
      excess -= bytes;
      return excess <= 0;
    });
    const waitMs = last ? last.at + windowMs - this.#clock.now() : windowMs;
    throw this.#throttled("IncomingBytes", waitMs);
  }

  #throttled(limit: string, waitMs: number): GraphError {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    const date = new Date(this.#clock.now() + seconds * 1000).toUTCString();
    const forms = { seconds: String(seconds), date, none: undefined };
    const retryAfter = forms[this.#behaviour.retryAfter];
    return new GraphError(
      429,
      "ApplicationThrottled",
      `Application is over its ${limit} limit.`,
      retryAfter === undefined ? {} : { "Retry-After": retryAfter },
    );
  }
}
