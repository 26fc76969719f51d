import { type Account, takesXHeadersOnly } from "../accounts.ts";
import { FreightError, isCancellation, toSavedError } from "../errors.ts";
import { DisposableStore } from "../lifecycle.ts";
import { explain, type Log } from "../log.ts";
import { Slots } from "../net/slots.ts";
import type { MailService } from "../services/mailService.ts";
import { mayWait } from "../services/scheduling.ts";
import type { Form } from "../shared/contract.ts";
import { type FormProblem, type OutgoingMessage, readForm } from "../shared/message.ts";
import type { Begin } from "./beginning.ts";
import { Carrier, type CarrierOptions } from "./carrier.ts";
import { copyOf } from "./copies.ts";
import {
  type AttachmentEvent,
  type AttachmentRecord,
  type DeliveryRecord,
  type EventRef,
  isAlive,
  isEditable,
  isFinished,
  isOpen,
  isUnderWay,
  isUnfinished,
  lastingProperties,
  newDelivery,
  type Purpose,
  type SavedAttachment,
} from "./delivery.ts";
import { Departures } from "./departures.ts";
import { DraftSaver } from "./draftSaver.ts";
import { Drafts } from "./drafts.ts";
import { Farewells } from "./farewells.ts";
import { freezeMail } from "./frozenMail.ts";
import { Illustrator } from "./illustrator.ts";
import { Intake, type IntakeOptions, shownName } from "./intake.ts";
import type { Leases } from "./lease.ts";
import { Scheduled } from "./scheduled.ts";
import { Sender } from "./sender.ts";
import { SleepWatch } from "./sleepWatch.ts";
import { drivenElsewhere } from "./store.ts";
import { fingerprint } from "./untouched.ts";

export interface RunnerOptions extends CarrierOptions, IntakeOptions {
  readonly accounts: {
    readonly defaultAccount: Account | undefined;
    find(id: string | null): Account | undefined;
  };
  readonly serviceFor: (account: Account) => Promise<MailService>;
  /** How a new mail begins; unset: with an empty page of plain text. */
  readonly begin?: Begin;
  /** Asks what a person should know before a mail leaves; unset: nothing. Not for drafts. */
  readonly consent?: (deliveryId: string) => Promise<"leave" | "stay" | FormProblem>;
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

/** A mail that can leave as it stands, or what is wrong with it. */
type Checked =
  | { readonly delivery: DeliveryRecord; readonly message: OutgoingMessage }
  | { readonly problem: FormProblem };

interface Drive {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** How soon a mail whose window is gone is taken over. */
const TAKE_OVER_MS = 5_000;

export class DeliveryRunner {
  readonly #options: RunnerOptions;
  readonly #carrier: Carrier;
  readonly #sender: Sender;
  readonly #draftSaver: DraftSaver;
  readonly #scheduled: Scheduled;
  readonly #departures: Departures;
  readonly #illustrator: Illustrator;
  readonly #slots = new Slots();
  /** By attachment id. */
  readonly #drives = new Map<string, Drive>();
  /** By delivery id. */
  readonly #sends = new Map<string, Drive>();
  /** Attachments whose work is being ended: nothing may start it again until that is noted. */
  readonly #halting = new Set<string>();
  /** Mails that were handed over and are worked on all the same: this window stays their driver so long. */
  readonly #retained = new Set<string>();
  /** Mails whose person is being asked whether they may leave. */
  readonly #asked = new Set<string>();
  readonly #farewells: Farewells;
  readonly #intake: Intake;
  readonly #sleepWatch: SleepWatch;
  readonly #closing = new AbortController();
  #watch: NodeJS.Timeout | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    // A window that was frozen so long that another one took over must not write over what that one has done.
    options.store.fence((id) => options.leases.confirm(id));
    this.#departures = new Departures(options);
    this.#farewells = new Farewells(options, (attachmentId) => this.#drives.has(attachmentId));
    this.#sleepWatch = new SleepWatch(options.clock);
    this.#intake = new Intake(options);
    const drafts = new Drafts(options.store);
    this.#carrier = new Carrier(options, drafts);
    this.#sender = new Sender(options, drafts);
    this.#draftSaver = new DraftSaver(options, drafts);
    this.#scheduled = new Scheduled(options);
    this.#illustrator = new Illustrator({
      store: options.store,
      newId: options.newId,
      log: options.log,
      inspect: (path, contentType) => this.#intake.take(path, contentType),
      attach: (deliveryId, image) => this.#attach(deliveryId, [image]),
      detach: (deliveryId, attachmentId) => this.detach(deliveryId, attachmentId),
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
    await this.#options.leases.acquire(id);
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
    await this.#claim(deliveryId);
    if (attachments.length > 0) this.#attach(deliveryId, attachments);
    return problems;
  }

