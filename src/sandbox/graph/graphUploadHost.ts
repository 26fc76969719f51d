/** Graph's host for bytes: accepts ranges, in order, from whoever has the URL of a session. */
import type { Exchange, Reply } from "../http/exchange.ts";
import { ConnectionLost, Refused } from "../http/faultInjection.ts";
import type { Step } from "../http/faultRules.ts";
import type { Upload } from "../storage/uploads.ts";
import { type GraphAnswers, GraphError } from "./graphAnswers.ts";
import type { GraphBehaviour } from "./graphBehaviour.ts";
import type { GraphItems } from "./graphItems.ts";
import { expiryOf, type GraphSessions, type Session } from "./graphSessions.ts";
import type { GraphThrottle } from "./graphThrottle.ts";

interface Range {
  readonly first: number;
  /** Exclusive, unlike on the wire. */
  readonly end: number;
}

const steps: Readonly<Record<string, Step>> = { PUT: "upload", GET: "probe", DELETE: "cancel" };

export class GraphUploadHost {
  readonly name = "graphUpload";
  readonly #sessions: GraphSessions;
  readonly #items: GraphItems;
  readonly #throttle: GraphThrottle;
  readonly #answers: GraphAnswers;
  readonly #behaviour: GraphBehaviour;

  constructor(parts: {
    sessions: GraphSessions;
    items: GraphItems;
    throttle: GraphThrottle;
    answers: GraphAnswers;
    behaviour: GraphBehaviour;
  }) {
    this.#sessions = parts.sessions;
    this.#items = parts.items;
    this.#throttle = parts.throttle;
    this.#answers = parts.answers;
    this.#behaviour = parts.behaviour;
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
        throw new GraphError(401, "InvalidAudienceForResource", "The audience claim value is invalid.");
      const session = this.#sessions.at(exchange.record.path);
      if (!session) throw new GraphError(404, "ErrorItemNotFound", "The upload session was not found.");
      return this.#throttle.run(session.mailbox, exchange, () =>
        exchange.act(() => this.#route(exchange, session)),
      );
    });
  }

  async #route(exchange: Exchange, session: Session): Promise<Reply> {
    switch (exchange.method) {
      case "PUT":
        return this.#put(exchange, session);
      case "GET":
        return this.#status(exchange, session);
      case "DELETE":
        this.#sessions.cancel(session);
        return { status: 204 };
      default:
        throw new GraphError(405, "BadRequest", `${exchange.method} is not supported here.`);
    }
  }

  async #status(exchange: Exchange, session: Session): Promise<Reply> {
    const { sessionStatus } = this.#behaviour;
    if (sessionStatus === 405) throw new GraphError(405, "BadRequest", "GET is not supported here.");
    if (sessionStatus === 404) throw new GraphError(404, "ErrorItemNotFound", "Nothing can be read here.");
    const { upload } = this.#sessions.upload(session);
    await upload.forget(exchange.faultInjection.remembersAtMost());
    return this.#progress(session, upload);
  }

  async #put(exchange: Exchange, session: Session): Promise<Reply> {
    const { upload } = this.#sessions.upload(session);
    const range = this.#range(exchange, session);
    await upload.forget(exchange.faultInjection.remembersAtMost());
    return upload.exclusively(async (preempted) => {
      const drop = () => exchange.drop();
      if (preempted.aborted) drop();
      preempted.addEventListener("abort", drop);
      try {
        return await this.#take(exchange, session, range);
      } finally {
        preempted.removeEventListener("abort", drop);
      }
    });
  }

  /** Reads the headers. Throws when they contradict each other, or the session. */
  #range(exchange: Exchange, session: Session): Range {
    const invalid = (why: string) => new GraphError(400, "InvalidContentRange", why);
    const announced = exchange.announcedBytes;
    if (announced === undefined) throw new GraphError(411, "BadRequest", "Content-Length is required.");
    const [, first, last, total] =
      /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(exchange.header("content-range") ?? "") ?? [];
    if (first === undefined) throw invalid("The Content-Range header is missing or malformed.");
    const range = { first: Number(first), end: Number(last) + 1 };
    if (Number(total) !== session.size) throw invalid(`The total is ${session.size} bytes, not ${total}.`);
    if (range.end <= range.first || range.end > session.size) throw invalid("The range is not in the file.");
    if (announced !== range.end - range.first) throw invalid("Content-Length and Content-Range disagree.");
    if (announced > this.#behaviour.rangeBytes)
      throw new GraphError(
        413,
        "RequestEntityTooLarge",
        `A range is at most ${this.#behaviour.rangeBytes} bytes.`,
      );
    return range;
  }

  async #take(exchange: Exchange, session: Session, range: Range): Promise<Reply> {
    const { item, upload } = this.#sessions.upload(session);
    const { wrongRange } = this.#behaviour;
    if (range.first !== upload.stored) {
      if (wrongRange === 200) return this.#progress(session, upload);
      const why = `The range starts at ${range.first}, but ${upload.stored} is expected.`;
      throw new GraphError(wrongRange, wrongRange === 416 ? "InvalidRange" : "InvalidContentRange", why);
    }
    this.#items.mayHold(item, range.end);
    await this.#store(exchange, upload);
    if (upload.state !== "open") throw new ConnectionLost(); // Somebody has cancelled it meanwhile.
    if (upload.stored < session.size) return this.#progress(session, upload);
    return { status: 201, headers: { Location: await this.#sessions.finish(session, upload) } };
  }

  /** Stores a range once all of it is here; with "keep", also what arrived of a broken one. */
  async #store(exchange: Exchange, upload: Upload): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of exchange.body()) pieces.push(piece);
    } catch (reason) {
      const broken = reason instanceof ConnectionLost || reason instanceof Refused;
      if (broken && this.#behaviour.brokenRange === "keep") await this.#append(exchange, upload, pieces);
      throw reason;
    }
    await this.#append(exchange, upload, pieces);
  }

  async #append({ faultInjection }: Exchange, upload: Upload, pieces: readonly Buffer[]): Promise<void> {
    const kept = Buffer.concat(pieces).subarray(0, faultInjection.keepAtMost());
    if (upload.state !== "open" || kept.length === 0) return;
    const appender = await upload.appender();
    try {
      await appender.write(faultInjection.asStored(kept));
      await appender.flush();
    } finally {
      await appender.close();
    }
  }

  #progress(session: Session, upload: Upload): Reply {
    const next = upload.stored;
    const { casing, nextRange } = this.#behaviour;
    const forms = { N: `${next}`, "N-": `${next}-`, "N-M": `${next}-${session.size - 1}` };
    return {
      status: 200,
      json: {
        "@odata.context": this.#sessions.context,
        [casing === "camel" ? "expirationDateTime" : "ExpirationDateTime"]: expiryOf(session),
        [casing === "pascal" ? "NextExpectedRanges" : "nextExpectedRanges"]: [forms[nextRange]],
      },
    };
  }
}
