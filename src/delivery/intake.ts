/** Looks at files before they are attached, and makes their records. */
import { basename } from "node:path";
import { asFreightError, type FreightError } from "../errors.ts";
import { withoutHidden } from "../shared/foreignText.ts";
import { type FileVersion, versionOf } from "../transfer/fileVersion.ts";
import type { SavedAttachment } from "./delivery.ts";

export interface IntakeOptions {
  /** Size and time of a file that may be attached. @throws FreightError as `inspectFile` */
  readonly inspect: (path: string) => Promise<FileVersion>;
  readonly contentType: (name: string) => string;
  /** What an archive of ours was packed from; unset: there are none. */
  readonly originOf?: (path: string) => string | undefined;
  readonly newId: () => string;
}

export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** The files that can be attached, each once, and why the others cannot. */
  async takeAll(
    paths: readonly string[],
  ): Promise<{ attachments: SavedAttachment[]; problems: FreightError[] }> {
    const attachments: SavedAttachment[] = [];
    const problems: FreightError[] = [];
    for (const path of new Set(paths)) {
      try {
        attachments.push(await this.take(path));
      } catch (reason) {
        problems.push(asFreightError(reason));
      }
    }
    return { attachments, problems };
  }

  /** @param contentType unset: what the name says @throws FreightError when it cannot be attached */
  async take(path: string, contentType?: string): Promise<SavedAttachment> {
    const version = await this.#options.inspect(path);
    const name = shownName(basename(path));
    const madeFrom = this.#options.originOf?.(path);
    return {
      ...(madeFrom === undefined ? {} : { madeFrom }),
      id: this.#options.newId(),
      path,
      name,
      contentType: contentType ?? this.#options.contentType(name),
      ...versionOf(version),
      agreed: null,
      status: "queued",
      accepted: 0,
      checkpoint: null,
      session: null,
      error: null,
      versionKept: false,
      reused: false,
      inline: null,
    };
  }
}

/** A name as mail programs can show it: no folders, nothing that hides how the name really ends. */
export function shownName(name: string): string {
  return withoutHidden(name).replace(/^.*\//, "");
}
