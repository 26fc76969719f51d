import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { recentAuthors } from "../../../src/files/git/gitAuthors.ts";
import { GitPatches } from "../../../src/files/git/gitPatches.ts";
import { Folder } from "../../support/files.ts";
import { describeNeeds } from "../../support/systems.ts";

/** Settings that have Git run a program, in some version and for some command. */
const PROGRAMS = [
  ...["core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy"],
  ...["core.alternateRefsCommand", "pager.log", "pager.rev-parse", "pager.format-patch", "sequence.editor"],
  ...["diff.external", "diff.own.command", "diff.own.textconv", "interactive.diffFilter", "merge.own.driver"],
  ...["filter.own.clean", "filter.own.smudge", "filter.own.process", "gpg.program", "gpg.ssh.program"],
  ...["gpg.x509.program", "gpg.openpgp.program", "gpg.ssh.defaultKeyCommand", "trailer.own.command"],
  ...["trailer.own.cmd", "credential.helper", "remote.origin.uploadpack", "remote.origin.vcs"],
  ...[
    "uploadpack.packObjectsHook",
    "log.diffMerges",
    "browser.own.cmd",
    "man.own.cmd",
    "submodule.own.update",
  ],
  ...[
    "alias.log",
    "alias.rev-parse",
    "alias.format-patch",
    "difftool.own.cmd",
    "mergetool.own.cmd",
    "url.own.insteadOf",
  ],
];
/** Settings that change what is said. */
const OTHERS: readonly (readonly [string, string])[] = [
  ["log.showSignature", "true"],
  ["log.mailmap", "true"],
  ["log.date", "format:x"],
  ["format.pretty", "x%an"],
  ["i18n.logOutputEncoding", "UTF-16LE"],
  ["core.abbrev", "4"],
  ["core.commitGraph", "true"],
  ["color.ui", "always"],
  ["core.quotePath", "true"],
  ["diff.noprefix", "true"],
  ["format.signature", "CANARY"],
  ["format.headers", "X-Canary: CANARY"],
  ["format.to", "CANARY@x.example"],
];

