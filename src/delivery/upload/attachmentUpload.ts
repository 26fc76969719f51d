/** Gets one attachment ready to be sent, whatever happens to its session and its file on the way. */
import { FreightError, isCancellation } from "../../base/errors.ts";
import { fileChangedInParts } from "../../files/fileTrouble.ts";
import { compareVersions } from "../../files/fileVersion.ts";
import { SessionsRefused } from "../../services/mailService.ts";
import { typeOf } from "../compose/intake.ts";
import type { EnginePorts, OpenSource } from "../ports/enginePorts.ts";
import { assertNoSecret } from "../rules/secretDoor.ts";
import { fitsInMail } from "../words/sendMethod.ts";
import { Cargo, type CargoOptions } from "./cargo.ts";
import { assertAgreed, type FileObjections, isFileChanged } from "./fileObjections.ts";
import type { SessionSteps } from "./sessionSteps.ts";
import type { StillFile, StillFiles } from "./stillFiles.ts";

export interface UploadParts {
  readonly steps: SessionSteps;
  readonly objections: FileObjections;
  readonly stillFiles: StillFiles;
}

/** Replacements of a lost session in one go; a service that loses more of them has a problem of its own. */
const MAX_NEW_SESSIONS = 2;
/** After the first change its first bytes are sent; after the second, a copy, which no longer changes. */
const MAX_CHANGES = 2;

export class AttachmentUpload {
  readonly #options: Pick<EnginePorts, "store" | "clock" | "rules" | "openSource">;
  readonly #parts: UploadParts;

  constructor(options: Pick<EnginePorts, "store" | "clock" | "rules" | "openSource">, parts: UploadParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * Takes an attachment from any state to `ready`, replacing sessions that the service loses or refuses.
   * @throws FreightError for a person to decide on; an AbortError when cancelled
   */
  async carry(what: CargoOptions): Promise<void> {
    const { store, clock } = this.#options;
    const { steps, stillFiles } = this.#parts;
    const cargo = new Cargo(store, what);
    const { signal, deliveryId } = cargo;
    for (let [lost, changed] = [0, 0]; ; lost++) {
      try {
        await this.#carryOnce(cargo);
        return;
      } catch (reason) {
        signal.throwIfAborted();
        if (isRerouted(cargo, reason)) return;
        const { path, part } = cargo.file;
        if (isFileChanged(reason) && stillFiles.isUnasked(cargo.file) && changed++ < MAX_CHANGES) {
          const still = stillFiles.take(cargo.file, signal);
          // A person who cancels the copy is asked after all.
          await this.#holdStill(cargo, await still.catch(orElse(reason, signal)), true);
          continue;
        }
        if (isFileChanged(reason) && part !== undefined) {
          // The next try starts over; it needs a file with the bytes that were agreed to.
          await store.assertOurs(deliveryId);
          steps.abandon(cargo);
          throw fileChangedInParts(path);
        }
        const replaceable =
          reason instanceof FreightError &&
          reason.is("session-lost", "session-expired", "upload-mismatch", "upload-refused", "draft-lost");
        if (!replaceable || lost >= MAX_NEW_SESSIONS) throw reason;
        // Should the draft still exist, cleaning up deletes it, unless it was sent.
        if (reason.is("draft-lost")) cargo.noteOfMail({ type: "draftAbandoned", at: clock.now() });
        await steps.drop(cargo);
      }
    }
  }

  /** @param isBegun part of the file may have been uploaded */
  async #holdStill(cargo: Cargo, { event, letGo }: StillFile, isBegun: boolean): Promise<void> {
    try {
      const { file } = cargo;
      if (compareVersions(event.version, file) !== "same")
        await assertNoSecret(file.path, "uploadNewVersion");
      cargo.signal.throwIfAborted();
      await this.#options.store.assertOurs(cargo.deliveryId);
      if (isBegun) this.#parts.steps.abandon(cargo);
      cargo.note(event);
      if (isBegun) cargo.note({ type: "queued" });
    } finally {
      await letGo();
    }
  }

