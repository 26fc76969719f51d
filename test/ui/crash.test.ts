import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { binary } from "../support/files.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { until } from "../support/until.ts";

const MiB = 1024 * 1024;
const content = binary(150 * MiB);

/** What VS Code may do to an upload that is under way. The mail leaves once, whole, and little is sent twice. */
describe("an upload that is interrupted", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  beforeEach(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({
      files: { "build.bin": content },
      settings: { "freightMail.messageLimits": { "practice@freight-mail.example": 250 } },
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  afterEach(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  /** Presses Send, and waits until a good part of the file is with the storage, which takes no more until the end. */
  const sendUntilHalfWay = async () => {
    sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 40 * MiB });
    const panel = await freight.send("build.bin");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await until("a good part is through", () => receivedBytes(sandbox) === 40 * MiB);
    // Bytes may be faster than the key: without this it would be for the person to look whether Send was heard.
    await freight.hasNoted('"phase":"waiting"');
  };
  const assertSentOnce = async () => {
    assert.equal(sandbox.deliveries, 0);
    sandbox.faults.release();
    // One by one: on a slow machine each of them takes its time.
    await until("the upload goes on", () => receivedBytes(sandbox) > 40 * MiB);
    await until("the whole file is there", () => receivedBytes(sandbox) >= content.length);
    await until("the mail is out", () => sandbox.mails.length > 0);
    const uploads = receivedBytes(sandbox);
    assert.equal(sandbox.deliveries, 1);
    assert.deepEqual(
      sandbox.mails[0]?.attachments.map(({ filename, size, sha256: hash }) => [filename, size, hash]),
      [["build.bin", content.length, sha256(content)]],
    );
    assert.ok(uploads - content.length <= 8 * MiB, `${uploads - content.length} bytes were sent again`);
    const creates = sandbox.requests.filter(({ step }) => step === "create").length;
    assert.equal(creates, 1, "the session was used to its end");
  };

  it("goes on when the extension host is killed", async () => {
    await sendUntilHalfWay();
    const pid = await session.extensionHostPid();
    process.kill(pid, "SIGKILL");
    await until("another extension host runs", async () => (await session.extensionHostPid()) !== pid);
    await assertSentOnce();
    await freight.sees("build.bin", /sent/);
  });

  it("goes on when the window is reloaded", async () => {
    await sendUntilHalfWay();
    await session.reload();
    await assertSentOnce();
    await freight.sees("build.bin", /sent/);
  });

  it("goes on when VS Code is started again", async () => {
    await sendUntilHalfWay();
    await session.restart();
    await assertSentOnce();
    await new Freight(session).sees("build.bin", /sent/);
  });

  it("is shown in a second window, which takes over when the first one is gone", async () => {
    await sendUntilHalfWay();
    const firstHost = await session.extensionHostPid();
    const second = await session.openWindow();
    await second.view("Freight Mail");
    const row = second.treeItems("Sessions").filter({ hasText: "build.bin" });
    await row.filter({ hasText: /uploading \d+%/ }).waitFor();
    process.kill(firstHost, "SIGKILL");
    await session.page.close(); // before VS Code starts another host for it
    await assertSentOnce();
    await row.filter({ hasText: /sent/ }).waitFor();
  });
});

/** Bytes of files that the storage was sent, those of broken requests included. */
function receivedBytes(sandbox: Sandbox): number {
  return sandbox.requests
    .filter(({ step }) => step === "upload")
    .reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
}
