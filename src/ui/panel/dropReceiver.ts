/** Receives files dropped from the desktop, in pieces, from a mail's page, which alone can read them. */

import { FreightError } from "../../base/errors.ts";
import type { FileLimit } from "../../delivery/words/sendMethod.ts";
import { type Room, safeName } from "../../files/zip/archives.ts";
import type { FromPanel, ToPanel } from "../../shared/contract/messages.ts";
import { plural, t } from "../../shared/l10n.ts";
import { type MadeFiles, tooLarge } from "../attach/madeFiles.ts";

export interface DropReceiverOptions {
  readonly made: Pick<MadeFiles, "handOver">;
  /** The limit of the account that the mail is sent from. */
  readonly limit: () => FileLimit;
  readonly put: (paths: readonly string[]) => Promise<void>;
  readonly post: (message: ToPanel & { type: "dropAck" | "dropOver" }) => void;
  readonly failed: (reason: unknown) => void;
}

type Begin = FromPanel & { type: "dropBegin" };
type Chunk = FromPanel & { type: "dropChunk" };

type Coming = Pick<Begin, "name" | "waiting">;

/** A file being received. */
class Incoming {
  readonly begin: Begin;
  /** Resolves with whether all of it has arrived. */
  readonly end: Promise<boolean>;
  room: Room | undefined;
  received = 0;
  /** The write in progress; the page has to wait for it before the next piece. */
  writing: Promise<unknown> | undefined;
  resolve: (isWhole: boolean) => void = () => undefined;
  reject: (reason: unknown) => void = () => undefined;

  constructor(begin: Begin) {
    this.begin = begin;
    this.end = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // The handler may be attached only after the rejection.
    this.end.catch(() => undefined);
  }
}

export class DropReceiver {
  readonly #options: DropReceiverOptions;
  #incoming: Incoming | undefined;

  constructor(options: DropReceiverOptions) {
    this.#options = options;
  }

  /** The file being received, and how many wait behind it. */
  get coming(): Coming | undefined {
    return this.#incoming?.begin;
  }

  /** Receives one file until it is attached or abandoned; starting another abandons it. */
  async begin(begin: Begin): Promise<void> {
    const { made, limit, put, post, failed } = this.#options;
    this.stop();
    const { bytes } = limit();
    if (begin.size > bytes) {
      failed(tooLarge(begin.name, begin.size, bytes));
      return post({ type: "dropOver", id: begin.id });
    }
    const incoming = new Incoming(begin);
    this.#incoming = incoming;
    try {
      await made.handOver((newRoom) => this.#receive(incoming, newRoom), put);
    } catch (reason) {
      failed(reason);
    } finally {
      if (this.#incoming === incoming) this.#incoming = undefined;
      post({ type: "dropOver", id: begin.id });
    }
  }

  /** Takes the next piece. A page that sends anything but what it announced loses the file. */
  async chunk({ id, offset, bytes }: Chunk): Promise<void> {
    const incoming = this.#incoming;
    if (incoming === undefined || incoming.begin.id !== id) return;
    const { room, received, writing } = incoming;
    const { name, size } = incoming.begin;
    const isNext = offset === received && bytes.length > 0 && received + bytes.length <= size;
    if (room === undefined || writing !== undefined || !isNext) return this.#end(incoming, broken(name));
    incoming.writing = room.append(name, bytes);
    try {
      await incoming.writing;
    } catch (reason) {
      return this.#end(incoming, reason);
    }
    incoming.writing = undefined;
    incoming.received += bytes.length;
    if (incoming.received === size) incoming.resolve(true);
    else this.#options.post({ type: "dropAck", id, offset: incoming.received });
  }

  cancel(id: string): void {
    if (this.#incoming?.begin.id === id) this.stop();
  }

  /** Abandons the file being received, and keeps nothing of it. */
  stop(): void {
    this.#incoming?.resolve(false);
    this.#incoming = undefined;
  }

  #end(incoming: Incoming, reason: unknown): void {
    incoming.reject(reason);
    this.#incoming = undefined;
  }

  async #receive(incoming: Incoming, newRoom: () => Promise<Room>): Promise<readonly string[]> {
    const { id, name, size } = incoming.begin;
    const room = await newRoom();
    const path = await room.append(name, new Uint8Array());
    incoming.room = room;
    if (size === 0) incoming.resolve(true);
    else this.#options.post({ type: "dropAck", id, offset: 0 });
    try {
      return (await incoming.end) ? [path] : [];
    } finally {
      // The folder is deleted next, so nothing may still be written to it.
      await incoming.writing?.catch(() => undefined);
    }
  }
}

function broken(name: string): FreightError {
  return new FreightError(
    "file-unreadable",
    t("“{0}” was not transferred completely and was not attached. Drop it again.", safeName(name)),
  );
}

/** The error for a file whose page was hidden and stopped reading. */
export function lostWithItsPage({ name, waiting }: Coming): FreightError {
  const message =
    waiting === 0
      ? t(
          "“{0}” was not added because its mail was hidden. Drop it again, and keep the mail visible.",
          safeName(name),
        )
      : plural(
          waiting,
          "“{1}” and {0} more file were not added because their mail was hidden. Drop them again, and keep the mail visible.",
          "“{1}” and {0} more files were not added because their mail was hidden. Drop them again, and keep the mail visible.",
          safeName(name),
        );
  return new FreightError("file-unreadable", message);
}
