import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { listFolder } from "../../../src/files/folder/folderWalk.ts";
import { describeFolder } from "../../../src/files/folder/folderWords.ts";
import { findGit } from "../../../src/files/git/gitProgram.ts";
import { Folder } from "../../support/files.ts";
import { describeNeeds, itNeeds } from "../../support/systems.ts";

/** What is done to a repository before it is listed. */
interface Form {
  readonly files: Readonly<Record<string, string>>;
  /** Commands of Git, each in the folder of the first word. */
  readonly git?: readonly (readonly string[])[];
  readonly also?: (at: string) => Promise<unknown>;
  /** The folder that is sent, "" for all. */
  readonly sent?: string;
  readonly goes: readonly string[];
  readonly staysOut?: number;
}

const init = [".", "init", "--quiet"] as const;

const FORMS: Readonly<Record<string, Form>> = {
  "a tracked file that a rule names": {
    files: { ".gitignore": "*.log\nbuild/\n", "ref.log": "", "other.log": "", "build/a": "", "build/b": "" },
    git: [init, [".", "add", "-f", "ref.log", "build/a"]],
    goes: [".gitignore", "build/a", "ref.log"],
    staysOut: 2,
  },
  "a tracked file whose rule came later": {
    files: { "config.local": "" },
    git: [init, [".", "add", "config.local"]],
    also: (at) => writeFile(join(at, ".gitignore"), "*.local\n"),
    goes: [".gitignore", "config.local"],
  },
  ".git/info/exclude": {
    files: { a: "", "salaries.csv": "", "x/salaries.csv": "" },
    git: [init],
    also: (at) => writeFile(join(at, ".git/info/exclude"), "salaries.csv\n"),
    goes: ["a"],
    staysOut: 2,
  },
  "core.excludesFile of the repository": {
    files: { a: "", ".idea/workspace.xml": "", rules: ".idea/\n" },
    git: [init, [".", "config", "core.excludesFile", "rules"]],
    goes: ["a", "rules"],
  },
  "a tracked file that was deleted": {
    files: { a: "", gone: "" },
    git: [init, [".", "add", "."]],
    also: (at) => rm(join(at, "gone")),
    goes: ["a"],
  },
  "a tracked file in whose place a folder is": {
    files: { a: "", turned: "" },
    git: [init, [".", "add", "."]],
    also: async (at) => {
      await rm(join(at, "turned"));
      await mkdir(join(at, "turned"));
      await writeFile(join(at, "turned/inside"), "");
    },
    goes: ["a", "turned/inside"],
  },
  "a new file that nothing ignores": { files: { a: "", "x/y/new": "" }, git: [init], goes: ["a", "x/y/new"] },
  "a folder whose files are all ignored one by one": {
    files: { ".gitignore": "*.o\n", "x/a.o": "", "x/y/b.o": "" },
    git: [init],
    goes: [".gitignore"],
    staysOut: 2,
  },
  "a repository inside, with rules of its own": {
    files: {
      ".gitignore": "*.bin\n",
      "top.bin": "",
      "mod/model.bin": "",
      "mod/.gitignore": "*.tmp\n",
      "mod/x.tmp": "",
    },
    git: [init, ["mod", "init", "--quiet"]],
    goes: [".gitignore", "mod/.gitignore", "mod/model.bin"],
    staysOut: 2,
  },
  "a repository inside that the outer one ignores": {
    files: { ".gitignore": "ven/\n", a: "", "ven/b": "", "ven/c": "" },
    git: [init, ["ven", "init", "--quiet"]],
    goes: [".gitignore", "a"],
    staysOut: 2,
  },
  "a tracked file of a repository inside that its own rules name": {
    files: { a: "", "x/mod/.gitignore": "*.bin\n", "x/mod/kept.bin": "", "x/mod/other.bin": "" },
    git: [init, ["x/mod", "init", "--quiet"], ["x/mod", "add", "-f", "kept.bin"]],
    goes: ["a", "x/mod/.gitignore", "x/mod/kept.bin"],
  },
  "several repositories in a folder that is none": {
    files: { "one/.gitignore": "a\n", "one/a": "", "one/b": "", "two/a": "", loose: "" },
    git: [
      ["one", "init", "--quiet"],
      ["two", "init", "--quiet"],
      ["one", "add", "-f", "a"],
    ],
    goes: ["loose", "one/.gitignore", "one/a", "one/b", "two/a"],
  },
  "a folder inside a repository": {
    files: {
      ".gitignore": "*.log\n/p/q/tmp\n",
      "p/q/a.log": "",
      "p/q/b.log": "",
      "p/q/tmp/x": "",
      "p/q/c": "",
    },
    git: [init, [".", "add", "-f", "p/q/b.log"]],
    sent: "p/q",
    goes: ["b.log", "c"],
    staysOut: 2,
  },
  "a folder inside a repository that has nothing but ignored files": {
    files: { ".gitignore": "*.log\n", "p/q/a.log": "", b: "" },
    git: [init],
    sent: "p/q",
    goes: [],
    staysOut: 1,
  },
  "a folder that the repository ignores, as it was chosen": {
    files: { ".gitignore": "dist/\n*.map\n", "dist/a.map": "", "dist/.gitignore": "b\n", "dist/b": "" },
    git: [init],
    sent: "dist",
    goes: [".gitignore", "a.map"],
  },
  "a folder in a folder that the repository ignores": {
    files: { ".gitignore": "dist/\n", "dist/x/a": "" },
    git: [init],
    sent: "dist/x",
    goes: ["a"],
  },
  "names that Git would quote": {
    files: {
      ".gitignore": "*.tmp\n",
      "Ünï «x»": "",
      'q"uote': "",
      "new\nline": "",
      "ta\tb.tmp": "",
      ":(top)x": "",
    },
    git: [init],
    goes: [".gitignore", ":(top)x", "new\nline", 'q"uote', "Ünï «x»"],
    staysOut: 1,
  },
  "a folder whose name is a pattern for Git": {
    files: { ".gitignore": "*.log\n", "*/a": "", "*/b.log": "", "x/c": "" },
    git: [init],
    sent: "*",
    goes: ["a"],
    staysOut: 1,
  },
  "a worktree elsewhere": {
    files: { "main/.gitignore": "*.log\n", "main/kept.log": "" },
    git: [
      ["main", "init", "--quiet"],
      ["main", "add", "-f", "."],
      ["main", "commit", "--quiet", "-m", "x"],
      ["main", "worktree", "add", "--quiet", "../tree"],
    ],
    also: (at) => writeFile(join(at, "tree/other.log"), ""),
    sent: "tree",
    goes: [".gitignore", "kept.log"],
    staysOut: 1,
  },
  "a sparse checkout": {
    files: { "in/a": "", "out/b": "" },
    git: [
      init,
      [".", "add", "."],
      [".", "commit", "--quiet", "-m", "x"],
      [".", "sparse-checkout", "set", "in"],
    ],
    goes: ["in/a"],
  },
  "a submodule": {
    files: { "lib/.gitignore": "*.o\n", "lib/kept.o": "", "app/main": "" },
    git: [
      ["lib", "init", "--quiet"],
      ["lib", "add", "-f", "."],
      ["lib", "commit", "--quiet", "-m", "x"],
      ["app", "init", "--quiet"],
      ["app", "submodule", "--quiet", "add", "../lib", "mod"],
    ],
    also: (at) => writeFile(join(at, "app/mod/other.o"), ""),
    sent: "app",
    goes: [".gitmodules", "main", "mod/.gitignore", "mod/kept.o"],
    staysOut: 1,
  },
};