/** What Git is asked, whatever the repository and the environment say. */
describeNeeds("Git", "Authors of commits, and patches of them @slow", () => {
  let folder: Folder;
  let root: string;
  let ran: string;
  let program: string;
  const never = new AbortController().signal;
  const git = (...args: string[]) =>
    execFileSync(
      "git",
      ["-c", "maintenance.auto=false", "-c", "user.name=Ada Ö", "-c", "user.email=ada@x.example", ...args],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
  const authors = (patienceMs?: number) => recentAuthors("git", root, 10, never, patienceMs);
  const emails = async (patienceMs?: number) => (await authors(patienceMs)).map(({ email }) => email);

  beforeEach(async () => {
    folder = await Folder.make();
    root = join(folder.path, "repository");
    ran = join(folder.path, "ran");
    await mkdir(root);
    await mkdir(ran);
    program = await folder.file("program.sh", `#!/bin/sh\ntouch '${ran}/'"$(basename "$0")".$$\ncat\n`);
    await chmod(program, 0o755);
    git("init", "--quiet", "--initial-branch=main");
    await writeFile(join(root, ".gitattributes"), "* diff=own filter=own merge=own\n");
    await writeFile(join(root, "a.txt"), "one\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "Begin");
  });
  afterEach(() => folder.remove());

  it("are those of the newest commits", async () => {
    const [first, ...more] = await authors();
    assert.deepEqual([first?.name, first?.email, more], ["Ada Ö", "ada@x.example", []]);
    assert.ok(first && Math.abs(first.at - Number(git("log", "-1", "--format=%at")) * 1000) === 0);
  });

  it("are none in a repository without commits", async () => {
    root = join(folder.path, "new");
    await mkdir(root);
    git("init", "--quiet");
    assert.deepEqual(await authors(), []);
  });

  it("are made without running or using what a repository's settings, hooks and the environment name", async () => {
    const newFolder = () => mkdtemp(join(folder.path, "room-"));
    const patch = async () => {
      const patches = new GitPatches("git", root);
      const [path = ""] = await patches.write(await patches.recent(1), newFolder);
      return readFile(path, "utf8");
    };
    const [people, before] = [await authors(), await patch()];
    const lines = [...PROGRAMS.map((name) => [name, program] as const), ...OTHERS].map(([name, value]) => {
      const [section = "", ...rest] = name.split(".");
      const key = rest.pop() ?? "";
      const part = rest.length === 0 ? "" : ` "${rest.join(".")}"`;
      return `[${section}${part}]\n\t${key} = ${value}\n`;
    });
    await writeFile(join(folder.path, "included"), lines.join(""));
    await appendFile(
      join(root, ".git/config"),
      `${lines.join("")}[include]\n\tpath = ${folder.path}/included\n`,
    );
    await appendFile(
      join(root, ".git/config"),
      `[includeIf "gitdir:${root}/"]\n\tpath = ${folder.path}/included\n`,
    );
    for (const hook of [
      "post-checkout",
      "post-index-change",
      "fsmonitor-watchman",
      "reference-transaction",
      "pre-commit",
    ]) {
      await writeFile(join(root, ".git/hooks", hook), `#!/bin/sh\ntouch ${ran}/hook\n`);
      await chmod(join(root, ".git/hooks", hook), 0o755);
    }
    const said = {
      GIT_EXTERNAL_DIFF: program,
      GIT_PAGER: program,
      GIT_SSH_COMMAND: program,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "diff.external",
      GIT_CONFIG_VALUE_0: program,
      GIT_CONFIG_PARAMETERS: `'diff.external'='${program}'`,
      GIT_CONFIG_GLOBAL: join(folder.path, "included"),
      GIT_CONFIG_SYSTEM: join(folder.path, "included"),
      GIT_TRACE: join(ran, "trace"),
      GIT_TRACE2_EVENT: join(ran, "trace2"),
      GIT_DIR: "/nowhere",
      GIT_OBJECT_DIRECTORY: "/nowhere",
      GIT_EDITOR: program,
      PAGER: program,
      EDITOR: program,
    };
    const kept = Object.keys(said).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, said);
    try {
      assert.deepEqual(await authors(), people);
      assert.equal(await patch(), before);
    } finally {
      for (const [name, value] of kept)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
    assert.deepEqual(await readdir(ran), []);
    console.log(
      `      ${PROGRAMS.length + OTHERS.length} settings, 3 times each, 5 hooks, ${kept.length} variables`,
    );
  });

  for (const [what, place] of [
    [".mailmap", ".mailmap"],
    ["the list of what a shallow clone has not", ".git/shallow"],
    ["a file of settings", ".git/config"],
  ] as const)
    it(`do not wait for ever where a pipe stands in the place of ${what}`, async () => {
      await rm(join(root, place), { force: true });
      execFileSync("mkfifo", [join(root, place)]);
      if (place === ".mailmap") assert.deepEqual(await emails(), ["ada@x.example"]);
      else await assert.rejects(emails(500), /did not answer within|cannot read this repository/);
    });

  it("are not those that a name with a line break or a control character pretends", async () => {
    const tree = git("rev-parse", "HEAD^{tree}").trim();
    const commit = (author: string) => {
      const text = `tree ${tree}\nauthor ${author} 1700000000 +0000\ncommitter C <c@x.example> 1700000000 +0000\n\nSubject\n`;
      const hash = execFileSync("git", ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], {
        cwd: root,
        input: text,
      });
      git("update-ref", "HEAD", hash.toString().trim());
    };
    commit("Eve\u001f2 <eve@x.example>");
    assert.deepEqual(await emails(), ["eve@x.example"]);
    commit("Eve\r1700000000\rmaria@company.example\r <eve@x.example>");
    assert.deepEqual(await emails(), ["eve@x.example"]);
  });
});
