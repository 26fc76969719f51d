/**
 * Makes patches of chosen commits, and of uncommitted changes for a bug report. The repository is one that VS
 * Code's Git extension has open.
 */
import * as vscode from "vscode";
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { GitChanges } from "../../files/git/gitChanges.ts";
import { assertNoMerge, GitPatches, patchSubject } from "../../files/git/gitPatches.ts";
import { t } from "../../shared/l10n.ts";
import { type GitApi, type GitExtension, openGit, type Repository } from "../editor/gitExtension.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { plain } from "../notices/plain.ts";
import { showProgress } from "../views/progress.ts";
import type { ReportedRepository } from "./bugReportFiles.ts";
import { pickCommits } from "./commitPick.ts";
import type { Make } from "./madeFiles.ts";

const SHOWN = 50;

/** What Source Control's menus pass to a command. */
const Source = z.object({ rootUri: z.custom<vscode.Uri>((value) => value instanceof vscode.Uri) });

export interface ChosenPatches {
  readonly subject: string;
  /** Makes the files. */
  readonly write: Make;
}

/**
 * @param closing stops Git, as Cancel does
 * @returns undefined when the person chose nothing
 * @throws FreightError `patch-impossible`, or an AbortError
 */
export async function choosePatches(
  extension: vscode.Extension<GitExtension> | undefined,
  source: unknown,
  now: number,
  dialogs: Pick<Dialogs, "keep" | "pick">,
  closing: AbortSignal,
): Promise<ChosenPatches | undefined> {
  if (!vscode.workspace.isTrusted)
    throw impossible(t("Git is not run in Restricted Mode. Trust this workspace first."));
  if (extension === undefined)
    throw impossible(t("VS Code's Git extension is off. Turn it on, then choose commits here."));
  const api = await openGit(extension);
  const repository = await chooseRepository(api, Source.safeParse(source).data?.rootUri, dialogs);
  if (repository === undefined) return undefined;
  const patches = new GitPatches(api.git.path, repository.rootUri.fsPath);
  const recent = await showProgress(t("Reading commits"), closing, (signal) => patches.recent(SHOWN, signal));
  if (recent.length === 0) throw impossible(t("This repository has no commits yet. Commit something first."));
  const commits = await pickCommits(recent, now, dialogs);
  if (commits === undefined) return undefined;
  assertNoMerge(commits);
  return {
    subject: patchSubject(commits, repository.state.HEAD?.name),
    write: (newRoom) =>
      showProgress(t("Making patches"), closing, (signal) =>
        patches.write(commits, async () => (await newRoom()).folder, signal),
      ),
  };
}

/** @throws FreightError `patch-impossible` when no repository is open */
async function chooseRepository(
  api: GitApi,
  root: vscode.Uri | undefined,
  dialogs: Pick<Dialogs, "pick">,
  title = t("Send Git Patch"),
): Promise<Repository | undefined> {
  const uri = root ?? vscode.window.activeTextEditor?.document.uri;
  const own = uri === undefined ? null : api.getRepository(uri);
  const [first, ...others] = api.repositories;
  if (first === undefined)
    throw impossible(t("No Git repository is open. Open a repository's folder, then choose commits."));
  if (own !== null || others.length === 0) return own ?? first;
  const rows = api.repositories.map((value) => ({ label: value.rootUri.fsPath, value }));
  return dialogs.pick(title, t("Commits from which repository?"), rows);
}

/**
 * @returns undefined if none is open or has a commit
 * @throws FreightError `patch-impossible`; an AbortError
 */
export async function reportedRepository(
  extension: vscode.Extension<GitExtension> | undefined,
  dialogs: Pick<Dialogs, "pick">,
  closing: AbortSignal,
): Promise<ReportedRepository | undefined> {
  if (extension === undefined || !vscode.workspace.isTrusted) return undefined;
  const api = await openGit(extension);
  if (api.repositories.length === 0) return undefined;
  const repository = await chooseRepository(api, undefined, dialogs, t("Send Bug Report"));
  if (repository === undefined) return undefined;
  const top = repository.rootUri.fsPath;
  const git = new GitChanges(api.git.path, top);
  const changes = await showProgress(t("Reading changes"), closing, (signal) => git.look(signal));
  if (changes === undefined) return undefined;
  const { hash, subject } = changes.head;
  const commit = { hash, subject, author: "", authoredAt: 0, isMerge: false };
  return {
    ...changes,
    branch: repository.state.HEAD?.name,
    writeChanges: (target) =>
      showProgress(t("Making patches"), closing, (signal) => git.write(changes, target, signal)),
    writeCommit: async (newFolder) => {
      const patches = new GitPatches(api.git.path, top);
      const [path = ""] = await showProgress(t("Making patches"), closing, (signal) =>
        patches.write([commit], newFolder, signal),
      );
      return path;
    },
  };
}

function impossible(message: string): FreightError {
  return new FreightError("patch-impossible", plain(message));
}