describeNeeds("Git", "What goes of a folder, where Git can be asked", () => {
  let folder: Folder;
  const kept = new Map<string, string | undefined>();
  const settings = { GIT_CONFIG_GLOBAL: "", GIT_CONFIG_NOSYSTEM: "1" };

  beforeEach(async () => {
    folder = await Folder.make();
    settings.GIT_CONFIG_GLOBAL = await folder.file("settings", "[user]\nname = A\nemail = a@x.example\n");
    for (const [name, value] of Object.entries(settings)) {
      kept.set(name, process.env[name]);
      process.env[name] = value;
    }
  });
  afterEach(async () => {
    for (const [name, value] of kept)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await folder.remove();
  });

  const at = (...path: string[]) => join(folder.path, "top", ...path);
  const put = async (path: string, text = "") => {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
  };
  const git = (where: string, ...args: readonly string[]) =>
    execFileSync("git", ["-c", "protocol.file.allow=always", ...args], {
      cwd: at(where),
      encoding: "utf8",
      env: { ...process.env, ...settings },
      stdio: ["ignore", "pipe", "ignore"],
    });
  const list = (path = "", program?: string | null, platform = process.platform) =>
    listFolder(at(path), {
      useIgnoreFiles: true,
      git: program,
      platform,
      signal: new AbortController().signal,
    });

  for (const [what, { files, git: commands = [], also, sent = "", goes, staysOut }] of Object.entries(FORMS))
    it(`is right about ${what}`, async () => {
      for (const [path, text] of Object.entries(files)) await put(path, text);
      for (const [where = "", ...args] of commands) git(where, ...args);
      await also?.(at());
      const listing = await list(sent);
      assert.deepEqual(listing.files.map(({ path }) => path).sort(), [...goes].sort());
      assert.equal(listing.rules.trouble, undefined);
      if (staysOut !== undefined) assert.equal(listing.leftOut.ignored, staysOut);
    });

  it("is what Git lists itself, in trees and under rules made by chance", async () => {
    let seed = 7;
    const below = (limit: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * limit);
    };
    const names = ["a", "b.log", "c.o", "build", "x", "keep", "Ö.log"];
    const rules = [
      "*.log",
      "build/",
      "/x",
      "!keep",
      "x/*",
      "!x/a",
      "**/c.o",
      "keep/**",
      "/build/*",
      "!build/a",
      "*",
    ];
    const path = () => Array.from({ length: 1 + below(3) }, () => names[below(names.length)]).join("/");
    let left = 0;
    for (let round = 0; round < 25; round++) {
      await rm(at(), { recursive: true, force: true });
      await mkdir(at());
      git("", "init", "--quiet");
      for (let count = 0; count < 14; count++) await put(path()).catch(() => {}); // A file of that name is there.
      for (const place of [".gitignore", ".git/info/exclude", "x/.gitignore"])
        await put(place, `${rules[below(rules.length)]}\n${rules[below(rules.length)]}\n`).catch(() => {});
      const all = git("", "ls-files", "-z", "--others").split("\0").filter(Boolean);
      const tracked = all.filter(() => below(4) === 0);
      if (tracked.length > 0) git("", "add", "-f", "--", ...tracked);
      const told = git("", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0");
      const listing = await list();
      const seen = listing.files.map((file) => file.path);
      assert.deepEqual(seen.sort(), told.filter(Boolean).sort(), `round ${round}`);
      left += listing.leftOut.ignored;
    }
    assert.ok(left > 50, `only ${left} files were ignored`);
  });

  it("follows the person's own settings, wherever those are", async () => {
    await put("a");
    await put("b.swp");
    git("", "init", "--quiet");
    await folder.file("mine", "*.swp\n");
    await writeFile(settings.GIT_CONFIG_GLOBAL, `[core]\nexcludesFile = ${join(folder.path, "mine")}\n`);
    assert.deepEqual(
      (await list()).files.map(({ path }) => path),
      ["a"],
    );
  });

  it("keeps out links and .git, and names whose word counts", async () => {
    await put(".gitignore", "*.log\n");
    await put("a.log");
    git("", "init", "--quiet");
    await symlink("a.log", at("link"));
    git("", "add", "link");
    assert.equal(
      describeFolder(await list()),
      "1 file, 6 bytes\nLeft out: 1 file that Git ignores, .git, 1 symbolic link\n" +
        "As Git lists it: tracked files, and new ones that it does not ignore.\nLargest: .gitignore (6 bytes)",
    );
  });

  it("is what .gitignore files say where Git cannot tell, with the reason", async () => {
    await put(".gitignore", "*.log\n");
    await put("a.log");
    await put("b");
    git("", "init", "--quiet");
    await writeFile(at(".git/config"), "[core\n");
    const listing = await list();
    assert.deepEqual(
      listing.files.map(({ path }) => path),
      [".gitignore", "b"],
    );
    assert.match(
      describeFolder(listing),
      /\nLeft out: 1 file ignored by \.gitignore, \.git\nGit could not be asked, so \.gitignore files were followed\. Git cannot read its settings: bad config line 1 in file .*\n/,
    );
    for (const [program, words] of [
      [
        join(folder.path, "no-git"),
        "Git was not found. Install it, or correct VS Code's setting “git.path”.",
      ],
      [settings.GIT_CONFIG_GLOBAL, "The program that “git.path” names cannot be run: permission denied."],
    ] as const)
      assert.equal((await list("", program)).rules.trouble, words);
    assert.equal((await list("", null)).rules.trouble, undefined);
  });

  for (const platform of ["win32", "darwin"] as const)
    itNeeds(
      "symbolic links",
      `counts for a folder that is named in other letters on ${platform}`,
      async () => {
        for (const path of ["build/a.log", "build/deep/b.log", "build/c"]) await put(path);
        await put(".gitignore", "/build/*.log\n/build/deep\n");
        git("", "init", "--quiet");
        // As a disk that is blind to case has it.
        await symlink("build", at("BUILD"));
        for (const program of [undefined, null]) {
          const { files, rules } = await list("BUILD", program, platform);
          assert.deepEqual(files, [{ path: "c", size: 0 }]);
          assert.equal(rules.git, program === undefined);
        }
      },
    );

  itNeeds("Bash", "takes a name for the same when a disk of macOS has taken it apart", async () => {
    const apart = (name: string) => name.normalize("NFD");
    for (const path of ["a", apart("Ä.log"), join(apart("Übung"), "b.tmp"), "C.LOG", ".git/HEAD"])
      await put(path);
    await put(".gitignore", "Ä.log\nÜbung/*.tmp\nc.log\n");
    const goes = async (program: string | null, platform: NodeJS.Platform) =>
      (await list("", program, platform)).files.map(({ path }) => path.normalize("NFC")).sort();
    assert.deepEqual(await goes(null, "linux"), [".gitignore", "C.LOG", "a", "Ä.log", "Übung/b.tmp"]);
    assert.deepEqual(await goes(null, "darwin"), [".gitignore", "a"]);
    // Git for macOS composes what it tells.
    const answer = `case "$*" in *ls-files*) printf 'Ä.log\\0Übung/b.tmp\\0';; *check-ignore*) exit 1;; esac`;
    const program = await folder.file("git-of-macos", `#!/bin/sh\n${answer}\n`);
    await chmod(program, 0o755);
    assert.deepEqual(await goes(program, "darwin"), [".gitignore", "C.LOG", "a"]);
  });

  it("is asked without running what a repository names", async () => {
    await put(".gitignore", "*.log\n");
    await put("a.log");
    git("", "init", "--quiet");
    git("", "add", ".");
    const ran = join(folder.path, "ran");
    const program = await folder.file("program.sh", `#!/bin/sh\ntouch '${ran}'\n`);
    await chmod(program, 0o755);
    for (const name of [
      "core.fsmonitor",
      "core.pager",
      "alias.ls-files",
      "filter.x.clean",
      "core.sshCommand",
      "diff.external",
    ])
      git("", "config", name, name.startsWith("alias") ? `!${program}` : program);
    for (const hook of ["post-index-change", "fsmonitor-watchman", "query-watchman"])
      await put(`.git/hooks/${hook}`, `#!/bin/sh\ntouch '${ran}'\n`).then(() =>
        chmod(at(`.git/hooks/${hook}`), 0o755),
      );
    assert.equal((await list()).rules.git, true);
    await assert.rejects(chmod(ran, 0o600), { code: "ENOENT" });
  });

  it("is asked of the Git in PATH, never of one that lies in a folder at hand", async () => {
    const program = await folder.file("git", "#!/bin/sh\necho git version 9\n");
    await chmod(program, 0o755);
    assert.equal(await findGit(`:.:${relative(process.cwd(), folder.path)}`), undefined);
    assert.equal(await findGit(`.:${folder.path}`), program);
  });
});
