import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import fc from "fast-check";
import { listFolder } from "../../../src/files/folder/folderWalk.ts";
import { IgnoreRules } from "../../../src/files/folder/ignoreRules.ts";
import { Folder } from "../../support/files.ts";
import { itNeeds } from "../../support/systems.ts";

const hasGit = spawnSync("git", ["--version"]).status === 0;
const never = new AbortController().signal;

describe("Ignore files that nobody in their right mind has written", () => {
  let folder: Folder;

  beforeEach(async () => {
    folder = await Folder.make();
  });
  afterEach(() => folder.remove());

  const list = (signal = never) => listFolder(folder.path, { useIgnoreFiles: true, signal });
  const refusal = (message: RegExp) => ({ code: "ignore-file-refused", message });

  it("are answered where a matcher that tries every way would take years @slow", async () => {
    const depth = 400;
    const bombs = [
      `**${"/a/**".repeat(100)}/a/b`,
      `/${"**/a/".repeat(100)}b`,
      `/**${"/a/**/**".repeat(50)}/a/b`,
      `${"*a".repeat(120)}b`,
      `${"*?".repeat(100)}b`,
      `${"**a".repeat(100)}/**/b`,
      `${"[a]*".repeat(100)}b`,
      `${"a**".repeat(100)}/b`,
      `${"*".repeat(4000)}b`,
    ];
    await writeFile(join(folder.path, ".gitignore"), bombs.join("\n"));
    const deep = Array.from({ length: depth }, () => "a").join("/");
    await mkdir(join(folder.path, deep), { recursive: true });
    await mkdir(join(folder.path, "a".repeat(255)));
    await writeFile(join(folder.path, deep, "c"), "x");
    await writeFile(join(folder.path, "a".repeat(255), "c"), "x");
    assert.deepEqual(
      (await list()).files.map(({ path }) => path.replaceAll(sep, "/")),
      [".gitignore", `${deep}/c`, `${"a".repeat(255)}/c`],
    );
    await rm(join(folder.path, "a".repeat(255)), { recursive: true });
    await writeFile(join(folder.path, deep, "b"), "x");
    assert.equal((await list()).leftOut.ignored, 1);
  });

  it("are refused by name when they are too large, have too many rules, or a line that no path is as long as", async () => {
    const write = (text: string) => writeFile(join(folder.path, ".gitignore"), text);
    await write("\n".repeat(64 * 1024 * 1024));
    await assert.rejects(
      list(),
      refusal(/^“.+\/\.gitignore” is larger than 1 MB and was not used\. .*Shorten/),
    );
    // No more of it is read than is accepted: a string cannot be as long as this.
    await truncate(join(folder.path, ".gitignore"), 2 ** 31);
    await assert.rejects(list(), refusal(/is larger than 1 MB/));
    await write("\n".repeat(1024 * 1024 + 1));
    await assert.rejects(list(), refusal(/is larger than 1 MB/));
    await write("a\n".repeat(10_001));
    await assert.rejects(list(), refusal(/has more than 10,000 rules/));
    await write("a".repeat(4097));
    await assert.rejects(list(), refusal(/has a line of more than 4,096 characters/));
    await write(`#${"a".repeat(10_000)}\n${"\n".repeat(20_000)}${"a\n".repeat(10_000)}`);
    assert.equal((await list()).files.length, 1);
  });

  it("count together with those above them", async () => {
    await mkdir(join(folder.path, "x/y"), { recursive: true });
    await mkdir(join(folder.path, "z"));
    for (const path of ["x", "x/y", "z"])
      await writeFile(join(folder.path, path, ".gitignore"), "b\n".repeat(5_000));
    assert.equal((await list()).files.length, 3);
    await writeFile(join(folder.path, ".gitignore"), "b\n");
    await assert.rejects(list(), refusal(/^“y\/\.gitignore” has more than 10,000 rules/));
    await writeFile(join(folder.path, ".gitignore"), `${"b".repeat(4_000)}\n`.repeat(200));
    await writeFile(join(folder.path, "x/.gitignore"), `${"b".repeat(4_000)}\n`.repeat(200));
    await assert.rejects(list(), refusal(/^“x\/\.gitignore” is larger than 1 MB/));
  });

  it("are refused where the folder lies in the repository that has them, too", async () => {
    await mkdir(join(folder.path, ".git"));
    await writeFile(join(folder.path, ".git/HEAD"), "");
    await mkdir(join(folder.path, "sub"));
    await writeFile(join(folder.path, ".gitignore"), "a\n".repeat(10_001));
    const inner = listFolder(join(folder.path, "sub"), { useIgnoreFiles: true, signal: never });
    await assert.rejects(inner, refusal(/has more than 10,000 rules/));
  });

  it("let the editor have its turn, and Cancel its way, between their rules", async () => {
    const rules = IgnoreRules.on().with("", `${"*[a-z]".repeat(16)}b\n`.repeat(10_000));
    let turns = 0;
    const cancelled = new Error("cancelled");
    const breathe = async () => {
      turns += 1;
      if (turns === 3) throw cancelled;
    };
    await assert.rejects(rules.names("a".repeat(255), false, breathe), cancelled);
    assert.equal(turns, 3);
  });

  it("end with the walk when it is cancelled @slow", async () => {
    await writeFile(join(folder.path, ".gitignore"), `${"*[a-z]".repeat(16)}b\n`.repeat(10_000));
    for (let number = 0; number < 300; number++)
      await writeFile(join(folder.path, `${"a".repeat(240)}${number}`), "");
    const controller = new AbortController();
    const walk = list(controller.signal);
    // A timer gets its turn in the middle of it: all of it would take a minute.
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(walk, (reason: Error) => reason.name === "AbortError");
  });

  itNeeds("symbolic links", "are no links, and no pipes that would wait for a writer", async () => {
    await symlink("/dev/zero", join(folder.path, ".gitignore"));
    assert.equal((await list()).files.length, 0);
    if (process.platform === "win32") return;
    await rm(join(folder.path, ".gitignore"));
    execFileSync("mkfifo", [join(folder.path, ".gitignore")]);
    assert.equal((await list()).leftOut.special, 1);
  });

  if (hasGit)
    it("mean what they mean to Git @slow", async () => {
      const git = (...args: string[]) =>
        execFileSync("git", args, {
          cwd: folder.path,
          encoding: "utf8",
          env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
        });
      git("init", "-q");
      const names = ["a", "b", "ab", "ba", "B", "a b", "a ", "#a", "!a", "[a]", "a-b", "é", "9"];
      for (const top of ["a", "b", "ab", "9"]) {
        await mkdir(join(folder.path, top, "a", "b"), { recursive: true });
        for (const name of names) {
          if (name !== "a") await writeFile(join(folder.path, top, name === "ba" ? "ba" : `${name}.x`), "");
          await writeFile(join(folder.path, top, "a", "b", name), "");
        }
      }
      for (const name of names)
        if (!["a", "b", "ab", "9"].includes(name)) await writeFile(join(folder.path, name), "");
      const char = fc.constantFrom(
        ...[
          "a",
          "b",
          "B",
          "9",
          "x",
          ".",
          "?",
          "*",
          "[ab]",
          "[!a]",
          "[^b-z]",
          "[a-]",
          "[]a]",
          "[[:alpha:]]",
          "[[:upper:]]",
        ],
        ...[
          "[[:nothing:]]",
          "[a",
          "[",
          "[b-a]",
          "[\\]a]",
          "[!]",
          "\\a",
          "\\*",
          "\\[",
          "\\",
          " ",
          "\\ ",
          "#",
          "!",
          "é",
          "[a/]",
        ],
      );
      const name = fc.array(char, { minLength: 1, maxLength: 3 }).map((chars) => chars.join(""));
      // Stars that touch something else are plain ones, but for a slip of Git that depends on what stands before them.
      const part = fc.oneof(
        { weight: 4, arbitrary: name.map((text) => text.replace(/\*{2,}/g, "*")) },
        fc.constantFrom("**", "***", "a", "b"),
      );
      const line = fc
        .record({
          sign: fc.constantFrom("", "", "", "!", "\\"),
          start: fc.constantFrom("", "", "/", "**/"),
          parts: fc.array(part, { minLength: 1, maxLength: 3 }),
          end: fc.constantFrom("", "", "/", "/**", "/*", " ", "\r"),
        })
        .map(({ sign, start, parts, end }) => `${sign}${start}${parts.join("/")}${end}`);
      const file = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => `${lines.join("\n")}\n`);
      await fc.assert(
        fc.asyncProperty(file, file, async (top, inner) => {
          await writeFile(join(folder.path, ".gitignore"), top);
          await writeFile(join(folder.path, "a/.gitignore"), inner);
          const told = git("ls-files", "-z", "--others", "--exclude-standard").split("\0").filter(Boolean);
          const listed = (await list()).files.map(({ path }) => path);
          assert.deepEqual(listed.sort(), told.sort());
        }),
        { numRuns: Number(process.env["IGNORE_RUNS"] ?? 60) },
      );
    });
});
