/** Snapshots of files that programs keep writing to: their first bytes, or a copy in the private folder. */
import { firstBytesOf } from "../../files/stillFile.ts";
import { typeOf } from "../compose/intake.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { AttachmentEvent } from "../record/advanceAttachment.ts";
import type { AttachmentRecord } from "../record/delivery.ts";

export interface StillFile {
  readonly event: Extract<AttachmentEvent, { type: "heldStill" }>;
  /** To be called once the record has the event, or the file is not wanted. */
  letGo(): Promise<void>;
}

export class StillFiles {
  readonly #options: Pick<EnginePorts, "takeCopy" | "goesAsItIs">;

  constructor(options: Pick<EnginePorts, "takeCopy" | "goesAsItIs">) {
    this.#options = options;
  }

  /** Whether the file, if it changes, is sent as it is without a question. */
  isUnasked({ path, copyOf, part }: AttachmentRecord): boolean {
    return copyOf === undefined && part === undefined && this.#options.goesAsItIs?.(path) === true;
  }

  /** Of a file that only grew, its first bytes: all that it has now. Of one that was overwritten, a copy. */
  async take(file: AttachmentRecord, signal: AbortSignal): Promise<StillFile> {
    // If even its first bytes have changed before, it does not only grow.
    const first = file.grows ? undefined : await this.#grown(file, signal);
    return first ?? this.#copied(file);
  }

  /** The first bytes of a file that is about to be read, whatever it contained before. */
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
