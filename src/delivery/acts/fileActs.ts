/** What a person can do with the files of an unsent mail: add, pause, remove, replace and rename them. */
import { FreightError } from "../../base/errors.ts";
import { fileType, UNKNOWN_TYPE } from "../../files/kind/fileType.ts";
import { distinctNames } from "../../files/portableName.ts";
import { safeName } from "../../files/zip/archives.ts";
import { MAX_LINKED_BYTES } from "../../services/fileLinks.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { listOf, plural, sentences, t } from "../../shared/l10n.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { SavedAttachment } from "../record/delivery.ts";
import { isUnderWay } from "../record/queries.ts";
import { tooLate } from "../send/tooLateError.ts";
import { chooseWays, mostBytesOf } from "../words/fileWays.ts";
import type { ActParts } from "./actParts.ts";
import type { FileTurns } from "./fileTurns.ts";

type Options = Pick<EnginePorts, "store" | "accounts" | "mostBytes">;
type Parts = Pick<ActParts, "intake" | "sending" | "remoteCleanup" | "kick">;

export class FileActs {
  readonly #options: Options;
  readonly #parts: Parts;
  readonly #turns: FileTurns;

  constructor(options: Options, turns: FileTurns, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.#turns = turns;
  }

  /** Adds files. @returns why some of them were not added */
  attach(deliveryId: string, paths: readonly string[]): Promise<readonly FreightError[]> {
    return this.#parts.sending.hold(deliveryId, async () => {
      this.#turns.assertFree(deliveryId);
      const maxBytes = this.#maxBytes(deliveryId);
      const { attachments, problems } = await this.#parts.intake.takeAll(paths, [], maxBytes);
      if (attachments.length === 0) return problems;
      const work = () => {
        this.#turns.assertFree(deliveryId);
        this.add(deliveryId, attachments);
      };
      const isDone = await this.#turns.act(deliveryId, [], work, true);
      return isDone ? problems : [...problems, this.#notAttached(deliveryId, attachments)];
    });
  }

  /** Adds files to an open mail. @param instead id of the file that they replace */
  add(deliveryId: string, added: readonly SavedAttachment[], instead?: string): void {
    const delivery = this.#options.store.get(deliveryId);
    const there = delivery.attachments.filter(({ id }) => id !== instead);
    const mostBytes = mostBytesOf(this.#options, delivery.accountId);
    const attachments = chooseWays(added, there, { ...delivery, mostBytes });
    this.#options.store.apply(deliveryId, { type: "attached", attachments, instead });
    this.#parts.kick(deliveryId);
  }

  pause(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#turns.actOn(deliveryId, attachmentId, ({ status }) => {
      if (isUnderWay(status)) this.#turns.note(deliveryId, attachmentId, { type: "paused" });
    });
  }

  /** Continues a paused, failed, cancelled or expired upload from the last byte that the service confirms. */
  resume(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#turns.goOn(deliveryId, attachmentId, { type: "queued" });
  }

  /** Stops an upload and tells the storage to forget it. The file stays in the mail until it is detached. */
  cancel(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#turns.actOn(deliveryId, attachmentId, () => {
      this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
      this.#turns.note(deliveryId, attachmentId, { type: "cancelled" });
      this.#parts.remoteCleanup.discardDraft(deliveryId);
    });
  }

  /** Removes a file from the mail. */
  detach(deliveryId: string, attachmentId: string): Promise<void> {
    return this.#turns.actOn(
      deliveryId,
      attachmentId,
      () => {
        const { store } = this.#options;
        this.#turns.assertFree(deliveryId, attachmentId);
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
   * Replaces a file by another one. Does nothing if the old one was removed meanwhile.
   * @throws FreightError why the new one cannot be attached; the old one stays then
   */
  replace(deliveryId: string, attachmentId: string, path: string): Promise<void> {
    return this.#parts.sending.hold(deliveryId, async () => {
      const old = this.#turns.find(deliveryId, attachmentId);
      const known = old === undefined ? [] : [old.path];
      const maxBytes = this.#maxBytes(deliveryId);
      const { attachments, problems } = await this.#parts.intake.takeAll([path], known, maxBytes);
      const [problem] = problems;
      if (problem !== undefined) throw problem;
      if (attachments.length === 0) return;
      const isDone = await this.#turns.act(deliveryId, [attachmentId], () => {
        if (this.#turns.find(deliveryId, attachmentId) === undefined) return;
        this.#turns.assertFree(deliveryId, attachmentId);
        this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
        this.add(deliveryId, attachments, attachmentId);
      });
      if (!isDone) throw this.#notAttached(deliveryId, attachments);
    });
  }

  /** Changes a file's name in the mail. A session has a fixed name, so an upload under way starts again. */
  async rename(deliveryId: string, attachmentId: string, name: string): Promise<void> {
    const work = async () => {
      const path = this.#turns.find(deliveryId, attachmentId)?.path;
      const contentType = path === undefined ? UNKNOWN_TYPE : await fileType(safeName(name), path);
      const attachment = this.#turns.find(deliveryId, attachmentId);
      if (attachment === undefined) return;
      this.#turns.assertFree(deliveryId, attachmentId);
      const { name: before, status, session } = attachment;
      const others = this.#options.store.get(deliveryId).attachments.filter(({ id }) => id !== attachmentId);
      const [clean = before] = distinctNames(
        [safeName(name)],
        others.map((file) => file.name),
      );
      if (withoutHidden(name).trim() === "" || clean === before) return;
      const isBegun = session !== null || status === "creating";
      if (isBegun) this.#parts.remoteCleanup.abandon(deliveryId, attachmentId);
      this.#turns.note(deliveryId, attachmentId, { type: "renamed", name: clean, contentType });
      if (isBegun && status !== "paused") this.#turns.note(deliveryId, attachmentId, { type: "queued" });
    };
    await this.#turns.act(deliveryId, [attachmentId], work, true);
  }

  /** The largest size of a file in this mail, in bytes; undefined: what most accounts can send. */
  #maxBytes(deliveryId: string): number | undefined {
    // It may have been discarded already.
    return this.#options.store.find(deliveryId)?.hasLinks === true ? MAX_LINKED_BYTES : undefined;
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
}