  /** Notes what was typed. While the mail waits to be sent its text is fixed: `withdraw` first. */
  async edit(deliveryId: string, form: Form): Promise<void> {
    await this.#claim(deliveryId);
    if (!isEditable(this.#options.store.get(deliveryId))) return;
    this.#options.store.apply(deliveryId, { type: "edited", form });
    this.#illustrator.updateSoon(deliveryId);
  }

  /** Changes the mailbox to send from: what was uploaded belongs to the old one, so every file starts again. */
  async chooseAccount(deliveryId: string, accountId: string): Promise<void> {
    const { store } = this.#options;
    await this.#claim(deliveryId);
    if (!this.#isOpen(deliveryId) || store.get(deliveryId).accountId === accountId) return;
    const provider = this.#options.accounts.find(accountId)?.provider ?? null;
    await this.#startOver(deliveryId, () =>
      store.apply(deliveryId, { type: "accountChosen", accountId, provider }),
    );
  }

  /** Drops what was uploaded, and the draft; every file starts again. */
  #startOver(deliveryId: string, note: () => void): Promise<void> {
    const { store } = this.#options;
    return this.#haltAll(deliveryId, async () => {
      for (const { id } of store.get(deliveryId).attachments) await this.#farewells.abandon(deliveryId, id);
      this.#farewells.discardDraft(deliveryId);
      note();
      for (const { id, status } of store.get(deliveryId).attachments)
        if (status !== "cancelled") this.#apply(deliveryId, id, { type: "queued" });
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
    await this.edit(deliveryId, form);
    const before = await this.#check(deliveryId, purpose);
    if (before === undefined) return undefined;
    if ("problem" in before) return before.problem;
    if (purpose.type === "later") await this.#mayWait(before.delivery, purpose.at);
    const consent = purpose.type === "draft" ? "leave" : await this.#consent(deliveryId);
    if (consent !== "leave") return consent === "stay" ? undefined : consent;
    // Somebody may have typed on while the questions were open, or files were made into zips.
    const checked = await this.#check(deliveryId, purpose);
    if (checked === undefined) return undefined;
    if ("problem" in checked) return checked.problem;
    const { delivery, message } = checked;
    const wanted = lastingProperties(message, purpose);
    if (!delivery.propertiesWritten.every((name) => wanted.includes(name)))
      await this.#startOver(deliveryId, () => {});
    store.apply(deliveryId, { type: "sendRequested", message, purpose });
    this.#kick(deliveryId);
    return undefined;
  }

  /** The mail as it stands, if it can leave; undefined when it is on its way already. */
  async #check(deliveryId: string, purpose: Purpose): Promise<Checked | undefined> {
    const { store, accounts } = this.#options;
    const problem = await this.#illustrate(deliveryId);
    const delivery = store.get(deliveryId);
    if (!isEditable(delivery)) return undefined;
    const xHeadersOnly = takesXHeadersOnly(accounts.find(delivery.accountId));
    const read = readForm(delivery.form, { xHeadersOnly, addressed: purpose.type !== "draft" });
    if ("problem" in read) return read;
    return problem === undefined ? { delivery, message: read.message } : { problem };
  }

