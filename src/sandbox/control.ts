/**
 * Lets another process (a test, or "Make It Hard") steer the sandbox: `GET` shows its state, `POST` moves the clock,
 * arms faults, and sets the line and each service's behaviour. What a fault does: `sandbox/http/faultRules.ts`.
 */
import * as z from "zod";
import type { Clock } from "./base/clock.ts";
import { DriveBehaviour } from "./drive/driveBehaviour.ts";
import { GraphBehaviour } from "./graph/graphBehaviour.ts";
import type { Exchange, Reply, RequestRecord } from "./http/exchange.ts";
import { Fault } from "./http/faultRules.ts";
import type { Faults } from "./http/faults.ts";
import { RecipientsBehaviour } from "./inbox/recipients.ts";
import type { AttachmentUploads } from "./nylas/attachmentUploads.ts";
import { NylasBehaviour } from "./nylas/nylasBehaviour.ts";
import type { Outbox } from "./outbox/outbox.ts";
import { type StorageBehaviour, StorageSwitches } from "./storage/storage.ts";

const Command = z.strictObject({
  /** How far the sandbox's clock is ahead of the real one. */
  clockOffsetMs: z.number().optional(),
  advanceMs: z.number().optional(),
  /** Removes the rules that were armed before. */
  clear: z.boolean().optional(),
  /** Releases what is held: all of it, or this many more bytes. */
  release: z.union([z.literal(true), z.int().min(1)]).optional(),
  arm: z.array(Fault).optional(),
  /** The line of all requests: its speed (null: no limit), and a break that starts now and lasts `downMs`. */
  line: z
    .strictObject({ bytesPerSecond: z.int().min(1).nullable().optional(), downMs: z.int().min(0).optional() })
    .optional(),
  /** Ends all upload sessions of Nylas now, as if their hour were over. */
  expireSessions: z.literal(true).optional(),
  storage: StorageSwitches.optional(),
  graph: GraphBehaviour.partial().optional(),
  drive: DriveBehaviour.partial().optional(),
  nylas: NylasBehaviour.partial().optional(),
  recipients: RecipientsBehaviour.optional(),
});

interface Behaviours {
  readonly storage: StorageBehaviour;
  readonly graph: GraphBehaviour;
  readonly drive: DriveBehaviour;
  readonly nylas: NylasBehaviour;
  readonly recipients: RecipientsBehaviour;
}

export class Control {
  readonly name = "control";
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #behaviours: Behaviours;
  readonly #requests: readonly RequestRecord[];
  readonly #outbox: Outbox;
  readonly #sessions: Pick<AttachmentUploads, "expireAll">;

  constructor(parts: {
    clock: Clock;
    faults: Faults;
    behaviours: Behaviours;
    requests: readonly RequestRecord[];
    outbox: Outbox;
    sessions: Pick<AttachmentUploads, "expireAll">;
  }) {
    this.#clock = parts.clock;
    this.#faults = parts.faults;
    this.#behaviours = parts.behaviours;
    this.#requests = parts.requests;
    this.#outbox = parts.outbox;
    this.#sessions = parts.sessions;
  }

  stepOf(): undefined {
    return undefined;
  }

  refusal(status: number, message: string): Reply {
    return { status, json: { error: { message } } };
  }

  async handle(exchange: Exchange): Promise<Reply> {
    if (exchange.method === "GET") return { status: 200, json: this.#state() };
    if (exchange.method !== "POST") return this.refusal(405, "only GET and POST");
    const command = Command.safeParse(await readJson(exchange));
    if (!command.success) return this.refusal(400, z.prettifyError(command.error));
    const { clockOffsetMs, advanceMs, clear, release, arm, storage, graph, drive, nylas, recipients } =
      command.data;
    const { line, expireSessions } = command.data;
    if (clockOffsetMs !== undefined) this.#clock.offsetMs = clockOffsetMs;
    if (advanceMs !== undefined) this.#clock.advance(advanceMs);
    if (clear) this.#faults.clear();
    if (release !== undefined) this.#faults.release(release === true ? undefined : release);
    if (arm) this.#faults.arm(...arm);
    if (line?.bytesPerSecond !== undefined) this.#faults.line.bytesPerSecond = line.bytesPerSecond;
    if (line?.downMs !== undefined) this.#faults.line.drop(line.downMs);
    if (expireSessions) this.#sessions.expireAll();
    if (storage) Object.assign(this.#behaviours.storage, storage);
    if (nylas) Object.assign(this.#behaviours.nylas, nylas);
    if (recipients) Object.assign(this.#behaviours.recipients, recipients);
    if (drive) Object.assign(this.#behaviours.drive, drive);
    if (graph) Object.assign(this.#behaviours.graph, graph);
    return { status: 200, json: this.#state() };
  }

  #state(): unknown {
    const uploads = this.#requests.filter(({ step }) => step === "upload");
    return {
      clock: { now: this.#clock.iso(), offsetMs: this.#clock.offsetMs },
      ...this.#behaviours,
      faults: this.#faults.report(),
      line: { bytesPerSecond: this.#faults.line.bytesPerSecond },
      deliveries: this.#outbox.mails.length,
      bytesReceived: uploads.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
      requests: this.#requests.map(({ headers: _, ...record }) => record),
    };
  }
}

/** Undefined for a body that is not JSON, which is never a command. */
async function readJson(exchange: Exchange): Promise<unknown> {
  const bytes = await exchange.bytes(1024 * 1024);
  try {
    return bytes && JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
