import assert from "node:assert/strict";
import fc from "fast-check";
import { draftName } from "../../../src/delivery/upload/draftNames.ts";

/** Files in the order of the list: their names, and what they are called in the draft already. */
const files = (...list: readonly (readonly [string, (string | null)?])[]) =>
  list.map(([name, sentAs = null], at) => ({ id: String(at), name, sentAs }));

describe("The name of a file in a draft", () => {
  for (const [what, list, of, expected] of [
    ["is its own", files(["x.bin"]), 0, "x.bin"],
    ["has a number where an earlier one is called so", files(["x.bin"], ["x.bin"]), 1, "x (2).bin"],
    ["is its own for the first of two", files(["x.bin"], ["x.bin"]), 0, "x.bin"],
    [
      "is its own where the earlier one is there under another",
      files(["x.bin", "x (2).bin"], ["x.bin"]),
      1,
      "x.bin",
    ],
    ["leaves another its own", files(["x.bin"], ["x.bin"], ["x (2).bin"]), 1, "x (3).bin"],
    [
      "is not that of one that is there",
      files(["x.bin", "x.bin"], ["x.bin", "x (2).bin"], ["x (2).bin"]),
      2,
      "x (2) (2).bin",
    ],
    ["needs no ending", files(["Makefile", "Makefile"], ["Makefile"]), 1, "Makefile (2)"],
    ["takes no dot at the start for one", files([".env", ".env"], [".env"]), 1, ".env (2)"],
  ] as const)
    it(what, () => assert.equal(draftName(list, String(of)), expected));

  it("is never that of another file, in whichever order they come and go", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("x", "x (2)", "x (3)", "y"), fc.nat(9)), { maxLength: 12 }),
        (steps) => {
          let list: { id: string; name: string; sentAs: string | null }[] = [];
          for (const [at, [name, act]] of steps.entries()) {
            list.push({ id: String(at), name, sentAs: null });
            const chosen = list[act % list.length];
            if (act === 9) list = list.filter((file) => file !== chosen);
            else if (chosen?.sentAs === null) chosen.sentAs = draftName(list, chosen.id);
            const names = list.flatMap(({ sentAs }) => sentAs ?? []);
            assert.equal(new Set(names).size, names.length, names.join());
          }
        },
      ),
    ));
});
