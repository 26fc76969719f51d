/** Looks at files before they are attached, and makes their records. */
import { basename } from "node:path";
import { asFreightError, FreightError } from "../../base/errors.ts";
import { fileError } from "../../files/fileTrouble.ts";
import { type FileVersion, versionOf } from "../../files/fileVersion.ts";
import { fileType } from "../../files/kind/fileType.ts";
import { imageKind } from "../../files/kind/imageBytes.ts";
import { distinctNames, portableName } from "../../files/portableName.ts";
import { distinctFiles } from "../../files/samePath.ts";
import { t } from "../../shared/l10n.ts";
import type { SavedAttachment } from "../record/delivery.ts";
import { assertNoSecret, SecretDoor } from "../rules/secretDoor.ts";

export interface IntakeOptions {
  /** Size and time of a file that may be attached. @throws FreightError as `inspectFile` */
  readonly inspect: (path: string, maxBytes?: number) => Promise<FileVersion>;
  /** What an archive of ours was packed from; unset: there are none. */
  readonly originOf?: (path: string) => string | undefined;
  readonly newId: () => string;
  /** Unset: nothing passes that looks like a secret. */
  readonly secretDoor?: SecretDoor;
}

/** What the mail says that a file is by now. Of an image of the text that stays: without it the text would not show it. */
export async function typeOf({
  name,
  path,
  contentType,
  inline,
}: Pick<SavedAttachment, "name" | "path" | "contentType" | "inline">): Promise<string> {
  return inline === null ? fileType(name, path) : contentType;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #door: SecretDoor;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#door = options.secretDoor ?? new SecretDoor();
  }

  /** Whether a person lets a file of a mail go as it is now. */
  async mayGo(path: string): Promise<boolean> {
    return (await this.#door.admit([path])).length > 0;
  }

  /**
   * The files that can be attached and may go, each once, and why the others cannot.
   * @param known files of the same mail, see `SecretDoor.admit`
   * @param maxBytes what the account can send; unset: what most can
   */
  async takeAll(
    paths: readonly string[],
    known: readonly string[] = [],
    maxBytes?: number,
  ): Promise<{ attachments: SavedAttachment[]; problems: FreightError[] }> {
    const taken: SavedAttachment[] = [];
    const problems: FreightError[] = [];
    for (const path of await distinctFiles(paths)) {
      try {
        taken.push(await this.#take(path, { maxBytes }));
      } catch (reason) {
        problems.push(asFreightError(reason));
      }
    }
    // Last: what changes while the question is open is another version than the one that is noted.
    const admitted = new Set(
      await this.#door.admit(
        taken.map(({ path }) => path),
        known,
      ),
    );
    const attachments = taken.filter(({ path }) => admitted.has(path));
    const names = distinctNames(attachments.map(({ name }) => name));
    return {
      attachments: attachments.map((file, at) => ({ ...file, name: names[at] ?? file.name })),
      problems,
    };
  }

  /** An image that a text names: nobody has pointed at it, so what is none, or looks like a secret, is not asked about. */
  async takeImage(path: string): Promise<SavedAttachment> {
    const kind = await imageKind(path).catch((reason: unknown) => {
      throw fileError(path, reason);
    });
    if (kind === undefined)
      throw new FreightError(
        "file-not-image",
        t("“{0}” is not an image, despite its name. It was not attached.", basename(path)),
        { path },
      );
    await assertNoSecret(path);
    return this.#take(path, { contentType: kind });
  }

  /** @param contentType unset: what the name says @throws FreightError when it cannot be attached */
  async #take(
    path: string,
    { contentType, maxBytes }: { readonly contentType?: string; readonly maxBytes?: number | undefined },
  ): Promise<SavedAttachment> {
    const version = await this.#options.inspect(path, maxBytes);
    const name = portableName(basename(path));
    const madeFrom = this.#options.originOf?.(path);
    return {
      ...(madeFrom === undefined ? {} : { madeFrom }),
      id: this.#options.newId(),
      path,
      name,
      contentType: contentType ?? (await fileType(name, path)),
      ...versionOf(version),
      agreed: null,
      sentAs: null,
      status: "queued",
      accepted: 0,
      checkpoint: null,
      session: null,
      error: null,
      versionKept: false,
      grows: false,
      reused: false,
      abandoned: 0,
      asLink: false,
      link: null,
      unshared: null,
      inline: null,
    };
  }
}
