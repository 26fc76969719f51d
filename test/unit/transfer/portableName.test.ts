import assert from "node:assert/strict";
import { sep } from "node:path";
import fc from "fast-check";
import { EntryNames, renamedIn } from "../../../src/files/folder/entryNames.ts";
import { distinctNames, nameKey, portableName } from "../../../src/files/portableName.ts";

/** On the disk, and in a mail or a zip. */
const NAMES: readonly (readonly [string, string])[] = [
  // What is fine stays as it is.
  ["report.pdf", "report.pdf"],
  [".env", ".env"],
  ["..config", "..config"],
  ["größe 📦👩‍👩‍👧.bin", "größe 📦👩‍👩‍👧.bin"],
  ["a'b;c%20&d=e#f~$g,h!.txt", "a'b;c%20&d=e#f~$g,h!.txt"],
  ["console.log", "console.log"],
  ["auxiliary.c", "auxiliary.c"],
  ["com.example.app", "com.example.app"],
  ["com10", "com10"],
  // Composition, as macOS does not have it.
  ["U\u0308bersicht.pdf", "Übersicht.pdf"],
  ["\u1112\u1161\u11ab.txt", "한.txt"],
  ["A\u030angstro\u0308m", "Ångström"],
  // What Windows cannot have.
  ["2026-03-02T14:05:09.log", "2026-03-02T14_05_09.log"],
  ["what?.txt", "what_.txt"],
  ['a*b|c<d>e"f.txt', "a_b_c_d_e_f.txt"],
  ["back\\slash.txt", "back_slash.txt"],
  ["notes.txt::$DATA", "notes.txt__$DATA"],
  ["trail.", "trail"],
  ["trail ", "trail"],
  ["trail. . .", "trail"],
  ["aux.c", "aux_.c"],
  ["CON", "CON_"],
  ["nul.tar.gz", "nul_.tar.gz"],
  ["Prn .txt", "Prn_ .txt"],
  ["con.", "con_"],
  ["lpt9.log", "lpt9_.log"],
  ["com¹", "com¹_"],
  ["CONIN$", "CONIN$_"],
  // What cannot be seen, or turns the line.
  ["\u202egpj.exe", "gpj.exe"],
  ["a\u200bb\u00ad.txt", "ab.txt"],
  ["\ufeffa.txt", "a.txt"],
  ["new\nline\tand\r\nmore", "new line and more"],
  ["bell\u0007\u001b[31m.txt", "bell[31m.txt"],
  ["half\ud83d.txt", "half.txt"],
  // What would be empty.
  ["", "file"],
  [" ", "file"],
  ["...", "file"],
  ["\u202e\u2066", "file"],
  [" .", "file"],
  // What is too long.
  [`${"x".repeat(300)}.tar.gz`, `${"x".repeat(248)}.tar.gz`],
  [`${"長".repeat(100)}.bin`, `${"長".repeat(83)}.bin`],
  [`${"👩‍👩‍👧".repeat(20)}.txt`, `${"👩‍👩‍👧".repeat(13)}.txt`],
];

const sane = (name: string) =>
  name !== "" &&
  !/[<>:"/\\|?*\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(name) &&
  !/[. ]$/.test(name) &&
  !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) &&
  name === name.normalize("NFC") &&
  Buffer.byteLength(name) <= 255;

/** Pieces that make names that somebody else's system cannot have. */
const piece = fc.constantFrom(
  ...[
    "a",
    "B",
    ".",
    " ",
    "con",
    "aux",
    "nul",
    ":",
    "?",
    "\\",
    "\u202e",
    "\u0308",
    "e",
    "é",
    "ß",
    "SS",
    "\n",
    "1",
    "長",
    "(2)",
  ],
);
const odd = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 300 }),
);

