import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { binary } from "../support/files.ts";
import { Freight, holdUpload } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes, succeeds, until } from "../support/until.ts";

const large = binary(12 * 1024 * 1024);

/** A laptop that sleeps, a machine that swaps: the window stands still, and the other one takes its mails over. */
describe("a host that stands still while a second window is open", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({
      files: { "build.bin": large },
      settings: { "freightMail.body.format": "text" },
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
    await freight.tidy();
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  it("loses nothing that is typed meanwhile, and the Send is done, or refused in words and done the next time", async () => {
    const uploads = () => sandbox.requests.filter(({ step }) => step === "upload").length;
    holdUpload(sandbox);
    const panel = await freight.send("build.bin");
    await panel.to.fill("ada@example.com");
    await panel.body.fill("Before.");
    await panel.attachment("build.bin").says("uploading 66%");
    await freight.hasNoted("Before.");
    const pid = await session.extensionHostPid();
    const second = await session.openWindow();
    await session.page.bringToFront();
    const begun = uploads();
    process.kill(pid, "SIGSTOP");
    try {
      await panel.body.focus();
      await session.page.keyboard.press("Control+End");
      await session.page.keyboard.type(" While it stood still.");
      await session.page.keyboard.press("Control+Enter");
      // Which takes about half a minute: until then its host may just be busy.
      await until("the second window has taken the upload over", () => uploads() > begun, 120_000);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    const refusal = panel.notice.filter({
      hasText: /^Another window .*is working on this mail\. .*close that window/,
    });
    const outcome = await until("the Send is done, or refused in words", async () => {
      const isArmed = /Will be sent|^Sen[dt]/.test(await panel.headline.innerText());
      return isArmed ? "done" : (await refusal.count()) > 0 ? "refused" : undefined;
    });
    console.log(`      ${outcome}`);
    await becomes(() => panel.body.inputValue(), "Before. While it stood still.");
    sandbox.faults.release();
    await panel.attachment("build.bin").says(/ready|sen/);
    if (outcome === "refused") {
      // As the words say: go on there, or close that window first.
      await second.page.close();
      await until("the Send is done", async (attemptMs) => {
        await panel.sendByKey();
        const isTaken = panel.headline.filter({ hasText: /Sen[dt]/ });
        return succeeds(isTaken.waitFor({ timeout: attemptMs }));
      });
    }
    await panel.says(/^Sent/);
    assert.equal(sandbox.deliveries, 1);
    const [mail] = sandbox.mails;
    assert.equal(mail?.body.trim(), "Before. While it stood still.");
    assert.equal(mail?.attachments[0]?.sha256, sha256(large));
  });
});
