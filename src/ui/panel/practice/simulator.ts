/** "Make It Hard" beside a practice mail: breaks what can break under it, and tells how the mail arrived. */
import * as z from "zod";
import type { Memento } from "../../../accounts/accountBook.ts";
import { explain, type Log } from "../../../base/log.ts";
import type { DeliveryRecord } from "../../../delivery/record/delivery.ts";
import { isPracticeMail } from "../../../delivery/record/practiceWords.ts";
import { arrivalVerdict, hardshipWords } from "../../../delivery/words/simulatorWords.ts";
import type { PracticeControl } from "../../../services/practiceControl.ts";
import type { ToPanel } from "../../../shared/contract/messages.ts";
import type { PracticeMails } from "../../views/practiceMails.ts";
import { type LoadedSimulator, SIMULATOR_KEY, type SimulatorIntent } from "./simulatorFeed.ts";

/** Long enough to be seen, short enough to wait for. */
const DOWN_MS = 6_000;

const count = z.number().default(0);
/** It outlives the host, which can be killed here. */
const Kept = z.object({
  isOpen: z.boolean().default(false),
  /** The mail that the rest is about. */
  deliveryId: z.string().default(""),
  dropped: count,
  answersLost: count,
  expired: count,
  killed: count,
  /** The answer to its next Send is to be lost. */
  losesAnswer: z.boolean().default(false),
  arrived: z.object({ words: z.string(), isGood: z.boolean() }).nullable().default(null),
});
type Kept = z.infer<typeof Kept>;

export interface SimulatorOptions {
  readonly find: () => DeliveryRecord | undefined;
  readonly post: (message: ToPanel & { type: "simulator" }) => void;
  readonly memory: Memento;
  readonly control: PracticeControl;
  readonly mails: Pick<PracticeMails, "arrivalOf">;
  /** Kills the extension host, if that is safe and the person confirms. @param first runs right before */
  readonly killHost: (first: () => Promise<void>) => Promise<void>;
  readonly log: Log;
}

export class Simulator implements LoadedSimulator {
  readonly #id: string;
  readonly #options: SimulatorOptions;
  #speed: number | null = null;
  #turn: Promise<void> = Promise.resolve();
  /** Looks one after the other: none finds what another is about to note. */
  #looking: Promise<void> = Promise.resolve();
  #looked = "";

  constructor(deliveryId: string, options: SimulatorOptions) {
    this.#id = deliveryId;
    this.#options = options;
  }

  /** The page is new, and knows nothing. */
  restart(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#kept.isOpen && this.#mail !== undefined) await this.#open();
    });
  }

  act(intent: SimulatorIntent): Promise<void> {
    return this.#inTurn(() => this.#act(intent));
  }

  /** What was asked for first is done first, for each shows what it has found. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined); // Whoever asked hears of it.
    return turn;
  }

  async #act(intent: SimulatorIntent): Promise<void> {
    // The page offers it beside practice mails only; nobody else's mail is made hard, whatever a page says.
    if (this.#mail === undefined) return;
    const { control, killHost } = this.#options;
    if (intent.type === "lineSpeed") {
      await control.setLineSpeed(intent.bytesPerSecond);
      this.#speed = intent.bytesPerSecond;
    } else
      switch (intent.act) {
        case "open":
          await this.#note({ isOpen: true });
          return this.#open();
        case "close":
          await this.#note({ isOpen: false, losesAnswer: false });
          this.#options.post({ type: "simulator", view: null });
          await control.loseAnswer(false);
          await control.setLineSpeed(null);
          this.#speed = null;
          return;
        case "dropLine":
          await control.dropLine(DOWN_MS);
          await this.#note({ dropped: this.#kept.dropped + 1 });
          break;
        case "loseAnswer": {
          const losesAnswer = !this.#kept.losesAnswer;
          await control.loseAnswer(losesAnswer);
          await this.#note({ losesAnswer });
          break;
        }
        case "expireSessions":
          await control.expireSessions();
          await this.#note({ expired: this.#kept.expired + 1 });
          break;
        case "killHost":
          return killHost(() => this.#note({ killed: this.#kept.killed + 1 }));
      }
    this.#show();
  }

  /** The mail has changed. */
  update(): void {
    const mail = this.#mail;
    if (!this.#kept.isOpen || mail === undefined) return;
    const isSent = mail.phase === "sent";
    const stand = `${mail.phase} ${mail.sendWait?.until}`;
    const asks =
      (this.#kept.losesAnswer && mail.phase !== "composing") || (isSent && this.#kept.arrived === null);
    if (!asks || stand === this.#looked) return;
    this.#looked = stand;
    this.#looking = this.#looking
      .then(() => this.#look(isSent))
      .catch((reason: unknown) => {
        this.#looked = "";
        this.#options.log.warn(explain(reason));
      });
  }

  async #look(isSent: boolean): Promise<void> {
    const { control, mails } = this.#options;
    if (this.#kept.losesAnswer) {
      const isMet = (await control.answerLoss()) === "met";
      if (isMet) await this.#note({ losesAnswer: false, answersLost: this.#kept.answersLost + 1 });
      else if (isSent) await this.#note({ losesAnswer: false });
    }
    if (isSent && this.#kept.arrived === null) {
      const arrival = await mails.arrivalOf(this.#id);
      if (arrival !== undefined) {
        const { times, files } = arrival;
        const differing = files.filter((each) => each !== "identical" && each !== "changedSince").length;
        await this.#note({ arrived: arrivalVerdict(times, files.length, differing) });
      }
    }
    this.#show();
  }

  async #open(): Promise<void> {
    const { control } = this.#options;
    const { arrived, losesAnswer } = this.#kept;
    // What has arrived needs no mailbox that runs.
    if (arrived !== null) return this.#show();
    // Nothing is shown before: a control that showed another speed could not be set to it.
    this.#speed = await control.lineSpeed();
    // The mailbox ends with its host, and what it was to do with it.
    if (losesAnswer && (await control.answerLoss()) === "none") await control.loseAnswer(true);
    this.#show();
    this.update();
  }

  get #mail(): DeliveryRecord | undefined {
    const delivery = this.#options.find();
    return delivery !== undefined && isPracticeMail(delivery) ? delivery : undefined;
  }

  get #kept(): Kept {
    const parsed = Kept.safeParse(this.#options.memory.get(SIMULATOR_KEY));
    const kept = parsed.data ?? Kept.parse({});
    return kept.deliveryId === this.#id ? kept : Kept.parse({ isOpen: kept.isOpen, deliveryId: this.#id });
  }

  async #note(change: Partial<Kept>): Promise<void> {
    await this.#options.memory.update(SIMULATOR_KEY, { ...this.#kept, ...change });
  }

  #show(): void {
    const kept = this.#kept;
    this.#options.post({
      type: "simulator",
      view: {
        bytesPerSecond: this.#speed,
        losesAnswer: kept.losesAnswer,
        done: hardshipWords(kept),
        arrived: kept.arrived,
      },
    });
  }
}
