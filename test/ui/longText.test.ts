import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Freight, mailbox } from "../support/freight.ts";
import { addGraphAccount } from "../support/graphAccount.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { PATIENCE_MS, until } from "../support/until.ts";

const GOOGLE = "mila.brandt@gmail.example";

/** A log as people paste one. */
const table = [
  "| time | level | worker | ms | note |",
  "|---|---|---|---|---|",
  ...Array.from({ length: 10_600 }, (_, i) => `| 12:00:${i} | info | w${i % 8} | ${i % 977} | ok |`),
].join("\n");

describe("a mail with a Markdown table of 400 kB", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    assert.ok(table.length > 400_000);
    sandbox = await startSandbox();
    session = await openWorkbench({
      files: { "report.pdf": "%PDF-1.7\n" },
      settings: { "explorer.autoReveal": false },
    });
    await session.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    freight = new Freight(session);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  for (const [through, add] of [
    ["Nylas", () => freight.addAccount(sandbox, mailbox(sandbox))],
    ["Nylas, with its files in the mail itself", () => freight.addAccount(sandbox, GOOGLE)],
    ["Microsoft Graph", () => addGraphAccount(freight, sandbox)],
  ] as const)
    it(`is sent once and says so, through ${through}`, async () => {
      await add();
      const before = sandbox.deliveries;
      const panel = await freight.send("report.pdf");
      const options = await panel.from.locator("option").allTextContents();
      // The account that was added last.
      if (options.length > 0) await panel.from.selectOption({ index: options.length - 1 });
      await panel.to.fill("ada@example.com");
      await panel.subject.fill(through);
      // As a person does: filling it in takes a browser minutes, which types it line by line.
      await session.page.evaluate((text) => navigator.clipboard.writeText(text), table);
      await panel.body.press("Control+A");
      await panel.body.press("Control+V");
      await until("the text is pasted", async () => (await panel.body.inputValue()).length >= table.length);
      await panel.sendByKey();
      await until("the mail is out", () => sandbox.deliveries > before, 2 * PATIENCE_MS);
      await panel.says(/^Sent/);
      assert.equal(sandbox.deliveries, before + 1);
      const [mail] = sandbox.mails;
      assert.equal(mail?.subject, through);
      const sends = sandbox.requests.filter(({ step, status }) => step === "send" && (status ?? 0) < 300);
      assert.equal(sends.length, sandbox.deliveries);
    });
});
