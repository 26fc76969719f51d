import assert from "node:assert/strict";
import {
  asFreightError,
  FreightError,
  isCancellation,
  SavedError,
  toSavedError,
  withoutDoubt,
} from "../../src/base/errors.ts";

describe("An error", () => {
  it("keeps what the service told about the request", () => {
    const cause = new Error("reset");
    const error = new FreightError("rate-limited", "Slow down.", {
      cause,
      remedy: "retry",
      requestId: "r-1",
      status: 429,
      retryAfterMs: 3000,
    });
    assert.equal(error.cause, cause);
    assert.deepEqual(
      [error.code, error.remedy, error.requestId, error.status, error.retryAfterMs],
      ["rate-limited", "retry", "r-1", 429, 3000],
    );
  });

  it("counts as one that the service did not act on, unless it says otherwise", () => {
    assert.equal(new FreightError("network", "Gone.").mayHaveActed, false);
    assert.equal(new FreightError("network", "Gone.", { mayHaveActed: true }).mayHaveActed, true);
  });

  it("of a request before the one in question keeps everything but the doubt", async () => {
    const told = {
      remedy: "retry",
      requestId: "r-1",
      status: 503,
      isOwnWord: true,
      retryAfterMs: 3000,
    } as const;
    const rest = { keySpent: true, path: "a.bin", ofSize: "35 MB" };
    const cause = new FreightError("service-fault", "Busy.", { ...told, ...rest, mayHaveActed: true });
    await assert.rejects(withoutDoubt(Promise.reject(cause)), { ...cause, cause, mayHaveActed: false });
  });

  it("knows its own code among others", () => {
    const error = new FreightError("network", "Gone.");
    assert.ok(error.is("timeout", "network"));
    assert.ok(!error.is("timeout"));
  });

  it("is saved with what is needed to show it again", () => {
    const saved = toSavedError(new FreightError("network", "Gone.", { remedy: "retry", requestId: "r-1" }));
    assert.deepEqual(saved, { code: "network", message: "Gone.", remedy: "retry", requestId: "r-1" });
    assert.deepEqual(SavedError.parse(JSON.parse(JSON.stringify(saved))), saved);
  });

  it("is saved without remedy and request id when it has none", () => {
    const { remedy, requestId } = toSavedError(new FreightError("file-empty", "Empty."));
    assert.deepEqual([remedy, requestId], [null, null]);
  });
});

describe("A reason that is none of our errors", () => {
  for (const reason of [new TypeError("x is not a function"), "a text", undefined, { code: "EIO" }])
    it(`becomes an unexpected one that leads to the log: ${String(reason)}`, () => {
      const error = asFreightError(reason);
      assert.deepEqual([error.code, error.remedy, error.cause], ["unexpected", "showLog", reason]);
      assert.ok(!error.message.includes("function"), "people do not read stack traces");
    });

  it("is told apart from our own, which stay the same object", () => {
    const error = new FreightError("network", "Gone.");
    assert.equal(asFreightError(error), error);
  });
});

describe("A cancellation", () => {
  const aborted = new AbortController();
  aborted.abort();
  for (const [reason, expected] of [
    [aborted.signal.reason, true],
    [new DOMException("Cancelled", "AbortError"), true],
    [new DOMException("Too late", "TimeoutError"), false],
    [new FreightError("network", "Gone."), false],
    ["AbortError", false],
    [undefined, false],
  ] as const)
    it(`is ${expected ? "" : "not "}seen in ${String(reason)}`, () =>
      assert.equal(isCancellation(reason), expected));
});
