import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { newestEml, readers } from "../support/eml.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { until } from "../support/until.ts";

describe("a mail that was sent too soon", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({
      files: { "report.pdf": "%PDF-1.7\n" },
      // Of the usual five seconds a busy machine may show none.
      settings: { "freightMail.undoSendSeconds": 15 },
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  it("waits as long as the setting says, counts down, and can be taken back", async () => {
    const panel = await freight.send("report.pdf");
    await panel.attachment("report.pdf").says("ready");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sending in \d+ s\.$/);
    const left = async () => Number(/\d+/.exec(await panel.headline.innerText())?.[0]);
    const first = await left();
    assert.ok(first <= 15);
    await until("it counts down", async () => (await left()) < first);
    await panel.frame.getByRole("button", { name: "Undo" }).click();
    await panel.send.filter({ hasText: /^Send$/ }).waitFor();
    await panel.subject.fill("Better so");
    assert.equal(sandbox.deliveries, 0);
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const { subject, to } = await newestEml(sandbox);
    assert.deepEqual([subject, readers(to)], ["Better so", [["", "ada@example.com"]]]);
    assert.equal(sandbox.deliveries, 1);
  });
});
