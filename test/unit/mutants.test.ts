import assert from "node:assert/strict";
import { mutantsOf, withMutant } from "../../scripts/mutate/mutants.ts";

/** Each fault as the source with the fault in it. */
const faultyVersions = (source: string) => mutantsOf(source).map((mutant) => withMutant(source, mutant));

describe("The faults that are put into a file", () => {
  for (const [what, source, ...expected] of [
    ["a comparison", "const a = b === c;\n", "const a = b !== c;\n"],
    ["a bound", "const a = b < c;\n", "const a = b <= c;\n"],
    ["a conjunction", "const a = b && c;\n", "const a = b || c;\n"],
    ["a default", "const a = b ?? c;\n", "const a = b && c;\n"],
    ["an offset", "const a = b - 1;\n", "const a = b + 1;\n"],
    ["a truth", "const a = true;\n", "const a = false;\n"],
    ["a negation", "const a = f(!b);\n", "const a = f( b);\n"],
    ["a wait", "const a = await f();\n", "const a = f();\n"],
    ["a condition", "if (f(a)) b++;\n", "if (true) b++;\n", "if (false) b++;\n"],
    [
      "both sides of a condition",
      "if (!a && b) c++;\n",
      "if ( a && b) c++;\n",
      "if (true) c++;\n",
      "if (false) c++;\n",
      "if (!a || b) c++;\n",
    ],
    ["a loop", "while (f(a)) b++;\n", "while (false) b++;\n"],
    ["a call whose result nobody takes", "function f() {\n  g.h(1);\n}\n", "function f() {\n  ;\n}\n"],
  ] as const)
    it(`change ${what}`, () => assert.deepEqual(faultyVersions(source), expected));

  for (const [what, source] of [
    ["comments", "// a === b, if (c)\n/* true && false */\n"],
    ["strings", `const a = ["b === c", 'if (d)'];\n`],
    ["regular expressions", "const a = f(/ && /u);\n"],
    ["types", "interface A {\n  readonly b: true;\n  readonly c: (d: number) => boolean;\n}\n"],
    ["what a log says", "function f() {\n  this.#log.info(1);\n}\n"],
    ["brackets of types", "const a = f<Map<string, number>>;\n"],
    ["arrows", "const a = (b) => b;\n"],
  ] as const)
    it(`leave ${what} alone`, () => assert.deepEqual(faultyVersions(source), []));

  for (const condition of ["a === b", "!a.b(c)"])
    it(`say once what becomes of the condition ${condition}`, () =>
      assert.deepEqual(faultyVersions(`if (${condition}) d++;\n`), [
        "if (true) d++;\n",
        "if (false) d++;\n",
      ]));

  it("name the line", () => {
    const [mutant] = mutantsOf("const a = 1;\nconst b = a > 2;\n");
    assert.deepEqual([mutant?.line, mutant?.what, mutant?.text], [2, "> → >=", "const b = a > 2;"]);
  });
});
