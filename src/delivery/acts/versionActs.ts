/** Which version of a file that has changed goes with its mail: a person says so. */
import { MAX_LINKED_BYTES } from "../../services/fileLinks.ts";
import { type Intake, type IntakeOptions, typeOf } from "../compose/intake.ts";
import { assertWhole } from "../record/fixedFiles.ts";
import type { MailSending } from "../send/mailSending.ts";
import type { Ownership } from "../store/ownership.ts";
import type { DeliveryStore } from "../store/store.ts";
import type { RemoteCleanup } from "../upload/remoteCleanup.ts";
import type { StillFiles } from "../upload/stillFiles.ts";
import type { FileTurns } from "./fileTurns.ts";

export interface VersionActsOptions {
  readonly store: DeliveryStore;
  /** How a file is now. @throws FreightError why it cannot be sent */
  readonly inspect: IntakeOptions["inspect"];
}

/** What of the engine they need. */
export interface VersionActsParts {
  readonly turns: FileTurns;
  readonly intake: Intake;
  readonly ownership: Ownership;
  readonly sending: MailSending;
  readonly remoteCleanup: RemoteCleanup;
  readonly stillFiles: StillFiles;
}

export class VersionActs {
  readonly #options: VersionActsOptions;
  readonly #parts: VersionActsParts;
  readonly #turns: FileTurns;

  constructor(options: VersionActsOptions, parts: VersionActsParts) {
    this.#options = options;
    this.#parts = parts;
    this.#turns = parts.turns;
  }

  /** Sends a file as it was uploaded, although it has changed since. */
  keep(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#turns.goOn(deliveryId, attachmentId, { type: "versionKept" });
  }

  /** Uploads the file as it is now; what was uploaded of an older version is dropped. */
  async upload(deliveryId: string, attachmentId: string): Promise<void> {
    const { store, inspect } = this.#options;
    const { intake, ownership, remoteCleanup } = this.#parts;
    await this.#turns.act(deliveryId, [attachmentId], async () => {
      const file = this.#turns.find(deliveryId, attachmentId);
      if (file === undefined) return;
      assertWhole(file);
      const { path, asLink } = file;
      const seen = await inspect(path, asLink === true ? MAX_LINKED_BYTES : undefined).catch(() => undefined);
      if (!(await intake.mayGo(path))) return;
      const contentType = await typeOf(file);
      // The question may have been open for long, and another window may have gone on with the mail.
      await ownership.claim(deliveryId);
      if (!this.#turns.isOpen(deliveryId)) return;
      remoteCleanup.abandon(deliveryId, attachmentId);
      // Until Send is pressed it may go on changing.
      const version = store.get(deliveryId).phase === "waiting" ? seen : undefined;
      this.#turns.note(deliveryId, attachmentId, { type: "versionWanted", version });
      // The one that was asked about: its upload asks about any other.
      if (seen !== undefined)
        this.#turns.note(deliveryId, attachmentId, { type: "versionTaken", version: seen, contentType });
      this.#turns.note(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /**
   * Sends a file as it is now, whatever is written to it from here on.
   * @throws FreightError why that cannot be had; an AbortError when the person, or the window, does not want to wait
   */
  holdStill(deliveryId: string, attachmentId: string, signal: AbortSignal): Promise<void> {
    const { sending, intake, stillFiles, remoteCleanup } = this.#parts;
    return sending.hold(deliveryId, async () => {
      const file = this.#turns.find(deliveryId, attachmentId);
      if (file !== undefined) assertWhole(file);
      if (file === undefined || !this.#turns.isOpen(deliveryId) || !(await intake.mayGo(file.path))) return;
      const { event, letGo } = await stillFiles.take(file, signal);
      try {
        await this.#turns.act(deliveryId, [attachmentId], () => {
          // It was taken out meanwhile, or another file is in its place.
          if (this.#turns.find(deliveryId, attachmentId)?.path !== file.path) return;
          remoteCleanup.abandon(deliveryId, attachmentId);
          this.#turns.note(deliveryId, attachmentId, event);
          this.#turns.note(deliveryId, attachmentId, { type: "queued" });
        });
      } finally {
        await letGo();
      }
    });
  }
}
