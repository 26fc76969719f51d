import assert from "node:assert/strict";
import { type LinkLimits, NO_LINK_LIMITS } from "../../../../src/delivery/links/linkLimits.ts";
import type { DeliveryRecord } from "../../../../src/delivery/record/delivery.ts";
import { panelSnapshot } from "../../../../src/delivery/words/describe.ts";
import { describeMailRow } from "../../../../src/delivery/words/mailRow.ts";
import { rowMenuKeys } from "../../../../src/delivery/words/rowMenuKeys.ts";
import { SentLinkActs } from "../../../../src/ui/actions/sentLinkActs.ts";
import { attachment, delivery, now, savedError, session } from "../../../support/records.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

const DAY_MS = 24 * 60 * 60_000;
const link = {
  url: "https://files.example/1",
  audience: "anyone",
  people: [],
  until: now + 10 * DAY_MS,
} as const;
const linked = (change: Partial<ReturnType<typeof attachment>> = {}, rest: Partial<DeliveryRecord> = {}) =>
  delivery({
    phase: "sent",
    finishedAt: now,
    ...rest,
    attachments: [
      attachment({
        status: "ready",
        session: session(),
        asLink: true,
        link: { ...link, people: [] },
        ...change,
      }),
    ],
  });

let limits: LinkLimits = NO_LINK_LIMITS;

function acts(record: DeliveryRecord, ...presses: string[]) {
  const dialogs = new ScriptedDialogs(...presses);
  const asked: unknown[][] = [];
  const runner = {
    extendLink: async (...args: unknown[]) => void asked.push(["extend", ...args]),
    stopSharing: async (...args: unknown[]) => void asked.push(["stop", ...args]),
    deleteLinked: async (...args: unknown[]) => void asked.push(["delete", ...args]),
  };
  const store = { find: (id: string) => (id === record.id ? record : undefined) };
  return {
    dialogs,
    asked,
    acts: new SentLinkActs({ store, runner, dialogs, now: () => now, limits: () => limits }),
  };
}

describe("What is done about a link that is out", () => {
  it("offers only times that are longer, each with its last day", async () => {
    const { dialogs, asked, acts: links } = acts(linked(), "30 days");
    await links.extend("mail-1", "file-1");
    assert.deepEqual(dialogs.shown[0]?.buttons, [
      "30 days",
      "90 days",
      "365 days",
      "Until you delete the file",
    ]);
    assert.deepEqual(asked, [["extend", "mail-1", "file-1", 30]]);
  });

  it("offers no more days than are allowed, and says so where none is left", async () => {
    limits = { audience: "anyone", days: 60 };
    try {
      const { dialogs, acts: links } = acts(linked());
      await links.extend("mail-1", "file-1");
      assert.deepEqual(dialogs.shown[0]?.buttons, ["30 days", "60 days"]);
      limits = { audience: "anyone", days: 3 };
      await assert.rejects(links.extend("mail-1", "file-1"), /cannot be extended any further/);
    } finally {
      limits = NO_LINK_LIMITS;
    }
  });

  it("can be extended without an end", async () => {
    const { asked, acts: links } = acts(linked(), "Until you delete the file");
    await links.extend("mail-1", "file-1");
    assert.deepEqual(asked, [["extend", "mail-1", "file-1", null]]);
  });

  for (const [isDeleted, button, question] of [
    [false, "Stop Sharing", "Stop sharing “report.pdf”?"],
    [true, "Delete File", "Delete “report.pdf” from your OneDrive?"],
  ] as const) {
    it(`asks before: ${button}`, async () => {
      const { dialogs, asked, acts: links } = acts(linked(), button);
      await links.end("mail-1", "file-1", isDeleted);
      assert.equal(dialogs.shown[0]?.text, question);
      assert.deepEqual(asked, [[isDeleted ? "delete" : "stop", "mail-1", "file-1"]]);
    });

    it(`does nothing when that was answered with No: ${button}`, async () => {
      const { asked, acts: links } = acts(linked());
      await links.end("mail-1", "file-1", isDeleted);
      assert.deepEqual(asked, []);
    });
  }

  it("does nothing for a file that is gone", async () => {
    const { dialogs, acts: links } = acts(linked());
    await links.end("mail-1", "other", true);
    await links.extend("other", "file-1");
    assert.deepEqual(dialogs.shown, []);
  });
});

describe("A link that is out, in words", () => {
  const shown = (record: DeliveryRecord) => {
    const [view] = panelSnapshot(record, { accounts: [], notice: null, now }).attachments;
    return { row: describeMailRow(record, now).description, detail: view?.detail, problem: view?.problem };
  };
  const ending = (file: "stays" | "deleted"): DeliveryRecord["remoteCleanup"][number] => ({
    id: file,
    accountId: "account",
    since: now,
    over: { type: "link", attachment: "file-1", fileId: "remote-1", size: 1, file },
  });
  const day = new Date(link.until - 1).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });

  for (const [title, record, words, keys] of [
    ["open", linked(), `link for everyone until ${day}`, "hasLink extendLink stopSharing deleteLinked"],
    [
      "of a draft",
      linked({}, { phase: "saved" }),
      `link for everyone until ${day}`,
      "extendLink stopSharing deleteLinked hasLink",
    ],
    [
      "without an end",
      linked({ link: { ...link, people: [], until: null } }),
      "link for everyone",
      "hasLink stopSharing deleteLinked",
    ],
    [
      "that has ended",
      linked({ link: { ...link, people: [], until: now } }),
      "link ended",
      "hasLink stopSharing deleteLinked",
    ],
    ["about to end", linked({}, { remoteCleanup: [ending("stays")] }), "ending the link…", "deleteLinked"],
    [
      "about to be deleted",
      linked({}, { remoteCleanup: [ending("stays"), ending("deleted")] }),
      "deleting the file…",
      "",
    ],
    ["stopped", linked({ link: null, unshared: "stopped" }), "no longer shared", "deleteLinked"],
    ["deleted", linked({ link: null, unshared: "deleted" }), "file deleted", ""],
  ] as const)
    it(`says the same in the tree and in the panel: ${title}`, () => {
      const { row, detail } = shown(record);
      assert.ok(row.includes(words), row);
      assert.ok(detail?.includes(words), detail);
      const offered = rowMenuKeys(record, record.attachments[0], now).filter((key) =>
        /[lL]ink|Sharing/.test(key),
      );
      assert.deepEqual(new Set(offered), new Set(keys === "" ? [] : keys.split(" ")));
    });

  it("says why the service has not ended it", () => {
    assert.equal(shown(linked({ error: savedError })).problem?.message, savedError.message);
  });

  it("offers none of it before the mail has left", () => {
    const record = linked({}, { phase: "composing" });
    assert.match(shown(record).detail ?? "", /goes as a link$/);
    const keys = rowMenuKeys(record, linked().attachments[0], now);
    assert.deepEqual(
      keys.filter((key) => /extendLink|stopSharing|deleteLinked/.test(key)),
      [],
    );
  });
});
