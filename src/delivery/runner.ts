/** The engine's entry point: passes each action of a person to the part that does it. One for each window. */
import type { FileActs } from "./acts/fileActs.ts";
import type { LinkActs } from "./acts/linkActs.ts";
import type { NewMails } from "./acts/newMails.ts";
import type { SendActs } from "./acts/sendActs.ts";
import type { VersionActs } from "./acts/versionActs.ts";
import type { WayActs } from "./acts/wayActs.ts";
import type { Attached, Begin } from "./compose/newMailText.ts";
import { createParts } from "./createParts.ts";
import type { EnginePorts } from "./ports/enginePorts.ts";
import type { EventRef } from "./record/delivery.ts";
import { within } from "./store/ownership.ts";
import type { SessionSteps } from "./upload/sessionSteps.ts";

/** VS Code gives an extension five seconds to end: first for work under way, then for saving its results. */
const ENDING_MS = 3_500;
const SAVING_MS = 1_000;

export class DeliveryRunner {
  readonly #options: EnginePorts;
  readonly #parts: ReturnType<typeof createParts>;
  readonly #closing = new AbortController();

  constructor(options: EnginePorts) {
    this.#options = options;
    this.#parts = createParts(options, this.#closing.signal);
  }

  /** Starts a mail and uploads its files immediately. Files that cannot be sent are reported. */
  compose(paths: readonly string[], accountId: string | null, begin?: Begin): Promise<Attached> {
    return this.#parts.newMails.begin(paths, accountId, { begin });
  }

  /** Attaches files to a calendar event, as `compose` does to a mail. */
  attachToEvent(paths: readonly string[], accountId: string, event: EventRef): Promise<Attached> {
    return this.#parts.newMails.begin(paths, accountId, { event });
  }

  // What these do and throw is documented at their types.
  readonly sendAgainTo: NewMails["like"] = (...mail) => this.#parts.newMails.like(...mail);
  readonly edit: SendActs["edit"] = (...mail) => this.#parts.sendActs.edit(...mail);
  readonly touch: SendActs["touch"] = (...mail) => this.#parts.sendActs.touch(...mail);
  readonly send: SendActs["send"] = (...mail) => this.#parts.sendActs.send(...mail);
  readonly withdraw: SendActs["withdraw"] = (...mail) => this.#parts.sendActs.withdraw(...mail);
  readonly sendAgain: SendActs["sendAgain"] = (...mail) => this.#parts.sendActs.sendAgain(...mail);
  readonly forget: SendActs["forget"] = (...mail) => this.#parts.sendActs.forget(...mail);
  readonly attach: FileActs["attach"] = (...files) => this.#parts.files.attach(...files);
  readonly pause: FileActs["pause"] = (...file) => this.#parts.files.pause(...file);
  readonly resume: FileActs["resume"] = (...file) => this.#parts.files.resume(...file);
  readonly cancel: FileActs["cancel"] = (...file) => this.#parts.files.cancel(...file);
  readonly detach: FileActs["detach"] = (...file) => this.#parts.files.detach(...file);
  readonly replace: FileActs["replace"] = (...file) => this.#parts.files.replace(...file);
  readonly rename: FileActs["rename"] = (...file) => this.#parts.files.rename(...file);
  readonly keepVersion: VersionActs["keep"] = (...file) => this.#parts.versions.keep(...file);
  readonly uploadNewVersion: VersionActs["upload"] = (...file) => this.#parts.versions.upload(...file);
  readonly chooseAccount: WayActs["chooseAccount"] = (...way) => this.#parts.ways.chooseAccount(...way);
  readonly chooseMethod: WayActs["chooseMethod"] = (...way) => this.#parts.ways.chooseMethod(...way);
  readonly chooseWay: WayActs["chooseWay"] = (...way) => this.#parts.ways.chooseWay(...way);
  readonly chooseLinks: WayActs["chooseLinks"] = (...way) => this.#parts.ways.chooseLinks(...way);
  readonly extendLink: LinkActs["extend"] = (...link) => this.#parts.links.extend(...link);
  /** Tries again immediately instead of waiting out a lost connection. */
  readonly tryNow: SessionSteps["hurry"] = (...file) => this.#parts.steps.hurry(...file);

  /**
   * Takes back a mail that the service is to send later.
   * @returns true when a draft of it may be left in the mailbox
   * @throws FreightError `schedule-late` when it was sent, or is just being sent
   */
  cancelScheduled(deliveryId: string): Promise<boolean> {
    return this.#parts.ownership.during(deliveryId, () => this.#parts.scheduled.cancel(deliveryId));
  }

  /** See `VersionActs`. */
  sendAsItIs(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.versions.holdStill(deliveryId, attachmentId, this.#closing.signal);
  }

  /** Ends everybody else's access to a file that a sent mail links to; the file itself stays. */
  stopSharing(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.links.end(deliveryId, attachmentId, "stays");
  }

  /** Deletes a file that a sent mail links to at the service. */
  deleteLinked(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.links.end(deliveryId, attachmentId, "deleted");
  }

  /** Forgets mails that were sent or saved before an instant, in milliseconds since the epoch. Others stay. */
  async forgetOlder(before: number): Promise<void> {
    await this.#parts.history.forgetOlder(before);
    await this.#parts.ownership.tidy();
  }

  /**
   * Continues what earlier windows left unfinished, and checks again every few seconds: a window that still
   * owns a mail now may be gone by then.
   */
  async recover(): Promise<void> {
    await this.#parts.takeover.start();
  }

  /** Rereads a record that some window has written, unless this window owns the mail and so knows better. */
  async noticed(deliveryId: string): Promise<void> {
    const before = this.#options.store.find(deliveryId);
    await this.#parts.ownership.noticed(deliveryId);
    const now = this.#options.store.find(deliveryId) ?? before;
    if (now !== undefined) this.#parts.sets.wakeOthers(now);
  }

  /** Ends all work of this process; records stay as they are, so that the next one can go on. */
  async shutdown(): Promise<void> {
    const { sendGraceMs } = this.#options;
    this.#closing.abort();
    this.#parts.takeover.dispose();
    this.#parts.inlineImages.dispose();
    const work = [
      this.#parts.uploads.abort(),
      this.#parts.sending.close(sendGraceMs),
      this.#parts.remoteCleanup.close(),
      this.#parts.sendActs.noted(),
    ];
    await within(Math.max(sendGraceMs, ENDING_MS), Promise.allSettled(work));
    await this.#parts.ownership.giveAllBack(SAVING_MS);
    this.#parts.ownership.dispose();
  }
}
