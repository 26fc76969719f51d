/** "Make It Hard" for a practice mail: breaks what can break on its way, and shows how the mail arrived. */
import * as z from "zod";
import type { Memento } from "../../../accounts/accountBook.ts";
import { explain, type Log } from "../../../base/log.ts";
import type { DeliveryRecord } from "../../../delivery/record/delivery.ts";
import { isPracticeMail } from "../../../delivery/record/practiceWords.ts";
import type { PracticeControl } from "../../../services/practiceControl.ts";
import type { ToPanel } from "../../../shared/contract/messages.ts";
import type { PracticeMails } from "../../views/practiceMails.ts";
import { type LoadedSimulator, SIMULATOR_KEY, type SimulatorIntent } from "./simulatorFeed.ts";
import { arrivalVerdict, hardshipWords } from "./simulatorWords.ts";

/** How long the line is down: long enough to notice, short enough to wait for. */
const DOWN_MS = 6_000;

const count = z.number().default(0);
/** Saved, as it has to outlive the host, which can be killed here. */
const Kept = z.object({
  isOpen: z.boolean().default(false),
  /** The mail that the rest belongs to. */
  deliveryId: z.string().default(""),
  dropped: count,
  answersLost: count,
  expired: count,
  killed: count,
  /** Whether the answer to its next Send will be lost. */
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
  /** Runs looks one by one, so that none repeats what another is about to save. */
  #looking: Promise<void> = Promise.resolve();
  #looked = "";

  constructor(deliveryId: string, options: SimulatorOptions) {
    this.#id = deliveryId;
    this.#options = options;
  }

  /** Call when a page has loaded, which knows nothing yet. */
  restart(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#kept.isOpen && this.#mail !== undefined) await this.#open();
    });
  }

  act(intent: SimulatorIntent): Promise<void> {
    return this.#inTurn(() => this.#act(intent));
  }

  /** Runs acts in order, because each shows the state that it leaves. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined); // The caller gets the error.
    return turn;
  }

  async #act(intent: SimulatorIntent): Promise<void> {
    // Only a practice mail is ever made hard, whatever the page says.
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

  /** Call when the mail has changed. */
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
    // For a mail that has arrived the mailbox need not run.
    if (arrived !== null) return this.#show();
    // Read the speed before showing anything: a slider that shows another speed could not be set to it.
    this.#speed = await control.lineSpeed();
    // The mailbox ended with the killed host, and forgot what it was told.
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
