/** Takes one attachment through its steps: create a session, upload the bytes, complete. */

import { FreightError, isCancellation } from "../../base/errors.ts";
import type { DisposableStore } from "../../base/lifecycle.ts";
import { sha256Of } from "../../files/contentHash.ts";
import {
  fileChangedForGood,
  fileChangedInParts,
  fileChangedSince,
  fileChangedUnsent,
} from "../../files/fileSource.ts";
import { compareVersions, type FileVersion } from "../../files/fileVersion.ts";
import type { Http } from "../../net/http.ts";
import { type Sleep, withRetries } from "../../net/retry.ts";
import {
  type FileCarrier,
  type FileToUpload,
  SessionsRefused,
  type UploadTarget,
} from "../../services/mailService.ts";
import type { UploadSource } from "../../transfer/upload.ts";
import { upload } from "../../transfer/upload.ts";
import { typeOf } from "../compose/intake.ts";
import type { AttachmentEvent } from "../record/advanceAttachment.ts";
import { type AttachmentRecord, type SessionRecord, secretName } from "../record/delivery.ts";
import { holderOf, isAlive } from "../record/queries.ts";
import { assertNoSecret } from "../rules/secretDoor.ts";
import type { SendRules } from "../rules/sendRules.ts";
import type { DeliveryStore } from "../store/store.ts";
import { fitsInMail } from "../words/sendMethod.ts";
import { draftName } from "./draftNames.ts";
import type { Drafts } from "./drafts.ts";
import type { StillFile, StillFiles } from "./stillFiles.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a clock that does not jump. */
  monotonic(): number;
}

export interface OpenSource extends UploadSource {
  /** Stands in no other program's way until it is read on. */
  letGo(): Promise<void>;
  close(): Promise<void>;
}

export interface AttachmentUploadOptions {
  readonly store: DeliveryStore;
  /** Of an organization; unset: none. */
  readonly rules?: SendRules;
  /** Opens a file of at most `maxBytes`, which is the limit of `limitOf`. */
  readonly openSource: (
    file: Pick<AttachmentRecord, "path" | "madeFrom" | "grows" | "size" | "part">,
    maxBytes: number,
    limitOf?: string,
  ) => Promise<OpenSource>;
  /** Connections for one upload; closed with the store they are added to. */
  readonly openLine: (owner: DisposableStore) => Http;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
}

export interface Cargo {
  readonly deliveryId: string;
  readonly attachmentId: string;
  readonly service: FileCarrier;
  readonly signal: AbortSignal;
  /** Owns what must end when the carrying ends. */
  readonly owner: DisposableStore;
}

/** With the file open. */
interface OpenCargo extends Cargo {
  readonly source: OpenSource;
}

/** New sessions for one attachment in one go; a service that loses more of them has a fault of its own. */
const MAX_NEW_SESSIONS = 2;
/** The first time its first bytes do, the second time a copy: that does not change any more. */
const MAX_CHANGES = 2;
/** Progress is told at most ten times a second; what the service has confirmed is always told. */
const PROGRESS_INTERVAL_MS = 100;

export class AttachmentUpload {
  readonly #options: AttachmentUploadOptions;
  readonly #drafts: Drafts;
  readonly #stillFiles: StillFiles;
  /** What ends the wait of an attachment early, by its id. */
  readonly #wakers = new Map<string, AbortController>();

  constructor(options: AttachmentUploadOptions, drafts: Drafts, stillFiles: StillFiles) {
    this.#options = options;
    this.#drafts = drafts;
    this.#stillFiles = stillFiles;
  }

