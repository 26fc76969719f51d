import assert from "node:assert/strict";
import { mock } from "node:test";
import { tidyRegularly } from "../../../src/app/tidying.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe("Tidying up", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
  afterEach(() => mock.timers.reset());

  it("happens at once, a second time while a lease that nobody owns is still listened to, and daily", () => {
    let times = 0;
    const ending = tidyRegularly(() => times++);
    assert.equal(times, 1);
    mock.timers.tick(MINUTE_MS - 1);
    assert.equal(times, 1);
    mock.timers.tick(1);
    assert.equal(times, 2);
    mock.timers.tick(3 * DAY_MS - MINUTE_MS);
    assert.equal(times, 5);
    ending.dispose();
    mock.timers.tick(2 * DAY_MS);
    assert.equal(times, 5);
  });

  it("does not happen after the window was closed within the first minute", () => {
    let times = 0;
    tidyRegularly(() => times++).dispose();
    mock.timers.tick(2 * DAY_MS);
    assert.equal(times, 1);
  });
});
