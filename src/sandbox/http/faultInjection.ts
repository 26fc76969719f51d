/**
 * What an armed fault does to the request that it strikes, and in which phase. Which faults there are: `faultRules.ts`;
 * which request one strikes: `faults.ts`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Barrier } from "../base/barrier.ts";
import type { Clock } from "../base/clock.ts";
import type { Fault } from "./faultRules.ts";
import type { Line } from "./line.ts";

/** Thrown where a fault ends the connection: nobody is left to answer. */
export class ConnectionLost extends Error {}

/** Thrown where a fault answers instead of the service. */
export class Refused extends Error {
  readonly fault: Extract<Fault, { fault: "refuse" }>;

  constructor(fault: Extract<Fault, { fault: "refuse" }>) {
    super(`Refused with ${fault.status}, as armed`);
    this.fault = fault;
  }
}

/** A rule, and how often it can still strike. */
export interface Armed {
  readonly rule: Fault;
  skip: number;
  left: number;
  met: number;
  /** How many running requests may still meet it. */
  reserved: number;
  /** Where a "hold" holds. */
  readonly barrier: Barrier;
}

/** The faults of one request: each of its phases asks here before it goes on. */
export class FaultInjection {
  readonly #armed: Armed | undefined;
  readonly #clock: Clock | undefined;
  readonly #line: Line | undefined;
  #hit = false;

  constructor(parts: { readonly armed?: Armed; readonly clock?: Clock; readonly line?: Line } = {}) {
    this.#armed = parts.armed;
    this.#clock = parts.clock;
    this.#line = parts.line;
  }

  /** The fault that struck, once it has. */
  get struck(): Fault | undefined {
    return this.#hit ? this.#armed?.rule : undefined;
  }

