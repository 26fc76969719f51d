/** Files made in order to be sent. They are private, and kept as long as the mail that takes them. */
import { dirname, join } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { type ArchiveFolder, type Room, safeName } from "../../files/zip/archives.ts";
import { formatBytes } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";

export interface MadeFilesOptions {
  readonly archives: ArchiveFolder;
  /** Deletes a file that no mail has taken. */
  readonly settle: (path: string) => Promise<void>;
}

/** Makes files, each in a folder of its own. */
export type Make = (newRoom: () => Promise<Room>) => Promise<readonly string[]>;

export class MadeFiles {
  readonly #options: MadeFilesOptions;

  constructor(options: MadeFilesOptions) {
    this.#options = options;
  }

  /** Hands over what `make` makes. Deletes it all if that fails or no mail takes it. */
  async handOver(make: Make, give: (paths: readonly string[]) => Promise<void>): Promise<void> {
    const { archives, settle } = this.#options;
    const rooms: Room[] = [];
    let paths: readonly string[] = [];
    try {
      paths = await make(async () => {
        const room = await archives.makeRoom();
        rooms.push(room);
        return room;
      });
      if (paths.length > 0) await give(paths);
    } finally {
      for (const { folder, release } of rooms) {
        release();
        await settle(paths.find((path) => dirname(path) === folder) ?? join(folder, "unfinished"));
      }
    }
  }
}

/** The error for a file from elsewhere that is too large; raised before any of it is stored. */
export function tooLarge(name: string, size: number, limit: number): FreightError {
  return new FreightError(
    "file-too-large",
    t(
      "“{0}” is {1}; the limit is {2}. It was not attached. Save it in an open folder and send it from there to compress it.",
      safeName(name),
      formatBytes(size),
      formatBytes(limit),
    ),
  );
}
