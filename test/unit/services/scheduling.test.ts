import assert from "node:assert/strict";
import type { MailService } from "../../../src/services/mailService.ts";
import { nylasKeeper } from "../../../src/services/nylas/nylasSchedules.ts";
import { keeperOf, mayWait } from "../../../src/services/scheduling.ts";
import { minute, now } from "../../support/records.ts";

const hour = 60 * minute;
const day = 24 * hour;

describe("A mail that waits for its time", () => {
  for (const [provider, waitMs, filesLeftMs, keeper] of [
    ["microsoft", 30 * minute, hour, "service"],
    ["microsoft", 58 * minute, hour, "provider"],
    ["microsoft", 2 * hour, hour, "provider"],
    ["microsoft", 30 * day, null, "service"],
    ["microsoft", 30 * day + 1, null, "provider"],
    ["google", 40 * day, null, "provider"],
    ["imap", 30 * day, null, "service"],
  ] as const)
    it(`is kept by the ${keeper}: ${provider}, ${waitMs / minute} min ahead, files for ${filesLeftMs}`, () => {
      const filesUntil = filesLeftMs === null ? null : now + filesLeftMs;
      assert.equal(nylasKeeper(provider, { at: now + waitMs, now, filesUntil }), keeper);
    });

  for (const [waitMs, filesLeftMs, message] of [
    [30 * day + 1, null, /at most 30 days ahead/],
    [2 * hour, hour, /keeps the uploaded files only until /],
  ] as const)
    it(`is refused where no mailbox can keep it: ${message}`, () => {
      const filesUntil = filesLeftMs === null ? null : now + filesLeftMs;
      const wait = { at: now + waitMs, now, filesUntil };
      assert.throws(() => nylasKeeper("imap", wait), { code: "schedule-refused", message });
    });

  it("is asked for three minutes ahead at least, and still leaves when two are left", () => {
    const schedules = { keeperOf: () => "service" };
    // Only what decides is there.
    const service = { schedules } as unknown as MailService;
    const wait = (ms: number) => ({ at: now + ms, now, filesUntil: null });
    assert.throws(() => mayWait(service, wait(3 * minute - 1)), { message: /at least 3 minutes/ });
    mayWait(service, wait(3 * minute));
    assert.equal(keeperOf(service, wait(2.5 * minute)), "service");
    assert.throws(() => keeperOf(service, wait(2 * minute)), { message: /before everything was uploaded/ });
    assert.throws(() => keeperOf({ ...service, schedules: undefined } as never, wait(hour)), {
      message: /can only send immediately/,
    });
  });
});
