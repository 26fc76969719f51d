import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { GitPatches } from "../../../src/files/git/gitPatches.ts";
import { amCommand, misreadLines } from "../../../src/files/git/patchText.ts";
import { Folder } from "../../support/files.ts";

interface Change {
  readonly before?: string | Buffer;
  readonly after?: string | Buffer;
  readonly act?: (path: string) => Promise<unknown>;
  readonly message?: string | Buffer;
  readonly settings?: readonly string[];
  /** Git has to be told to keep the ends of lines. */
  readonly keepCr?: boolean;
  /** And to keep what stands in brackets before the subject. */
  readonly keepBrackets?: boolean;
}

const CHANGES: Readonly<Record<string, Change>> = {
  "Windows' line ends": { before: "1\r\n2\r\n3\r\n", after: "1\r\ntwo\r\n3\r\n", keepCr: true },
  "a new file with Windows' line ends": { after: "1\r\n2\r\n", keepCr: true },
  "both kinds of line ends": { before: "1\r\n2\n3\r\n", after: "1\r\ntwo\n3\r\n", keepCr: true },
  "Windows' line ends that go": { before: "1\r\n2\r\n", after: "1\n2\n", keepCr: true },
  "carriage returns inside of lines": { before: "1\r2\r3", after: "1\rtwo\r3" },
  "no line end at the end": { before: "1\n2", after: "1\n2\n3" },
  "a file in Latin 1": { before: Buffer.from("ä\n", "latin1"), after: Buffer.from("ö\n", "latin1") },
  "a file in UTF-16": { before: Buffer.from("ä\n", "utf16le"), after: Buffer.from("ö\n", "utf16le") },
  "a byte order mark that goes": { before: "\ufeffa\n", after: "a\n" },
  "a permission": { before: "a\n", act: (path) => chmod(path, 0o755) },
  "a link in a file's place": {
    before: "a\n",
    act: async (path) => {
      await rm(path);
      await symlink("x", path);
    },
  },
  "another name": { before: "a\n".repeat(50), act: (path) => rename(path, `${path}-new`) },
  "an empty file": { after: "" },
  "a file that goes": { before: "a\n", act: (path) => rm(path) },
  bytes: { before: Buffer.from([0, 1]), after: Buffer.from([0, 2, 255]) },
  "blanks at the ends of lines": { before: "a\n", after: "a   \n\t\n\n\n" },
  "a line that looks like a mail": {
    before: "a\n",
    after: `From ${"1".repeat(40)} Mon Sep 17 00:00:00 2001\n`,
  },
  "a message with a line that looks like a mail": {
    after: "a\n",
    message: `Subject\n\nFrom ${"1".repeat(40)} Mon Sep 17 00:00:00 2001\nMore\n`,
  },
  "a message with a rule": { after: "a\n", message: "Subject\n\nOne\n---\nMore\n" },
  "a subject with brackets": { after: "a\n", message: "[ui] [JIRA-12] Fix it\n", keepBrackets: true },
  "a subject with brackets in two scripts": { after: "a\n", message: "[ui] Größe\n", keepBrackets: true },
  "a long subject with brackets": {
    after: "a\n",
    message: `[${"long ".repeat(30)}] Fix\n`,
    keepBrackets: true,
  },
  "brackets, and Windows' line ends": {
    after: "1\r\n",
    message: "[ui] x\n",
    keepCr: true,
    keepBrackets: true,
  },
  "a subject with brackets further on": { after: "a\n", message: "Fix [ui]\n" },
  "a text that begins like the head of a mail": {
    after: "a\n",
    message: "Subject\n\nFrom: the docs\n\nSubject: as it is\n",
  },
  "a text that begins with another's name": {
    after: "a\n",
    message: "Subject\n\nfrom: Bob <b@x.example>\nMore\n",
  },
  "a text that begins with a subject": { after: "a\n", message: "Subject\n\nSubject: other\n" },
  "a text that begins with a day": { after: "a\n", message: "Subject\n\nDate: yesterday\n" },
  "a text that begins like a patch": { after: "a\n", message: "Subject\n\n[PATCH] other\n" },
  "a message with changes in it": {
    after: "a\n",
    message: "Subject\n\nOne\n\ndiff --git a/z b/z\n--- a/z\n+++ b/z\n@@ -1 +1 @@\n-z\n+c\n",
  },
  "a message with Windows' line ends": { after: "a\n", message: "Subject\r\n\r\nMore\r\n" },
  "a message in Latin 1": {
    after: "a\n",
    message: Buffer.from("Grüße\n", "latin1"),
    settings: ["-c", "i18n.commitEncoding=ISO-8859-1"],
  },
  "a long subject in two scripts": { after: "a\n", message: `Grüße 日本 ${"long ".repeat(40)}\n` },
};

