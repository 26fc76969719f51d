import assert from "node:assert/strict";
import { plainName } from "../../../src/delivery/compose/cutFiles.ts";
import { portableName } from "../../../src/files/portableName.ts";

describe("The name of a file in parts", () => {
  for (const [name, expected] of [
    ["film.mp4", "film.mp4"],
    ["My film (2).mp4", "My_film_2_.mp4"],
    ["Résumé 日本.pdf".normalize("NFD"), "Résumé_日本.pdf"],
    ["-rf ~ $(id) `id` 'a' \"b\" %PATH% ^ & | ; + ,=!{}[]@#.zip", "rf_id_id_a_b_PATH_.zip"],
    ["_con.mp4", "con_.mp4"],
    ["(nul).tar.gz", "nul_.tar.gz"],
    ["+COM¹.log", "COM¹_.log"],
    ["___", "file"],
    ["...", "file"],
  ] as const)
    it(`is ${expected} for ${name}`, () => {
      const plain = plainName(name);
      assert.equal(plain, expected);
      // What Windows takes for a device, or for another name, would join the parts to nothing.
      assert.equal(plain, portableName(plain));
    });

  it("is one that a command line has room for, with its ending", () => {
    assert.match(plainName(`${"é".repeat(250)}.mp4`), /^é{30}é{26}\.mp4$/u);
  });
});
