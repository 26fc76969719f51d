import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { FreightError } from "../../../src/errors.ts";
import { assertNoMerge, type Commit, GitPatches, patchSubject } from "../../../src/transfer/gitPatches.ts";
import { Folder } from "../../support/files.ts";

describe("Patches of commits", () => {
  let folder: Folder;
  let root: string;
  let patches: GitPatches;

  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
  const commit = async (name: string, text: string | Buffer, subject: string) => {
    await writeFile(join(root, name), text);
    git("add", ".");
    git("commit", "--quiet", "-m", subject);
  };
  const newFolder = () => mkdtemp(join(folder.path, "room-"));

  beforeEach(async () => {
    folder = await Folder.make();
    root = join(folder.path, "repository");
    await mkdir(root);
    git("init", "--quiet", "--initial-branch=main");
    patches = new GitPatches("git", root);
  });
  afterEach(() => folder.remove());

  it("are of the commits that were chosen, and are taken by git am", async () => {
    await commit("a.txt", "one\n", "Begin");
    git("branch", "old");
    await commit("b.bin", Buffer.from([0, 1, 2, 255]), "Add bytes");
    await commit("c.txt", "left out\n", "Leave me out");
    await commit("a.txt", "two\n", "Say two");
    for (const [key, value] of [
      ["diff.noprefix", "true"],
      ["format.attach", "x"],
      ["diff.external", join(root, "no-such-program")],
      ["core.fsmonitor", join(root, "no-such-program")],
    ] as const)
      git("config", key, value);
    const [said, , added] = await patches.recent(50);
    assert.ok(said && added);
    assert.deepEqual([said.subject, said.author, said.isMerge], ["Say two", "Ada", false]);
    const paths = await patches.write([added, said], newFolder);
    assert.deepEqual(
      paths.map((path) => basename(path)),
      ["0001-Add-bytes.patch", "0002-Say-two.patch"],
    );
    assert.match(await readFile(paths[1] ?? "", "utf8"), /^Subject: \[PATCH 2\/2\] Say two$/m);
    git("config", "--unset", "core.fsmonitor");
    git("checkout", "--quiet", "old");
    git("am", "--quiet", ...paths);
    assert.equal(await readFile(join(root, "a.txt"), "utf8"), "two\n");
    assert.deepEqual(await readFile(join(root, "b.bin")), Buffer.from([0, 1, 2, 255]));
    assert.equal(git("log", "--format=%s", "-2"), "Say two\nAdd bytes\n");
  });

  for (const [key, value] of [
    ["diff.context", "0"],
    ["format.notes", "true"],
    ["format.useAutoBase", "true"],
    ["diff.orderFile", "no-such-file"],
  ] as const)
    it(`are the same whatever the repository says of ${key}`, async () => {
      await commit("a.txt", "1\n2\n3\n4\n5\n", "Begin");
      await commit("a.txt", "1\n2\nthree\n4\n5\n", "Say three");
      git("notes", "add", "-m", "between us");
      const read = async () => {
        const [path = ""] = await patches.write(await patches.recent(1), newFolder);
        return readFile(path, "utf8");
      };
      const before = await read();
      git("config", key, value);
      assert.equal(await read(), before);
      assert.doesNotMatch(before, /between us/);
    });

  it("are none of a commit without changes, which is said", async () => {
    git("commit", "--quiet", "--allow-empty", "-m", "Nothing");
    await assert.rejects(
      patches.write(await patches.recent(1), newFolder),
      (reason) =>
        reason instanceof FreightError && reason.is("patch-impossible") && /“Nothing”/.test(reason.message),
    );
  });

  it("are none of a merge, which is said", async () => {
    await commit("a.txt", "one\n", "Begin");
    git("checkout", "--quiet", "-b", "side");
    await commit("b.txt", "b\n", "Side");
    git("checkout", "--quiet", "main");
    git("merge", "--quiet", "--no-ff", "-m", "Merge side", "side");
    const recent = await patches.recent(50);
    assert.throws(() => assertNoMerge(recent), /“Merge side” \([0-9a-f]{7}\) is a merge/);
    assert.doesNotThrow(() => assertNoMerge(recent.slice(1)));
  });

  it("are not offered where nothing was committed yet", async () => {
    assert.deepEqual(await patches.recent(50), []);
  });

  it("give the mail the subject that lists expect", () => {
    const one: Commit = { hash: "a", subject: "Fix it", author: "", authoredAt: 0, isMerge: false };
    assert.equal(patchSubject([one], "main"), "[PATCH] Fix it");
    assert.equal(patchSubject([one, one, one], "tide"), "[PATCH 0/3] tide");
    assert.equal(patchSubject([one, one], undefined), "[PATCH 0/2] Fix it");
  });
});
