/** Mail that is scheduled at Nylas: how far ahead, until when it can be cancelled, and sending it when it is due. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { Records } from "../base/records.ts";
import type { Reply } from "../http/exchange.ts";
import { Letter } from "../outbox/letter.ts";
import { type Outbox, Part } from "../outbox/outbox.ts";
import type { Grant } from "./grants.ts";
import type { WaitRequest } from "./letterRequest.ts";
import type { NylasBehaviour } from "./nylasBehaviour.ts";
import { dataReply, NylasError } from "./nylasErrors.ts";

const dayMs = 24 * 3600 * 1000;
const longestMs = 30 * dayMs;
/** How long after its time a schedule is still known. */
const keptMs = 72 * 3600 * 1000;
/** A cancellation less than this before the time is confirmed, and yet the mail is sent. */
const lateMs = 10_000;

const Scheduled = z.object({
  id: z.string(),
  grantId: z.string(),
  sendAt: z.number(),
  status: z.enum(["pending", "success", "failed"]),
  description: z.string(),
  closedAt: z.number().optional(),
  /** The draft that will be sent. Without one, the service has the mail itself. */
  draftId: z.string().optional(),
  letter: Letter,
  parts: z.array(Part),
  /** When the first of the uploaded files is deleted. */
  filesUntil: z.number().optional(),
  idempotency: z.object({ key: z.string(), payload: z.string(), firstAt: z.number() }).optional(),
  answer: z.unknown(),
});
export type Scheduled = z.infer<typeof Scheduled>;

/** A mail to be scheduled, as the mailbox has read it. */
export type Waiting = Pick<Scheduled, "letter" | "parts" | "filesUntil" | "draftId" | "idempotency">;

export class Schedules {
  readonly #records: Records<Scheduled>;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #behaviour: NylasBehaviour;
  /** Sends a draft when its time has come; throws when it is gone. */
  readonly #sendDraft: (grantId: string, draftId: string) => Promise<void>;
  #running: Promise<void> | undefined;

  constructor(options: {
    folder: string;
    outbox: Outbox;
    clock: Clock;
    behaviour: NylasBehaviour;
    sendDraft: (grantId: string, draftId: string) => Promise<void>;
  }) {
    this.#records = new Records(options.folder, Scheduled);
    this.#outbox = options.outbox;
    this.#clock = options.clock;
    this.#behaviour = options.behaviour;
    this.#sendDraft = options.sendDraft;
  }

  /** The files that waiting mails still need. */
  get parts(): readonly Part[] {
    return this.#records.values().flatMap(({ status, parts }) => (status === "pending" ? parts : []));
  }

  /** Schedules from requests that had a key, whose answers are restored after a restart. */
  get answered(): readonly Scheduled[] {
    return this.#records.values().filter(({ idempotency }) => idempotency !== undefined);
  }

  /** Throws the service's answer to a time that it cannot accept. */
  check({ provider }: Grant, { sendAt, useDraft }: WaitRequest): void {
    const waitMs = sendAt * 1000 - this.#clock.now();
    if (waitMs < this.#behaviour.leastWaitSeconds * 1000)
      throw new NylasError(400, "send_at: the time is too soon or over");
    if (useDraft && provider !== "microsoft" && provider !== "google")
      throw new NylasError(400, "use_draft: the provider has no drafts that can wait");
    if (!useDraft && waitMs > longestMs) throw new NylasError(400, "send_at: more than 30 days ahead");
  }

  add(grant: Grant, { sendAt, useDraft }: WaitRequest, waiting: Waiting): Reply {
    const id = randomUUID();
    const names = { schedule_id: id, send_at: sendAt, use_draft: useDraft };
    const answer =
      this.#behaviour.scheduledAnswer === "top"
        ? { grant_id: grant.id, data: {}, ...names }
        : { grant_id: grant.id, data: names };
    this.#records.put(id, {
      id,
      grantId: grant.id,
      sendAt: sendAt * 1000,
      status: "pending",
      description: "schedule send awaiting send at time",
      ...waiting,
      answer,
    });
    return dataReply(202, answer);
  }

  async list(grant: Grant): Promise<Reply> {
    await this.deliverDue();
    const entries = this.#known(grant).map(describe);
    switch (this.#behaviour.scheduleList) {
      case "bare":
        return { ...dataReply(200, {}), json: entries };
      case "data":
        return dataReply(200, { data: entries });
      case "schedules":
        return dataReply(200, { data: { schedules: entries } });
    }
  }

  async read(grant: Grant, id: string): Promise<Reply> {
    await this.deliverDue();
    return dataReply(200, { data: describe(this.#find(grant, id)) });
  }

  async cancel(grant: Grant, id: string): Promise<Reply> {
    await this.deliverDue();
    const scheduled = this.#find(grant, id);
    if (scheduled.status !== "pending") throw new NylasError(404, "schedule not found");
    if (scheduled.sendAt - this.#clock.now() >= lateMs) {
      this.#records.delete(id);
      // A draft stays in the mailbox; without one, nothing is left of the mail.
      this.#outbox.drop(scheduled.parts);
    }
    return dataReply(202, { data: { message: "requested cancelation for workflow" } });
  }

  /** Sends what is due. Runs once at a time: whoever calls meanwhile waits for the same run. */
  async deliverDue(): Promise<void> {
    this.#running ??= this.#deliver().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #deliver(): Promise<void> {
    const now = this.#clock.now();
    for (const scheduled of this.#records.values()) {
      if (now >= scheduled.sendAt + keptMs && scheduled.status !== "pending")
        this.#records.delete(scheduled.id);
      if (scheduled.status !== "pending" || now < scheduled.sendAt) continue;
      const failure = await this.#send(scheduled).then(
        () => undefined,
        (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
      );
      this.#outbox.drop(scheduled.parts);
      this.#records.put(scheduled.id, {
        ...scheduled,
        parts: [],
        status: failure === undefined ? "success" : "failed",
        description: failure ?? "schedule send succeeded",
        closedAt: this.#clock.now(),
      });
    }
  }

  async #send({ grantId, letter, parts, draftId, filesUntil, sendAt }: Scheduled): Promise<void> {
    if (draftId !== undefined) return this.#sendDraft(grantId, draftId);
    if (filesUntil !== undefined && sendAt >= filesUntil)
      throw new Error("an attachment is not ready: its upload has expired");
    await this.#outbox.deliver({ grantId, letter, parts }, () => null);
  }

  #known(grant: Grant): Scheduled[] {
    return this.#records.values().filter(({ grantId }) => grantId === grant.id);
  }

  #find(grant: Grant, id: string): Scheduled {
    const found = this.#known(grant).find((scheduled) => scheduled.id === id);
    if (!found) throw new NylasError(404, "schedule not found");
    return found;
  }
}

function describe({ id, status, description, closedAt }: Scheduled) {
  return {
    schedule_id: id,
    status: { code: status, description },
    ...(closedAt === undefined ? {} : { close_time: Math.floor(closedAt / 1000) }),
  };
}