  async #carryOnce(cargo: Cargo): Promise<void> {
    const { service, signal } = cargo;
    const { steps, objections, stillFiles } = this.#parts;
    const { agreed, session: before } = cargo.file;
    if (agreed === null && before === null && stillFiles.isUnasked(cargo.file)) {
      const still = await stillFiles.begin(cargo.file, signal);
      if (still !== undefined) await this.#holdStill(cargo, still, false);
    }
    const { file } = cargo;
    const { session } = file;
    if (session?.completeAsked === true && steps.isAlive(cargo, session) && service.carriesFiles !== true) {
      // The service had every byte: completing needs no file, but must not complete an outdated one unasked.
      const objection = await objections.to(file, service, signal);
      if (objection !== undefined) throw objection;
      try {
        return await steps.complete(cargo);
      } catch (reason) {
        if (!isMismatch(reason)) throw reason; // Bytes are missing after all: the storage says which.
      }
    }
    const { maxFileBytes, limitOf } = service.limits;
    const source = await this.#options.openSource(file, maxFileBytes, limitOf);
    try {
      const target = await steps.liveTarget(cargo, session);
      // A session that cannot be used any more is dropped.
      if (target === undefined && session !== null) await steps.drop(cargo);
      // The session has bytes of this version; those of another must not be mixed in.
      if (target !== undefined) await source.assertVersion(cargo.file);
      await assertAgreed(source, cargo.file.agreed, signal);
      if (target !== undefined) cargo.note({ type: "resumed" });
      else await this.#takeVersion(cargo, source);
      const place = target ?? (await steps.create(cargo, source));
      await steps.fill(cargo, source, place, target !== undefined);
      try {
        await steps.complete(cargo, source);
      } catch (reason) {
        if (!isMismatch(reason)) throw reason;
        // Bytes are missing: ask the storage which, and send them, before giving up the session.
        cargo.note({ type: "resumed" });
        await steps.fill(cargo, source, place, true);
        await steps.complete(cargo, source);
      }
    } finally {
      await source.close();
    }
  }

  /** Has a new session take the file as it is now, if that may be sent. @throws FreightError */
  async #takeVersion(cargo: Cargo, source: OpenSource): Promise<void> {
    const { file } = cargo;
    // When it was attached, the person was asked about the file as it was then.
    const isSame = compareVersions(source.version, file) === "same";
    // A part of a split file got here only because its hash is the same.
    const isKnown = isSame || file.part !== undefined;
    if (!isKnown && file.madeFrom === undefined && !file.grows)
      await assertNoSecret(file.path, "uploadNewVersion");
    const contentType = isKnown ? file.contentType : await typeOf(file);
    cargo.note({ type: "versionTaken", version: source.version, contentType });
    // It may have grown since it was attached, and the rules may have changed while it waited for its turn.
    this.#options.rules?.assertUpload(cargo.mail);
  }
}

/**
 * If the service refuses sessions and the files fit, has the mail itself carry them; this one is queued
 * again.
 */
function isRerouted(cargo: Cargo, reason: unknown): boolean {
  if (!(reason instanceof SessionsRefused) || cargo.service.inMail === undefined) return false;
  const { attachments, form } = cargo.mail;
  const carried = attachments.filter(({ status, asLink }) => status !== "cancelled" && !asLink);
  const sizes = carried.map(({ size }) => size);
  if (!fitsInMail(sizes, Buffer.byteLength(form.body))) return false;
  cargo.noteOfMail({ type: "inMailTaken", why: "refused" });
  cargo.note({ type: "sessionDropped" });
  cargo.note({ type: "queued" });
  return true;
}

/** If a person cancels, the original problem is thrown. */
function orElse(reason: unknown, signal: AbortSignal) {
  return (why: unknown): never => {
    signal.throwIfAborted();
    throw isCancellation(why) ? reason : why;
  };
}

function isMismatch(reason: unknown): boolean {
  return reason instanceof FreightError && reason.is("upload-mismatch");
}
