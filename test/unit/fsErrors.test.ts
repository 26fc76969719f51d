import assert from "node:assert/strict";
import { hasCode, isFull, isHeld, patiently, whyUnwritable } from "../../src/base/fsErrors.ts";

const failure = (code: string) => Object.assign(new Error(`${code}: of a test`), { code });

describe("What file systems say", () => {
  for (const [code, sentence] of [
    ["ENOSPC", /disk is full\. Free up/],
    ["EDQUOT", /disk is full\. Free up/],
    ["EBUSY", /Another program has the file open/],
    ["EPERM", /no permission to write there, or another program has the file open/],
    ["EACCES", /no permission to write there, or another program has the file open/],
    ["EROFS", /disk is read-only/],
    ["EMFILE", /Too many files are open/],
    ["EIO", /log says why/],
  ] as const)
    it(`is told for ${code}; to make room only where that helps`, () => {
      assert.match(whyUnwritable(failure(code), false), sentence);
      assert.equal(/Free up some space/.test(whyUnwritable(failure(code))), isFull(failure(code)));
    });

  for (const code of ["EPERM", "EACCES", "EBUSY"])
    it(`is that another program has the file open for ${code} on Windows`, () => {
      assert.match(whyUnwritable(failure(code), true), /^Another program has the file open/);
    });

  it("is no code of anything else", () => {
    assert.equal(hasCode({ code: "EPERM" }, "EPERM"), false);
    assert.equal(hasCode(Object.assign(new Error("x"), { code: 1 }), "1"), false);
    assert.equal(isHeld(undefined), false);
  });
});

describe("Patience with what another program has open", () => {
  /** Work that fails with these codes, one after the other, and then is done. */
  function work(...codes: readonly string[]) {
    const left = [...codes];
    return async () => {
      const code = left.shift();
      if (code !== undefined) throw failure(code);
      return "done";
    };
  }
  let waits: number[];
  const sleep = async (ms: number) => void waits.push(ms);
  beforeEach(() => {
    waits = [];
  });

  it("tries again, with waits that grow", async () => {
    assert.equal(await patiently(work("EPERM", "EACCES", "EBUSY"), { sleep }), "done");
    assert.deepEqual(waits, [10, 20, 40]);
  });

  it("ends after about ten seconds, with the last failure", async () => {
    const always = async () => {
      throw failure("EBUSY");
    };
    await assert.rejects(patiently(always, { sleep }), { code: "EBUSY" });
    const total = waits.reduce((sum, ms) => sum + ms, 0);
    assert.ok(total > 9_000 && total < 11_000, `${total} ms`);
  });

  it("has none with other failures", async () => {
    await assert.rejects(patiently(work("ENOSPC"), { sleep }), { code: "ENOSPC" });
    await assert.rejects(patiently(work("EPERM"), { sleep, isPassing: () => false }), { code: "EPERM" });
    assert.deepEqual(waits, []);
  });
});