  get #fault(): Fault | undefined {
    return this.#armed?.rule;
  }

  #meet(): void {
    if (this.#hit || !this.#armed) return;
    this.#hit = true;
    this.#armed.met += 1;
    this.#armed.left -= 1;
    this.#armed.reserved -= 1;
  }

  /** Phase: the headers have arrived, the body has not. `gone` aborts when the client leaves. */
  async beforeBody(gone: AbortSignal): Promise<void> {
    this.#needLine();
    const fault = this.#fault;
    if (fault?.fault === "resetBeforeBody") {
      this.#meet();
      throw new ConnectionLost();
    }
    if (fault?.fault === "timePasses" && !fault.afterCommit) this.#letTimePass(fault.ms);
    if (fault?.fault === "stall" && fault.afterBytes === undefined && !fault.afterCommit) {
      this.#meet();
      await hold(fault.ms, gone);
    }
    if (fault?.fault === "hold" && fault.afterBytes === undefined && !fault.atWork && !fault.afterCommit)
      await this.#held(gone);
    if (
      fault?.fault === "refuse" &&
      fault.afterBytes === undefined &&
      !fault.afterCommit &&
      fault.by !== "service"
    ) {
      this.#meet();
      throw new Refused(fault);
    }
  }

  /** Phase: a piece of the body has arrived, after `before` bytes. Yields what may pass, then strikes. */
  async *duringBody(piece: Buffer, before: number, gone: AbortSignal): AsyncGenerator<Buffer> {
    await this.#line?.carry(piece.length, gone).catch(() => {
      throw new ConnectionLost();
    });
    this.#needLine();
    const fault = this.#fault;
    if (fault?.fault === "slow") {
      this.#meet();
      await hold((piece.length / fault.bytesPerSecond) * 1000, gone);
    }
    if (fault?.fault === "hold" && fault.afterBytes !== undefined) {
      yield* this.#passed(piece, gone);
      return;
    }
    const limit = fault && "afterBytes" in fault && !this.#hit ? fault.afterBytes : undefined;
    if (!fault || limit === undefined || before + piece.length < limit) {
      yield piece;
      return;
    }
    if (limit > before) yield piece.subarray(0, limit - before);
    this.#meet();
    if (fault.fault === "refuse") throw new Refused(fault);
    if (fault.fault === "resetMidBody") throw new ConnectionLost();
    if (fault.fault === "stall") await hold(fault.ms, gone);
    if (limit - before < piece.length) yield piece.subarray(Math.max(0, limit - before));
  }

  /** The parts of the piece that the barrier lets pass, as it does. */
  async *#passed(piece: Buffer, gone: AbortSignal): AsyncGenerator<Buffer> {
    for (let rest = piece; rest.length > 0; ) {
      const passed = this.#armed?.barrier.pass(rest) ?? rest;
      if (passed.length > 0) yield passed;
      rest = rest.subarray(passed.length);
      if (rest.length > 0) await this.#held(gone);
    }
  }

  /** Waits until the barrier is opened. */
  async #held(gone: AbortSignal): Promise<void> {
    this.#meet();
    await this.#armed?.barrier.opened(gone).catch(() => {
      throw new ConnectionLost();
    });
  }

  /** How many bytes of this body the storage may keep. */
  keepAtMost(): number {
    const fault = this.#fault;
    if (fault?.fault !== "keepFewerBytes") return Number.POSITIVE_INFINITY;
    this.#meet();
    return fault.bytes;
  }

  /** How many of its bytes the storage still remembers. */
  remembersAtMost(): number {
    const fault = this.#fault;
    if (fault?.fault !== "forgetBytes") return Number.POSITIVE_INFINITY;
    this.#meet();
    return fault.bytes;
  }

  /** The piece as the storage will keep it. */
  asStored(piece: Buffer): Buffer {
    if (this.#fault?.fault !== "corruptBytes" || this.#hit || piece.length === 0) return piece;
    this.#meet();
    const changed = Buffer.from(piece);
    changed[0] = ~(piece[0] ?? 0) & 0xff;
    return changed;
  }

  /** Phase: the service is about to do its work. `closing` aborts when the sandbox ends. */
  async beforeCommit(closing: AbortSignal): Promise<void> {
    const fault = this.#fault;
    if (fault?.fault === "delay") {
      this.#meet();
      await hold(fault.ms, closing);
    }
    if (fault?.fault === "hold" && fault.atWork) await this.#held(closing);
    if (fault?.fault === "refuse" && fault.by === "service" && !fault.afterCommit && !this.#hit) {
      this.#meet();
      throw new Refused(fault);
    }
  }

  /** Phase: the service has done its work but not chosen its answer. */
  afterCommit(): void {
    const fault = this.#fault;
    if (fault?.fault !== "refuse" || !fault.afterCommit || fault.by !== "service") return;
    this.#meet();
    throw new Refused(fault);
  }

  /** Phase: the answer is about to leave. Returns what happens to it. */
  async beforeReply(gone: AbortSignal): Promise<Mangled | undefined> {
    this.#needLine();
    const fault = this.#fault;
    switch (fault?.fault) {
      case "dropReplyAfterCommit":
        this.#meet();
        throw new ConnectionLost();
      case "refuse":
        if (!fault.afterCommit || this.#hit) return undefined;
        this.#meet();
        throw new Refused(fault);
      case "stall":
        if (!fault.afterCommit) return undefined;
        this.#meet();
        await hold(fault.ms, gone);
        return undefined;
      case "hold":
        if (fault.afterCommit) await this.#held(gone);
        return undefined;
      case "timePasses":
        if (fault.afterCommit) this.#letTimePass(fault.ms);
        return undefined;
      case "truncatedBody":
      case "htmlBody":
      case "emptyBody":
      case "otherBody":
        this.#meet();
        return fault;
      default:
        return undefined;
    }
  }

  #needLine(): void {
    if (this.#line?.isDown) throw new ConnectionLost();
  }

  #letTimePass(ms: number): void {
    this.#meet();
    this.#clock?.advance(ms);
  }

  /** The request is over; a rule that did not strike is free for the next one. */
  end(): void {
    if (this.#armed && !this.#hit) this.#armed.reserved -= 1;
  }
}

/** What can happen to an answer on its way out. */
export type Mangled = Extract<Fault, { fault: "truncatedBody" | "htmlBody" | "emptyBody" | "otherBody" }>;

/** Waits, forever without `ms`; ends with the connection. */
async function hold(ms: number | undefined, over: AbortSignal): Promise<void> {
  // The longest possible timer, about 24 days: "forever" needs one, or an idle process would simply end.
  await sleep(ms ?? 2 ** 31 - 1, undefined, { signal: over }).catch(() => {
    throw new ConnectionLost();
  });
}
