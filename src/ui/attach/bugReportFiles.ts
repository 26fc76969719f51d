/** Collects what a person ticks for a bug report, and starts a mail that explains it. Sends nothing. */
import { basename } from "node:path";
import { type BugReport, bugReportText } from "../../delivery/compose/bugReport.ts";
import type { Begin } from "../../delivery/compose/newMailText.ts";
import { withoutSecrets } from "../../delivery/rules/secretDoor.ts";
import type { Changes, Head } from "../../files/git/gitChanges.ts";
import { amCommand } from "../../files/git/patchText.ts";
import type { Room } from "../../files/zip/archives.ts";
import { listOf, plural, t } from "../../shared/l10n.ts";
import type { FailedTask, listedProblems, Printed } from "../editor/bugSources.ts";
import type { Dialogs, PickRow } from "../notices/dialogs.ts";
import { plain, withoutIcons } from "../notices/plain.ts";
import type { MadeFiles } from "./madeFiles.ts";

/** The repository that a bug report is about. */
export interface ReportedRepository extends Changes {
  readonly branch: string | undefined;
  /** Writes the uncommitted changes as a patch. @param target path of a file that does not exist yet */
  writeChanges(target: string): Promise<void>;
  /** Writes the checked-out commit as a patch. @returns the file's path */
  writeCommit(newFolder: () => Promise<string>): Promise<string>;
}

export interface BugReportOptions {
  readonly dialogs: Pick<Dialogs, "keep" | "tell">;
  readonly made: MadeFiles;
  readonly failedTask: () => (FailedTask & Printed) | undefined;
  readonly selectedOutput: () => Printed | undefined;
  readonly problems: () => ReturnType<typeof listedProblems>;
  /** Undefined if there is no Git or the folder is not trusted. @throws FreightError when Git fails */
  readonly repository: () => Promise<ReportedRepository | undefined>;
  /** Lets the person pick files, with the usual questions about them. */
  readonly chooseFiles: () => Promise<readonly string[]>;
  readonly put: (paths: readonly string[], deliveryId: undefined, begin: Begin) => Promise<void>;
  /** Starts a mail with this text. */
  readonly begin: (text: string, subject: string) => Begin;
  readonly failed: (reason: unknown) => void;
  readonly system: string;
}

type Part = "task" | "terminal" | "problems" | "changes" | "commit" | "files";

export class BugReports {
  readonly #options: BugReportOptions;

  constructor(options: BugReportOptions) {
    this.#options = options;
  }

