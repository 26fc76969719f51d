/** What a blind person finds and hears in the panel, state by state; `screenReader.txt` has it to be read. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PRACTICE_ID } from "../../src/accounts/accountBook.ts";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { attachment, delivery, emptyForm, minute, now, savedError, session } from "../support/records.ts";
import { PanelPage } from "./panelPage.ts";
import { spokenPage } from "./spokenPage.ts";

const path = join(import.meta.dirname, "screenReader.txt");
const MiB = 1024 * 1024;

const form = {
  ...emptyForm,
  to: "Ada Lovelace <ada@example.org>, bob@gmail.com",
  subject: "Last night's build",
  body: "Hello Ada,\n\nhere is the **build**.",
  format: "markdown" as const,
};
const whole = {
  name: "build.tar.gz",
  path: "/data/build.tar.gz",
  contentType: "application/gzip",
  size: 60 * MiB,
};
const uploading = attachment({ ...whole, status: "uploading", accepted: 20 * MiB, session: session() });
const ready = attachment({ ...whole, status: "ready", accepted: whole.size, session: session() });
const failed = attachment({ ...uploading, status: "failed", error: savedError });

/** In the order in which a person meets them: each says what has changed since the one before. */
const story: readonly (readonly [what: string, mail: DeliveryRecord, laterMs?: number])[] = [
  ["A new mail without a file", delivery({ attachments: [], form: { ...emptyForm, format: "markdown" } })],
  ["A file is uploaded while the mail is written", delivery({ form, attachments: [uploading] })],
  ["The upload has failed", delivery({ form, attachments: [failed] })],
  [
    "Send was pressed before the upload is over",
    delivery({ form, attachments: [uploading], phase: "waiting" }),
  ],
  ["Everything is there", delivery({ form, attachments: [ready] })],
  ["The upload expires in less than ten minutes", delivery({ form, attachments: [ready] }), 51 * minute],
  ["Five seconds to undo", delivery({ form, attachments: [ready], phase: "waiting", leavesAt: now + 5000 })],
  ["Sent", delivery({ form, attachments: [ready], phase: "sent", finishedAt: now })],
  ["A practice mail", delivery({ form, attachments: [ready], accountId: PRACTICE_ID })],
];

describe("The panel, as a screen reader has it", () => {
  let panel: PanelPage;
  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: now });
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const show = (mail: DeliveryRecord, laterMs = 0) =>
    panel.show(
      panelSnapshot(mail, {
        accounts: [
          { id: "account", label: "kim@example.com", note: "Microsoft 365" },
          { id: PRACTICE_ID, label: "practice@freight-mail.example", note: "practice mailbox" },
        ],
        ...{ notice: null, now: now + laterMs },
      }),
    );
  /** What a screen reader says of it without being asked, and what there is to be read then. */
  const spoken = async (what: string, change: () => Promise<void>) => {
    const regions = panel.page.locator("[role=alert], [role=status]");
    const before = await regions.allTextContents();
    await change();
    const after = await regions.allTextContents();
    const said = after.filter((text, index) => text !== "" && text !== before[index]);
    return [`## ${what}`, ...said.map((text) => `Says: ${text.trim()}`), await spokenPage(panel.page)];
  };

  it("is what was read and found good", async () => {
    const parts: string[] = [];
    for (const [what, mail, laterMs] of story) parts.push(...(await spoken(what, () => show(mail, laterMs))));
    const arrived = { words: "Arrived once, identical", isGood: true };
    const view = { bytesPerSecond: 1024 * 1024, losesAnswer: true, done: "line dropped", arrived: null };
    const simulate = (change: object) => panel.receive({ type: "simulator", view: { ...view, ...change } });
    parts.push(...(await spoken("It is made hard", () => simulate({}))));
    parts.push(...(await spoken("It has arrived", () => simulate({ losesAnswer: false, arrived }))));
    const text = `${parts.join("\n\n")}\n`;
    const before = await readFile(path, "utf8").catch(() => "");
    if (text === before) return;
    await writeFile(path, text);
    assert.equal(process.env["CI"], undefined, "screenReader.txt was not up to date; it is now: read it");
  });
});
