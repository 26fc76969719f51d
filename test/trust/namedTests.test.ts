/** What SECURITY.md promises, and the tests that it names for each answer: they are there, and this prints how many. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "SECURITY.md"), "utf8");
const ANSWER = /^(\d+)\. \*\*(.+?)\*\*.* — (.*)$/gm;
const PATH = /`([\w./]+)`/g;

/** The test files below a path. */
function testsAt(path: string): string[] {
  if (path.endsWith(".test.ts")) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((name) => name.endsWith(".test.ts"));
}

describe("Each answer of SECURITY.md", () => {
  const answers = [...page.matchAll(ANSWER)];

  it("names tests", () => {
    const numbered = page.match(/^\d+\. \*\*/gm) ?? [];
    assert.ok(numbered.length >= 18);
    assert.equal(answers.length, numbered.length);
  });

  for (const [, number = "", what = "", named = ""] of answers)
    it(`has those that it names: ${number}, ${what}`, () => {
      let folder = "test";
      const files = [...named.matchAll(PATH)].flatMap(([, path = ""]) => {
        // A name without a folder is of the one before, and may leave its ending out.
        const full = path.includes("/") ? path : join(folder, path.replace(/(?<!\.test\.ts)$/, ".test.ts"));
        folder =
          path.includes("/") && path.endsWith(".ts") ? dirname(path) : path.includes("/") ? path : folder;
        return testsAt(full);
      });
      const texts = files.map((file) => readFileSync(join(root, file), "utf8"));
      for (const [, title = ""] of named.matchAll(/“([^”]+)”/g))
        assert.ok(
          texts.some((text) => text.includes(title)),
          title,
        );
      const tests = texts.flatMap((text) => text.match(/^\s*it\(/gm) ?? []).length;
      assert.ok(tests > 0);
      console.log(`      ${number}: ${tests} tests in ${files.length} files`);
    });
});
