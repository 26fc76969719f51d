import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GitChanges, MAX_NEW_BYTES } from "../../../src/files/git/gitChanges.ts";
import { Folder, sample } from "../../support/files.ts";
import { describeNeeds } from "../../support/systems.ts";

const { signal } = new AbortController();

describeNeeds("Git", "What is not committed", () => {
  let folder: Folder;
  let top: string;
  const git = (cwd: string, ...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=Kim", "-c", "user.email=kim@example.com", ...args], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: join(folder.path, "none") },
    });
  const put = (name: string, content: string | Uint8Array) => writeFile(join(top, name), content);
  const changes = () => new GitChanges("git", top);

  beforeEach(async () => {
    folder = await Folder.make();
    top = join(folder.path, "repository");
    await mkdir(join(top, "sub"), { recursive: true });
    git(top, "init", "--quiet", "--initial-branch=main");
    await put("a.txt", "one\ntwo\n");
    await put("crlf.txt", "one\r\ntwo\r\n");
    await put("gone.txt", "bye\n");
    await put("picture.bin", sample(4_000));
    await put("sub/größe ä.txt", "umlauts\n");
    await put(".gitignore", "*.tmp\n");
    git(top, "add", ".");
    git(top, "commit", "--quiet", "--message", "First");
  });
  afterEach(() => folder.remove());

  /** Applies the patch in a fresh clone. @returns the clone's folder */
  async function applied(): Promise<string> {
    const found = await changes().look(signal);
    assert.ok(found);
    const patch = join(folder.path, "uncommitted.patch");
    await changes().write(found, patch, signal);
    const clone = join(folder.path, "clone");
    git(folder.path, "clone", "--quiet", top, clone);
    git(clone, "checkout", "--quiet", found.head.hash);
    git(clone, "apply", patch);
    return clone;
  }
  const same = async (clone: string, ...names: readonly string[]) => {
    for (const name of names)
      assert.ok((await readFile(join(clone, name))).equals(await readFile(join(top, name))), name);
  };

  it("is a patch that git apply takes: changed, staged, new, deleted, binary, CR LF, any name", async () => {
    await put("a.txt", "one\n2\n");
    git(top, "add", "a.txt");
    await put("a.txt", "one\n2\nthree\n");
    await put("crlf.txt", "one\r\n2\r\n");
    await rm(join(top, "gone.txt"));
    await put("picture.bin", sample(5_000, 3));
    await put("sub/größe ä.txt", "more umlauts\n");
    await put("sub/new file.txt", "new\n");
    await put("new.bin", sample(100, 5));
    await put("run.sh", "#!/bin/sh\n");
    await chmod(join(top, "run.sh"), 0o755);
    await put("left.tmp", "ignored\n");
    const before = git(top, "status", "--porcelain");
    const clone = await applied();
    await same(clone, "a.txt", "crlf.txt", "picture.bin", "sub/größe ä.txt", "sub/new file.txt", "new.bin");
    await assert.rejects(stat(join(clone, "gone.txt")), { code: "ENOENT" });
    await assert.rejects(stat(join(clone, "left.tmp")), { code: "ENOENT" });
    assert.ok(((await stat(join(clone, "run.sh"))).mode & 0o100) !== 0);
    assert.equal(git(top, "status", "--porcelain"), before, "the repository is as it was");
  });

  it("says what it is", async () => {
    assert.deepEqual((await changes().look(signal))?.changed, []);
    await put("a.txt", "other\n");
    await put("new.txt", "new\n");
    await put("large.bin", sample(MAX_NEW_BYTES + 1));
    await mkdir(join(top, "nested"));
    git(join(top, "nested"), "init", "--quiet");
    await put("nested/file.txt", "x");
    const found = await changes().look(signal);
    assert.deepEqual([found?.changed, found?.added], [["a.txt"], ["new.txt"]]);
    assert.deepEqual(found?.leftOut, ["large.bin", "nested/"]);
    assert.match(found?.head.hash ?? "", /^[0-9a-f]{40}$/);
    assert.deepEqual(
      [found?.head.subject, found?.head.parent, found?.head.isMerge],
      ["First", undefined, false],
    );
    await same(await applied(), "a.txt", "new.txt");
  });

  it("is made without what is set for the eyes, and without programs that a folder names", async () => {
    const ran = join(folder.path, "ran");
    for (const [name, value] of [
      ["diff.noprefix", "true"],
      ["diff.mnemonicPrefix", "true"],
      ["diff.external", `touch ${ran}; true`],
      ["diff.shout.textconv", `touch ${ran}; tr a-z A-Z <`],
      ["diff.context", "0"],
      ["diff.renames", "copies"],
      ["diff.orderFile", "none-there"],
      ["diff.relative", "true"],
      ["color.ui", "always"],
      ["color.diff", "always"],
      ["core.quotePath", "true"],
      ["core.pager", `touch ${ran}; cat`],
      ["core.fsmonitor", `touch ${ran}; true`],
    ] as const)
      git(top, "config", name, value);
    await put(".gitattributes", "*.txt diff=shout\n");
    await put("a.txt", "one\n2\nthree\n");
    await put("sub/größe ä.txt", "more umlauts\n");
    await same(await applied(), "a.txt", "sub/größe ä.txt", ".gitattributes");
    await assert.rejects(stat(ran), { code: "ENOENT" });
  });

  it("is nothing where there is no commit yet, and told in words where Git fails", async () => {
    const empty = join(folder.path, "empty");
    await mkdir(empty);
    git(empty, "init", "--quiet");
    assert.equal(await new GitChanges("git", empty).look(signal), undefined);
    await writeFile(join(top, ".git", "index"), "broken");
    await assert.rejects(changes().look(signal), { code: "patch-impossible" });
  });

  it("is not looked for on when that is cancelled", async () => {
    await assert.rejects(changes().look(AbortSignal.abort()), { name: "AbortError" });
  });
});
