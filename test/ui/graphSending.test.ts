import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { sample } from "../support/files.ts";
import { Freight, type Panel } from "../support/freight.ts";
import { addGraphAccount, draftsAt } from "../support/graphAccount.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { PATIENCE_MS, until } from "../support/until.ts";

const MB = 1_000_000;
const MiB = 1024 * 1024;
/** One in a request of its own, one that just needs a session, and one of the largest that there may be. */
const files: Readonly<Record<string, Buffer>> = {
  "notes.pdf": sample(MB, 1),
  "slides.pptx": sample(3.5 * MB, 2),
  "trace.bin": sample(150 * MiB, 3),
};
const names = Object.keys(files);
const total = 154.5 * MB;

/** Files of every way into a draft, in one mail: they arrive once and whole, whatever becomes of VS Code meanwhile. */
describe("a mail through Microsoft Graph", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  beforeEach(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({
      files,
      settings: {
        "explorer.autoReveal": false,
        "freightMail.messageLimits": { "practice@freight-mail.example": 250 },
      },
    });
    freight = new Freight(session);
    await addGraphAccount(freight, sandbox);
    // An administrator has allowed more than the usual 35 MB; the limit is of the whole message.
    sandbox.graph.behaviour.messageMaxBytes = 200 * MiB;
  });
  afterEach(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const sendAll = async (): Promise<Panel> => {
    const panel = await freight.send("notes.pdf", "slides.pptx", "trace.bin");
    await panel.to.fill("Ada Lovelace <ada@example.com>");
    await panel.subject.fill("The trace");
    await panel.sendByKey();
    return panel;
  };
  const assertArrivedOnce = async () => {
    await until("the mail is out", () => sandbox.mails.length > 0, 2 * PATIENCE_MS);
    assert.equal(sandbox.deliveries, 1);
    const [mail] = sandbox.mails;
    assert.equal(mail?.subject, "The trace");
    const arrived = mail?.attachments.map(({ filename, size, sha256 }) => [filename, size, sha256]) ?? [];
    assert.deepEqual(
      arrived.toSorted(),
      names.map((name) => [name, files[name]?.length, sha256(files[name] ?? Buffer.alloc(0))]),
    );
    assert.deepEqual(await draftsAt(sandbox), []);
  };

  it("carries 1 MB, 3.5 MB and 150 MB, which arrive once and byte for byte", async () => {
    const panel = await sendAll();
    await assertArrivedOnce();
    await panel.says(/^Sent/);
    for (const name of names) await panel.attachment(name).says("sent");
    assert.equal(uploadedBytes(sandbox), 3.5 * MB + 150 * MiB);
  });

  it("goes on when the extension host is killed half-way, and sends little twice", async () => {
    const half = Math.floor(total / 2);
    sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: half });
    await sendAll();
    await until("half of it is through", () => uploadedBytes(sandbox) === half);
    const pid = await session.extensionHostPid();
    process.kill(pid, "SIGKILL");
    await until("another extension host runs", async () => (await session.extensionHostPid()) !== pid);
    sandbox.faults.release();
    await assertArrivedOnce();
    const again = uploadedBytes(sandbox) - 3.5 * MB - 150 * MiB;
    assert.ok(again <= 8 * MiB, `${again} bytes were sent again`);
    const did = (step: string, status: number) =>
      sandbox.requests.filter((request) => request.step === step && request.status === status).length;
    assert.equal(did("create", 201), 2, "the sessions were used to their ends");
    assert.equal(did("attach", 201), 1);
    await session.workbench.view("Freight Mail");
    await freight.mailRow("The trace").filter({ hasText: /sent/ }).waitFor();
  });
});

/** Bytes of ranges that the upload host was sent, those of broken requests included. */
function uploadedBytes(sandbox: Sandbox): number {
  return sandbox.requests
    .filter(({ step }) => step === "upload")
    .reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
}
