/** Has a file that programs go on writing to hold still for its mail: by its first bytes, or a copy in the private folder. */
import { firstBytesOf } from "../../files/stillFile.ts";
import { typeOf } from "../compose/intake.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { AttachmentEvent } from "../record/advanceAttachment.ts";
import type { AttachmentRecord } from "../record/delivery.ts";

export interface StillFile {
  readonly event: Extract<AttachmentEvent, { type: "heldStill" }>;
  /** For when the record knows it, or does not want it. */
  letGo(): Promise<void>;
}

export class StillFiles {
  readonly #options: Pick<EnginePorts, "takeCopy" | "goesAsItIs">;

  constructor(options: Pick<EnginePorts, "takeCopy" | "goesAsItIs">) {
    this.#options = options;
  }

  /** Whether a file that changes is sent as it is without a question. */
  isUnasked({ path, copyOf, part }: AttachmentRecord): boolean {
    return copyOf === undefined && part === undefined && this.#options.goesAsItIs?.(path) === true;
  }

  /** The first bytes, all that it has now, of a file that only grew; a copy of one that was written over. */
  async take(file: AttachmentRecord, signal: AbortSignal): Promise<StillFile> {
    // What has been tried with its first bytes, and changed all the same, is no log.
    const first = file.grows ? undefined : await this.#grown(file, signal);
    return first ?? this.#copied(file);
  }

  /** The first bytes of a file that is about to be read, whatever it was before. */
  async begin(file: AttachmentRecord, signal: AbortSignal): Promise<StillFile | undefined> {
    const first = await firstBytesOf(file.path, null, signal);
    return first && still(file, { path: file.path, ...first, grows: true });
  }

  async #grown(file: AttachmentRecord, signal: AbortSignal): Promise<StillFile | undefined> {
    const first = await firstBytesOf(file.path, file.checkpoint, signal);
    if (first === undefined || first.version.size <= file.size) return undefined;
    return still(file, { path: file.path, ...first, grows: true });
  }

  async #copied(file: AttachmentRecord): Promise<StillFile> {
    const { path, version, letGo } = await this.#options.takeCopy(file.path);
    return { ...(await still(file, { path, version, sha256: null, grows: false })), letGo };
  }
}

async function still(
  file: AttachmentRecord,
  what: Omit<StillFile["event"], "type" | "contentType">,
): Promise<StillFile> {
  const contentType = await typeOf({ ...file, path: what.path });
  return { event: { type: "heldStill", ...what, contentType }, letGo: async () => {} };
}
