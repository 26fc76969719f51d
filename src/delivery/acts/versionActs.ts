/** Which version of a file that has changed goes with its mail: a person says so. */
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