  /**
   * Brings an attachment from wherever it stands to `ready`. A session that the service has lost or refuses is replaced.
   * @throws FreightError what a person has to decide on; an AbortError when cancelled
   */
  async carry(cargo: Cargo): Promise<void> {
    for (let [lost, changed] = [0, 0]; ; lost++) {
      try {
        await this.#carryOnce(cargo);
        return;
      } catch (reason) {
        cargo.signal.throwIfAborted();
        if (this.#isRerouted(cargo, reason)) return;
        if (isFileChanged(reason) && this.isUnasked(this.#attachment(cargo)) && changed++ < MAX_CHANGES) {
          const still = this.#stillFiles.take(this.#attachment(cargo), cargo.signal);
          // Who does not wait for a copy is asked after all.
          await this.#holdStill(cargo, await still.catch(orElse(reason, cargo.signal)), true);
          continue;
        }
        const { path, part } = this.#attachment(cargo);
        if (isFileChanged(reason) && part !== undefined) {
          // The next try begins anew, with whatever has the bytes that were agreed to.
          const { deliveryId, attachmentId } = cargo;
          const { store, clock } = this.#options;
          await store.assertOurs(deliveryId);
          store.apply(deliveryId, { type: "uploadAbandoned", attachmentId, at: clock.now() });
          throw fileChangedInParts(path);
        }
        const replaceable =
          reason instanceof FreightError &&
          reason.is("session-lost", "session-expired", "upload-mismatch", "upload-refused", "draft-lost");
        if (!replaceable || lost >= MAX_NEW_SESSIONS) throw reason;
        // What is there of it all the same is deleted, unless it has been sent.
        if (reason.is("draft-lost"))
          this.#options.store.apply(cargo.deliveryId, {
            type: "draftAbandoned",
            at: this.#options.clock.now(),
          });
        await this.#dropSession(cargo);
      }
    }
  }

  /** Whether a file that changes is sent as it is without a question. */
  isUnasked({ path, copyOf, part }: AttachmentRecord): boolean {
    return copyOf === undefined && part === undefined && this.#stillFiles.isUnasked(path);
  }

