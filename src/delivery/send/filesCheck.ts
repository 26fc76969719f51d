/** The last check of a mail's files before it leaves: which sessions expire too soon, which files changed. */
import { type FreightError, toSavedError } from "../../base/errors.ts";
import { fileCarrierOf, type MailService } from "../../services/mailService.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { AttachmentEvent } from "../record/advanceAttachment.ts";
import { isAlive } from "../record/queries.ts";
import type { FileObjections } from "../upload/fileObjections.ts";
import type { StillFiles } from "../upload/stillFiles.ts";

/** The parts of the engine that it needs. */
export interface FilesCheckParts {
  readonly objections: FileObjections;
  readonly stillFiles: StillFiles;
}

export class FilesCheck {
  readonly #options: Pick<EnginePorts, "store" | "clock">;
  readonly #parts: FilesCheckParts;
  readonly #closing: AbortSignal;

  /** @param closing aborted when the window closes */
  constructor(options: Pick<EnginePorts, "store" | "clock">, parts: FilesCheckParts, closing: AbortSignal) {
    this.#options = options;
    this.#parts = parts;
    this.#closing = closing;
  }

  /**
   * The service deletes a file when its session expires, even if the mail was not sent yet: a file that would
   * be gone too soon is uploaded again first.
   * @returns true when there is such a file
   */
  renewRunOut(deliveryId: string, { limits }: MailService): boolean {
    const { store, clock } = this.#options;
    const { attachments } = store.get(deliveryId);
    const runOut = attachments.filter(({ session }) => !isAlive(session, clock.now(), limits.expiryMarginMs));
    for (const { id } of runOut) {
      this.#note(deliveryId, id, { type: "sessionDropped" });
      this.#note(deliveryId, id, { type: "queued" });
    }
    return runOut.length > 0;
  }

  /** Why files must not be sent as they are; by attachment id. */
  async objections(deliveryId: string, service: MailService): Promise<Map<string, FreightError>> {
    const found = new Map<string, FreightError>();
    const delivery = this.#options.store.get(deliveryId);
    for (const attachment of delivery.attachments) {
      const carrier = fileCarrierOf(service, delivery, attachment);
      const objection = await this.#parts.objections.to(attachment, carrier, this.#closing);
      if (objection !== undefined) found.set(attachment.id, objection);
    }
    return found;
  }

  /** Keeps files from leaving as they are. */
  object(deliveryId: string, objections: ReadonlyMap<string, FreightError>): void {
    for (const [attachmentId, error] of objections) {
      const file = this.#options.store.get(deliveryId).attachments.find(({ id }) => id === attachmentId);
      // It is uploaded again, as it is now.
      const isUnasked =
        error.is("file-changed") && file !== undefined && this.#parts.stillFiles.isUnasked(file);
      this.#note(
        deliveryId,
        attachmentId,
        isUnasked ? { type: "queued" } : { type: "failed", error: toSavedError(error) },
      );
    }
  }

  #note(deliveryId: string, attachmentId: string, event: AttachmentEvent): void {
    this.#options.store.apply(deliveryId, { type: "attachment", attachmentId, event });
  }
}
