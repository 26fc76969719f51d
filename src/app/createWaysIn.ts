/** Where files come from: the Explorer, dialogs, Git, terminals, drops, bug reports. */
import * as vscode from "vscode";
import { described } from "../shared/format.ts";
import { AttachActs } from "../ui/actions/attachActs.ts";
import { BugReports } from "../ui/attach/bugReportFiles.ts";
import { chooseUris, localFiles, namedFiles } from "../ui/attach/fileSelection.ts";
import { IncomingFiles } from "../ui/attach/incomingFiles.ts";
import { MadeFiles } from "../ui/attach/madeFiles.ts";
import type { NewMail } from "../ui/attach/newMail.ts";
import { OutsideFiles } from "../ui/attach/outsideFiles.ts";
import { UnsavedFiles } from "../ui/attach/unsavedFiles.ts";
import { type FailedTasks, listedProblems, selectedOutput } from "../ui/editor/bugSources.ts";
import { setting } from "../ui/editor/settings.ts";
import { unsavedEditors } from "../ui/editor/unsavedEditors.ts";
import type { Accounts } from "./createAccounts.ts";
import type { Acts } from "./createActs.ts";
import type { Records } from "./createEngine.ts";
import type { AppWindow } from "./createWindow.ts";

export type WaysIn = ReturnType<typeof createWaysIn>;

export function createWaysIn(
  { dialogs, failed, git, closing }: AppWindow,
  parts: Accounts &
    Records &
    Pick<Acts, "accounts" | "mails"> & { readonly newMail: NewMail; readonly failedTasks: FailedTasks },
) {
  const { book, wizard, store, archives, keeper, accounts, mails, newMail, failedTasks } = parts;
  const put: typeof mails.put = (paths, deliveryId, begin) => mails.put(paths, deliveryId, begin);
  const outside = new OutsideFiles({
    dialogs,
    folderOf: (path) => vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath,
  });
  const fileQuestions = {
    outside,
    unsaved: new UnsavedFiles({ dialogs, editors: unsavedEditors, failed }),
    failed,
  };
  const choose = async () => localFiles(await chooseUris(), fileQuestions);
  const attach = new AttachActs({
    files: {
      local: (uris) => localFiles(uris, fileQuestions),
      choose,
      requested: (names) => namedFiles(names, fileQuestions),
    },
    mails,
    accounts,
    book,
    newMail,
    chooseEvent: async (account) => (await wizard()).chooseEvent(account),
  });
  const made = new MadeFiles({ archives, settle: (path) => keeper.settle(path) });
  const incomingFiles = new IncomingFiles({
    store,
    book,
    made,
    outside,
    dialogs,
    newMail,
    git,
    send: (uris, deliveryId) => attach.sendInto(uris, deliveryId),
    put,
    failed,
    now: Date.now,
  });
  const bugReports = new BugReports({
    dialogs,
    made,
    failedTask: () => failedTasks.last,
    selectedOutput,
    problems: listedProblems,
    repository: async () => {
      const { reportedRepository } = await import("../ui/attach/gitPatch.ts");
      return reportedRepository(git(), dialogs, closing.signal);
    },
    chooseFiles: choose,
    put,
    begin: (body, subject) => {
      const format = setting("body.format") === "text" ? "text" : "markdown";
      return newMail.beginRequest({ body, subject, format });
    },
    failed,
    system: described(`${vscode.env.appName} ${vscode.version}`, `${process.platform} ${process.arch}`),
  });
  return { attach, made, incomingFiles, bugReports, put };
}
