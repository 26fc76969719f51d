import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Begin } from "../../../../src/delivery/compose/newMailText.ts";
import { ArchiveFolder } from "../../../../src/files/zip/archives.ts";
import {
  type BugReportOptions,
  BugReports,
  type ReportedRepository,
} from "../../../../src/ui/attach/bugReportFiles.ts";
import { MadeFiles } from "../../../../src/ui/attach/madeFiles.ts";
import { Folder } from "../../../support/files.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const hash = "0123456789abcdef0123456789abcdef01234567";
const parent = "89abcdef0123456789abcdef0123456789abcdef";
const token = `ghp_${"a8F3kL0pQ2rS5tU7vW9xY1zB4cD6eG8hJ0kL"}`;

describe("A report of a bug", () => {
  let folder: Folder;
  let mails: { files: Record<string, string>; text: string; subject: string }[];
  let failed: string[];
  beforeEach(async () => {
    folder = await Folder.make();
    [mails, failed] = [[], []];
  });
  afterEach(() => folder.remove());

  const repository: ReportedRepository = {
    head: { hash, parent, subject: "Add $(zap) things", isMerge: false },
    branch: "main",
    changed: ["a.txt", "b.txt"],
    added: ["new.txt"],
    leftOut: ["large.bin"],
    writeChanges: (target) => writeFile(target, "diff --git a/a.txt b/a.txt\n"),
    writeCommit: async (newFolder) => {
      const path = join(await newFolder(), "0001-Add-things.patch");
      await writeFile(path, "From 0123\n");
      return path;
    },
  };

  async function report(options: Partial<BugReportOptions>, ...presses: readonly string[]) {
    const dialogs = new ScriptedDialogs(...presses);
    const archives = new ArchiveFolder(join(folder.path, "archives"), Date.now);
    const made = new MadeFiles({ archives, settle: (path) => archives.remove(path) });
    const chosen = await folder.file("trace.bin", "trace");
    await new BugReports({
      dialogs,
      made,
      failedTask: () => undefined,
      selectedOutput: () => undefined,
      problems: () => undefined,
      repository: async () => undefined,
      chooseFiles: async () => [chosen],
      put: async (paths, _mail, begin) => {
        const files: Record<string, string> = {};
        for (const path of paths) files[basename(path)] = await readFile(path, "utf8");
        const { body, subject = "" } = await begin([]);
        mails.push({ files, text: body, subject });
      },
      begin:
        (body, subject): Begin =>
        async () => ({ body, subject, format: "markdown", fillsIn: false, imageFolders: null }),
      failed: (reason) => void failed.push(reason instanceof Error ? reason.message : ""),
      system: "VS Code 1.105.0, linux x64",
      ...options,
    }).send();
    return dialogs.shown;
  }

  const everything: Partial<BugReportOptions> = {
    failedTask: () => ({ name: "build", exitCode: 2, read: async () => `make: error\n${token}\n` }),
    selectedOutput: () => ({ name: "bash", read: async () => "$ run\nboom\n" }),
    problems: () => ({ text: "a.txt:1:1: error: x\n", errors: 1, warnings: 2 }),
    repository: async () => repository,
  };

  it("offers what is there, with a tick where it says something about the bug", async () => {
    const [shown] = await report(everything);
    assert.deepEqual(shown?.buttons, [
      "-Output of the task “build”",
      "+Selected terminal output",
      "-Problems",
      "-Uncommitted changes",
      "+Last commit",
      "+Files…",
    ]);
    assert.deepEqual((await report({}))[0]?.buttons, ["+Files…"]);
    assert.deepEqual(mails, [], "closed, it begins nothing");
  });

  it("fills a mail with all of it, without secrets, that says how to apply the patches", async () => {
    await report(everything, "+Selected terminal output", "+Last commit", "+Files…");
    const [mail] = mails;
    assert.deepEqual(mail?.files, {
      "build.txt": "make: error\n[hidden: a GitHub token]\n",
      "terminal.txt": "$ run\nboom\n",
      "problems.txt": "a.txt:1:1: error: x\n",
      "0001-Add-things.patch": "From 0123\n",
      "uncommitted.patch": "diff --git a/a.txt b/a.txt\n",
      "trace.bin": "trace",
    });
    assert.equal(mail.subject, "Bug report: main");
    assert.equal(
      mail.text,
      `What happened:

What I expected:

How to reproduce it:

Attached:
- build.txt: output of the task “build”, exit code 2 (1 line that looks like a secret is hidden)
- terminal.txt: selected output of the terminal “bash”
- problems.txt: 1 error and 2 warnings
- 0001-Add-things.patch: the commit 0123456, “Add $(zap) things”
- uncommitted.patch: my uncommitted changes, 3 files, without large.bin
- trace.bin

To apply the patches:

\`\`\`
git checkout ${parent}
git am 0001-Add-things.patch
git apply uncommitted.patch
\`\`\`

Commit: ${hash} (main)
System: VS Code 1.105.0, linux x64`,
    );
  });

  it("starts from the commit itself where that is not attached, and says so for Windows' line ends", async () => {
    await report(everything, "-Problems");
    assert.match(
      mails[0]?.text ?? "",
      new RegExp(`\`\`\`\ngit checkout ${hash}\ngit apply uncommitted.patch\n`),
    );
    const writeCommit = async (newFolder: () => Promise<string>) => {
      const path = join(await newFolder(), "0001-a.patch");
      await writeFile(path, "+one\r\n");
      return path;
    };
    await report({ repository: async () => ({ ...repository, writeCommit }) }, "+Last commit");
    assert.match(mails[1]?.text ?? "", /\ngit am --keep-cr 0001-a\.patch\n/);
  });

  it("can be of chosen files alone, or of nothing that is left", async () => {
    await report({}, "+Files…");
    assert.deepEqual(mails[0]?.files, { "trace.bin": "trace" });
    assert.match(mails[0]?.text ?? "", /Attached:\n- trace\.bin\n\nSystem: /);
    await report({ chooseFiles: async () => [] }, "+Files…");
    assert.equal(mails.length, 1);
  });

  it("goes without the repository where Git fails, and without a terminal in which nothing is selected", async () => {
    const selectedOutput = () => ({ name: "bash", read: async () => "" });
    const broken = async () => {
      throw new Error("Git says no");
    };
    const options = { ...everything, selectedOutput, repository: broken };
    const shown = await report(options, "+Selected terminal output");
    assert.deepEqual(failed, ["Git says no"]);
    assert.deepEqual(Object.keys(mails[0]?.files ?? {}), ["build.txt", "problems.txt"]);
    assert.equal(shown[1]?.text, "Nothing is selected in the terminal “bash”.");
  });

  it("offers no patch of a merge, and no changes where there are none", async () => {
    const clean = { ...repository, changed: [], added: [], head: { ...repository.head, isMerge: true } };
    assert.deepEqual((await report({ repository: async () => clean }))[0]?.buttons, ["+Files…"]);
  });

  it("leaves nothing behind", async () => {
    await report(everything, "-Problems");
    await assert.rejects(readFile(join(folder.path, "archives", "x")), { code: "ENOENT" });
    const { readdir } = await import("node:fs/promises");
    assert.deepEqual(await readdir(join(folder.path, "archives")), []);
  });
});
