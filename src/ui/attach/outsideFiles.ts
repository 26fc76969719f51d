/** Asks about files outside the open folders: the Explorer does not show that they are. */
import { leadsOut } from "../../files/samePath.ts";
import { moreFiles } from "../../shared/format.ts";
import { plural, t } from "../../shared/l10n.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { plain } from "../notices/plain.ts";

const SHOWN = 5;

export interface OutsideFilesOptions {
  readonly dialogs: Pick<Dialogs, "ask">;
  /** The open folder that contains a path; undefined if none does. */
  readonly folderOf: (path: string) => string | undefined;
}

export class OutsideFiles {
  readonly #options: OutsideFilesOptions;

  constructor(options: OutsideFilesOptions) {
    this.#options = options;
  }

  /**
   * The paths that may be sent. A link in a folder from elsewhere may look like a picture and lead to a
   * private key, so a person has to know before sending it.
   * @returns none, not the rest, when the person declines
   */
  async mayBeSent(paths: readonly string[]): Promise<readonly string[]> {
    const targets: string[] = [];
    for (const path of paths) {
      const folder = this.#options.folderOf(path);
      const target = folder === undefined ? undefined : await leadsOut(path, folder);
      if (target !== undefined) targets.push(target);
    }
    const [question, yes] =
      targets.length === 1
        ? [t("This is a link to a file outside the folder."), t("Send That File")]
        : [
            plural(
              targets.length,
              "{0} of these is a link to a file outside the folder.",
              "{0} of these are links to files outside the folder.",
            ),
            t("Send Those Files"),
          ];
    return (await this.#isWanted(question, [t("What would be sent:")], targets, yes)) ? paths : [];
  }

  /** Asks whether files may be attached that were named or dropped rather than chosen in a dialog. */
  async mayComeIn(paths: readonly string[]): Promise<boolean> {
    const outside = paths.filter((path) => this.#options.folderOf(path) === undefined);
    const question =
      outside.length === 1
        ? t("Attach a file from outside the folder?")
        : t("Attach {0} files from outside the folder?", outside.length);
    return this.#isWanted(question, [], outside, t("Attach"));
  }

  async #isWanted(
    question: string,
    lead: readonly string[],
    paths: readonly string[],
    yes: string,
  ): Promise<boolean> {
    if (paths.length === 0) return true;
    const more = paths.length > SHOWN ? [moreFiles(paths.length - SHOWN)] : [];
    const detail = [...lead, ...paths.slice(0, SHOWN).map(plain), ...more].join("\n");
    return (await this.#options.dialogs.ask("warning", question, detail, yes)) === yes;
  }
}
