/**
 * What a person does about the files of a mail that has not left yet. Acts on one mail happen one after another, in the
 * order in which they were asked for; each looks at the mail as the one before has left it.
 */
import type { Account } from "../../accounts/accountBook.ts";
import { FreightError } from "../../base/errors.ts";
import { Turns } from "../../base/turns.ts";
import { fileType, UNKNOWN_TYPE } from "../../files/kind/fileType.ts";
import { distinctNames } from "../../files/portableName.ts";
import { safeName } from "../../files/zip/archives.ts";
import { MAX_LINKED_BYTES } from "../../services/fileLinks.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { listOf, plural, sentences, t } from "../../shared/l10n.ts";
import type { Intake, IntakeOptions } from "../compose/intake.ts";
import { typeOf } from "../compose/intake.ts";
import type { AttachmentEvent } from "../record/advanceAttachment.ts";
import type { AttachmentRecord, DeliveryRecord, LinkChoice, SavedAttachment } from "../record/delivery.ts";
import { assertWhole, fixedFile } from "../record/fixedFiles.ts";
import { isOpen, isUnderWay } from "../record/queries.ts";
import type { MailSending } from "../send/mailSending.ts";
import { tooLate } from "../send/tooLate.ts";
import type { Ownership } from "../store/ownership.ts";
import type { DeliveryStore } from "../store/store.ts";
import type { RemoteCleanup } from "../upload/remoteCleanup.ts";
import type { StillFiles } from "../upload/stillFiles.ts";
import type { UploadQueue } from "../upload/uploadQueue.ts";
import { canBeLink, chooseWays } from "../words/fileWays.ts";
import { mailboxOf } from "../words/sendMethod.ts";

export interface FileActsOptions {
  readonly store: DeliveryStore;
  readonly accounts: { find(id: string | null): Account | undefined };
  /** How a file is now. @throws FreightError why it cannot be sent */
  readonly inspect: IntakeOptions["inspect"];
  /** The largest mail that an account sends, as it travels, or null; unset: nobody knows. */
  readonly mostBytes?: (account: Account) => number | null;
}

/** What of the engine they need. */
export interface FileActsParts {
  readonly intake: Intake;
  readonly ownership: Ownership;
  readonly uploads: UploadQueue;
  readonly sending: MailSending;
  readonly remoteCleanup: RemoteCleanup;
  readonly stillFiles: StillFiles;
  /** Goes on with a mail that was saved; undefined of any other: then nothing is waited for, and no act overtakes another. */
  readonly reopen: (deliveryId: string) => Promise<void> | undefined;
  /** Has a mail looked at again. */
  readonly kick: (deliveryId: string) => void;
}

export class FileActs {
  readonly #options: FileActsOptions;
  readonly #parts: FileActsParts;
  readonly #turns = new Turns();

  constructor(options: FileActsOptions, parts: FileActsParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Adds files. @returns those that were not added, each with its reason */
  attach(deliveryId: string, paths: readonly string[]): Promise<readonly FreightError[]> {
    return this.#parts.sending.hold(deliveryId, async () => {
      this.#assertFree(deliveryId);
      const maxBytes = this.#maxBytes(deliveryId);
      const { attachments, problems } = await this.#parts.intake.takeAll(paths, [], maxBytes);
      if (attachments.length === 0) return problems;
      const work = () => {
        this.#assertFree(deliveryId);
        this.add(deliveryId, attachments);
      };
      const isDone = await this.#act(deliveryId, [], work, true);
      return isDone ? problems : [...problems, this.#notAttached(deliveryId, attachments)];
    });
  }

  #notAttached(deliveryId: string, attachments: readonly SavedAttachment[]): FreightError {
    const names = attachments.map(({ name }) => t("“{0}”", name));
    const { message } = tooLate(this.#options.store.find(deliveryId));
    return new FreightError(
      "send-late",
      sentences(
        plural(names.length, "{1} was not attached.", "{1} were not attached.", listOf(names)),
        message,
      ),
    );
  }

  /** Adds files to a mail that is open. @param instead the file that they replace */
  add(deliveryId: string, added: readonly SavedAttachment[], instead?: string): void {
    const delivery = this.#options.store.get(deliveryId);
    const there = delivery.attachments.filter(({ id }) => id !== instead);
    const attachments = chooseWays(added, there, { ...delivery, mostBytes: this.#mostBytes(delivery) });
    this.#options.store.apply(deliveryId, { type: "attached", attachments, instead });
    this.#parts.kick(deliveryId);
  }

  pause(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#actOn(deliveryId, attachmentId, ({ status }) => {
      if (isUnderWay(status)) this.#apply(deliveryId, attachmentId, { type: "paused" });
    });
  }

