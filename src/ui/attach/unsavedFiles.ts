/** Asks about files with unsaved changes: what would be sent is not what the person sees. */
import { basename, relative } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { realPathOf } from "../../files/samePath.ts";
import { seemsInside } from "../../files/workspaceFile.ts";
import { moreFiles, someLines } from "../../shared/format.ts";
import { listOf, t } from "../../shared/l10n.ts";
import type { UnsavedEditor } from "../editor/unsavedEditors.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { plain } from "../notices/plain.ts";

const saveAndSend = () => t("Save and Send");

export interface UnsavedFilesOptions {
  readonly dialogs: Pick<Dialogs, "ask">;
  /** The unsaved editors of this window. */
  readonly editors: () => readonly UnsavedEditor[];
  readonly failed: (reason: unknown) => void;
}

export class UnsavedFiles {
  readonly #options: UnsavedFilesOptions;

  constructor(options: UnsavedFilesOptions) {
    this.#options = options;
  }

  /**
   * The same paths, once unsaved changes in them are saved, or the person chose to send them as saved.
   * @returns none when the person declines, or something could not be saved
   */
  async settle(paths: readonly string[]): Promise<readonly string[]> {
    const editors = await this.#editorsOf(paths);
    if (editors.length === 0) return paths;
    const names = editors.map(({ path }) => plain(basename(path)));
    const [question, detail] =
      names.length === 1
        ? [t("“{0}” has unsaved changes.", names[0] ?? ""), ""]
        : [t("{0} files have unsaved changes.", names.length), someLines(names, moreFiles).join("\n")];
    const sendAsSaved = t("Send as Saved");
    const answer = await this.#options.dialogs.ask("warning", question, detail, saveAndSend(), sendAsSaved);
    if (answer === sendAsSaved) return paths;
    return answer === saveAndSend() && (await this.#areSaved(editors)) ? paths : [];
  }

  /**
   * Has an editor without a file saved.
   * @param save asks for a place, and returns the path; undefined when the person declines
   */
  async saveNew(name: string, save: () => Promise<string | undefined>): Promise<string | undefined> {
    const question = t("“{0}” has not been saved yet.", plain(name));
    const answer = await this.#options.dialogs.ask("warning", question, "", saveAndSend());
    return answer === saveAndSend() ? save() : undefined;
  }

  async #editorsOf(paths: readonly string[]): Promise<readonly UnsavedEditor[]> {
    const editors = this.#options.editors();
    if (editors.length === 0) return [];
    const chosen = await Promise.all(paths.map(realPathOf));
    const concerned = await Promise.all(
      editors.map(async ({ path }) => {
        const real = await realPathOf(path);
        return chosen.some((at) => relative(at, real) === "" || seemsInside(real, at, process.platform));
      }),
    );
    return editors.filter((_, index) => concerned[index]);
  }

  async #areSaved(editors: readonly UnsavedEditor[]): Promise<boolean> {
    const unsaved: string[] = [];
    // One by one, because VS Code may ask about each.
    for (const { path, save } of editors) if (!(await save())) unsaved.push(t("“{0}”", basename(path)));
    if (unsaved.length === 0) return true;
    this.#options.failed(
      new FreightError("file-unsaved", t("{0} could not be saved. Nothing was attached.", listOf(unsaved))),
    );
    return false;
  }
}
