import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { binary } from "../support/files.ts";
import { Freight, holdUpload, type Panel } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes, until } from "../support/until.ts";

const large = binary(12 * 1024 * 1024);
const files = { "large.bin": large, "small.bin": "small", "behind.bin": "behind" };

/** A host that dies leaves its tabs as they were: they must not go on as if somebody were there. */
describe("a tab whose extension host", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  // A window each: VS Code starts no host after the third that dies within five minutes.
  beforeEach(async () => {
    sandbox = await startSandbox();
    const settings = { "explorer.autoReveal": false, "freightMail.body.format": "text" };
    session = await openWorkbench({ files, settings });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
    await freight.tidy();
  });
  afterEach(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const kill = async () => process.kill(await session.extensionHostPid(), "SIGKILL");
  const comesBack = (panel: Panel) =>
    panel.notice.filter({ hasText: "Freight Mail was restarted" }).waitFor();

  it("is killed while it uploads is replaced by one that goes on, and whose buttons are heard", async () => {
    holdUpload(sandbox);
    const panel = await freight.send("large.bin");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.attachment("large.bin").says("uploading 66%");
    await freight.hasNoted('"phase":"waiting"');
    await kill();
    await comesBack(panel);
    await becomes(() => freight.mailTab("large.bin").count(), 1);
    await panel.attachment("large.bin").says("uploading 66%");
    await panel.dontSendYet.click();
    await panel.send.filter({ hasText: "Send When Ready" }).click();
    sandbox.faults.release();
    await panel.says(/^Sent/);
    assert.deepEqual(
      sandbox.mails.map(({ attachments }) => attachments.map((file) => file.sha256)),
      [[sha256(large)]],
    );
  });

  it("is killed before Send is replaced by one with the text, also with what nobody heard, and sends it once", async () => {
    const panel = await freight.send("small.bin");
    await panel.attachment("small.bin").says("ready");
    await panel.to.fill("ada@example.com");
    await panel.subject.fill("To the end");
    await panel.body.fill("Heard.");
    await freight.hasNoted("Heard.");
    await freight.mailTab("To the end").waitFor();
    await panel.body.focus();
    await kill();
    // While nobody is there: a few more words, and Send.
    await session.page.keyboard.press("Control+End");
    await session.page.keyboard.type(" FormBackup.");
    await session.page.keyboard.press("Control+Enter");
    await comesBack(panel);
    assert.deepEqual(await panel.chips("to").allTextContents(), ["ada@example.com"]);
    await becomes(() => panel.body.inputValue(), "Heard. FormBackup.");
    assert.equal(sandbox.deliveries, 0);
    await session.page.keyboard.press("Control+Enter");
    await panel.says(/^Sent/);
    assert.deepEqual(
      sandbox.mails.map(({ subject, body }) => [subject, body]),
      [["To the end", "Heard. FormBackup."]],
    );
  });

  it("is killed is replaced also where it is behind another, which stays in front", async () => {
    const behind = await freight.send("behind.bin");
    await behind.attachment("behind.bin").says("ready");
    const panel = await freight.send("small.bin");
    await panel.attachment("small.bin").says("ready");
    await kill();
    await comesBack(panel);
    await panel.attachment("small.bin").root.waitFor();
    for (const name of ["behind.bin", "small.bin"]) await becomes(() => freight.mailTab(name).count(), 1);
    await freight.mailTab("behind.bin").click();
    await panel.attachment("behind.bin").says("ready");
    await panel.attachment("behind.bin").action("Remove").click();
    await panel.attachment("behind.bin").root.waitFor({ state: "detached" });
  });

  it("stands still says so as long as it does, and keeps what is typed", async () => {
    const panel = await freight.send("small.bin");
    await panel.attachment("small.bin").says("ready");
    await panel.body.focus();
    const pid = await session.extensionHostPid();
    const alarm = panel.frame.getByRole("alert").filter({ hasText: "has stopped responding in this tab" });
    process.kill(pid, "SIGSTOP");
    try {
      await session.page.keyboard.type("Typed into the void.");
      await alarm.waitFor();
      await panel.says(/^No response since /);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await alarm.waitFor({ state: "hidden" });
    await freight.hasNoted("Typed into the void.");
    await becomes(() => panel.send.isVisible(), true);
  });

  it("ends with its window is brought back by VS Code as it was, and nothing is said", async () => {
    const panel = await freight.send("small.bin");
    await panel.attachment("small.bin").says("ready");
    await freight.remembersPanel();
    await session.reload();
    await panel.attachment("small.bin").says("ready");
    assert.equal(await panel.notice.filter({ visible: true }).count(), 0);
    await until("there is one tab", async () => (await freight.mailTab("small.bin").count()) === 1);
  });
});
