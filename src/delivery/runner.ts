import { isDeepStrictEqual } from "node:util";
import type { Account } from "../accounts/accountBook.ts";
import { FreightError } from "../base/errors.ts";
import { explain, type Log } from "../base/log.ts";
import { Tally } from "../base/tally.ts";
import { versionOf } from "../files/fileVersion.ts";
import { MAX_LINKED_BYTES } from "../services/fileLinks.ts";
import type { MailService } from "../services/mailService.ts";
import { type Form, isSameText } from "../shared/contract/form.ts";
import { t } from "../shared/l10n.ts";
import type { FormProblem } from "../shared/message.ts";
import { FileActs, type FileActsOptions } from "./acts/fileActs.ts";
import { LinkActs } from "./acts/linkActs.ts";
import { MailSets } from "./acts/mailSets.ts";
import { InlineImages } from "./body/inlineImages.ts";
import { wholeFiles } from "./compose/cutFiles.ts";
import { Intake, type IntakeOptions } from "./compose/intake.ts";
import { type Begin, filesSubject } from "./compose/newMailText.ts";
import { copyOf } from "./compose/sendAgain.ts";
import { fingerprint } from "./compose/untouched.ts";
import { History, type HistoryOptions } from "./history.ts";
import type { AttachmentEvent } from "./record/advanceAttachment.ts";
import { lastingProperties } from "./record/advanceSending.ts";
import type { DeliveryRecord, EventRef, LinkChoice, Purpose } from "./record/delivery.ts";
import { newDelivery } from "./record/newDelivery.ts";
import { isUnseen } from "./record/provenance.ts";
import { isEditable, isFinished, isOpen, isWritable } from "./record/queries.ts";
import { ReturnWatch, type ReturnWatchOptions } from "./returnWatch.ts";
import { MailSending } from "./send/mailSending.ts";
import { Preflight, type PreflightOptions } from "./send/preflight.ts";
import { Scheduled } from "./send/scheduled.ts";
import type { SenderOptions } from "./send/sender.ts";
import { tooLate } from "./send/tooLate.ts";
import type { Leases } from "./store/disk/lease.ts";
import { Ownership, type OwnershipOptions, within } from "./store/ownership.ts";
import { Takeover } from "./takeover.ts";
import { AttachmentUpload, type AttachmentUploadOptions } from "./upload/attachmentUpload.ts";
import { Drafts } from "./upload/drafts.ts";
import { FileObjections } from "./upload/fileObjections.ts";
import { RemoteCleanup } from "./upload/remoteCleanup.ts";
import { SessionSteps } from "./upload/sessionSteps.ts";
import { StillFiles, type StillFilesOptions } from "./upload/stillFiles.ts";
import { UploadQueue } from "./upload/uploadQueue.ts";
import { chooseWays } from "./words/fileWays.ts";
import { type LinkLimits, NO_LINK_LIMITS, usualLinks } from "./words/linkLimits.ts";
import { mailboxOf } from "./words/sendMethod.ts";

export interface RunnerOptions
  extends AttachmentUploadOptions,
    IntakeOptions,
    PreflightOptions,
    StillFilesOptions,
    OwnershipOptions,
    Pick<ReturnWatchOptions, "watch">,
    Pick<SenderOptions, "ownLimits">,
    HistoryOptions,
    Pick<FileActsOptions, "mostBytes"> {
  readonly accounts: {
    readonly defaultAccount: Account | undefined;
    find(id: string | null): Account | undefined;
  };
  readonly serviceFor: (account: Account) => Promise<MailService>;
  /** How a new mail begins; unset: with an empty page of plain text. */
  readonly begin?: Begin;
  /** The largest mail that both ends of this one take, in bytes as it travels; unset: without end. */
  readonly mostBoth?: (delivery: DeliveryRecord) => number;
  /** Whom files that go as links may be opened to at most; unset: anyone, for good. */
  readonly linkLimits?: () => LinkLimits;
  /** How long a mail that is ready waits before it leaves, in milliseconds, so that it can be taken back. */
  readonly undoSendMs: () => number;
  /** How long a send that is under way may still take when the window closes, in milliseconds. */
  readonly sendGraceMs: number;
  readonly leases: Leases;
  readonly log: Log;
}

