import assert from "node:assert/strict";
import { SleepWatch } from "../../../src/delivery/sleepWatch.ts";

const minute = 60_000;

describe("A sleep of the machine", () => {
  let wall: number;
  let steady: number;
  let watch: SleepWatch;

  beforeEach(() => {
    [wall, steady] = [1_000_000, 0];
    watch = new SleepWatch({ now: () => wall, monotonic: () => steady });
    watch.hasSlept();
  });
  const pass = (wallMs: number, steadyMs: number) => {
    wall += wallMs;
    steady += steadyMs;
    return watch.hasSlept();
  };

  it("is noticed where the steady clock stands meanwhile, as on Linux", () => {
    assert.equal(pass(9 * 60 * minute, 0), true);
  });

  it("is noticed where both clocks run on, as on Windows and macOS", () => {
    assert.equal(pass(9 * 60 * minute, 9 * 60 * minute), true);
  });

  it("is noticed where the wall clock was put back meanwhile", () => {
    assert.equal(pass(-minute, 30 * minute), true);
  });

  it("is noticed once", () => {
    pass(30 * minute, 0);
    assert.equal(pass(5_000, 5_000), false);
  });

  it("is none while somebody looks every few seconds, nor when a clock is corrected", () => {
    for (let look = 0; look < 100; look++) assert.equal(pass(5_000, 5_000), false);
    assert.equal(pass(40_000, 5_000), false);
    assert.equal(pass(-3_600_000, 5_000), false);
  });

  it("is none at the first look", () => {
    assert.equal(new SleepWatch({ now: () => wall, monotonic: () => steady }).hasSlept(), false);
  });
});
