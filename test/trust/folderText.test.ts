/** Text of a folder that somebody else has made: the editor answers meanwhile, and Cancel ends it. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseMarkdown } from "../../src/delivery/body/markdown.ts";
import { listFolder } from "../../src/files/folder/folderWalk.ts";
import { IgnoreRules } from "../../src/files/folder/ignoreRules.ts";
import { Folder } from "../support/files.ts";

/** As many lines as an ignore file may have. */
const full = (line: string) => {
  const bytes = Buffer.byteLength(line) + 1;
  return `${line}\n`.repeat(Math.min(10_000, Math.floor((1024 * 1024 - 1) / bytes)));
};
const stretched = (part: string, end = "b") =>
  part.repeat(Math.floor((4096 - end.length) / part.length)) + end;

const IGNORE_FILES: Readonly<Record<string, string | Uint8Array>> = {
  "a star that is tried everywhere": full(stretched("*")),
  "classes between stars": full(stretched("[a-z]*")),
  "classes of classes": full(`*${"[[:alpha:][:alnum:]]".repeat(200)}b`),
  "a class of thousands of letters": full(`*[${"é".repeat(1_900)}]*b`),
  "a class of thousands of ranges": full(`*[${'!-"'.repeat(1_300)}]b`),
  "a class of thousands of letters, in each folder": full(`**/*[${"é".repeat(1_900)}]b/z`),
  "nothing but brackets": full(stretched("[")),
  "classes that nobody closes": full(stretched("[[:")),
  "a long name in each folder": full(`**/${`*${"a".repeat(240)}b/`.repeat(16)}z`),
  "folders at any depth": full("**/a/**/a/**/a/**/b"),
  "folders at any depth, at length": full(stretched("**/a/")),
  "stars for each folder": full(`**/${stretched("*/").slice(3)}`),
  "stars in threes": full(stretched("***/a/")),
  exceptions: full("!*a*a*a*a*b"),
  "exceptions of exceptions": full("a*\n!a*b"),
  backslashes: full(stretched("\\\\")),
  slashes: full(stretched("/")),
  blanks: full(stretched(" ", " ")),
  "escaped blanks": full(stretched("\\ ")),
  "question marks": full(stretched("?")),
  "empty lines": "\n".repeat(1024 * 1024),
  comments: "#\n".repeat(512 * 1024),
  "returns for line ends": "\r".repeat(1024 * 1024),
  "UTF-16": Buffer.from("*a*a*b\n".repeat(70_000), "utf16le"),
  "bytes of no text": new Uint8Array(1024 * 1024).fill(0xff),
  zeros: new Uint8Array(1024 * 1024),
};

const nested = (name: string, depth: number) => Array.from({ length: depth }, () => name).join("/");