  /** @param isBegun something of it may have been uploaded */
  async #holdStill(cargo: Cargo, { event, letGo }: StillFile, isBegun: boolean): Promise<void> {
    const { store, clock } = this.#options;
    const { deliveryId, attachmentId } = cargo;
    try {
      const attachment = this.#attachment(cargo);
      if (compareVersions(event.version, attachment) !== "same")
        await assertNoSecret(attachment.path, "uploadNewVersion");
      cargo.signal.throwIfAborted();
      await store.assertOurs(deliveryId);
      if (isBegun) store.apply(deliveryId, { type: "uploadAbandoned", attachmentId, at: clock.now() });
      this.#apply(cargo, event);
      if (isBegun) this.#apply(cargo, { type: "queued" });
    } finally {
      await letGo();
    }
  }

  /** Has the mail carry its files itself where no session can be had: true when it fits, and the file waits for that. */
  #isRerouted(cargo: Cargo, reason: unknown): boolean {
    if (!(reason instanceof SessionsRefused) || cargo.service.inMail === undefined) return false;
    const { attachments, form } = this.#options.store.get(cargo.deliveryId);
    const carried = attachments.filter(({ status, asLink }) => status !== "cancelled" && !asLink);
    const sizes = carried.map(({ size }) => size);
    if (!fitsInMail(sizes, Buffer.byteLength(form.body))) return false;
    this.#options.store.apply(cargo.deliveryId, { type: "inMailTaken", why: "refused" });
    this.#apply(cargo, { type: "sessionDropped" });
    this.#apply(cargo, { type: "queued" });
    return true;
  }

  /**
   * Why a file that is ready must not go as it is: it is another one by now than what was uploaded. One that is gone, or
   * cannot be read any more, may go where it was uploaded: that is whole. So may a part, for no newer one fits the others.
   */
  async objection(
    attachment: AttachmentRecord,
    { carriesFiles = false }: FileCarrier,
    signal: AbortSignal,
  ): Promise<FreightError | undefined> {
    const { path, versionKept, grows, part } = attachment;
    if ((versionKept || grows || part !== undefined) && !carriesFiles) return undefined;
    try {
      if (!(await this.#isOutdated(attachment, signal))) return undefined;
    } catch (reason) {
      if (!(reason instanceof FreightError)) throw reason;
      if (carriesFiles)
        return part !== undefined && isFileChanged(reason) ? fileChangedInParts(path) : reason;
      if (!reason.is("file-empty", "file-is-folder")) return undefined;
    }
    if (part !== undefined) return fileChangedInParts(path);
    return carriesFiles ? fileChangedUnsent(path) : fileChangedSince(path);
  }

  /** @throws FreightError when it cannot be read */
  async #isOutdated(attachment: AttachmentRecord, signal: AbortSignal): Promise<boolean> {
    const source = await this.#options.openSource(attachment, Number.MAX_SAFE_INTEGER);
    try {
      return !(await isVersion(source, attachment, attachment.checkpoint?.sha256 ?? null, signal));
    } finally {
      await source.close();
    }
  }

  /** Whatever a session is started or continued for: only what a person has agreed to may go into it. */
  async #assertAgreed(cargo: OpenCargo): Promise<void> {
    const { source } = cargo;
    const { agreed } = this.#attachment(cargo);
    if (agreed === null || (await isVersion(source, agreed, agreed.sha256, cargo.signal))) return;
    throw fileChangedForGood(source.path, agreed.sha256 !== null);
  }

  /** The same of what has been uploaded; Send may have been pressed meanwhile. */
  #assertUploadAgreed(cargo: OpenCargo, sha256: string): void {
    const { source } = cargo;
    const { agreed } = this.#attachment(cargo);
    if (agreed === null) return;
    const isAgreed =
      agreed.sha256 === null ? compareVersions(source.version, agreed) === "same" : agreed.sha256 === sha256;
    if (!isAgreed) throw fileChangedForGood(source.path, agreed.sha256 !== null);
  }

  /** Ends the wait before an attachment's next try, when there is one. */
  hurry(attachmentId: string): void {
    this.#wakers.get(attachmentId)?.abort();
  }

  async #carryOnce(cargo: Cargo): Promise<void> {
    const { service } = cargo;
    const { agreed, session: before } = this.#attachment(cargo);
    if (agreed === null && before === null && this.isUnasked(this.#attachment(cargo))) {
      const still = await this.#stillFiles.begin(this.#attachment(cargo), cargo.signal);
      if (still !== undefined) await this.#holdStill(cargo, still, false);
    }
    const attachment = this.#attachment(cargo);
    const { session } = attachment;
    if (session?.completeAsked === true && this.#isAlive(session, service) && service.carriesFiles !== true) {
      // Everything was there already: what is left needs no file, but must not complete an old one unasked.
      const objection = await this.objection(attachment, service, cargo.signal);
      if (objection !== undefined) throw objection;
      try {
        return await this.#complete(cargo);
      } catch (reason) {
        if (!isMismatch(reason)) throw reason; // It misses bytes after all: the storage says which.
      }
    }
    const { maxFileBytes, limitOf } = service.limits;
    const source = await this.#options.openSource(attachment, maxFileBytes, limitOf);
    const open: OpenCargo = { ...cargo, source };
    try {
      const target = await this.#liveTarget(cargo, session);
      // What is gone can neither be gone on with nor be kept.
      if (target === undefined && session !== null) await this.#dropSession(cargo);
      if (target !== undefined) {
        // What the session already holds came from this version; another one must not be mixed into it.
        await source.assertVersion(this.#attachment(cargo));
        await this.#assertAgreed(open);
        this.#apply(cargo, { type: "resumed" });
        await this.#upload(open, target, true);
        await this.#completeOrFillUp(open, target);
      } else {
        await this.#assertAgreed(open);
        // Whoever attached it was asked about the file as it was then.
        const isSame = compareVersions(source.version, attachment) === "same";
        // A part has passed by its hash.
        const isKnown = isSame || attachment.part !== undefined;
        if (!isKnown && attachment.madeFrom === undefined && !attachment.grows)
          await assertNoSecret(attachment.path, "uploadNewVersion");
        const contentType = isKnown ? attachment.contentType : await typeOf(attachment);
        this.#apply(cargo, { type: "versionTaken", version: source.version, contentType });
        // It may have grown since it was attached, and the rules may have changed while it waited for its turn.
        this.#options.rules?.assertUpload(this.#options.store.get(cargo.deliveryId));
        const fresh = await this.#createSession(open);
        await this.#upload(open, fresh, false);
        await this.#completeOrFillUp(open, fresh);
      }
    } finally {
      await source.close();
    }
  }

  #isAlive(session: SessionRecord | null, service: FileCarrier): boolean {
    return isAlive(session, this.#options.clock.now(), service.limits.expiryMarginMs);
  }

  /** Where the bytes of a session go that can still be used; undefined when a new one is needed. */
  async #liveTarget(cargo: Cargo, session: SessionRecord | null): Promise<UploadTarget | undefined> {
    if (!this.#isAlive(session, cargo.service)) return undefined;
    // Of a record of before: nobody knows what it is called there.
    if (cargo.service.drafts !== undefined && this.#attachment(cargo).sentAs === null) return undefined;
    return this.#options.store.targets.find(secretName(this.#attachment(cargo)));
  }

  /** The file as the service is told of it. */
  #file(cargo: Cargo): FileToUpload {
    const { name, sentAs, contentType, size, inline } = this.#attachment(cargo);
    return {
      name: sentAs ?? name,
      contentType,
      size,
      ...(inline === null ? {} : { inline: { contentId: inline.contentId } }),
    };
  }

  async #createSession(cargo: Cargo): Promise<UploadTarget | null> {
    const { store, clock } = this.#options;
    const { service, signal } = cargo;
    const { attachments } = store.get(cargo.deliveryId);
    const sentAs = service.drafts === undefined ? null : draftName(attachments, cargo.attachmentId);
    this.#apply(cargo, { type: "sessionRequested", sentAs });
    await store.flushed(cargo.deliveryId);
    const draft = await this.#drafts.of(cargo.deliveryId, service, signal, (open) =>
      this.#persist(cargo, open),
    );
    const file = this.#file(cargo);
    const {
      attachmentId,
      target,
      expiresAt,
      atOnce = false,
    } = await this.#persist(cargo, () => service.createSession(file, draft, signal));
    // The target of whoever owns the mail now must not be written over.
    await store.assertOurs(cargo.deliveryId);
    if (target !== null) await store.targets.keep(secretName(this.#attachment(cargo)), target);
    this.#apply(cargo, { type: "sessionCreated", attachmentId, at: clock.now(), expiresAt, atOnce });
    await store.flushed(cargo.deliveryId);
    return target;
  }

  async #upload(cargo: OpenCargo, target: UploadTarget | null, resume: boolean): Promise<void> {
    const { clock, random, openLine, store } = this.#options;
    const draft = holderOf(store.get(cargo.deliveryId));
    let toldAt = Number.NEGATIVE_INFINITY;
    let toldAccepted = -1;
    await upload({
      source: cargo.source,
      protocol: cargo.service.protocol({ target, file: this.#file(cargo), draft }, openLine(cargo.owner)),
      resume,
      checkpoint: resume ? (this.#attachment(cargo).checkpoint ?? undefined) : undefined,
      signal: cargo.signal,
      onProgress: (progress) => {
        const now = clock.monotonic();
        if (progress.accepted === toldAccepted && now - toldAt < PROGRESS_INTERVAL_MS) return;
        toldAt = now;
        toldAccepted = progress.accepted;
        this.#apply(cargo, { type: "progressed", ...progress });
      },
      onWait: (error, waitMs) => this.#waits(cargo, error, waitMs),
      onStored: (attachmentId) => this.#apply(cargo, { type: "stored", attachmentId }),
      assertMayEnd: ({ sha256 }) => this.#assertUploadAgreed(cargo, sha256),
      sleep: this.#sleeper(cargo),
      random,
      monotonicNow: () => clock.monotonic(),
    });
  }

  /** Completes; when the service misses bytes, its storage says which, and they are sent before anything is given up. */
  async #completeOrFillUp(cargo: OpenCargo, target: UploadTarget | null): Promise<void> {
    try {
      await this.#complete(cargo);
    } catch (reason) {
      if (!isMismatch(reason)) throw reason;
      this.#apply(cargo, { type: "resumed" });
      await this.#upload(cargo, target, true);
      await this.#complete(cargo);
    }
  }

  async #complete(cargo: Cargo): Promise<void> {
    const { store } = this.#options;
    const { drafts, carriesFiles, keepsFiles } = cargo.service;
    const session = this.#attachment(cargo).session;
    if (session === null) throw new Error("An attachment without a session cannot be completed");
    let asked = session.completeAsked;
    this.#apply(cargo, { type: "completeAsked" });
    await store.flushed(cargo.deliveryId);
    await this.#persist(cargo, () => {
      const askedBefore = asked;
      asked = true;
      return cargo.service.complete(session.attachmentId ?? "", askedBefore, cargo.signal);
    });
    this.#apply(cargo, {
      type: "completed",
      stays: [drafts !== undefined, carriesFiles, keepsFiles].includes(true),
    });
    // Whoever finds the record without "ready" still needs to know that the bytes are there.
    const isSaved = await store.flushed(cargo.deliveryId).then(
      () => true,
      () => false, // Reported by the store; the sending asks again.
    );
    if (isSaved) await store.targets.drop(secretName(this.#attachment(cargo)));
  }

  async #dropSession(cargo: Cargo): Promise<void> {
    const { store, clock } = this.#options;
    const { deliveryId, attachmentId, service } = cargo;
    // Its place stays, and may have the file by now: both are taken away where the target is known.
    if (service.keepsFiles === true) {
      store.apply(deliveryId, { type: "uploadAbandoned", attachmentId, at: clock.now() });
      return;
    }
    this.#apply(cargo, { type: "sessionDropped" });
    await store.targets.drop(secretName(this.#attachment(cargo)));
  }

  #persist<T>(cargo: Cargo | OpenCargo, operation: () => Promise<T>): Promise<T> {
    return withRetries(operation, {
      signal: cargo.signal,
      sleep: this.#sleeper(cargo),
      random: this.#options.random,
      onWait: (error, waitMs) => this.#waits(cargo, error, waitMs),
    });
  }

  /** Waits until the time is over, or a person does not want to wait. */
  #sleeper(cargo: Cargo | OpenCargo): Sleep {
    const { attachmentId } = cargo;
    return async (ms, signal) => {
      const waker = new AbortController();
      this.#wakers.set(attachmentId, waker);
      try {
        if ("source" in cargo) await cargo.source.letGo();
        await this.#options.sleep(ms, AbortSignal.any([signal, waker.signal]));
      } catch (reason) {
        if (signal.aborted || !waker.signal.aborted) throw reason;
      } finally {
        this.#wakers.delete(attachmentId);
      }
    };
  }

  #waits(cargo: Cargo, error: FreightError, waitMs: number): void {
    this.#apply(cargo, { type: "waited", until: this.#options.clock.now() + waitMs, reason: error.code });
  }

  #attachment({ deliveryId, attachmentId }: Cargo): AttachmentRecord {
    const attachment = this.#options.store.get(deliveryId).attachments.find(({ id }) => id === attachmentId);
    if (attachment === undefined) throw new Error(`No attachment ${attachmentId}`);
    return attachment;
  }

  #apply({ deliveryId, attachmentId }: Cargo, event: AttachmentEvent): void {
    this.#options.store.apply(deliveryId, { type: "attachment", attachmentId, event });
  }
}

/**
 * Whether a file is the version that was seen before. One to which something has happened is compared by its bytes.
 * @param sha256 of that version, hexadecimal; null while nobody knows it: then whatever happened to the file counts
 */
async function isVersion(
  source: OpenSource,
  version: FileVersion,
  sha256: string | null,
  signal: AbortSignal,
): Promise<boolean> {
  if (source.version.size !== version.size) return false;
  if (compareVersions(source.version, version) === "same") return true;
  if (sha256 === null) return false;
  return (await sha256Of(source, signal)) === sha256;
}

/** What a person has cancelled ends with what was the matter before. */
function orElse(reason: unknown, signal: AbortSignal) {
  return (why: unknown): never => {
    signal.throwIfAborted();
    throw isCancellation(why) ? reason : why;
  };
}

function isFileChanged(reason: unknown): boolean {
  return reason instanceof FreightError && reason.is("file-changed");
}

function isMismatch(reason: unknown): boolean {
  return reason instanceof FreightError && reason.is("upload-mismatch");
}
