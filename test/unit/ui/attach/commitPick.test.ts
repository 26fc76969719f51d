import assert from "node:assert/strict";
import { pickCommits } from "../../../../src/ui/attach/commitPick.ts";
import type { Dialogs } from "../../../../src/ui/notices/dialogs.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const now = Date.UTC(2026, 0, 31, 12);
const commit = (subject: string, secondsAgo: number, more = {}) => ({
  hash: `${subject.length}`.repeat(40),
  subject,
  author: "Ann",
  authoredAt: now - secondsAgo * 1000,
  isMerge: false,
  ...more,
});
const recent = [commit("Third", 59), commit("Second", 7_200, { isMerge: true }), commit("First one", 90_000)];

describe("The commits to send", () => {
  it("begin without a tick, and come back the oldest first", async () => {
    const dialogs = new ScriptedDialogs("+Third", "+First one");
    const picked = await pickCommits(recent, now, dialogs);
    assert.deepEqual(
      picked?.map(({ subject }) => subject),
      ["First one", "Third"],
    );
  });

  it("are none when the person leaves, or ticks none", async () => {
    assert.equal(await pickCommits(recent, now, new ScriptedDialogs()), undefined);
    assert.equal(await pickCommits(recent, now, { keep: async () => [] }), undefined);
  });

  it("show hash, author and age, and no icon that a commit names", async () => {
    const rows: unknown[] = [];
    const dialogs: Pick<Dialogs, "keep"> = {
      keep: async (_title, _question, asked) => {
        rows.push(...asked.map(({ label, description, detail }) => [label, description, detail]));
        return undefined;
      },
    };
    await pickCommits([...recent, commit("$(zap) fast", 400 * 86_400, { author: "$(bug)" })], now, dialogs);
    assert.deepEqual(rows, [
      ["Third", "5555555", "Ann, this minute"],
      ["Second", "6666666 (merge)", "Ann, 2 hours ago"],
      ["First one", "9999999", "Ann, yesterday"],
      ["\\$(zap) fast", "1111111", "\\$(bug), last year"],
    ]);
  });
});
