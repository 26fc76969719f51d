/** Lets a person choose which version of a changed file is sent. */
import { MAX_LINKED_BYTES } from "../../services/fileLinks.ts";
import { typeOf } from "../compose/intake.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import { assertWhole } from "../record/fixedFiles.ts";
import type { ActParts } from "./actParts.ts";
import type { FileTurns } from "./fileTurns.ts";

type Parts = Pick<ActParts, "intake" | "ownership" | "sending" | "remoteCleanup" | "stillFiles">;

export class VersionActs {
  readonly #options: Pick<EnginePorts, "store" | "inspect">;
  readonly #parts: Parts;
  readonly #turns: FileTurns;

  constructor(options: Pick<EnginePorts, "store" | "inspect">, turns: FileTurns, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.#turns = turns;
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
      // The question may have been open for long: another window may have taken the mail over.
      await ownership.claim(deliveryId);
      if (!this.#turns.isOpen(deliveryId)) return;
      remoteCleanup.abandon(deliveryId, attachmentId);
      // Until Send is pressed, the file may go on changing.
      const version = store.get(deliveryId).phase === "waiting" ? seen : undefined;
      this.#turns.note(deliveryId, attachmentId, { type: "versionWanted", version });
      // The person was asked about this version; the upload asks about any other.
      if (seen !== undefined)
        this.#turns.note(deliveryId, attachmentId, { type: "versionTaken", version: seen, contentType });
      this.#turns.note(deliveryId, attachmentId, { type: "queued" });
    });
  }

  /**
   * Sends a file as it is now, whatever is written to it later.
   * @throws FreightError why that is not possible; an AbortError when the person cancels or the window closes
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
          // It was removed or replaced meanwhile.
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
