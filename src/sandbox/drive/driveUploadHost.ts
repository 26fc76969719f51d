/**
 * The drive's host for bytes: accepts ranges, in order and on the grid, from whoever has a session's URL. Graph's:
 * `sandbox/graph/graphUploadHost.ts`.
 */
import { type GraphAnswers, GraphError } from "../graph/graphAnswers.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import type { Step } from "../http/faultRules.ts";
import type { Upload } from "../storage/uploads.ts";
import type { DriveBehaviour } from "./driveBehaviour.ts";
import { type Item, invalidRequest } from "./driveItems.ts";
import type { DriveSessions, Session } from "./driveSessions.ts";

const steps: Readonly<Record<string, Step>> = { PUT: "upload", GET: "probe", DELETE: "cancel" };

interface Range {
  readonly first: number;
  /** Exclusive, unlike on the wire. */
  readonly end: number;
  readonly total: number;
}

export class DriveUploadHost {
  readonly name = "driveUpload";
  readonly #sessions: DriveSessions;
  readonly #answers: GraphAnswers;
  readonly #behaviour: DriveBehaviour;
  readonly #describe: (item: Item) => Readonly<Record<string, unknown>>;

  constructor(parts: {
    sessions: DriveSessions;
    answers: GraphAnswers;
    behaviour: DriveBehaviour;
    describe: (item: Item) => Readonly<Record<string, unknown>>;
  }) {
    this.#sessions = parts.sessions;
    this.#answers = parts.answers;
    this.#behaviour = parts.behaviour;
    this.#describe = parts.describe;
  }

  static serves(path: string): boolean {
    return path.startsWith("/personal/") && path.endsWith("/uploadSession");
  }

  stepOf(exchange: Exchange): Step | undefined {
    return steps[exchange.method];
  }

  refusal(status: number, message: string, code?: string): Reply {
    return this.#answers.refusal(status, message, code);
  }

  async handle(exchange: Exchange): Promise<Reply> {
    return this.#answers.answer(exchange, async () => {
      // The URL alone gives the right to write; Graph's bearer token is for another audience.
      if (exchange.header("authorization") !== undefined)
        throw new GraphError(401, "unauthenticated", "The audience claim value is invalid.");
      const { session, upload } = this.#sessions.at(exchange.record.path);
      return exchange.act(() => this.#route(exchange, session, upload));
    });
  }

  async #route(exchange: Exchange, session: Session, upload: Upload): Promise<Reply> {
    switch (exchange.method) {
      case "PUT":
        return this.#put(exchange, session, upload);
      case "GET":
        await upload.forget(exchange.faultInjection.remembersAtMost());
        return { status: 200, json: this.#progress(session, upload) };
      case "DELETE":
        this.#sessions.cancel(session, upload);
        return { status: 204 };
      default:
        throw new GraphError(405, "invalidRequest", `${exchange.method} is not supported here.`);
    }
  }

  async #put(exchange: Exchange, session: Session, upload: Upload): Promise<Reply> {
    const range = this.#range(exchange, session);
    const sized = this.#sessions.sized(session, range.total);
    await upload.forget(exchange.faultInjection.remembersAtMost());
    return upload.exclusively(async (preempted) => {
      const drop = () => exchange.drop();
      if (preempted.aborted) drop();
      preempted.addEventListener("abort", drop);
      try {
        return await this.#take(exchange, sized, upload, range);
      } finally {
        preempted.removeEventListener("abort", drop);
      }
    });
  }

  /** Reads the headers. Throws when they contradict each other, or the session. */
  #range(exchange: Exchange, session: Session): Range {
    const announced = exchange.announcedBytes;
    if (announced === undefined) throw new GraphError(411, "invalidRequest", "Content-Length is required.");
    const [, first, last, all] =
      /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(exchange.header("content-range") ?? "") ?? [];
    if (first === undefined) throw invalidRequest("The Content-Range header is missing or malformed.");
    const { rangeBytes, gridBytes } = this.#behaviour;
    const range = { first: Number(first), end: Number(last) + 1, total: Number(all) };
    const total = session.size ?? range.total;
    if (range.total !== total) throw invalidRequest(`The total is ${total} bytes, not ${range.total}.`);
    if (range.end <= range.first || range.end > total) throw invalidRequest("The range is not in the file.");
    if (announced !== range.end - range.first)
      throw invalidRequest("Content-Length and Content-Range disagree.");
    if (announced >= rangeBytes)
      throw new GraphError(413, "invalidRequest", `A range has fewer than ${rangeBytes} bytes.`);
    if (range.end < total && announced % gridBytes !== 0)
      throw invalidRequest(`A range must be a multiple of ${gridBytes} bytes.`);
    return range;
  }

  async #take(exchange: Exchange, session: Session, upload: Upload, range: Range): Promise<Reply> {
    if (range.first !== upload.stored)
      throw new GraphError(
        416,
        "invalidRange",
        "The uploaded fragment has already been received.",
        {},
        "fragmentOverlap",
      );
    // A broken range is dropped entirely.
    const pieces: Buffer[] = [];
    for await (const piece of exchange.body()) pieces.push(piece);
    const kept = Buffer.concat(pieces).subarray(0, exchange.faultInjection.keepAtMost());
    // Throws if it was cancelled meanwhile.
    this.#sessions.at(exchange.record.path);
    const appender = await upload.appender();
    try {
      await appender.write(exchange.faultInjection.asStored(kept));
      await appender.flush();
    } finally {
      await appender.close();
    }
    if (upload.stored < range.total) return { status: 202, json: this.#progress(session, upload) };
    const item = await this.#sessions.finish(session, upload);
    return { status: this.#behaviour.done, json: this.#describe(item) };
  }

  #progress({ expiresAt, size }: Session, { stored }: Upload) {
    const end = this.#behaviour.nextRange === "N-M" && size !== undefined ? size - 1 : "";
    return {
      expirationDateTime: new Date(expiresAt).toISOString(),
      nextExpectedRanges: [`${stored}-${end}`],
    };
  }
}
