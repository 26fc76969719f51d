/** Makes sending hard in the practice mailbox: the speed of its line, expired sessions, lost answers. */
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { parseAnswer } from "../net/answers.ts";
import type { Http } from "../net/http.ts";
import { t } from "../shared/l10n.ts";
import type { PracticeMailbox } from "./practice.ts";

const State = z.object({
  line: z.object({ bytesPerSecond: z.number().nullable() }),
  faults: z.array(z.object({ rule: z.object({ step: z.string(), fault: z.string() }), met: z.number() })),
});
type State = z.infer<typeof State>;

/** The mail is sent, but the answer never arrives. */
const LOSE_ANSWER = { step: "send", fault: "dropReplyAfterCommit" } as const;
const TIMEOUT_MS = 10_000;

export class PracticeControl {
  readonly #practice: Pick<PracticeMailbox, "addresses">;
  readonly #http: Http;

  constructor(practice: Pick<PracticeMailbox, "addresses">, http: Http) {
    this.#practice = practice;
    this.#http = http;
  }

  /** Bytes per second for everything that is sent to it together; null: no limit. */
  async lineSpeed(): Promise<number | null> {
    return (await this.#ask()).line.bytesPerSecond;
  }

  async setLineSpeed(bytesPerSecond: number | null): Promise<void> {
    await this.#ask({ line: { bytesPerSecond } });
  }

  /** Breaks all connections and accepts none for this long. */
  async dropLine(downMs: number): Promise<void> {
    await this.#ask({ line: { downMs } });
  }

  /** Sets whether the answer to the next Send is lost. */
  async loseAnswer(isLost: boolean): Promise<void> {
    await this.#ask({ clear: true, arm: isLost ? [LOSE_ANSWER] : [] });
  }

  /** waiting: it will be lost · met: it was lost · none: not asked for, or the mailbox has restarted since */
  async answerLoss(): Promise<"waiting" | "met" | "none"> {
    const isOurs = ({ rule }: State["faults"][number]) =>
      rule.step === LOSE_ANSWER.step && rule.fault === LOSE_ANSWER.fault;
    const armed = (await this.#ask()).faults.find(isOurs);
    return armed === undefined ? "none" : armed.met > 0 ? "met" : "waiting";
  }

  /** Makes every uploaded file expire that no mail has used yet. */
  async expireSessions(): Promise<void> {
    await this.#ask({ expireSessions: true });
  }

  async #ask(command?: Readonly<Record<string, unknown>>): Promise<State> {
    const { control } = await this.#practice.addresses();
    if (control === undefined)
      throw new FreightError(
        "service-fault",
        t(
          "The practice mailbox of another window is older than this one. Reload all windows, then try again.",
        ),
      );
    const answer = await this.#http.send({
      method: command === undefined ? "GET" : "POST",
      url: control,
      ...(command === undefined ? {} : { body: JSON.stringify(command) }),
      timeoutMs: TIMEOUT_MS,
      // The answer lists every request so far.
      ownBytes: 32 * 1024 * 1024,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return parseAnswer(State, answer, "control of the practice mailbox");
  }
}