describe("What git am makes of patches", () => {
  let folder: Folder;
  let root: string;

  before(async () => {
    folder = await Folder.make();
    root = join(folder.path, "repository");
    await mkdir(root);
  });
  after(() => folder.remove());

  const git = (...args: readonly string[]) =>
    execFileSync(
      "git",
      ["-c", "core.autocrlf=false", "-c", "user.name=Ädä, J.", "-c", "user.email=a@x.example", ...args],
      { cwd: root, encoding: "utf8", stdio: "pipe" },
    );

  it("is the very commit, and where it has to be told something, that is known @slow", async () => {
    git("init", "--quiet", "--template=", "--initial-branch=main");
    const changes = Object.entries(CHANGES).map(([what, change], at) => ({
      what,
      ...change,
      path: join(root, `${at} ü "q"`),
    }));
    await writeFile(join(root, "z"), "z\n");
    for (const { before, path } of changes) if (before !== undefined) await writeFile(path, before);
    git("add", "--all");
    git("commit", "--quiet", "-m", "Before");
    git("branch", "old");
    for (const { after, act, path, message = "Change it\n", settings = [] } of changes) {
      if (after !== undefined) await writeFile(path, after);
      await act?.(path);
      git("add", "--all");
      await writeFile(join(folder.path, "message"), message);
      git(...settings, "commit", "--quiet", "--cleanup=verbatim", "-F", join(folder.path, "message"));
    }
    const patches = new GitPatches("git", root);
    const commits = (await patches.recent(changes.length)).toReversed();
    const paths = await patches.write(commits, () => mkdtemp(join(folder.path, "room-")));
    git("checkout", "--quiet", "old");
    for (const [at, { what, keepCr = false, keepBrackets = false }] of changes.entries()) {
      const [path = "", hash = ""] = [paths[at], commits[at]?.hash];
      const options = [...(keepCr ? ["--keep-cr"] : []), ...(keepBrackets ? ["--keep-non-patch"] : [])];
      assert.equal(await amCommand([path]), ["git am", ...options].join(" "), what);
      git("am", "--quiet", ...options, path);
      assert.equal(git("rev-parse", "HEAD^{tree}"), git("rev-parse", `${hash}^{tree}`), what);
      const told = (of: string) =>
        git("log", "-1", "--format=%an%n%ae%n%at%n%B", of).replace(/\r/g, "").replace(/^ +/gm, "");
      assert.equal(told("HEAD").trim(), told(hash).trim(), `${what}: ${basename(path)}`);
    }
  });

  it("is looked for in messages that are one long paragraph, and have nothing behind the subject", () => {
    const paragraph = "A line of a message, as long as such lines are in most of them.\n".repeat(200);
    assert.deepEqual(misreadLines(paragraph), []);
    assert.deepEqual(misreadLines(`\n  ${paragraph} \n\nFrom: Ann\n`), ["From: Ann"]);
  });

  it("is found across the borders of what is read at once", async () => {
    const large = await folder.file("large.patch", `${"x".repeat(1024 * 1024 - 1)}\r\n`);
    const none = await folder.file("none.patch", `${"x\n".repeat(1024 * 1024)}\r`);
    assert.equal(await amCommand([none]), "git am");
    assert.equal(await amCommand([none, large]), "git am --keep-cr");
  });
});