describe("Names in mails and zips", () => {
  for (const [name, expected] of NAMES)
    it(`are legal everywhere, and readable: ${JSON.stringify(name.slice(0, 30))}`, () => {
      assert.equal(portableName(name), expected);
      assert.ok(sane(expected));
    });

  it("are so whatever the disk has, and stay so", () => {
    fc.assert(
      fc.property(odd, (name) => {
        const clean = portableName(name);
        assert.ok(sane(clean), JSON.stringify([name, clean]));
        assert.equal(portableName(clean), clean);
      }),
      { numRuns: 3_000 },
    );
  });

  for (const [names, taken, expected] of [
    [["server.log", "server.log"], [], ["server.log", "server (2).log"]],
    [["a.txt", "A.TXT"], [], ["a.txt", "A (2).TXT"]],
    [["é", "e\u0301"], [], ["é", "e\u0301 (2)"]],
    [["straße", "STRASSE"], [], ["straße", "STRASSE (2)"]],
    [["a.txt", "a.txt", "a (2).txt"], [], ["a.txt", "a (3).txt", "a (2).txt"]],
    [["x"], ["X", "x (2)"], ["x (3)"]],
    [[".env", ".env"], [], [".env", ".env (2)"]],
    [["a.tar.gz", "a.tar.gz"], [], ["a.tar.gz", "a (2).tar.gz"]],
    [["Makefile", "makefile", "MAKEFILE"], [], ["Makefile", "makefile (2)", "MAKEFILE (3)"]],
  ] as const)
    it(`are those of one file each: ${names.join(", ")}`, () =>
      assert.deepEqual(distinctNames(names, taken), expected));

  it("are so whatever they were", () => {
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 12 }), fc.array(odd, { maxLength: 4 }), (names, taken) => {
        const clean = names.map((name) => portableName(name));
        const own = distinctNames(clean, taken);
        assert.equal(new Set(own.map(nameKey)).size, names.length);
        assert.ok(own.every((name) => sane(name) && !taken.map(nameKey).includes(nameKey(name))));
      }),
      { numRuns: 500 },
    );
  });

  const inZip = (...paths: string[]) => {
    const names = new EntryNames();
    return paths.map((path) => names.of(path.replaceAll("/", sep)));
  };

  for (const [what, paths, expected] of [
    ["twins by case", ["run/README.md", "run/Readme.md"], ["run/README.md", "run/Readme (2).md"]],
    ["folders that are twins", ["Src/a", "src/a", "Src/b"], ["Src/a", "src (2)/a", "Src/b"]],
    ["a file and a folder that are twins", ["x/Build", "x/build/a"], ["x/Build", "x/build (2)/a"]],
    ["a folder and a file that are twins", ["x/build/a", "x/Build"], ["x/build/a", "x/Build (2)"]],
    ["twins by composition", ["n/u\u0308", "n/\u00fc"], ["n/ü", "n/ü (2)"]],
    ["the same name in two folders", ["a/x", "b/x"], ["a/x", "b/x"]],
    ["folders that Windows cannot have", ["con/a:b/c. /x", "con/a:b/y"], ["con_/a_b/c/x", "con_/a_b/y"]],
    ["two names that become one", ["x/a:b", "x/a?b", "x/a_b"], ["x/a_b", "x/a_b (2)", "x/a_b (3)"]],
    ["names of a single file", ["aux.c"], ["aux_.c"]],
    ["folders that are nothing but dots", ["x/.. /y", "x/.../y"], ["x/folder/y", "x/folder (2)/y"]],
  ] as const)
    it(`tell apart ${what}`, () => assert.deepEqual(inZip(...paths), expected));

  it("lead nowhere out of the zip, and are as many as the files", () => {
    const path = fc.array(
      odd.filter((name) => name !== "" && !name.includes("/")),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(
          path.map((names) => names.join("/")),
          { maxLength: 12 },
        ),
        (paths) => {
          const names = inZip(...paths);
          const keys = new Set(names.map(nameKey));
          assert.equal(keys.size, names.length);
          for (const name of names) {
            assert.ok(
              name.split("/").every((part) => sane(part)),
              JSON.stringify(name),
            );
            // No file has the name of a folder.
            assert.ok(![...keys].some((other) => other.startsWith(`${nameKey(name)}/`)));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("are told where they differ, each once", () => {
    const files = ["a:b/one", "a:b/two", "ok", "aux.c", "U\u0308"].map((path) => ({
      path: path.replaceAll("/", sep),
    }));
    assert.deepEqual(
      [...renamedIn("/data/run", files)],
      [
        ["a:b", "a_b"],
        ["aux.c", "aux_.c"],
      ],
    );
    assert.deepEqual([...renamedIn("/data/run:1", [{ path: "x" }])], [["run:1", "run_1"]]);
  });
});
