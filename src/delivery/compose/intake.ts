/** Checks files before they are attached, and makes their records. */
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
  /** The present version of a file that may be attached. @throws FreightError as `inspectFile` */
  readonly inspect: (path: string, maxBytes?: number) => Promise<FileVersion>;
  /** What one of our archives was packed from; unset: there are none. */
  readonly originOf?: (path: string) => string | undefined;
  readonly newId: () => string;
  /** Asks about files that look like secrets; unset: none of them is let through. */
  readonly secretDoor?: SecretDoor;
}

/** The present content type of a file. An image in the text keeps its type, or the text would not show it. */
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

  /** Whether a file may go as it is now; asks the person if it looks like a secret. */
  async mayGo(path: string): Promise<boolean> {
    return (await this.#door.admit([path])).length > 0;
  }

  /**
   * The files that can be attached, each once, and why others cannot. Asks about those that look like
   * secrets.
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
    // Asked last: a file that changes while the question is open no longer matches the version noted above.
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

  /** An image that the text names. Nobody chose it: one that is no image, or looks secret, is refused. */
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
