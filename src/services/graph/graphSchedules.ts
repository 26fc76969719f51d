/**
 * Mail to be sent later from a Microsoft mailbox, where it waits in Drafts: the property that holds it back, what
 * became of it, and cancelling it.
 */
import type { Draft } from "../drafts.ts";
import { type Schedule, type ScheduleState, type Schedules, tooLateToCancel } from "../scheduling.ts";
import type { GraphMessages } from "./graphMessages.ts";

/** On its way from Drafts to Sent Items, a message may be in neither for a while. */
const ON_ITS_WAY_MS = 10 * 60_000;

export class GraphSchedules implements Schedules {
  readonly #messages: GraphMessages;

  constructor(messages: GraphMessages) {
    this.#messages = messages;
  }

  keeperOf(): Schedule["keeper"] {
    return "provider";
  }

  async look({ sendAt }: Schedule, draft: Draft | null, signal: AbortSignal): Promise<ScheduleState> {
    if (draft === null) return { state: "unknown" };
    const found = await this.#messages.find(draft, signal);
    const { now } = this.#messages;
    if (found?.isDraft === false) return { state: "sent", now };
    const mayBeOnItsWay = found !== undefined || now - sendAt < ON_ITS_WAY_MS;
    return { state: mayBeOnItsWay ? "pending" : "unknown", now };
  }

  async cancel(
    _schedule: Schedule,
    _mark: string | null,
    draft: Draft | null,
    signal: AbortSignal,
    gate?: () => void,
  ): Promise<boolean> {
    if (draft === null) return false;
    const found = await this.#messages.find(draft, signal);
    if (found?.isDraft === false) throw tooLateToCancel();
    if (found !== undefined) await this.#messages.discard(draft, signal, gate);
    return false;
  }
}

/** PidTagDeferredSendTime: the earliest time at which Exchange may send a submitted message. */
export function deferredTo(sendAt: number) {
  return { id: "SystemTime 0x3FEF", value: new Date(sendAt).toISOString() };
}
