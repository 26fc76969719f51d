import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { type FolderListing, leaveOut, listFolder } from "../../../src/files/folder/folderWalk.ts";
import { describeFolder } from "../../../src/files/folder/folderWords.ts";
import { Folder } from "../../support/files.ts";
import { has, itNeeds } from "../../support/systems.ts";

const isRoot = process.getuid?.() === 0;

describe("Looking into a folder", () => {
  let folder: Folder;

  beforeEach(async () => {
    folder = await Folder.make();
  });
  afterEach(() => folder.remove());

  const put = async (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder.path, path)), { recursive: true });
      await writeFile(join(folder.path, path), text);
    }
  };
  const list = (path = "", useIgnoreFiles = true): Promise<FolderListing> =>
    listFolder(join(folder.path, path), {
      useIgnoreFiles,
      git: null, // What Git itself says: repositoryRules.test.ts.
      signal: new AbortController().signal,
    });
  const paths = ({ files }: FolderListing) => files.map(({ path }) => path.replaceAll(sep, "/"));

  it("lists every file once, in an order that does not depend on the machine, with the sizes", async () => {
    await put({
      "b.txt": "22",
      "a/z.txt": "1",
      "a/B.txt": "333",
      "Ä.txt": "",
      "10": "x",
      "9": "x",
      "a.b": "x",
    });
    const listing = await list();
    assert.deepEqual(paths(listing), ["10", "9", "a/B.txt", "a/z.txt", "a.b", "b.txt", "Ä.txt"]);
    assert.equal(listing.bytes, 9);
    assert.deepEqual(listing.largest[0], { path: join("a", "B.txt"), size: 3 });
    assert.equal(listing.largest.length, 5);
  });

  it("leaves out .git wherever it is, also the file of a worktree, and without ignore files as well", async () => {
    await put({ ".git/config": "x", "sub/.git": "gitdir: elsewhere", "sub/a": "a", ".gitattributes": "x" });
    for (const useIgnoreFiles of [true, false]) {
      const listing = await list("", useIgnoreFiles);
      assert.deepEqual(paths(listing), [".gitattributes", "sub/a"]);
      assert.equal(listing.leftOut.git, 2);
    }
  });

  it("leaves out .git however it is spelled: other systems take it for the same", async () => {
    await put({ ".GIT/config": "x", "one/.Git/HEAD": "x", "two/.gIT": "gitdir: elsewhere", a: "a" });
    for (const useIgnoreFiles of [true, false]) {
      const listing = await list("", useIgnoreFiles);
      assert.deepEqual(paths(listing), ["a"]);
      assert.equal(listing.leftOut.git, 3);
    }
  });

  itNeeds(
    "names with any sign",
    "leaves out what would be a .git once its name is one that every system can make",
    async () => {
      await put({ ".git./config": "x", "one/.GIT /HEAD": "x", "two/.g\u200cit/config": "x", ".git_": "a" });
      for (const useIgnoreFiles of [true, false]) {
        const listing = await list("", useIgnoreFiles);
        assert.deepEqual(paths(listing), [".git_"]);
        assert.equal(listing.leftOut.git, 3);
      }
    },
  );

  it("counts nothing of a .git in a folder that is ignored, however it is spelled", async () => {
    await put({ ".gitignore": "out/\n", "out/.GIT/config": "x", "out/b": "b" });
    assert.equal((await list("", true)).leftOut.ignored, 1);
  });

  itNeeds(
    "symbolic links",
    "follows no symbolic link: neither to a file, nor out, nor round in a circle",
    async () => {
      await put({ "a/inside.txt": "x" });
      await symlink("inside.txt", join(folder.path, "a/link.txt"));
      await symlink("..", join(folder.path, "a/loop"));
      await symlink("/", join(folder.path, "out"));
      await symlink("nowhere", join(folder.path, "dangling"));
      const listing = await list();
      assert.deepEqual(paths(listing), ["a/inside.txt"]);
      assert.equal(listing.leftOut.symlinks, 4);
    },
  );

  it("leaves out what systems keep for themselves, and takes it when everything is wanted", async () => {
    await put({ "a/.DS_Store": "x", "a/b": "b", "Thumbs.db": "x", "$RECYCLE.BIN/c": "c", "._b": "x" });
    const listing = await list();
    assert.deepEqual(paths(listing), ["a/b"]);
    assert.equal(listing.leftOut.system, 4);
    assert.match(describeFolder(listing), /Left out: 4 system files \(such as \.DS_Store\)/);
    assert.equal((await list("", false)).files.length, 5);
  });

  itNeeds("symbolic links", "says that a bundle of macOS is broken without its links", async () => {
    await put({ "My.app/Contents/a": "x", "other/b": "x" });
    await symlink("a", join(folder.path, "My.app/Contents/link"));
    await symlink("b", join(folder.path, "other/link"));
    const broken = /^My\.app needs its symbolic links to work: compress in the Finder, and send that zip$/m;
    assert.match(describeFolder(await list()), broken);
    assert.match(describeFolder(await list("My.app")), broken);
    assert.doesNotMatch(describeFolder(await list("other")), /to work/);
  });

  itNeeds("named pipes", "skips pipes without waiting for a writer", async () => {
    await put({ a: "x" });
    execFileSync("mkfifo", [join(folder.path, "pipe")]);
    const listing = await list();
    assert.deepEqual(paths(listing), ["a"]);
    assert.equal(listing.leftOut.special, 1);
  });

  itNeeds("names with any sign", "takes names as they are", async () => {
    const odd = [
      "new\nline",
      "x".repeat(255),
      "\u202egpj.exe",
      "cr\r\nlf",
      "back\\slash",
      "-rf",
      " ",
      "é",
      "e\u0301",
      "#a",
      "!b",
      "..c",
    ];
    await put(Object.fromEntries(odd.map((name) => [name, name])));
    assert.deepEqual(new Set(paths(await list())), new Set(odd));
  });

  it("says that a folder is not there", async () => {
    await assert.rejects(list("nowhere"), { code: "file-missing" });
  });

  if (!isRoot && has("permissions of Unix"))
    it("names what cannot be read inside, and goes on", async () => {
      await put({ "locked/a": "x", b: "x" });
      await chmod(join(folder.path, "locked"), 0);
      const listing = await list();
      await chmod(join(folder.path, "locked"), 0o700);
      assert.deepEqual(paths(listing), ["b"]);
      assert.deepEqual(listing.leftOut.unreadable, ["locked"]);
    });

  it("ends when it is told to", async () => {
    await put({ a: "x" });
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(
      listFolder(folder.path, { useIgnoreFiles: true, signal: controller.signal }),
      (reason: Error) => reason.name === "AbortError",
    );
  });

  itNeeds(
    "names with any sign",
    "says what is inside, what stays out and what weighs most, on lines of its own",
    async () => {
      await put({
        ".gitignore": "*.log\n",
        "a.log": "x",
        "b.log": "x",
        ".git/x": "x",
        "evil\n\u202ename": "12345",
      });
      await writeFile(join(folder.path, "big"), "");
      await truncate(join(folder.path, "big"), 40_000_000);
      await symlink("a", join(folder.path, "link"));
      assert.equal(
        describeFolder(await list()),
        "3 files, 38.1 MB\nLeft out: 2 files ignored by .gitignore, .git, 1 symbolic link\n" +
          "Renamed so that every system can unpack them: evil��name → evil name\n" +
          "Largest: big (38.1 MB), .gitignore (6 bytes) and evil��name (5 bytes)",
      );
    },
  );

  describe("with ignore files", () => {
    const cases: readonly (readonly [
      what: string,
      files: Readonly<Record<string, string>>,
      kept: string[],
    ])[] = [
      ["a name at any depth", { ".gitignore": "*.log\n", "a.log": "", "x/b.log": "", c: "" }, ["c"]],
      [
        "a folder with all that is in it",
        { ".gitignore": "out/\n", "out/a": "", "x/out/b": "", "y/out": "" },
        ["y/out"],
      ],
      ["a name at the top only", { ".gitignore": "/a\n", a: "", "x/a": "" }, ["x/a"]],
      ["an exception", { ".gitignore": "*.txt\n!keep.txt\n", "a.txt": "", "x/keep.txt": "" }, ["x/keep.txt"]],
      [
        "no exception below a folder that stays out",
        { ".gitignore": "out/\n!out/keep\n", "out/keep": "" },
        [],
      ],
      [
        "a nested file, for its folder alone",
        { "x/.gitignore": "a\n", a: "", "x/a": "", "x/y/a": "" },
        ["a"],
      ],
      [
        "a nested file's anchored rule",
        { "x/.gitignore": "/y/a\n", "x/y/a": "", "x/z/y/a": "" },
        ["x/z/y/a"],
      ],
      [
        "a nested exception to a rule above",
        { ".gitignore": "*.o\n", "x/.gitignore": "!*.o\n", "a.o": "", "x/a.o": "" },
        ["x/a.o"],
      ],
      [
        "a folder that a nested exception brings back",
        { ".gitignore": "build/\n", "x/.gitignore": "!build/\n", "build/a": "", "x/build/a": "" },
        ["x/build/a"],
      ],
      [
        "lines that end in CR LF, comments, a mark of byte order",
        { ".gitignore": "\uFEFF# x\r\na\r\n\r\nb/\r\n", a: "", "b/c": "", d: "" },
        ["d"],
      ],
      [
        "a nested file below a folder with odd characters",
        { "[x] y!/.gitignore": "a\n/b\n", "[x] y!/a": "", "[x] y!/b": "", "x/a": "" },
        ["x/a"],
      ],
      [
        "signs that stand for themselves",
        { "x/.gitignore": "\\#a\n\\!b\n", "x/#a": "", "x/!b": "", "x/c": "" },
        ["x/c"],
      ],
      [
        "stars over folders",
        { "x/.gitignore": "**/tmp\nfoo/**\n", "x/a/tmp/b": "", "x/foo/b/c": "", "x/d": "" },
        ["x/d"],
      ],
      ["trailing blanks", { ".gitignore": "a   \nb\\ \n", a: "", "b ": "", b: "" }, ["b"]],
    ];
    for (const [what, files, kept] of cases) {
      const all = { ".git/HEAD": "ref: refs/heads/main\n", ...files };
      it(`knows ${what}`, async () => {
        await put(all);
        const names = paths(await list()).filter((path) => !path.endsWith(".gitignore"));
        assert.deepEqual(names.sort(), [...kept].sort());
      });
      if (has("Git"))
        it(`knows ${what} as git does`, async () => {
          await put(files);
          const git = (...args: string[]) =>
            execFileSync("git", args, {
              cwd: folder.path,
              encoding: "utf8",
              env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
            });
          git("init", "-q");
          const told = git("ls-files", "-z", "--others", "--exclude-standard").split("\0").filter(Boolean);
          assert.deepEqual(paths(await list()).sort(), told.sort());
        });
    }

    it("counts the files that stay out, those in ignored folders too", async () => {
      await put({
        ".gitignore": "out/\n*.log\n",
        "a.log": "",
        "out/a": "",
        "out/x/b": "",
        "out/x/.git/c": "",
      });
      assert.equal((await list()).leftOut.ignored, 3);
    });

    it("takes everything but .git when it is told to", async () => {
      await put({ ".gitignore": "a\n", a: "", "x/.gitignore": "*", "x/b": "", ".git/c": "" });
      assert.deepEqual(paths(await list("", false)), [".gitignore", "a", "x/.gitignore", "x/b"]);
    });

    it("heeds the rules of the repository around the folder", async () => {
      await put({ ".git/HEAD": "", ".gitignore": "*.log\n/p/q/tmp\n", "p/.gitignore": "!keep.log\n" });
      await put({ "p/q/a.log": "", "p/q/keep.log": "", "p/q/tmp/x": "", "p/q/b": "" });
      assert.deepEqual(paths(await list("p/q")), ["b", "keep.log"]);
    });

    it("takes a folder that the repository ignores, for it was chosen: its own rules count alone", async () => {
      await put({
        ".git/HEAD": "",
        ".gitignore": "dist/\n*.map\n",
        "dist/a.map": "",
        "dist/.gitignore": "b\n",
        "dist/b": "",
      });
      assert.deepEqual(paths(await list("dist")), [".gitignore", "a.map"]);
    });

    it("looks no further up than the repository, and not up at all outside of one", async () => {
      await put({ ".gitignore": "*\n", "p/.git/HEAD": "", "p/x/a": "", "q/a": "" });
      assert.deepEqual(paths(await list("p/x")), ["a"]);
      assert.deepEqual(paths(await list("q")), ["a"]);
    });

    itNeeds("symbolic links", "takes no symbolic link for an ignore file", async () => {
      await put({ rules: "a\n", a: "" });
      await symlink("rules", join(folder.path, ".gitignore"));
      assert.deepEqual(paths(await list()), ["a", "rules"]);
    });
  });

  it("can go without some files, which are counted", async () => {
    await put({ "a.txt": "a", "b.txt": "bb", "c/d.txt": "dddd" });
    const listing = await list();
    const rest = leaveOut(listing, new Set(["b.txt", join("c", "d.txt")]));
    assert.deepEqual(
      [rest.files, rest.bytes, rest.largest],
      [[{ path: "a.txt", size: 1 }], 1, [{ path: "a.txt", size: 1 }]],
    );
    assert.match(describeFolder(rest), /^1 file, 1 byte\nLeft out: 2 files that you unticked\n/);
    assert.equal(leaveOut(rest, new Set(["a.txt"])).leftOut.unwanted, 3);
  });
});