  /** Goes on with a paused, failed, cancelled or expired upload, from the last byte that the service confirms. */
  async resume(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#act(deliveryId, [], () => {
      const attachment = this.#find(deliveryId, attachmentId);
      if (attachment === undefined || isUnderWay(attachment.status)) return;
      this.#apply(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /** Sends a file as it was uploaded, although it has changed since. */
  async keepVersion(deliveryId: string, attachmentId: string): Promise<void> {
    await this.#act(deliveryId, [], () => {
      const attachment = this.#find(deliveryId, attachmentId);
      if (attachment === undefined || isUnderWay(attachment.status)) return;
      this.#apply(deliveryId, attachmentId, { type: "versionKept" });
    });
  }

  /** Uploads the file as it is now; what was uploaded of an older version is dropped. */
  async uploadNewVersion(deliveryId: string, attachmentId: string): Promise<void> {
    const { store, inspect } = this.#options;
    await this.#act(deliveryId, [attachmentId], async () => {
      const file = this.#find(deliveryId, attachmentId);
      if (file === undefined) return;
      assertWhole(file);
      const { path, asLink } = file;
      const seen = await inspect(path, asLink === true ? MAX_LINKED_BYTES : undefined).catch(() => undefined);
      if (!(await this.#parts.intake.mayGo(path))) return;
      // The question may have been open for long, and another window may have gone on with the mail.
      await this.#parts.ownership.claim(deliveryId);
      if (!this.#isOpen(deliveryId)) return;
      this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
      // Until Send is pressed it may go on changing.
      const version = store.get(deliveryId).phase === "waiting" ? seen : undefined;
      this.#apply(deliveryId, attachmentId, { type: "versionWanted", version });
      // The one that was asked about: its upload asks about any other.
      const contentType = await typeOf(file);
      if (seen !== undefined)
        this.#apply(deliveryId, attachmentId, { type: "versionTaken", version: seen, contentType });
      this.#apply(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /**
   * Sends a file as it is now, whatever is written to it from here on.
   * @throws FreightError why that cannot be had; an AbortError when the person, or the window, does not want to wait
   */
  sendAsItIs(deliveryId: string, attachmentId: string, signal: AbortSignal): Promise<void> {
    const { sending, intake, stillFiles, remoteCleanup } = this.#parts;
    return sending.hold(deliveryId, async () => {
      const file = this.#find(deliveryId, attachmentId);
      if (file !== undefined) assertWhole(file);
      if (file === undefined || !this.#isOpen(deliveryId) || !(await intake.mayGo(file.path))) return;
      const { event, letGo } = await stillFiles.take(file, signal);
      try {
        await this.#act(deliveryId, [attachmentId], () => {
          // It was taken out meanwhile, or another file is in its place.
          if (this.#find(deliveryId, attachmentId)?.path !== file.path) return;
          remoteCleanup.abandon(deliveryId, attachmentId);
          this.#apply(deliveryId, attachmentId, event);
          this.#apply(deliveryId, attachmentId, { type: "queued" });
        });
      } finally {
        await letGo();
      }
    });
  }

  /** Stops an upload and tells the storage to forget it. The file stays in the mail until it is detached. */
  cancel(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#actOn(deliveryId, attachmentId, () => {
      this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
      this.#apply(deliveryId, attachmentId, { type: "cancelled" });
      this.#parts.remoteCleanup.discardDraft(deliveryId);
    });
  }

  /** Takes a file out. */
  detach(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#actOn(
      deliveryId,
      attachmentId,
      () => {
        const { store } = this.#options;
        this.#assertFree(deliveryId, attachmentId);
        this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
        store.apply(deliveryId, { type: "removed", attachmentId });
        this.#parts.remoteCleanup.discardDraft(deliveryId);
        // A mail that waited for its only file must not leave without it.
        const { phase, attachments, event } = store.get(deliveryId);
        if (phase !== "waiting" || attachments.length > 0) return;
        store.apply(deliveryId, event === null ? { type: "sendWithdrawn" } : { type: "discarded" });
        if (event !== null) this.#parts.remoteCleanup.say(deliveryId);
      },
      true,
    );
  }

  /**
   * Puts another file in the place of one, and nothing where that one was taken out meanwhile.
   * @throws FreightError why it cannot be attached: then the old one stays
   */
  replace(deliveryId: string, attachmentId: string, path: string): Promise<void> {
    return this.#parts.sending.hold(deliveryId, async () => {
      const old = this.#find(deliveryId, attachmentId);
      const known = old === undefined ? [] : [old.path];
      const maxBytes = this.#maxBytes(deliveryId);
      const { attachments, problems } = await this.#parts.intake.takeAll([path], known, maxBytes);
      const [problem] = problems;
      if (problem !== undefined) throw problem;
      if (attachments.length === 0) return;
      const isDone = await this.#act(deliveryId, [attachmentId], () => {
        if (this.#find(deliveryId, attachmentId) === undefined) return;
        this.#assertFree(deliveryId, attachmentId);
        this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
        this.add(deliveryId, attachments, attachmentId);
      });
      if (!isDone) throw this.#notAttached(deliveryId, attachments);
    });
  }

  /** Shows the file under another name. The service fixes the name with the session, so an upload under way starts again. */
  async rename(deliveryId: string, attachmentId: string, name: string): Promise<void> {
    const work = async () => {
      const path = this.#find(deliveryId, attachmentId)?.path;
      const contentType = path === undefined ? UNKNOWN_TYPE : await fileType(safeName(name), path);
      const attachment = this.#find(deliveryId, attachmentId);
      if (attachment === undefined) return;
      this.#assertFree(deliveryId, attachmentId);
      const { name: before, status, session } = attachment;
      const others = this.#options.store.get(deliveryId).attachments.filter(({ id }) => id !== attachmentId);
      const [clean = before] = distinctNames(
        [safeName(name)],
        others.map((file) => file.name),
      );
      if (withoutHidden(name).trim() === "" || clean === before) return;
      const isBegun = session !== null || status === "creating";
      if (isBegun) this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
      this.#apply(deliveryId, attachmentId, { type: "renamed", name: clean, contentType });
      if (isBegun && status !== "paused") this.#apply(deliveryId, attachmentId, { type: "queued" });
    };
    await this.#act(deliveryId, [attachmentId], work, true);
  }

  /** Changes the mailbox to send from: what was uploaded belongs to the old one, so every file starts again. */
  async chooseAccount(deliveryId: string, accountId: string): Promise<void> {
    const { store, accounts } = this.#options;
    const work = async () => {
      const known = store.get(deliveryId);
      const mailbox = mailboxOf(accounts.find(accountId));
      // The same one may be allowed more by now, or less.
      const isSame =
        (known.inMail === "sendOnly") === (mailbox.inMail === "sendOnly") &&
        known.hasLinks === mailbox.hasLinks;
      if (known.accountId === accountId && isSame) return;
      await this.#startOver(deliveryId, () => {
        store.apply(deliveryId, { type: "accountChosen", accountId, ...mailbox });
        const delivery = store.get(deliveryId);
        const { attachments } = delivery;
        for (const { id, asLink } of chooseWays(attachments, [], {
          ...delivery,
          mostBytes: this.#mostBytes(delivery),
        }))
          this.#apply(deliveryId, id, { type: "wayChosen", asLink });
      });
    };
    await this.#act(deliveryId, [], work, true);
  }

  /** Has a file go as a link, or as an attachment: it is uploaded to another place. */
  async chooseWay(deliveryId: string, attachmentId: string, asLink: boolean): Promise<void> {
    await this.#act(deliveryId, [attachmentId], () => {
      const attachment = this.#find(deliveryId, attachmentId);
      if (attachment === undefined || attachment.asLink === asLink) return;
      this.#assertFree(deliveryId, attachmentId);
      if (asLink && !canBeLink(this.#options.store.get(deliveryId), attachment)) return;
      const { status } = attachment;
      this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
      this.#apply(deliveryId, attachmentId, { type: "wayChosen", asLink });
      this.#parts.remoteCleanup.discardDraft(deliveryId);
      if (status !== "paused" && status !== "cancelled")
        this.#apply(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /** Says whom the files that go as links are to be open to; one that this was refused to is tried again. */
  async chooseLinks(deliveryId: string, links: LinkChoice): Promise<void> {
    const { store } = this.#options;
    await this.#act(deliveryId, [], () => {
      store.apply(deliveryId, { type: "linksChosen", links });
      for (const { id, status, error } of store.get(deliveryId).attachments)
        if (status === "failed" && error?.code === "link-refused")
          this.#apply(deliveryId, id, { type: "queued" });
    });
  }

  /** Has the files go in the mail itself, or be uploaded; every file starts again. What the account decides stays. */
  async chooseMethod(deliveryId: string, inMail: boolean): Promise<void> {
    const { store } = this.#options;
    const why = inMail ? "chosen" : null;
    const work = async () => {
      const known = store.get(deliveryId).inMail;
      if (known === why || (known !== null && known !== "chosen")) return;
      await this.#startOver(deliveryId, () => store.apply(deliveryId, { type: "inMailTaken", why }));
    };
    await this.#act(deliveryId, [], work, true);
  }

  /** Drops what was uploaded, and the draft; every file starts again. */
  async startOver(deliveryId: string): Promise<void> {
    await this.#act(deliveryId, [], () => this.#startOver(deliveryId, () => {}));
  }

  /**
   * Has the work on all files of a mail end, and then something noted, in the line of acts.
   * @param note not called when the mail was discarded meanwhile
   */
  async haltAll(deliveryId: string, note: () => void | Promise<void>): Promise<void> {
    const ids = this.#ids(deliveryId);
    const work = async () => {
      if (this.#options.store.find(deliveryId) !== undefined) await note();
    };
    await this.#parts.uploads.halt(deliveryId, ids, work, (turn) => this.#turns.take(deliveryId, turn));
  }

  /** Has the work on a file end, and then something done about it as it is then. */
  async #actOn(
    deliveryId: string,
    attachmentId: string,
    note: (attachment: AttachmentRecord) => void,
    reopens = false,
  ): Promise<void> {
    const work = () => {
      const attachment = this.#find(deliveryId, attachmentId);
      if (attachment !== undefined) note(attachment);
    };
    await this.#act(deliveryId, [attachmentId], work, reopens);
  }

  /**
   * Does something about the files of a mail, whose work ends before. A sending that is about to begin is held up so long.
   * @param reopens also of one that was saved, which a person then goes on with
   * @returns false when the mail is leaving, or has left, and nothing was done
   * @throws FreightError `driven-elsewhere`
   */
  async #act(
    deliveryId: string,
    attachmentIds: readonly string[],
    note: () => void | Promise<void>,
    reopens = false,
  ): Promise<boolean> {
    const { ownership, sending, uploads } = this.#parts;
    let isDone = false;
    const work = async () => {
      if (!this.#isOpen(deliveryId)) return;
      this.#options.store.apply(deliveryId, { type: "touched" });
      await note();
      isDone = true;
    };
    await sending.hold(deliveryId, async () => {
      await ownership.claim(deliveryId);
      const reopened = reopens ? this.#parts.reopen(deliveryId) : undefined;
      if (reopened !== undefined) await reopened;
      if (!this.#isOpen(deliveryId)) return;
      await sending.recall(deliveryId, () =>
        uploads.halt(deliveryId, attachmentIds, work, (turn) => this.#turns.take(deliveryId, turn)),
      );
    });
    return isDone;
  }

  /** What a file of a mail may have; undefined: what most accounts can send. */
  #maxBytes(deliveryId: string): number | undefined {
    // It may have been discarded already.
    return this.#options.store.find(deliveryId)?.hasLinks === true ? MAX_LINKED_BYTES : undefined;
  }

  #mostBytes({ accountId }: Pick<DeliveryRecord, "accountId">): number | null {
    const account = this.#options.accounts.find(accountId);
    return account === undefined ? null : (this.#options.mostBytes?.(account) ?? null);
  }

  #isOpen(deliveryId: string): boolean {
    const delivery = this.#options.store.find(deliveryId);
    return delivery !== undefined && isOpen(delivery);
  }

  async #startOver(deliveryId: string, note: () => void): Promise<void> {
    const { store } = this.#options;
    const { uploads, remoteCleanup } = this.#parts;
    const restart = (ids: readonly string[], alsoNote = () => {}) =>
      uploads.halt(deliveryId, ids, () => {
        // It was discarded meanwhile, here or in another window.
        if (!this.#isOpen(deliveryId)) return;
        for (const id of ids) remoteCleanup.abandon(deliveryId, id);
        alsoNote();
        for (const { id, status } of store.get(deliveryId).attachments)
          if (ids.includes(id) && status !== "cancelled") this.#apply(deliveryId, id, { type: "queued" });
      });
    const known = this.#ids(deliveryId);
    await restart(known, () => {
      remoteCleanup.discardDraft(deliveryId, true);
      note();
    });
    // What was attached meanwhile has begun as it was before.
    const late = this.#ids(deliveryId).filter((id) => !known.includes(id));
    if (late.length > 0) await restart(late);
  }

  /** @throws FreightError where a file, or one more, would change what other mails say of this one */
  #assertFree(deliveryId: string, attachmentId?: string): void {
    const delivery = this.#options.store.find(deliveryId);
    const attachment = delivery?.attachments.find(({ id }) => id === attachmentId);
    const fixed = delivery && fixedFile(delivery, attachment);
    if (fixed !== undefined) throw fixed;
  }

  #ids(deliveryId: string): string[] {
    return (this.#options.store.find(deliveryId)?.attachments ?? []).map(({ id }) => id);
  }

  #find(deliveryId: string, attachmentId: string): AttachmentRecord | undefined {
    return this.#options.store.find(deliveryId)?.attachments.find(({ id }) => id === attachmentId);
  }

  #apply(deliveryId: string, attachmentId: string, event: AttachmentEvent): void {
    this.#options.store.apply(deliveryId, { type: "attachment", attachmentId, event });
  }
}