/** The paths that they are asked about: many, deep, and long. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  "many long names": Array.from({ length: 200 }, (_, at) => `${"a".repeat(240)}${at}`),
  "deep folders": [`${nested("a", 1_500)}/f`],
  "deep folders with long names": [`${nested("a".repeat(250), 14)}/f`],
};

describe("Text of a folder that somebody else has made", () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await Folder.make();
  });
  afterEach(() => folder.remove());

  const put = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), content);
  };

  /** How a walk ends that is cancelled once the editor has had so many turns of its own. */
  async function walked(turns: number, from = folder.path): Promise<string> {
    const controller = new AbortController();
    let left = turns;
    const turn = () => {
      if (left-- > 0) timer = setTimeout(turn, 1);
      else controller.abort();
    };
    let timer = setTimeout(turn, 1);
    try {
      await listFolder(from, { useIgnoreFiles: true, git: null, signal: controller.signal });
      return "listed";
    } catch (reason) {
      assert.ok(reason instanceof Error);
      return "code" in reason && typeof reason.code === "string" ? reason.code : reason.name;
    } finally {
      clearTimeout(timer);
    }
  }

  it("as an ignore file of whatever shape lets the walk end, or be cancelled @slow", async () => {
    const ends: Record<string, number> = {};
    for (const [where, paths] of Object.entries(PLACES)) {
      await folder.remove();
      folder = await Folder.make();
      for (const path of paths) await put(path, "");
      for (const [what, text] of Object.entries(IGNORE_FILES)) {
        await put(".gitignore", text);
        const end = await walked(5);
        assert.match(end, /^(listed|ignore-file-refused|AbortError)$/, `${what}, ${where}`);
        ends[end] = (ends[end] ?? 0) + 1;
      }
    }
    console.log(
      `      ${Object.keys(IGNORE_FILES).length} ignore files × ${Object.keys(PLACES).length} folders: ${JSON.stringify(ends)}`,
    );
  });

  it("is asked rule by rule where the rules are long: between two of them the editor has its turn", async () => {
    for (const line of [stretched("*a"), `*[${"é".repeat(1_900)}]b`, `**/${"*a/".repeat(300)}b`]) {
      const rules = IgnoreRules.on().with("", `${line}\n`.repeat(50));
      let turns = 0;
      await rules.names("a".repeat(255), false, async () => {
        turns += 1;
      });
      assert.equal(turns, 50, line.slice(0, 20));
    }
  });

  it("is read on the way up to the top of a repository only until that is cancelled", async () => {
    await put(".git/HEAD", "");
    // Comments count for no rule, so that only Cancel ends this before the file that is too large.
    const chain = Array.from({ length: 20 }, (_, at) => nested("a", at + 1));
    for (const path of chain) await put(`${path}/.gitignore`, "#\n".repeat(500_000));
    await put(`${chain.at(-1)}/b/.gitignore`, "\n".repeat(2 * 1024 * 1024));
    await put(`${chain.at(-1)}/b/c/f`, "");
    assert.equal(await walked(0, join(folder.path, `${chain.at(-1)}/b/c`)), "AbortError");
  });

  describe("as Markdown, however it is nested,", () => {
    const seeds =
      `>|> |- |1. |[|![|[a](|[a][|*a_|**a |_*|a**b_c*|\`a\`\`|\`|[a]: b\n|&amp;|&#|<|<a |<!--|http://|a@b.example.|http://x.example(|a\n-\n|# |\`\`\`\n|~~a|
|\\|"'|![a](b)|[^1]: a\n|\u200b*a|\u0301*|> - |>- 1. |- > |- - -\n|[a](b "|mailto:|(|\t- |> \`\`\`\n\
|<p>\n|<p></p>x <foo>\n|> <!--\n|<b>|<b><p>|<table><td>|</b>|<p a="|<a b |<td>|$a|$$|$$\n|\\*_|-- \n|[^1]: > |[^1]|![a](b c|- [ ] \n`.split(
        "|",
      );
    const texts = [
      ...seeds.flatMap((seed) => ["", "\n", "a "].map((rest) => (seed + rest).repeat(20_000 / seed.length))),
      ...seeds.map((seed) => `${seed.repeat(5_000)}${"]".repeat(5_000)}${")".repeat(5_000)}`),
      Array.from({ length: 400 }, (_, at) => `${" ".repeat(at * 2)}- a`).join("\n"),
      Array.from({ length: 400 }, (_, at) => "`".repeat(at + 1)).join("a"),
      `${"|a".repeat(2_000)}|\n${"|-".repeat(2_000)}|\n${"|b|\n".repeat(10_000)}`,
      `|a|\n|-|\n${"|b|\n".repeat(40_000)}`,
      "x\n".repeat(200_000),
    ];
    for (const profile of ["mail", "document"] as const)
      it(`becomes a ${profile}`, () => {
        for (const text of texts) assert.ok(Array.isArray(parseMarkdown(text, profile)), text.slice(0, 20));
        console.log(`      ${texts.length} Markdown texts`);
      });
  });
});