  /** "stay" also when the mail was discarded, or has left on another way, while the person was asked. */
  async #consent(deliveryId: string): Promise<"leave" | "stay" | FormProblem> {
    // Send may be pressed again while zips are made: what was asked then is still being answered.
    if (this.#asked.has(deliveryId)) return "stay";
    this.#asked.add(deliveryId);
    try {
      const consent = (await this.#options.consent?.(deliveryId)) ?? "leave";
      const delivery = this.#options.store.find(deliveryId);
      return delivery !== undefined && isEditable(delivery) ? consent : "stay";
    } finally {
      this.#asked.delete(deliveryId);
    }
  }

  /** @throws FreightError `schedule-refused` when the account's service cannot keep the mail until then */
  async #mayWait(delivery: DeliveryRecord, at: number): Promise<void> {
    const service = await this.#options.serviceFor(this.#account(delivery));
    mayWait(service, { at, now: this.#options.clock.now(), filesUntil: null });
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
      await this.#claim(deliveryId);
      return await work();
    } finally {
      this.#retained.delete(deliveryId);
      this.#kick(deliveryId);
    }
  }

  /** Takes "send when ready" back. Too late once the request may be on its way. */
  async withdraw(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    await this.#claim(deliveryId);
    const { phase, event } = store.get(deliveryId);
    if (phase !== "waiting" || event !== null || !this.#isOpen(deliveryId)) return;
    this.#departures.stay(deliveryId);
    store.apply(deliveryId, { type: "sendWithdrawn" });
  }

  /** After a send whose outcome nobody knows: sends once more, on a person's word that it did not arrive. */
  async sendAgain(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    await this.#claim(deliveryId);
    const { phase, message, attachments, purpose } = store.get(deliveryId);
    if (phase !== "unconfirmed" || message === null) return;
    store.apply(deliveryId, { type: "sendRequested", message, purpose });
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
    const { store, clock, newId, serviceFor, leases } = this.#options;
    const sent = store.get(deliveryId);
    if (sent.phase !== "sent" || sent.event !== null) return undefined;
    const { limits, drafts, carriesFiles } = await serviceFor(this.#account(sent));
    const isReusable = drafts === undefined && carriesFiles !== true;
    const reuseMarginMs = isReusable ? limits.expiryMarginMs : undefined;
    const copy = copyOf(sent, { newId, now: clock.now(), reuseMarginMs });
    await leases.acquire(copy.id);
    store.add(copy);
    this.#kick(copy.id);
    this.#illustrator.updateSoon(copy.id);
    return copy.id;
  }

  async pause(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    await this.#halt(deliveryId, [attachmentId], () => {
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
    await this.#claim(deliveryId);
    // What has just stopped may still be tidying up: its end looks for work again.
    if (isUnderWay(this.#attachment(deliveryId, attachmentId).status) || !this.#isOpen(deliveryId)) return;
    this.#apply(deliveryId, attachmentId, { type: "queued" });
    this.#kick(deliveryId);
  }

  /** Sends a file as it was uploaded, although it has changed since. */
  async keepVersion(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    this.#apply(deliveryId, attachmentId, { type: "versionKept" });
    this.#kick(deliveryId);
  }

  /** Uploads the file as it is now; what was uploaded of an older version is dropped. */
  async uploadNewVersion(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    await this.#halt(deliveryId, [attachmentId], async () => {
      await this.#farewells.abandon(deliveryId, attachmentId);
      this.#apply(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /** Stops an upload and tells the storage to forget it. The file stays in the mail until it is detached. */
  async cancel(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    await this.#halt(deliveryId, [attachmentId], async () => {
      await this.#farewells.abandon(deliveryId, attachmentId);
      this.#apply(deliveryId, attachmentId, { type: "cancelled" });
      this.#farewells.discardDraft(deliveryId);
    });
  }

  /** Takes a file out of a mail that has not left yet. */
  async detach(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#claim(deliveryId);
    if (!this.#isOpen(deliveryId)) return;
    await this.#halt(deliveryId, [attachmentId], async () => {
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

  /** Puts another file in the place of one. @throws FreightError why it cannot be attached: then the old one stays */
  async replace(deliveryId: string, attachmentId: string, path: string): Promise<void> {
    const [problem] = await this.attach(deliveryId, [path]);
    if (problem !== undefined) throw problem;
    await this.detach(deliveryId, attachmentId);
  }

  /** Shows the file under another name. The service fixes the name with the session, so a begun upload starts again. */
  async rename(deliveryId: string, attachmentId: string, name: string): Promise<void> {
    await this.#claim(deliveryId);
    const clean = shownName(name).trim();
    const { name: before, session, status } = this.#attachment(deliveryId, attachmentId);
    if (clean === "" || clean === before || !this.#isOpen(deliveryId)) return;
    const renamed: AttachmentEvent = {
      type: "renamed",
      name: clean,
      contentType: this.#options.contentType(clean),
    };
    if (session === null && status !== "creating") return this.#apply(deliveryId, attachmentId, renamed);
    await this.#halt(deliveryId, [attachmentId], async () => {
      await this.#farewells.abandon(deliveryId, attachmentId);
      this.#apply(deliveryId, attachmentId, renamed);
      if (status !== "paused") this.#apply(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /** Stops everything of a mail and forgets it. */
  async forget(deliveryId: string): Promise<void> {
    const { store, leases } = this.#options;
    await this.#claim(deliveryId);
    const delivery = store.find(deliveryId);
    if (delivery === undefined) return;
    const send = this.#sends.get(deliveryId);
    // What the service has taken over stays as it is.
    const isHandedOver = isFinished(delivery) || delivery.phase === "scheduled";
    if (send !== undefined && !isHandedOver) return;
    await send?.ended;
    await this.#haltAll(deliveryId, async () => {
      if (!isHandedOver) {
        for (const { id } of delivery.attachments) await this.#farewells.abandon(deliveryId, id);
        // One that may be out is for the person to find where it is.
        if (delivery.phase !== "unconfirmed") this.#farewells.discardDraft(deliveryId);
      }
      await store.remove(deliveryId);
      await leases.release(deliveryId);
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
    this.#watch ??= setInterval(() => void this.#lookAround(), TAKE_OVER_MS).unref();
    await this.#lookAround();
  }

  /** Takes note of a record that some window has written. What this window drives it knows better. */
  async noticed(deliveryId: string): Promise<void> {
    if (!this.#options.leases.holds(deliveryId)) await this.#options.store.reload(deliveryId);
  }

  /** Ends all work of this process; records stay as they are, so that the next one can go on. */
  async shutdown(): Promise<void> {
    const { store, leases, sendGraceMs } = this.#options;
    this.#closing.abort();
    this.#departures.dispose();
    clearInterval(this.#watch);
    this.#illustrator.dispose();
    const [drives, sends] = [[...this.#drives.values()], [...this.#sends.values()]];
    for (const { controller } of drives) controller.abort();
    // A send is nearly always over in a moment, and then nobody has to find out later what became of it.
    const grace = setTimeout(() => {
      for (const { controller } of sends) controller.abort();
    }, sendGraceMs);
    await Promise.allSettled([...[...drives, ...sends].map(({ ended }) => ended), this.#farewells.said()]);
    clearTimeout(grace);
    for (const { id } of store.list()) {
      await store.flushed(id).catch(() => {}); // Already logged by the store.
      await leases.release(id);
    }
  }

  #kick(deliveryId: string): void {
    void this.#kickNow(deliveryId).catch((reason: unknown) => this.#options.log.error(explain(reason)));
  }

  /** Looks what can go on with a mail, and lets it: uploads that wait in line, or the sending. */
  async #kickNow(deliveryId: string): Promise<void> {
    const { store, leases } = this.#options;
    if (this.#closing.signal.aborted || store.find(deliveryId) === undefined || !leases.holds(deliveryId))
      return;
    const { attachments, accountId } = store.get(deliveryId);
    if (this.#options.accounts.find(accountId) !== undefined)
      for (const { id, status } of attachments)
        if (isUnderWay(status) && !this.#drives.has(id) && !this.#halting.has(id))
          this.#drive(deliveryId, id);
    await this.#sendWhenReady(deliveryId);
    // What the service has taken over needs no driver; everything else stays with the window that began it.
    const delivery = store.find(deliveryId);
    if (delivery === undefined || !(isFinished(delivery) || delivery.phase === "scheduled")) return;
    // Who has no lease writes nothing, and this may not be the only look at the mail: first the note of it.
    await store.flushed(deliveryId).catch(() => {}); // The store tells of a failure.
    if (!this.#retained.has(deliveryId)) await leases.release(deliveryId);
  }

  async #lookAround(): Promise<void> {
    if (this.#sleepWatch.hasSlept()) {
      this.#options.log.info("The machine has slept: uploads begin again where the service stands.");
      // What is aborted without a word to the record is kicked again as soon as it has ended.
      for (const { controller } of this.#drives.values()) controller.abort();
    }
    await this.#takeOver();
    await this.#askScheduled();
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

  async #takeOver(): Promise<void> {
    const { store, leases, log } = this.#options;
    for (const { id } of store.list().filter(isUnfinished)) {
      if (leases.holds(id) || this.#closing.signal.aborted) continue;
      try {
        await this.#claim(id);
        log.info(`Going on with ${id}`);
        await this.#kickNow(id);
      } catch (reason) {
        if (!(reason instanceof FreightError && reason.is("driven-elsewhere"))) log.error(explain(reason));
      }
    }
  }

  /** Makes this window the driver of a mail, from where the last driver left it. @throws FreightError `driven-elsewhere` */
  async #claim(deliveryId: string): Promise<void> {
    const { store, leases } = this.#options;
    if (leases.holds(deliveryId)) return;
    if (!(await leases.acquire(deliveryId))) throw drivenElsewhere();
    await store.reload(deliveryId).catch(async (reason: unknown) => {
      // Who does not know how far the last driver came must not drive.
      await leases.release(deliveryId);
      throw reason;
    });
  }

  #drive(deliveryId: string, attachmentId: string): void {
    const controller = new AbortController();
    const work = this.#carry(deliveryId, attachmentId, controller.signal);
    const ended = work.finally(() => this.#drives.delete(attachmentId));
    this.#drives.set(attachmentId, { controller, ended });
    void ended.then(() => this.#kick(deliveryId));
  }

  /** Never rejects: what goes wrong becomes part of the record. */
  async #carry(deliveryId: string, attachmentId: string, signal: AbortSignal): Promise<void> {
    const { store, serviceFor, log } = this.#options;
    const owner = new DisposableStore();
    try {
      const account = this.#account(store.get(deliveryId));
      const service = await serviceFor(account);
      const giveBack = await this.#slots.take(account.id, service.limits.parallelUploads, signal);
      owner.add({ dispose: giveBack });
      await this.#carrier.carry({ deliveryId, attachmentId, service, signal, owner });
    } catch (reason) {
      if (signal.aborted || isCancellation(reason)) return;
      if (reason instanceof FreightError && reason.is("driven-elsewhere")) return; // It is the other one's now.
      log.warn(`Upload stopped: ${explain(reason)}`);
      this.#apply(deliveryId, attachmentId, { type: "failed", error: toSavedError(reason) });
    } finally {
      owner.dispose();
    }
  }

  async #sendWhenReady(deliveryId: string): Promise<void> {
    const { store, serviceFor, clock } = this.#options;
    if (this.#sends.has(deliveryId)) return;
    if (store.get(deliveryId).phase === "sending") return this.#startSend(deliveryId, true);
    const isDue = () => {
      const { phase, attachments } = store.get(deliveryId);
      // A file that is being halted may be ready by now, and still not be meant to go.
      return (
        phase === "waiting" &&
        attachments.every(({ id, status }) => status === "ready" && !this.#halting.has(id))
      );
    };
    if (!isDue()) return this.#departures.stay(deliveryId);
    try {
      const service = await serviceFor(this.#account(store.get(deliveryId)));
      const { limits } = service;
      // Somebody may have taken it back, or removed a file, while the service was being readied.
      if (!isDue() || this.#sends.has(deliveryId)) return;
      const runOut = store
        .get(deliveryId)
        .attachments.filter(({ session }) => !isAlive(session, clock.now(), limits.expiryMarginMs));
      // The service deletes the file at the session's end, sent or not: what cannot make it is uploaded again first.
      for (const { id } of runOut) {
        this.#apply(deliveryId, id, { type: "sessionDropped" });
        this.#apply(deliveryId, id, { type: "queued" });
      }
      if (runOut.length > 0) return this.#kick(deliveryId);
      const objections = await this.#objections(deliveryId, service);
      if (!isDue() || this.#sends.has(deliveryId)) return;
      for (const [id, error] of objections)
        this.#apply(deliveryId, id, { type: "failed", error: toSavedError(error) });
      if (objections.size > 0) return;
      // What is too large for one request is said at once, and not at the end of the moment to take it back.
      if (service.carriesFiles === true) await freezeMail(service, store.get(deliveryId), clock.now());
      if (!isDue() || this.#sends.has(deliveryId)) return;
      // With the last byte the files are in the event.
      if (store.get(deliveryId).event !== null)
        store.apply(deliveryId, { type: "sent", messageId: null, requestId: null, at: clock.now() });
      else if (
        // Only what reaches somebody at once needs a moment to be taken back.
        store.get(deliveryId).purpose.type !== "send" ||
        this.#departures.mayLeave(deliveryId, () => this.#kick(deliveryId))
      )
        this.#startSend(deliveryId, false);
    } catch (reason) {
      if (this.#closing.signal.aborted) return;
      store.apply(deliveryId, { type: "sendFailed", error: toSavedError(reason) });
    }
  }

  /** What speaks against sending files as they are, by their id. */
  async #objections(deliveryId: string, service: MailService): Promise<ReadonlyMap<string, FreightError>> {
    const found = new Map<string, FreightError>();
    for (const attachment of this.#options.store.get(deliveryId).attachments) {
      const objection = await this.#carrier.objection(attachment, service, this.#closing.signal);
      if (objection !== undefined) found.set(attachment.id, objection);
    }
    return found;
  }

  #startSend(deliveryId: string, resumed: boolean): void {
    const controller = new AbortController();
    const ended = this.#send(deliveryId, resumed, controller.signal).finally(() =>
      this.#sends.delete(deliveryId),
    );
    this.#sends.set(deliveryId, { controller, ended });
    void ended.then(() => this.#kick(deliveryId));
  }

  /** Never rejects: what goes wrong becomes part of the record. */
  async #send(deliveryId: string, resumed: boolean, signal: AbortSignal): Promise<void> {
    const { store, serviceFor } = this.#options;
    try {
      const service = await serviceFor(this.#account(store.get(deliveryId)));
      const sending = { deliveryId, service, resumed, signal };
      if (store.get(deliveryId).purpose.type === "draft") await this.#draftSaver.save(sending);
      else await this.#sender.send(sending);
    } catch (reason) {
      // Only readying the service fails here; whether an earlier process reached the reader is then still open.
      const error = toSavedError(reason);
      store.apply(deliveryId, { type: resumed ? "sendUnconfirmed" : "sendFailed", error });
    }
  }

  #attach(deliveryId: string, attachments: readonly SavedAttachment[]): void {
    if (!this.#isOpen(deliveryId)) return;
    this.#options.store.apply(deliveryId, { type: "attached", attachments });
    this.#kick(deliveryId);
  }

  /** Has the mail carry the images of its text, as it stands when that is done. */
  async #illustrate(deliveryId: string): Promise<FormProblem | undefined> {
    for (;;) {
      const { form } = this.#options.store.get(deliveryId);
      const [message] = await this.#illustrator.update(deliveryId);
      // Somebody typed on meanwhile.
      if (this.#options.store.get(deliveryId).form.body !== form.body) continue;
      return message === undefined ? undefined : { field: "body", message };
    }
  }

  /** Ends the work on attachments, notes what comes of it when nothing runs any more, and lets the rest go on. */
  async #halt(
    deliveryId: string,
    attachmentIds: readonly string[],
    note: () => void | Promise<void>,
  ): Promise<void> {
    for (const id of attachmentIds) this.#halting.add(id);
    try {
      const drives = attachmentIds.map((id) => this.#drives.get(id));
      for (const drive of drives) drive?.controller.abort();
      await Promise.all(drives.map((drive) => drive?.ended));
      await note();
    } finally {
      for (const id of attachmentIds) this.#halting.delete(id);
      this.#kick(deliveryId);
    }
  }

  #haltAll(deliveryId: string, note: () => void | Promise<void>): Promise<void> {
    return this.#halt(
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
    return delivery !== undefined && isOpen(delivery) && !this.#sends.has(deliveryId);
  }
}

const emptyPage: Begin = async () => ({ body: "", format: "text", fillsIn: false, imageFolders: null });