  async send(): Promise<void> {
    const { dialogs, made, chooseFiles, put } = this.#options;
    const found = await this.#look();
    const parts = await dialogs.keep(
      t("Send Bug Report"),
      t("What should the report include?"),
      rowsOf(found),
    );
    if (parts === undefined || parts.length === 0) return;
    const wanted = new Set(parts);
    const files = wanted.has("files") ? await chooseFiles() : [];
    let report: BugReport | undefined;
    const give = (paths: readonly string[]) => put([...paths, ...files], undefined, this.#beginning(report));
    await made.handOver(async (newRoom) => {
      const { paths, ...collected } = await this.#collect(found, wanted, newRoom);
      report = { ...collected, files: files.map((path) => basename(path)), system: this.#options.system };
      // With no paths, `made` would not call `give`: attach the chosen files here.
      if (paths.length === 0 && files.length > 0) await give([]);
      return paths;
    }, give);
  }

  async #look() {
    const { failedTask, selectedOutput, problems, repository, failed } = this.#options;
    const git = await repository().catch((reason: unknown) => {
      failed(reason); // The rest can still be sent.
      return undefined;
    });
    return { task: failedTask(), terminal: selectedOutput(), problems: problems(), git };
  }

  #beginning(report: BugReport | undefined): Begin {
    if (report === undefined) throw new Error("Nothing was collected");
    const { head, texts } = report;
    const about = head === undefined ? (texts[0]?.what ?? "") : `${head.branch ?? head.hash.slice(0, 7)}`;
    return this.#options.begin(
      bugReportText(report),
      about === "" ? t("Bug report") : t("Bug report: {0}", about),
    );
  }

  async #collect(
    { task, terminal, problems, git }: Found,
    wanted: ReadonlySet<Part>,
    newRoom: () => Promise<Room>,
  ): Promise<Omit<BugReport, "files" | "system"> & { readonly paths: readonly string[] }> {
    const paths: string[] = [];
    const texts: { name: string; what: string; hidden: number }[] = [];
    const note = async (name: string, what: string, text: string, none: string) => {
      if (text.trim() === "") return void this.#options.dialogs.tell("info", plain(none));
      const clean = await withoutSecrets(text);
      const path = await (await newRoom()).write(name, clean.text);
      paths.push(path);
      texts.push({ name: basename(path), what, hidden: clean.count });
    };
    if (wanted.has("task") && task) {
      const what = t("output of the task “{0}”, exit code {1}", task.name, String(task.exitCode));
      const none = t("The output of the task “{0}” could not be read.", task.name);
      await note(`${task.name}.txt`, what, await task.read(), none);
    }
    if (wanted.has("terminal") && terminal) {
      const what = t("selected output of the terminal “{0}”", terminal.name);
      const none = t("Nothing is selected in the terminal “{0}”.", terminal.name);
      await note("terminal.txt", what, await terminal.read(), none);
    }
    if (wanted.has("problems") && problems)
      await note("problems.txt", problemsWords(problems), problems.text, "");
    if (git === undefined) return { paths, texts };
    const { head, branch, leftOut } = git;
    let commit: BugReport["commit"];
    if (wanted.has("commit")) {
      const path = await git.writeCommit(async () => (await newRoom()).folder);
      paths.push(path);
      commit = { name: basename(path), parent: head.parent, apply: await amCommand([path]) };
    }
    let changes: BugReport["changes"];
    if (wanted.has("changes")) {
      const path = (await newRoom()).pathOf("uncommitted.patch");
      await git.writeChanges(path);
      paths.push(path);
      changes = { name: basename(path), files: filesOf(git), leftOut };
    }
    return { paths, texts, commit, changes, head: { ...head, branch } };
  }
}

type Found = {
  readonly task: (FailedTask & Printed) | undefined;
  readonly terminal: Printed | undefined;
  readonly problems: ReturnType<typeof listedProblems>;
  readonly git: ReportedRepository | undefined;
};

/** A row for each part that exists; those that may have nothing to do with the bug start unticked. */
function rowsOf({ task, terminal, problems, git }: Found): readonly PickRow<Part>[] {
  const rows: PickRow<Part>[] = [];
  if (task !== undefined)
    rows.push({
      label: t("Output of the task “{0}”", task.name),
      description: t("exit code {0}", String(task.exitCode)),
      value: "task",
    });
  if (terminal !== undefined)
    rows.push({
      label: t("Selected terminal output"),
      description: terminal.name,
      value: "terminal",
      isTicked: false,
    });
  if (problems !== undefined)
    rows.push({ label: t("Problems"), description: problemsWords(problems), value: "problems" });
  if (git !== undefined && filesOf(git) > 0)
    rows.push({
      label: t("Uncommitted changes"),
      description: plural(filesOf(git), "{0} file", "{0} files"),
      value: "changes",
    });
  if (git !== undefined && !git.head.isMerge)
    rows.push({
      label: t("Last commit"),
      description: commitWords(git.head),
      value: "commit",
      isTicked: false,
    });
  rows.push({ label: t("Files…"), description: t("you choose them next"), value: "files", isTicked: false });
  return rows;
}

function filesOf({ changed, added }: Changes): number {
  return changed.length + added.length;
}

function commitWords({ hash, subject }: Head): string {
  return `${hash.slice(0, 7)} ${withoutIcons(subject)}`;
}

function problemsWords({ errors, warnings }: { readonly errors: number; readonly warnings: number }): string {
  return listOf([plural(errors, "{0} error", "{0} errors"), plural(warnings, "{0} warning", "{0} warnings")]);
}
