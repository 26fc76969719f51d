/** The engine's way in: hands each act of a person to what does it. A window has one; it begins, and ends, with it. */
import type { FreightError } from "../base/errors.ts";
import type { Form } from "../shared/contract/form.ts";
import type { FormProblem } from "../shared/message.ts";
import type { Attached, Begin } from "./compose/newMailText.ts";
import { createParts, type RunnerOptions } from "./createParts.ts";
import type { EventRef, LinkChoice, Purpose } from "./record/delivery.ts";
import { within } from "./store/ownership.ts";

/** VS Code gives an extension five seconds to end: so many for what is under way, and then for saving what came of it. */
const ENDING_MS = 3_500;
const SAVING_MS = 1_000;

export class DeliveryRunner {
  readonly #options: RunnerOptions;
  readonly #parts: ReturnType<typeof createParts>;
  readonly #closing = new AbortController();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#parts = createParts(options, this.#closing.signal);
  }

  /** Starts a mail and uploads its files immediately. Files that cannot be sent are named; the others go on. */
  compose(paths: readonly string[], accountId: string | null, begin?: Begin): Promise<Attached> {
    return this.#parts.newMails.begin(paths, accountId, { begin });
  }

  /** Attaches files to an event of a calendar, as `compose` does to a mail. */
  attachToEvent(paths: readonly string[], accountId: string, event: EventRef): Promise<Attached> {
    return this.#parts.newMails.begin(paths, accountId, { event });
  }

  /**
   * Starts a mail like one that was sent, for other recipients. What the service still has is not uploaded again.
   * @param to whom it is for, as far as that is known
   * @returns the new mail's id; undefined when that one was not sent
   */
  sendAgainTo(deliveryId: string, to: readonly string[] = []): Promise<string | undefined> {
    return this.#parts.newMails.like(deliveryId, to);
  }

  /**
   * Notes what was typed. While the mail waits to be sent its text is fixed: `withdraw` first.
   * @throws FreightError `send-late` for another text then
   */
  edit(deliveryId: string, form: Form): Promise<void> {
    return this.#parts.mails.edit(deliveryId, form);
  }

  /** A person has done something in the mail, if only clicked into it. */
  touch(deliveryId: string): Promise<void> {
    return this.#parts.mails.touch(deliveryId);
  }

  /**
   * Sends the mail, or saves or schedules it: immediately if every file is ready, else as soon as the last one is.
   * @returns what is wrong with the form, when something is
   * @throws FreightError `schedule-refused` when it cannot wait so long
   */
  send(
    deliveryId: string,
    form: Form,
    purpose: Purpose = { type: "send" },
  ): Promise<FormProblem | undefined> {
    return this.#parts.mails.send(deliveryId, form, purpose);
  }

  /**
   * Takes "send when ready" back, and a sending of which nothing has left.
   * @throws FreightError `send-late` once it may have left
   */
  withdraw(deliveryId: string): Promise<void> {
    return this.#parts.mails.withdraw(deliveryId);
  }

  /**
   * Takes a mail back that waits at the service for its time.
   * @returns true when a draft of it may be left in the mailbox
   * @throws FreightError `schedule-late` when it has left, or is just leaving
   */
  cancelScheduled(deliveryId: string): Promise<boolean> {
    return this.#parts.ownership.during(deliveryId, () => this.#parts.scheduled.cancel(deliveryId));
  }

  /** After a send whose outcome nobody knows: sends once more, on a person's word that it did not arrive. */
  sendAgain(deliveryId: string): Promise<void> {
    return this.#parts.mails.sendAgain(deliveryId);
  }

  /** Adds files to a mail that has not left yet. @returns those that were not added, each with its reason */
  attach(deliveryId: string, paths: readonly string[]): Promise<readonly FreightError[]> {
    return this.#parts.files.attach(deliveryId, paths);
  }

  /** Changes the mailbox to send from: what was uploaded belongs to the old one, so every file starts again. */
  chooseAccount(deliveryId: string, accountId: string): Promise<void> {
    return this.#parts.ways.chooseAccount(deliveryId, accountId);
  }

  /** See `WayActs`. */
  chooseMethod(deliveryId: string, inMail: boolean): Promise<void> {
    return this.#parts.ways.chooseMethod(deliveryId, inMail);
  }

  pause(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.files.pause(deliveryId, attachmentId);
  }

  /** Tries again immediately instead of waiting out a lost connection. */
  tryNow(attachmentId: string): void {
    this.#parts.steps.hurry(attachmentId);
  }

  /** See `FileActs`. */
  resume(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.files.resume(deliveryId, attachmentId);
  }

  /** See `VersionActs`. */
  keepVersion(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.versions.keep(deliveryId, attachmentId);
  }

  /** See `VersionActs`. */
  uploadNewVersion(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.versions.upload(deliveryId, attachmentId);
  }

  /** See `VersionActs`. */
  sendAsItIs(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.versions.holdStill(deliveryId, attachmentId, this.#closing.signal);
  }

  /** See `FileActs`. */
  cancel(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.files.cancel(deliveryId, attachmentId);
  }

  /** Takes a file out of a mail that has not left yet. */
  detach(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.files.detach(deliveryId, attachmentId);
  }

  /** See `FileActs`. */
  replace(deliveryId: string, attachmentId: string, path: string): Promise<void> {
    return this.#parts.files.replace(deliveryId, attachmentId, path);
  }

  /** See `FileActs`. */
  rename(deliveryId: string, attachmentId: string, name: string): Promise<void> {
    return this.#parts.files.rename(deliveryId, attachmentId, name);
  }

  /** See `WayActs`. */
  chooseWay(deliveryId: string, attachmentId: string, asLink: boolean): Promise<void> {
    return this.#parts.ways.chooseWay(deliveryId, attachmentId, asLink);
  }

  /** See `WayActs`. */
  chooseLinks(deliveryId: string, links: LinkChoice): Promise<void> {
    return this.#parts.ways.chooseLinks(deliveryId, links);
  }

  /** See `LinkActs`. */
  extendLink(deliveryId: string, attachmentId: string, days: number | null): Promise<void> {
    return this.#parts.links.extend(deliveryId, attachmentId, days);
  }

  /** Has nobody else be able to open a file any more that a mail has left with a link to; it stays where it is. */
  stopSharing(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.links.end(deliveryId, attachmentId, "stays");
  }

  /** Deletes such a file at the service. */
  deleteLinked(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#parts.links.end(deliveryId, attachmentId, "deleted");
  }

  /**
   * Stops everything of a mail and forgets it. What services must be told of it is told as soon as they can be reached.
   * @throws FreightError `send-late` once it may be leaving
   */
  forget(deliveryId: string): Promise<void> {
    return this.#parts.mails.forget(deliveryId);
  }

  /** Forgets mails that were sent or saved before an instant, in milliseconds since the epoch. Others stay. */
  async forgetOlder(before: number): Promise<void> {
    await this.#parts.history.forgetOlder(before);
    await this.#parts.ownership.tidy();
  }

  /**
   * Goes on with what an earlier window left unfinished, and looks again every few seconds: another window that
   * owns a mail now may be gone then.
   */
  async recover(): Promise<void> {
    await this.#parts.takeover.start();
  }

  /** Takes note of a record that some window has written. What this window owns it knows better. */
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
    ];
    await within(Math.max(sendGraceMs, ENDING_MS), Promise.allSettled(work));
    await this.#parts.ownership.giveAllBack(SAVING_MS);
    this.#parts.ownership.dispose();
  }
}
