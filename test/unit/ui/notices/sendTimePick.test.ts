import assert from "node:assert/strict";
import type { Dialogs } from "../../../../src/ui/notices/dialogs.ts";
import { pickSendTime } from "../../../../src/ui/notices/sendTimePick.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

/** A Tuesday. */
const now = new Date(2026, 10, 24, 10, 30).getTime();
const hour = 3_600_000;
const another = "Pick Date and Time…";

describe("When a mail is to leave", () => {
  const pick = async (...presses: readonly string[]) => {
    const dialogs = new ScriptedDialogs(...presses);
    const at = await pickSendTime(dialogs, () => now);
    dialogs.checkDone();
    return { at, shown: dialogs.shown };
  };

  it("is offered at the usual times, with the zone they are in", async () => {
    const { at, shown } = await pick("Tomorrow Morning");
    assert.equal(at, new Date(2026, 10, 25, 8).getTime());
    const [{ text, detail = "", buttons } = { text: "" }] = shown;
    assert.equal(text, "Send Later");
    assert.match(detail, /^When should the mail be sent\? \(\S+.*\)$/);
    assert.deepEqual(buttons, ["In 1 Hour", "This Evening", "Tomorrow Morning", "Monday Morning", another]);
  });

  it("is typed, and what it comes to is said meanwhile", async () => {
    const { at, shown } = await pick(another, "=2026-12-01 09:15");
    assert.equal(at, new Date(2026, 11, 1, 9, 15).getTime());
    assert.match(shown[1]?.buttons?.[1] ?? "", /^Will be sent .*9:15/);
  });

  it("is not taken while something is wrong with it, which is said", async () => {
    const { at, shown } = await pick(another, "=2026-11-24 10:00");
    assert.equal(at, undefined);
    assert.deepEqual(shown[1]?.buttons, ["2026-11-30 08:00", "That time has passed."]);
  });

  it("is not taken any more when it has passed while the box was open, and that is said", async () => {
    let clock = now;
    const dialogs = new ScriptedDialogs(another, "=2026-11-24 12:00");
    const type: Dialogs["type"] = async (...asked) => {
      const typed = await dialogs.type(...asked);
      clock += 20 * hour;
      return typed;
    };
    const pickLate = { pick: dialogs.pick.bind(dialogs), tell: dialogs.tell.bind(dialogs), type };
    assert.equal(await pickSendTime(pickLate, () => clock), undefined);
    assert.deepEqual(dialogs.shown.at(-1), { how: "warning", text: "That time has passed." });
  });

  for (const [what, presses] of [
    ["the list is closed", []],
    ["the box is closed", [another]],
    ["nothing is typed", [another, "="]],
  ] as const)
    it(`is left open when ${what}`, async () => {
      const { at, shown } = await pick(...presses);
      assert.equal(at, undefined);
      assert.ok(shown.every(({ how }) => how !== "warning"));
    });
});