/** What came of adding files: those that could not be added, each with its reason. */
export interface Attached {
  /** Undefined when files were given and none can be sent: then no mail was created. */
  readonly deliveryId: string | undefined;
  readonly problems: readonly FreightError[];
}

/** VS Code gives an extension five seconds to end: so many for what is under way, and then for saving what came of it. */
const ENDING_MS = 3_500;
const SAVING_MS = 1_000;

export class DeliveryRunner {
  readonly #options: RunnerOptions;
  readonly #sessionSteps: SessionSteps;
  readonly #sending: MailSending;
  readonly #files: FileActs;
  readonly #links: LinkActs;
  readonly #sets: MailSets;
  readonly #scheduled: Scheduled;
  readonly #returnWatch: ReturnWatch;
  readonly #inlineImages: InlineImages;
  readonly #uploads: UploadQueue;
  readonly #ownership: Ownership;
  readonly #history: History;
  readonly #preflight: Preflight;
  /** Mails that were handed over and are worked on all the same: this window stays their owner so long. */
  readonly #retained = new Tally();
  readonly #remoteCleanup: RemoteCleanup;
  readonly #intake: Intake;
  readonly #takeover: Takeover;
  readonly #closing = new AbortController();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#ownership = new Ownership(options, (id) => this.#endWork(id));
    this.#history = new History(options, (id) => this.forget(id));
    this.#remoteCleanup = new RemoteCleanup(
      options,
      this.#ownership,
      (attachmentId) => this.#uploads.isRunning(attachmentId),
      (id) => this.#kick(id),
    );
    this.#intake = new Intake(options);
    const drafts = new Drafts(options.store);
    const stillFiles = new StillFiles(options);
    const objections = new FileObjections(options.openSource);
    this.#sessionSteps = new SessionSteps(options, drafts);
    const attachmentUpload = new AttachmentUpload(options, {
      steps: this.#sessionSteps,
      objections,
      stillFiles,
    });
    const accountOf = (delivery: DeliveryRecord) => this.#account(delivery);
    this.#uploads = new UploadQueue(options, attachmentUpload, accountOf, (id) => this.#kick(id));
    this.#sending = new MailSending(options, {
      drafts,
      objections,
      stillFiles,
      accountOf,
      kick: (id) => this.#kick(id),
    });
    this.#files = new FileActs(options, {
      intake: this.#intake,
      ownership: this.#ownership,
      uploads: this.#uploads,
      sending: this.#sending,
      remoteCleanup: this.#remoteCleanup,
      stillFiles,
      reopen: (id) => this.#reopen(id),
      kick: (id) => this.#kick(id),
    });
    this.#links = new LinkActs(
      options,
      {
        remoteCleanup: this.#remoteCleanup,
        serviceOf: (delivery) => options.serviceFor(accountOf(delivery)),
        retaining: (id, work) => this.#retaining(id, work),
      },
      this.#closing.signal,
    );
    this.#sets = new MailSets(options, {
      ownership: this.#ownership,
      files: this.#files,
      remoteCleanup: this.#remoteCleanup,
      withdraw: (id) => this.#withdraw(id),
      discard: (id) => this.#discardWhole(id),
      kick: (id) => this.#kick(id),
      signal: this.#closing.signal,
    });
    this.#scheduled = new Scheduled(options);
    this.#returnWatch = new ReturnWatch(options);
    this.#inlineImages = new InlineImages({
      store: options.store,
      newId: options.newId,
      log: options.log,
      inspect: (path) => this.#intake.takeImage(path),
      attach: (deliveryId, image) => {
        if (isOpen(options.store.get(deliveryId))) this.#files.add(deliveryId, [image]);
      },
      detach: async (deliveryId, attachmentId) => {
        const mail = options.store.find(deliveryId);
        if (mail !== undefined && isOpen(mail)) await this.#files.detach(deliveryId, attachmentId);
      },
    });
    this.#preflight = new Preflight(options, this.#inlineImages, accountOf, (...change) =>
      this.#files.replace(...change),
    );
    this.#takeover = new Takeover(options, {
      takeOver: (deliveryId) => this.#takeOver(deliveryId),
      // What is aborted without a word to the record is kicked again as soon as it has ended.
      wake: () => void this.#uploads.abort(),
      askScheduled: () => this.#askScheduled(),
      lookForReturns: () => this.#lookForReturns(),
    });
  }

  /** Starts a mail and uploads its files immediately. Files that cannot be sent are named; the others go on. */
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
    const account = this.#options.accounts.find(accountId);
    const known = mailboxOf(account);
    // Files are attached to events in another way.
    const inMail = event === null ? known.inMail : null;
    const maxBytes = known.hasLinks ? MAX_LINKED_BYTES : undefined;
    const { attachments: taken, problems } = await this.#intake.takeAll(paths, [], maxBytes);
    const mostBytes = account === undefined ? null : (this.#options.mostBytes?.(account) ?? null);
    const attachments = chooseWays(taken, [], { ...known, inMail, mostBytes });
    if (attachments.length === 0 && paths.length > 0) return { deliveryId: undefined, problems };
    const id = newId();
    const files = attachments.map(({ path, name, size }) => ({ path, name, size, sha256: null }));
    const { to = "", cc = "", bcc = "", ...begun } = await begin(files);
    const { body, format, fillsIn, marks = null, imageFolders, isBlank = false } = begun;
    const filledBy = begun.filledBy === undefined ? null : { who: begun.filledBy, touched: false };
    const subject = begun.subject ?? filesSubject(attachments.map(({ name }) => name));
    const people = { to, cc, bcc, replyTo: "", headers: "" };
    const form: Form = { revision: 0, ...people, subject, body, format };
    const createdAt = clock.now();
    const mailbox = { accountId, ...known, inMail };
    // A zip took questions and time: whoever closes its mail has not just slipped.
    const isUntouched = isBlank && attachments.every(({ madeFrom }) => madeFrom === undefined);
    const blank = isUntouched ? fingerprint(form, attachments) : null;
    const text = { form, blank, fillsIn, marks, imageFolders, filledBy };
    const links = usualLinks(this.#options.linkLimits?.() ?? NO_LINK_LIMITS);
    await this.#ownership.begin(id);
    store.add(newDelivery({ id, createdAt, ...mailbox, ...text, links, attachments, event }));
    this.#kick(id);
    if (body !== "") this.#inlineImages.updateSoon(id);
    return { deliveryId: id, problems };
  }

  /** Adds files to a mail that has not left yet. @returns those that were not added, each with its reason */
  attach(deliveryId: string, paths: readonly string[]): Promise<readonly FreightError[]> {
    return this.#files.attach(deliveryId, paths);
  }

  /**
   * Notes what was typed. While the mail waits to be sent its text is fixed: `withdraw` first.
   * @throws FreightError `send-late` for another text then
   */
  async edit(deliveryId: string, form: Form): Promise<void> {
    await this.#ownership.claim(deliveryId);
    const before = this.#options.store.find(deliveryId)?.form;
    if (before !== undefined && before.revision < form.revision && !isSameText(before, form))
      await this.#reopen(deliveryId);
    const known = this.#options.store.find(deliveryId);
    if (known === undefined || !isEditable(known)) {
      // The page may say once more what it has said with Send.
      if (known !== undefined && (known.form.revision >= form.revision || isSameText(known.form, form)))
        return;
      throw tooLate(known);
    }
    this.#options.store.apply(deliveryId, { type: "edited", form });
    this.#inlineImages.updateSoon(deliveryId);
  }

  /** Goes on with a mail that was saved; undefined of any other. */
  #reopen(deliveryId: string): Promise<void> | undefined {
    const { store } = this.#options;
    if (store.find(deliveryId)?.phase !== "saved") return undefined;
    return this.#retained.during([deliveryId], async () => {
      if (store.find(deliveryId)?.phase !== "saved") return;
      // The note of it may be on its way to the disk, and the mail was about to need no owner.
      await this.#sending.ended(deliveryId);
      await this.#ownership.claim(deliveryId);
      store.apply(deliveryId, { type: "reopened" });
      this.#kick(deliveryId);
    });
  }

  /** A person has done something in the mail, if only clicked into it. */
  async touch(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    if (!isUnseen(this.#there(deliveryId))) return;
    await this.#ownership.claim(deliveryId);
    this.#there(deliveryId);
    store.apply(deliveryId, { type: "touched" });
    this.#kick(deliveryId);
  }

  /** Changes the mailbox to send from: what was uploaded belongs to the old one, so every file starts again. */
  chooseAccount(deliveryId: string, accountId: string): Promise<void> {
    return this.#files.chooseAccount(deliveryId, accountId);
  }

  /** See `FileActs`. */
  chooseMethod(deliveryId: string, inMail: boolean): Promise<void> {
    return this.#files.chooseMethod(deliveryId, inMail);
  }

  /**
   * Sends the mail, or saves or schedules it: immediately if every file is ready, else as soon as the last one is.
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
    await this.touch(deliveryId);
    const known = this.#there(deliveryId);
    // What another window has noted is not what the person at this one has read.
    if (isWritable(known) && known.form.revision >= form.revision && !isSameText(known.form, form))
      return { field: "body", message: t("The mail was changed in another window. Review it, then send.") };
    await this.#reopen(deliveryId);
    await this.edit(deliveryId, form);
    // What was to go in several mails is one again as long as none of them has left.
    await this.#sets.takeApart(deliveryId);
    const cleared = await this.#preflight.clear(deliveryId, purpose);
    if (cleared === undefined) return undefined;
    if ("problem" in cleared) return cleared.problem;
    // The questions may have been open for long, and another window may have gone on with the mail.
    await this.#ownership.claim(deliveryId);
    if (store.find(deliveryId) === undefined) return undefined;
    store.apply(deliveryId, { type: "versionsAgreed", seen: cleared.seen });
    const wanted = lastingProperties(cleared.message, purpose);
    if (!cleared.delivery.propertiesWritten.every((name) => wanted.includes(name)))
      await this.#files.startOver(deliveryId);
    for (;;) {
      await this.#ownership.claim(deliveryId);
      // Somebody may have typed on, or pressed Send once more, in any of these waits.
      const last = await this.#preflight.clear(deliveryId, purpose, cleared.message);
      if (last === undefined) return undefined;
      if ("problem" in last) return last.problem;
      const { delivery, message } = last;
      const isSplit = purpose.type === "send" && purpose.inMails === true;
      const set = isSplit ? await this.#sets.plan(delivery, purpose) : undefined;
      const now = store.find(deliveryId);
      if (now === undefined || !this.#ownership.holds(deliveryId)) return undefined;
      if (now.form !== delivery.form || now.phase !== delivery.phase || now.accountId !== delivery.accountId)
        continue;
      if (set !== undefined && !haveSameFiles(now, delivery)) continue;
      store.apply(deliveryId, { type: "sendRequested", message, purpose, set });
      this.#kick(deliveryId);
      return undefined;
    }
  }

  /**
   * Takes a mail back that waits at the service for its time.
   * @returns true when a draft of it may be left in the mailbox
   * @throws FreightError `schedule-late` when it has left, or is just leaving
   */
  cancelScheduled(deliveryId: string): Promise<boolean> {
    return this.#retaining(deliveryId, () => this.#scheduled.cancel(deliveryId));
  }

  /** Works on a mail that may need no owner else. */
  #retaining<T>(deliveryId: string, work: () => Promise<T>): Promise<T> {
    const claimed = async () => {
      await this.#ownership.claim(deliveryId);
      return work();
    };
    return this.#retained.during([deliveryId], claimed).finally(() => this.#kick(deliveryId));
  }

  /**
   * Takes "send when ready" back, and a sending of which nothing has left.
   * @throws FreightError `send-late` once it may have left
   */
  async withdraw(deliveryId: string): Promise<void> {
    const whole = this.#sets.firstUnsent(deliveryId) ?? deliveryId;
    await this.#withdraw(whole);
    await this.#sets.takeApart(whole);
  }

  #withdraw(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    return this.#sending.hold(deliveryId, async () => {
      await this.#ownership.claim(deliveryId);
      const known = store.find(deliveryId);
      if (known === undefined || isEditable(known) || known.event !== null) return;
      if (known.phase === "waiting" || known.phase === "sending")
        await this.#sending.recall(deliveryId, () => {
          if (store.find(deliveryId)?.phase === "waiting") store.apply(deliveryId, { type: "sendWithdrawn" });
        });
      const now = store.find(deliveryId);
      if (now === undefined || !isEditable(now)) throw tooLate(now);
    });
  }

  /** After a send whose outcome nobody knows: sends once more, on a person's word that it did not arrive. */
  async sendAgain(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    await this.#ownership.claim(deliveryId);
    const { phase, message, attachments, purpose } = this.#there(deliveryId);
    if (phase !== "unconfirmed" || message === null) return;
    // Its time is over: to send it again is to send it now.
    const isOver = purpose.type === "later" && purpose.at <= this.#options.clock.now();
    const wanted: Purpose = isOver ? { type: "send" } : purpose;
    store.apply(deliveryId, { type: "sendRequested", message, purpose: wanted });
    // The send may have failed because the service has lost a file: it is asked before it is told to send again.
    for (const { id: attachmentId, status, reused, asLink } of attachments) {
      // What goes as a link is not in it, and the earlier try may have told somebody where it is.
      if (status !== "ready" || asLink) continue;
      const note = (event: AttachmentEvent) =>
        store.apply(deliveryId, { type: "attachment", attachmentId, event });
      // One that was used before may be what the service did not want: it is uploaded once more.
      if (reused) note({ type: "sessionDropped" });
      note({ type: "queued", reused: !reused });
    }
    this.#kick(deliveryId);
  }

  /**
   * Starts a mail like one that was sent, for other recipients. What the service still has is not uploaded again.
   * @param to whom it is for, as far as that is known
   * @returns the new mail's id; undefined when that one was not sent
   */
  async sendAgainTo(deliveryId: string, to: readonly string[] = []): Promise<string | undefined> {
    const { store, clock, newId, serviceFor } = this.#options;
    const sent = this.#there(deliveryId);
    if (sent.phase !== "sent" || sent.event !== null) return undefined;
    const account = this.#account(sent);
    const { limits, drafts, carriesFiles } = await serviceFor(account);
    const isReusable = drafts === undefined && carriesFiles !== true && sent.inMail === null;
    const reuseMarginMs = isReusable ? limits.expiryMarginMs : undefined;
    // Parts are for those who got the others: anybody else gets the whole file.
    const whole = wholeFiles(sent.attachments, sent.set?.cut ?? [], newId);
    const attachments = [...sent.attachments.filter(({ part }) => part === undefined), ...whole];
    const copy = copyOf(
      { ...sent, attachments },
      { ...mailboxOf(account), newId, now: clock.now(), reuseMarginMs, to },
    );
    await this.#ownership.begin(copy.id);
    store.add(copy);
    this.#kick(copy.id);
    this.#inlineImages.updateSoon(copy.id);
    return copy.id;
  }

  pause(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#files.pause(deliveryId, attachmentId);
  }

  /** Tries again immediately instead of waiting out a lost connection. */
  tryNow(attachmentId: string): void {
    this.#sessionSteps.hurry(attachmentId);
  }

  /** See `FileActs`. */
  resume(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#files.resume(deliveryId, attachmentId);
  }

  /** See `FileActs`. */
  keepVersion(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#files.keepVersion(deliveryId, attachmentId);
  }

  /** See `FileActs`. */
  uploadNewVersion(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#files.uploadNewVersion(deliveryId, attachmentId);
  }

  /** See `FileActs`. */
  sendAsItIs(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#files.sendAsItIs(deliveryId, attachmentId, this.#closing.signal);
  }

  /** See `FileActs`. */
  cancel(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#files.cancel(deliveryId, attachmentId);
  }

  /** Takes a file out of a mail that has not left yet. */
  detach(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#files.detach(deliveryId, attachmentId);
  }

  /** See `FileActs`. */
  replace(deliveryId: string, attachmentId: string, path: string): Promise<void> {
    return this.#files.replace(deliveryId, attachmentId, path);
  }

  /** See `FileActs`. */
  rename(deliveryId: string, attachmentId: string, name: string): Promise<void> {
    return this.#files.rename(deliveryId, attachmentId, name);
  }

  /** See `FileActs`. */
  chooseWay(deliveryId: string, attachmentId: string, asLink: boolean): Promise<void> {
    return this.#files.chooseWay(deliveryId, attachmentId, asLink);
  }

  /** See `FileActs`. */
  chooseLinks(deliveryId: string, links: LinkChoice): Promise<void> {
    return this.#files.chooseLinks(deliveryId, links);
  }

  /** See `LinkActs`. */
  extendLink(deliveryId: string, attachmentId: string, days: number | null): Promise<void> {
    return this.#links.extend(deliveryId, attachmentId, days);
  }

  /** Has nobody else be able to open a file any more that a mail has left with a link to; it stays where it is. */
  stopSharing(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#links.end(deliveryId, attachmentId, "stays");
  }

  /** Deletes such a file at the service. */
  deleteLinked(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#links.end(deliveryId, attachmentId, "deleted");
  }

  /**
   * Stops everything of a mail and forgets it. What services must be told of it is told as soon as they can be reached.
   * @throws FreightError `send-late` once it may be leaving
   */
  async forget(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    const first = this.#sets.firstUnsent(deliveryId);
    if (first !== undefined) await this.#sets.leaveOut(first, deliveryId);
    const delivery = store.find(deliveryId);
    if (first === undefined || first === deliveryId) await this.#discardWhole(deliveryId);
    if (delivery !== undefined) this.#sets.wakeOthers(delivery);
  }

  #discardWhole(deliveryId: string): Promise<void> {
    return this.#sending.hold(deliveryId, () => this.#retaining(deliveryId, () => this.#forget(deliveryId)));
  }

  async #forget(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    const delivery = store.find(deliveryId);
    if (delivery === undefined) return;
    if (isHandedOver(delivery)) await this.#sending.ended(deliveryId);
    const isOver = await this.#sending.recall(deliveryId, () =>
      this.#files.haltAll(deliveryId, () => this.#discard(deliveryId)),
    );
    if (!isOver) throw tooLate(store.find(deliveryId));
    await this.#remoteCleanup.noted(deliveryId);
  }

  #discard(deliveryId: string): void {
    const { store } = this.#options;
    const delivery = store.get(deliveryId);
    // What the service has taken over stays as it is. One that may be out is for the person to find, with its files.
    if (!isHandedOver(delivery) && delivery.phase !== "unconfirmed") {
      for (const { id } of delivery.attachments)
        if (delivery.savedDraft?.links.includes(id) !== true) this.#remoteCleanup.abandon(deliveryId, id);
      this.#remoteCleanup.discardDraft(deliveryId, true);
    }
    store.apply(deliveryId, { type: "discarded" });
    this.#remoteCleanup.say(deliveryId);
  }

  /** Forgets mails that were sent or saved before an instant, in milliseconds since the epoch. Others stay. */
  async forgetOlder(before: number): Promise<void> {
    await this.#history.forgetOlder(before);
    await this.#ownership.tidy();
  }

  /**
   * Goes on with what an earlier window left unfinished, and looks again every few seconds: another window that
   * owns a mail now may be gone then.
   */
  async recover(): Promise<void> {
    await this.#takeover.start();
  }

  /** Takes note of a record that some window has written. What this window owns it knows better. */
  async noticed(deliveryId: string): Promise<void> {
    const before = this.#options.store.find(deliveryId);
    await this.#ownership.noticed(deliveryId);
    const now = this.#options.store.find(deliveryId) ?? before;
    if (now !== undefined) this.#sets.wakeOthers(now);
  }

  /** Ends all work of this process; records stay as they are, so that the next one can go on. */
  async shutdown(): Promise<void> {
    const { sendGraceMs } = this.#options;
    this.#closing.abort();
    this.#takeover.dispose();
    this.#inlineImages.dispose();
    const work = [this.#uploads.abort(), this.#sending.close(sendGraceMs), this.#remoteCleanup.close()];
    await within(Math.max(sendGraceMs, ENDING_MS), Promise.allSettled(work));
    await this.#ownership.giveAllBack(SAVING_MS);
    this.#ownership.dispose();
  }

  #kick(deliveryId: string): void {
    void this.#kickNow(deliveryId).catch((reason: unknown) => this.#options.log.error(explain(reason)));
  }

  /** Looks what can go on with a mail, and lets it: uploads that wait in line, or the sending. */
  async #kickNow(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    if (this.#closing.signal.aborted || !this.#ownership.holds(deliveryId)) return;
    this.#remoteCleanup.saySoon(deliveryId);
    await this.#sets.proceed(deliveryId);
    const mail = store.find(deliveryId);
    if (mail === undefined || this.#closing.signal.aborted || !this.#ownership.holds(deliveryId)) return;
    if (this.#options.accounts.find(mail.accountId) !== undefined && !isUnseen(mail))
      this.#uploads.start(deliveryId);
    await this.#sending.proceed(deliveryId);
    // What the service has taken over needs no owner; everything else stays with the window that began it.
    const delivery = store.find(deliveryId);
    if (delivery === undefined || !isHandedOver(delivery) || delivery.remoteCleanup.length > 0) return;
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
        await this.#retaining(id, () => this.#scheduled.ask(id, this.#closing.signal));
      } catch (reason) {
        if (!(reason instanceof FreightError && reason.is("driven-elsewhere"))) log.warn(explain(reason));
      }
    }
  }

  /** Looks, for each account, whether mails that were sent came back: this window for those that no other one works on. */
  async #lookForReturns(): Promise<void> {
    const { log } = this.#options;
    for (const ids of this.#returnWatch.due()) {
      if (this.#closing.signal.aborted) return;
      const look = async () => {
        const ours: string[] = [];
        for (const id of ids)
          if (await this.#ownership.claim(id).then(() => true, isElsewhere)) ours.push(id);
        await this.#returnWatch.look(ours, this.#closing.signal);
      };
      try {
        await this.#retained.during(ids, look).finally(() => {
          for (const id of ids) this.#kick(id);
        });
      } catch (reason) {
        if (!this.#closing.signal.aborted) log.warn(explain(reason));
      }
    }
  }

  async #takeOver(deliveryId: string): Promise<void> {
    await this.#ownership.claim(deliveryId);
    this.#options.log.info(`Going on with ${deliveryId}`);
    await this.#kickNow(deliveryId);
  }

  /** Ends what this window does for a mail that another one owns now: that one goes on with it. */
  #endWork(deliveryId: string): void {
    this.#sending.abort(deliveryId);
    const files = this.#options.store.find(deliveryId)?.attachments ?? [];
    void this.#uploads.abort(files.map(({ id }) => id));
  }

  /** The mail that somebody acts on. @throws FreightError `send-late` for one that was discarded, here or elsewhere */
  #there(deliveryId: string): DeliveryRecord {
    const delivery = this.#options.store.find(deliveryId);
    if (delivery === undefined) throw tooLate(delivery);
    return delivery;
  }

  #account(delivery: DeliveryRecord): Account {
    const account = this.#options.accounts.find(delivery.accountId);
    if (account !== undefined) return account;
    throw new FreightError("no-account", t("This mail's account was removed. Choose another one."), {
      remedy: "addAccount",
    });
  }
}

/** True for what the service has taken over. */
function isHandedOver(delivery: DeliveryRecord): boolean {
  return isFinished(delivery) || delivery.phase === "scheduled";
}

/** Whether two moments of a mail have the same files, each as it was. */
function haveSameFiles(one: DeliveryRecord, other: DeliveryRecord): boolean {
  const files = ({ attachments }: DeliveryRecord) =>
    attachments.map(({ id, name, path, asLink, ...file }) => [id, name, path, asLink, versionOf(file)]);
  return isDeepStrictEqual(files(one), files(other));
}

/** False for the error of a mail that another window works on; others are thrown. */
function isElsewhere(reason: unknown): false {
  if (reason instanceof FreightError && reason.is("driven-elsewhere")) return false;
  throw reason;
}

const emptyPage: Begin = async () => ({ body: "", format: "text", fillsIn: false, imageFolders: null });
