import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { FreightError } from "../../../src/base/errors.ts";
import { assertNoMerge, type Commit, GitPatches, patchSubject } from "../../../src/files/git/gitPatches.ts";
import { Folder } from "../../support/files.ts";
import { describeNeeds } from "../../support/systems.ts";

describeNeeds("Git", "Patches of commits @slow", () => {
  let folder: Folder;
  let root: string;
  let patches: GitPatches;

  const git = (...args: string[]) =>
    execFileSync(
      "git",
      ["-c", "maintenance.auto=false", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args],
      {
        cwd: root,
        encoding: "utf8",
        stdio: "pipe",
      },
    );
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
    git("init", "--quiet", "--template=", "--initial-branch=main");
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

  /** The text of the newest commit's patch. */
  const newestPatch = async () => {
    const [path = ""] = await patches.write(await patches.recent(1), newFolder);
    return readFile(path, "utf8");
  };

  it("hold no file of the machine that the repository's settings name", async () => {
    await writeFile(join(folder.path, "private"), "CANARY of a private file\n");
    await commit("a.txt", "one\n", "Begin");
    git("config", "format.signatureFile", join(folder.path, "private"));
    git("config", "format.signature", "CANARY of a signature");
    git("config", "--add", "format.headers", "X-Canary: CANARY of a header");
    git("config", "format.subjectPrefix", "CANARY");
    assert.doesNotMatch(await newestPatch(), /CANARY/);
  });

  it("run no program that the repository's settings name", async () => {
    const ran = join(folder.path, "ran");
    const program = join(folder.path, "program");
    await writeFile(program, `#!/bin/sh\necho "$0 $*" >> '${ran}'\ncat\n`, { mode: 0o700 });
    await mkdir(join(root, "hooks"));
    for (const hook of ["post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"])
      await writeFile(join(root, "hooks", hook), `#!/bin/sh\necho hook >> '${ran}'\n`, { mode: 0o700 });
    await commit(".gitattributes", "* diff=evil filter=evil\n", "Begin");
    await commit("a.txt", "one\n", "Go on");
    for (const key of `core.fsmonitor core.sshCommand core.pager core.editor core.askPass core.alternateRefsCommand
      core.gitProxy diff.external diff.evil.command diff.evil.textconv filter.evil.clean filter.evil.smudge
      filter.evil.process gpg.program gpg.ssh.program trailer.x.command trailer.x.cmd pager.log pager.format-patch
      uploadpack.packObjectsHook sequence.editor credential.helper interactive.diffFilter`.split(/\s+/))
      git("config", key, program);
    git("config", "core.hooksPath", join(root, "hooks"));
    git("config", "log.showSignature", "true");
    git("config", "alias.log", `!${program}`);
    git("config", "alias.format-patch", `!${program}`);
    assert.equal((await patches.recent(50)).length, 2);
    assert.match(await newestPatch(), /^Subject: \[PATCH\] Go on$/m);
    assert.equal(existsSync(ran), false);
  });

  it("name the file that has nothing in it as Git knows it on every system: Windows' own name is refused", async () => {
    const sources = join(import.meta.dirname, "../../../src/files/git");
    const texts = await Promise.all(
      (await readdir(sources)).map((name) => readFile(join(sources, name), "utf8")),
    );
    const orderFiles = texts.flatMap((text) =>
      [...text.matchAll(/["'`]-O([^"'`]*)/g)].map(([, path]) => path),
    );
    assert.deepEqual(new Set(orderFiles), new Set(["/dev/null"]));
  });

  it("are of commits only, however the repository has Git write its list", async () => {
    git("config", "i18n.logOutputEncoding", "UTF-16LE");
    const hidden = Buffer.from("\0--ext-diff\x1f\x1f", "utf16le").toString("latin1");
    await commit("a.txt", "one\n", `Begin ${hidden.replaceAll("\0", "")}--ext-diff`);
    const recent = await patches.recent(50);
    assert.equal(recent.length, 1);
    assert.match(recent[0]?.hash ?? "", /^[0-9a-f]{40}$/);
    const forged = { hash: "--ext-diff", subject: "", author: "", authoredAt: 0, isMerge: false };
    await assert.rejects(patches.write([forged], newFolder), /Not the hash of a commit/);
  });

  it("are named as their commits are, whatever characters a name has", async () => {
    await commit("a.txt", "one\n", "Begin");
    await writeFile(join(root, "b.txt"), "two\n");
    git("add", ".");
    const author = "Ada\x1f1700000000\x1fHarmless documentation fix\x1f\x1e\x0bX <ada@example.com>";
    git("commit", "--quiet", "--author", author, "--date", "2020-01-01T00:00:00Z", "-m", "True\x1fsubject");
    const [newest] = await patches.recent(1);
    assert.equal(newest?.subject, "True\x1fsubject");
    assert.equal(newest.authoredAt, Date.UTC(2020, 0, 1));
    assert.match(newest.author, /^Ada/);
  });

  if (process.platform !== "win32") {
    it("wait for no pipe in the work tree", async () => {
      await commit("a.txt", "one\n", "Begin");
      for (const name of [".mailmap", ".gitattributes", "pipe"]) execFileSync("mkfifo", [join(root, name)]);
      git("config", "mailmap.file", join(root, "pipe"));
      assert.equal((await patches.recent(1)).length, 1);
      assert.match(await newestPatch(), /Begin/);
    });

    const withPipe = async () => {
      await commit("a.txt", "one\n", "Begin");
      execFileSync("mkfifo", [join(root, "pipe")]);
      await appendFile(join(root, ".git/config"), "[include]\npath = ../pipe\n");
    };

    it("end when Git is kept waiting, by themselves and in words", async () => {
      await withPipe();
      await assert.rejects(new GitPatches("git", root, 300).recent(1), {
        code: "patch-impossible",
        message: /^Git did not answer within 0 s, so it was stopped\./,
      });
    });

    it("end when they are cancelled", async () => {
      await withPipe();
      const controller = new AbortController();
      const asked = patches.recent(1, controller.signal);
      setImmediate(() => controller.abort());
      await assert.rejects(asked, { name: "AbortError" });
    });
  }

  it("are made in repositories of every form, and of nothing that is not there", async () => {
    await commit("a.txt", "one\n", "Begin");
    await commit("a.txt", "two\n", "Go on");
    const first = git("rev-parse", "HEAD~1").trim();
    const read = async (path: string) => {
      const there = new GitPatches("git", path);
      const recent = await there.recent(50);
      const [patch = ""] = await there.write(recent.slice(0, 1), newFolder);
      return [recent.map(({ subject }) => subject), /^\+two$/m.test(await readFile(patch, "utf8"))];
    };
    const elsewhere = (name: string) => join(folder.path, name);
    git("worktree", "add", "--quiet", elsewhere("worktree"));
    git("clone", "--quiet", "--shared", root, elsewhere("shared"));
    git("clone", "--quiet", "--depth", "2", `file://${root}`, elsewhere("shallow"));
    git("init", "--quiet", "--template=", "--object-format=sha256", elsewhere("sha256"));
    await commit("a.txt", "three\n", "Newest, which is not in them");
    const sha256 = (...args: string[]) => git("-C", elsewhere("sha256"), ...args);
    for (const [text, subject] of [
      ["one\n", "Begin"],
      ["two\n", "Go on"],
    ] as const) {
      await writeFile(join(elsewhere("sha256"), "a.txt"), text);
      sha256("add", ".");
      sha256("commit", "--quiet", "-m", subject);
    }
    for (const form of ["worktree", "shared", "shallow", "sha256"])
      assert.deepEqual([form, ...(await read(elsewhere(form)))], [form, ["Go on", "Begin"], true]);

    const [blob = ""] = git("rev-parse", `${first}:a.txt`).trim().split("\n");
    git("config", "remote.origin.url", `ext::touch ${elsewhere("fetched")}`);
    git("config", "remote.origin.promisor", "true");
    git("config", "extensions.partialClone", "origin");
    git("config", "protocol.allow", "always");
    await rm(join(root, ".git/objects", blob.slice(0, 2), blob.slice(2)));
    const [, goOn] = await patches.recent(50);
    assert.ok(goOn);
    await assert.rejects(patches.write([goOn], newFolder), {
      code: "patch-impossible",
      message: /^This repository is damaged, or parts of it were never fetched\./,
    });
    assert.equal(existsSync(elsewhere("fetched")), false);
  });

  it("leave nothing of what they were made with", async function () {
    if (process.platform === "win32") this.skip(); // Its temporary folder has another name.
    await commit("a.txt", "one\n", "Begin");
    const before = process.env["TMPDIR"];
    const own = await mkdtemp(join(folder.path, "temporary-"));
    process.env["TMPDIR"] = own;
    try {
      assert.equal(tmpdir(), own);
      await newestPatch();
      assert.deepEqual(await readdir(own), []);
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });

  it("lie where the system says so, in its own way of writing paths", async () => {
    await commit("a.txt", "one\n", "Begin");
    const room = await newFolder();
    // What Git prints on Windows is made of both kinds of slashes; here a second slash does the same.
    const [path = ""] = await patches.write(await patches.recent(1), async () => `${room}//`);
    assert.equal(path, join(room, "0001-Begin.patch"));
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
