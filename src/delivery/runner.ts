import type { Account } from "../accounts.ts";
import { FreightError } from "../errors.ts";
import { explain, type Log } from "../log.ts";
import type { MailService } from "../services/mailService.ts";
import type { Form } from "../shared/contract.ts";
import type { FormProblem } from "../shared/message.ts";
import type { Begin } from "./beginning.ts";
import { Carrier, type CarrierOptions } from "./carrier.ts";
import { copyOf } from "./copies.ts";
import {
  type AttachmentEvent,
  type AttachmentRecord,
  type DeliveryRecord,
  type EventRef,
  isEditable,
  isFinished,
  isOpen,
  isUnderWay,
  lastingProperties,
  newDelivery,
  type Purpose,
  type SavedAttachment,
} from "./delivery.ts";
import { Drafts } from "./drafts.ts";
import { Farewells } from "./farewells.ts";
import { Illustrator } from "./illustrator.ts";
import { Intake, type IntakeOptions, shownName } from "./intake.ts";
import type { Leases } from "./lease.ts";
import { Lookout } from "./lookout.ts";
import { MailSending } from "./mailSending.ts";
import { Ownership, within } from "./ownership.ts";
import { Preflight, type PreflightOptions } from "./preflight.ts";
import { Scheduled } from "./scheduled.ts";
import { fingerprint } from "./untouched.ts";
import { Uploads } from "./uploads.ts";

export interface RunnerOptions extends CarrierOptions, IntakeOptions, PreflightOptions {
  readonly accounts: {
    readonly defaultAccount: Account | undefined;
    find(id: string | null): Account | undefined;
  };
  readonly serviceFor: (account: Account) => Promise<MailService>;
  /** How a new mail begins; unset: with an empty page of plain text. */
  readonly begin?: Begin;
  /** How long a mail that is ready waits before it leaves, in milliseconds, so that it can be taken back. */
  readonly undoSendMs: () => number;
  /** How long a send that is under way may still take when the window closes, in milliseconds. */
  readonly sendGraceMs: number;
  readonly leases: Leases;
  readonly log: Log;
}

/** What came of adding files: those that could not be added, each with its reason. */
export interface Attached {
  /** Undefined when files were given and none can be sent: then no mail was begun. */
  readonly deliveryId: string | undefined;
  readonly problems: readonly FreightError[];
}

/** VS Code gives an extension five seconds to end: so many for what is under way, and then for saving what came of it. */
const FAREWELL_MS = 3_500;
const SAVING_MS = 1_000;

export class DeliveryRunner {
  readonly #options: RunnerOptions;
  readonly #carrier: Carrier;
  readonly #sending: MailSending;
  readonly #scheduled: Scheduled;
  readonly #illustrator: Illustrator;
  readonly #uploads: Uploads;
  readonly #ownership: Ownership;
  readonly #preflight: Preflight;
  /** Mails that were handed over and are worked on all the same: this window stays their driver so long. */
  readonly #retained = new Set<string>();
  /** The end of each mail's line of what begins its uploads anew. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #farewells: Farewells;
  readonly #intake: Intake;
  readonly #lookout: Lookout;
  readonly #closing = new AbortController();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#ownership = new Ownership(options, (id) => this.#endWork(id));
    this.#farewells = new Farewells(options, (attachmentId) => this.#uploads.isRunning(attachmentId));
    this.#intake = new Intake(options);
    const drafts = new Drafts(options.store);
    this.#carrier = new Carrier(options, drafts);
    const accountOf = (delivery: DeliveryRecord) => this.#account(delivery);
    this.#uploads = new Uploads(options, this.#carrier, accountOf, (id) => this.#kick(id));
    this.#sending = new MailSending(options, {
      drafts,
      carrier: this.#carrier,
      uploads: this.#uploads,
      accountOf,
      kick: (id) => this.#kick(id),
    });
    this.#scheduled = new Scheduled(options);
    this.#illustrator = new Illustrator({
      store: options.store,
      newId: options.newId,
      log: options.log,
      inspect: (path) => this.#intake.takeImage(path),
      attach: (deliveryId, image) => this.#attach(deliveryId, [image]),
      detach: (deliveryId, attachmentId) => this.detach(deliveryId, attachmentId),
    });
    this.#preflight = new Preflight(options, this.#illustrator, accountOf);
    this.#lookout = new Lookout(options, {
      takeOver: (deliveryId) => this.#takeOver(deliveryId),
      // What is aborted without a word to the record is kicked again as soon as it has ended.
      wake: () => void this.#uploads.abort(),
      askScheduled: () => this.#askScheduled(),
    });
  }

  /** Begins a mail and uploads its files at once. Files that cannot be sent are named; the others go on. */
  compose(
    paths: readonly string[],
    accountId: string | null,
    begin: Begin = this.#options.begin ?? emptyPage,
  ): Promise<Attached> {
    return this.#begin(paths, accountId, begin, null);
  }

  /** Attaches files to an event of a calendar, as `compose` does to a mail. */
  attachToEvent(paths: readonly string[], accountId: string, event: EventRef): Promise<Attached> {
    return this.#begin(paths, accountId, emptyPage, event);
  }

  async #begin(
    paths: readonly string[],
    accountId: string | null,
    begin: Begin,
    event: EventRef | null,
  ): Promise<Attached> {
    const { store, clock, newId } = this.#options;
    const { attachments, problems } = await this.#intake.takeAll(paths);
    if (attachments.length === 0 && paths.length > 0) return { deliveryId: undefined, problems };
    const id = newId();
    await this.#ownership.begin(id);
    const files = attachments.map(({ path, name, size }) => ({ path, name, size, sha256: null }));
    const { to = "", cc = "", bcc = "", ...begun } = await begin(files);
    const { body, format, fillsIn, imageFolders, isBlank = false } = begun;
    const subject = begun.subject ?? attachments.map(({ name }) => name).join(", ");
    const people = { to, cc, bcc, replyTo: "", headers: "" };
    const form: Form = { revision: 0, ...people, subject, body, format };
    const createdAt = clock.now();
    const provider = this.#options.accounts.find(accountId)?.provider ?? null;
    const mailbox = { accountId, provider };
    const text = { form, blank: isBlank ? fingerprint(form) : null, fillsIn, imageFolders };
    store.add(newDelivery({ id, createdAt, ...mailbox, ...text, attachments, event }));
    this.#kick(id);
    if (body !== "") this.#illustrator.updateSoon(id);
    return { deliveryId: id, problems };
  }

  /** Adds files to a mail that has not left yet. */
  async attach(deliveryId: string, paths: readonly string[]): Promise<readonly FreightError[]> {
    const { attachments, problems } = await this.#intake.takeAll(paths);
    await this.#ownership.claim(deliveryId);
    if (attachments.length > 0) this.#attach(deliveryId, attachments);
    return problems;
  }

  /** Notes what was typed. While the mail waits to be sent its text is fixed: `withdraw` first. */
  async edit(deliveryId: string, form: Form): Promise<void> {
    await this.#ownership.claim(deliveryId);
    if (!isEditable(this.#options.store.get(deliveryId))) return;
    this.#options.store.apply(deliveryId, { type: "edited", form });
    this.#illustrator.updateSoon(deliveryId);
  }

  /** Changes the mailbox to send from: what was uploaded belongs to the old one, so every file starts again. */
  async chooseAccount(deliveryId: string, accountId: string): Promise<void> {
    const { store } = this.#options;
    await this.#ownership.claim(deliveryId);
    // The arrow keys go through accounts faster than uploads end: the last one is where it stays.
    await this.#inTurn(deliveryId, async () => {
      if (!this.#isOpen(deliveryId) || store.get(deliveryId).accountId === accountId) return;
      const provider = this.#options.accounts.find(accountId)?.provider ?? null;
      await this.#startOver(deliveryId, () =>
        store.apply(deliveryId, { type: "accountChosen", accountId, provider }),
      );
    });
  }

  /** Has what begins a mail's uploads anew happen one after the other. */
  #inTurn(deliveryId: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(deliveryId) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(work); // A failure was told to whoever asked for it.
    this.#turns.set(deliveryId, turn);
    const forget = () => {
      if (this.#turns.get(deliveryId) === turn) this.#turns.delete(deliveryId);
    };
    turn.then(forget, forget);
    return turn;
  }

  /** Drops what was uploaded, and the draft; every file starts again. */
  #startOver(deliveryId: string, note: () => void): Promise<void> {
    const { store } = this.#options;
    const abandon = async (ids: readonly string[]) => {
      for (const id of ids) await this.#farewells.abandon(deliveryId, id);
    };
    const idsNow = () => store.get(deliveryId).attachments.map(({ id }) => id);
    const known = idsNow();
    return this.#uploads.halt(deliveryId, known, async () => {
      await abandon(known);
      this.#farewells.discardDraft(deliveryId);
      note();
      const requeue = (ids: readonly string[]) => {
        for (const { id, status } of store.get(deliveryId).attachments)
          if (ids.includes(id) && status !== "cancelled") this.#apply(deliveryId, id, { type: "queued" });
      };
      requeue(known);
      // What was attached meanwhile has begun as it was before.
      const late = idsNow().filter((id) => !known.includes(id));
      if (late.length === 0) return;
      await this.#uploads.halt(deliveryId, late, async () => {
        await abandon(late);
        requeue(late);
      });
    });
  }

  /**
   * Sends the mail, or saves or schedules it: at once when every file is ready, else as soon as the last one is.
   * @returns what is wrong with the form, when something is
   * @throws FreightError `schedule-refused` when it cannot wait so long
   */
  async send(
    deliveryId: string,
    form: Form,
    purpose: Purpose = { type: "send" },
  ): Promise<FormProblem | undefined> {
    const { store } = this.#options;
    await this.#ownership.claim(deliveryId);
    const known = store.get(deliveryId);
    // What another window has noted is not what the person at this one has read.
    if (isEditable(known) && known.form.revision >= form.revision && !isSameText(known.form, form))
      return { field: "body", message: "The mail was changed in another window. Read it again, then send." };
    await this.edit(deliveryId, form);
    const cleared = await this.#preflight.clear(deliveryId, purpose);
    if (cleared === undefined) return undefined;
    if ("problem" in cleared) return cleared.problem;
    const { delivery, seen } = cleared;
    let { message } = cleared;
    store.apply(deliveryId, { type: "versionsAgreed", seen });
    const wanted = lastingProperties(message, purpose);
    if (!delivery.propertiesWritten.every((name) => wanted.includes(name))) {
      await this.#inTurn(deliveryId, () => this.#startOver(deliveryId, () => {}));
      // Somebody may have typed on, or pressed Send once more.
      const again = await this.#preflight.check(deliveryId, purpose);
      if (again === undefined) return undefined;
      if ("problem" in again) return again.problem;
      ({ message } = again);
    }
    store.apply(deliveryId, { type: "sendRequested", message, purpose });
    this.#kick(deliveryId);
    return undefined;
  }

  /**
   * Takes a mail back that waits at the service for its time.
   * @returns true when a draft of it may be left in the mailbox
   * @throws FreightError `schedule-late` when it has left, or is just leaving
   */
  cancelScheduled(deliveryId: string): Promise<boolean> {
    return this.#withScheduled(deliveryId, () => this.#scheduled.cancel(deliveryId));
  }

  /** Works on a mail that waits at the service, and needs no driver else. */
  async #withScheduled<T>(deliveryId: string, work: () => Promise<T>): Promise<T> {
    this.#retained.add(deliveryId);
    try {
      await this.#ownership.claim(deliveryId);
      return await work();
    } finally {
      this.#retained.delete(deliveryId);
      this.#kick(deliveryId);
    }
  }

  /** Takes "send when ready" back. Too late once the request may be on its way. */
  async withdraw(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    await this.#ownership.claim(deliveryId);
    const { phase, event } = store.get(deliveryId);
    if (phase !== "waiting" || event !== null || !this.#isOpen(deliveryId)) return;
    this.#sending.stay(deliveryId);
    store.apply(deliveryId, { type: "sendWithdrawn" });
  }

  /** After a send whose outcome nobody knows: sends once more, on a person's word that it did not arrive. */
  async sendAgain(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    await this.#ownership.claim(deliveryId);
    const { phase, message, attachments, purpose } = store.get(deliveryId);
    if (phase !== "unconfirmed" || message === null) return;
    // Its time is over: to send it again is to send it now.
    const isOver = purpose.type === "later" && purpose.at <= this.#options.clock.now();
    const wanted: Purpose = isOver ? { type: "send" } : purpose;
    store.apply(deliveryId, { type: "sendRequested", message, purpose: wanted });
    // The send may have failed because the service has lost a file: it is asked before it is told to send again.
    for (const { id, status, reused } of attachments) {
      if (status !== "ready") continue;
      // One that was used before may be what the service did not want: it is uploaded once more.
      if (reused) this.#apply(deliveryId, id, { type: "sessionDropped" });
      this.#apply(deliveryId, id, { type: "queued" });
    }
    this.#kick(deliveryId);
  }

  /**
   * Begins a mail like one that was sent, for other readers. What the service still has is not uploaded again.
   * @returns the new mail's id; undefined when that one was not sent
   */
  async sendAgainTo(deliveryId: string): Promise<string | undefined> {
    const { store, clock, newId, serviceFor } = this.#options;
    const sent = store.get(deliveryId);
    if (sent.phase !== "sent" || sent.event !== null) return undefined;
    const { limits, drafts, carriesFiles } = await serviceFor(this.#account(sent));
    const isReusable = drafts === undefined && carriesFiles !== true;
    const reuseMarginMs = isReusable ? limits.expiryMarginMs : undefined;
    const copy = copyOf(sent, { newId, now: clock.now(), reuseMarginMs });
    await this.#ownership.begin(copy.id);
    store.add(copy);
    this.#kick(copy.id);
    this.#illustrator.updateSoon(copy.id);
    return copy.id;
  }

  async pause(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#ownership.claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    await this.#uploads.halt(deliveryId, [attachmentId], () => {
      if (isUnderWay(this.#attachment(deliveryId, attachmentId).status))
        this.#apply(deliveryId, attachmentId, { type: "paused" });
    });
  }

  /** Tries again at once instead of waiting out a lost connection. */
  tryNow(attachmentId: string): void {
    this.#carrier.hurry(attachmentId);
  }

  /** Goes on with a paused, failed, cancelled or expired upload, from the last byte that the service confirms. */
  async resume(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#ownership.claim(deliveryId);
    // What has just stopped may still be tidying up: its end looks for work again.
    if (isUnderWay(this.#attachment(deliveryId, attachmentId).status) || !this.#isOpen(deliveryId)) return;
    this.#apply(deliveryId, attachmentId, { type: "queued" });
    this.#kick(deliveryId);
  }

  /** Sends a file as it was uploaded, although it has changed since. */
  async keepVersion(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#ownership.claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    this.#apply(deliveryId, attachmentId, { type: "versionKept" });
    this.#kick(deliveryId);
  }

  /** Uploads the file as it is now; what was uploaded of an older version is dropped. */
  async uploadNewVersion(deliveryId: string, attachmentId: string): Promise<void> {
    const { store, inspect } = this.#options;
    await this.#ownership.claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    const { path } = this.#attachment(deliveryId, attachmentId);
    const seen = await inspect(path).catch(() => undefined);
    if (!(await this.#intake.mayGo(path))) return;
    await this.#uploads.halt(deliveryId, [attachmentId], async () => {
      await this.#farewells.abandon(deliveryId, attachmentId);
      // Until Send is pressed it may go on changing.
      const version = store.get(deliveryId).phase === "waiting" ? seen : undefined;
      this.#apply(deliveryId, attachmentId, { type: "versionWanted", version });
      // The one that was asked about: the carrier asks about any other.
      if (seen !== undefined) this.#apply(deliveryId, attachmentId, { type: "versionTaken", version: seen });
      this.#apply(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /** Stops an upload and tells the storage to forget it. The file stays in the mail until it is detached. */
  async cancel(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#ownership.claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    await this.#uploads.halt(deliveryId, [attachmentId], async () => {
      await this.#farewells.abandon(deliveryId, attachmentId);
      this.#apply(deliveryId, attachmentId, { type: "cancelled" });
      this.#farewells.discardDraft(deliveryId);
    });
  }

  /** Takes a file out of a mail that has not left yet. */
  async detach(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#ownership.claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    await this.#uploads.halt(deliveryId, [attachmentId], async () => {
      await this.#farewells.abandon(deliveryId, attachmentId);
      const { store } = this.#options;
      store.apply(deliveryId, { type: "removed", attachmentId });
      this.#farewells.discardDraft(deliveryId);
      // A mail that waited for its only file must not leave without it.
      const { phase, attachments, event } = store.get(deliveryId);
      if (phase !== "waiting" || attachments.length > 0) return;
      if (event !== null) await store.remove(deliveryId);
      else store.apply(deliveryId, { type: "sendWithdrawn" });
    });
  }

  /**
   * Puts another file in the place of one, and nothing where that one was taken out meanwhile.
   * @throws FreightError why it cannot be attached: then the old one stays
   */
  async replace(deliveryId: string, attachmentId: string, path: string): Promise<void> {
    const old = this.#options.store.find(deliveryId)?.attachments.find(({ id }) => id === attachmentId);
    const { attachments, problems } = await this.#intake.takeAll([path], old === undefined ? [] : [old.path]);
    const [problem] = problems;
    if (problem !== undefined) throw problem;
    await this.#ownership.claim(deliveryId);
    const { attachments: present } = this.#options.store.get(deliveryId);
    if (attachments.length === 0 || !present.some(({ id }) => id === attachmentId)) return;
    this.#attach(deliveryId, attachments);
    await this.detach(deliveryId, attachmentId);
  }

  /** Shows the file under another name. The service fixes the name with the session, so a begun upload starts again. */
  async rename(deliveryId: string, attachmentId: string, name: string): Promise<void> {
    await this.#ownership.claim(deliveryId);
    const clean = shownName(name).trim();
    const { name: before, session, status } = this.#attachment(deliveryId, attachmentId);
    if (clean === "" || clean === before || !this.#isOpen(deliveryId)) return;
    const renamed: AttachmentEvent = {
      type: "renamed",
      name: clean,
      contentType: this.#options.contentType(clean),
    };
    if (session === null && status !== "creating") return this.#apply(deliveryId, attachmentId, renamed);
    await this.#uploads.halt(deliveryId, [attachmentId], async () => {
      await this.#farewells.abandon(deliveryId, attachmentId);
      this.#apply(deliveryId, attachmentId, renamed);
      if (status !== "paused") this.#apply(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /** Stops everything of a mail and forgets it. */
  async forget(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    await this.#ownership.claim(deliveryId);
    const delivery = store.find(deliveryId);
    if (delivery === undefined) return;
    // What the service has taken over stays as it is.
    const isHandedOver = isFinished(delivery) || delivery.phase === "scheduled";
    if (this.#sending.isUnderWay(deliveryId) && !isHandedOver) return;
    await this.#sending.ended(deliveryId);
    await this.#haltAll(deliveryId, async () => {
      // One that may be out, or waits at the service, is for the person to find where it is, with its files.
      if (!isHandedOver && delivery.phase !== "unconfirmed") {
        for (const { id } of delivery.attachments) await this.#farewells.abandon(deliveryId, id);
        this.#farewells.discardDraft(deliveryId);
      }
      await store.remove(deliveryId);
      await this.#ownership.release(deliveryId);
    });
  }

  /** Forgets mails that were sent or saved before an instant, in milliseconds since the epoch. Others stay. */
  async forgetOlder(before: number): Promise<void> {
    for (const { id, phase, finishedAt } of this.#options.store.list())
      if (isFinished({ phase }) && finishedAt !== null && finishedAt < before) await this.forget(id);
  }

  /**
   * Goes on with what an earlier window left unfinished, and looks again every few seconds: another window that
   * drives a mail now may be gone then.
   */
  async recover(): Promise<void> {
    await this.#lookout.start();
  }

  /** Takes note of a record that some window has written. What this window drives it knows better. */
  noticed(deliveryId: string): Promise<void> {
    return this.#ownership.noticed(deliveryId);
  }

  /** Ends all work of this process; records stay as they are, so that the next one can go on. */
  async shutdown(): Promise<void> {
    const { sendGraceMs } = this.#options;
    this.#closing.abort();
    this.#lookout.dispose();
    this.#illustrator.dispose();
    const work = [this.#uploads.abort(), this.#sending.close(sendGraceMs), this.#farewells.said()];
    // Farewells can take longer than VS Code waits; what is said must not keep what was done from being saved.
    await within(Math.max(sendGraceMs, FAREWELL_MS), Promise.allSettled(work));
    await this.#ownership.giveAllBack(SAVING_MS);
    this.#ownership.dispose();
  }

  #kick(deliveryId: string): void {
    void this.#kickNow(deliveryId).catch((reason: unknown) => this.#options.log.error(explain(reason)));
  }

  /** Looks what can go on with a mail, and lets it: uploads that wait in line, or the sending. */
  async #kickNow(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    if (this.#closing.signal.aborted || store.find(deliveryId) === undefined) return;
    if (!this.#ownership.holds(deliveryId)) return;
    if (this.#options.accounts.find(store.get(deliveryId).accountId) !== undefined)
      this.#uploads.start(deliveryId);
    await this.#sending.proceed(deliveryId);
    // What the service has taken over needs no driver; everything else stays with the window that began it.
    const delivery = store.find(deliveryId);
    if (delivery === undefined || !(isFinished(delivery) || delivery.phase === "scheduled")) return;
    // Who has no lease writes nothing, and this may not be the only look at the mail: first the note of it.
    if (store.isUnsaved(deliveryId)) return void store.saved(deliveryId).then(() => this.#kick(deliveryId));
    if (!this.#retained.has(deliveryId)) await this.#ownership.release(deliveryId);
  }

  /** Asks what became of the mails whose time has come. */
  async #askScheduled(): Promise<void> {
    const { log } = this.#options;
    for (const id of this.#scheduled.due()) {
      if (this.#retained.has(id) || this.#closing.signal.aborted) continue;
      try {
        await this.#withScheduled(id, () => this.#scheduled.ask(id, this.#closing.signal));
      } catch (reason) {
        if (!(reason instanceof FreightError && reason.is("driven-elsewhere"))) log.warn(explain(reason));
      }
    }
  }

  async #takeOver(deliveryId: string): Promise<void> {
    await this.#ownership.claim(deliveryId);
    this.#options.log.info(`Going on with ${deliveryId}`);
    await this.#kickNow(deliveryId);
  }

  #attach(deliveryId: string, attachments: readonly SavedAttachment[]): void {
    if (!this.#isOpen(deliveryId)) return;
    this.#options.store.apply(deliveryId, { type: "attached", attachments });
    this.#kick(deliveryId);
  }

  /** Ends what this window does for a mail that another one drives now: that one goes on with it. */
  #endWork(deliveryId: string): void {
    this.#sending.abort(deliveryId);
    const files = this.#options.store.find(deliveryId)?.attachments ?? [];
    void this.#uploads.abort(files.map(({ id }) => id));
  }

  #haltAll(deliveryId: string, note: () => void | Promise<void>): Promise<void> {
    return this.#uploads.halt(
      deliveryId,
      this.#options.store.get(deliveryId).attachments.map(({ id }) => id),
      note,
    );
  }

  #account(delivery: DeliveryRecord): Account {
    const account = this.#options.accounts.find(delivery.accountId);
    if (account !== undefined) return account;
    throw new FreightError("no-account", "The account of this mail was removed. Choose another one.", {
      remedy: "addAccount",
    });
  }

  #attachment(deliveryId: string, attachmentId: string): AttachmentRecord {
    const attachment = this.#options.store.get(deliveryId).attachments.find(({ id }) => id === attachmentId);
    if (attachment === undefined) throw new Error(`No attachment ${attachmentId}`);
    return attachment;
  }

  #apply(deliveryId: string, attachmentId: string, event: AttachmentEvent): void {
    this.#options.store.apply(deliveryId, { type: "attachment", attachmentId, event });
  }

  /** True while files of the mail can still change. */
  #isOpen(deliveryId: string): boolean {
    const delivery = this.#options.store.find(deliveryId);
    return delivery !== undefined && isOpen(delivery) && !this.#sending.isUnderWay(deliveryId);
  }
}

function isSameText(one: Form, other: Form): boolean {
  return fingerprint(one) === fingerprint(other);
}

const emptyPage: Begin = async () => ({ body: "", format: "text", fillsIn: false, imageFolders: null });
