import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { sample } from "../support/files.ts";
import { Freight, mailbox } from "../support/freight.ts";
import { addGraphAccount, draftsAt } from "../support/graphAccount.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { until } from "../support/until.ts";
import { whereFound } from "../support/whereFound.ts";

const MB = 1_000_000;
const YEAR = 365 * 24 * 3_600_000;
/** Each test has a file of its own: the rows of earlier ones stay in the tree. */
const files = {
  "throttled.bin": sample(9 * MB, 1),
  "huge.bin": sample(43 * MB, 2),
  "cancelled.bin": sample(9 * MB, 3),
  "forgotten.bin": sample(4 * MB, 4),
  "late.bin": sample(4 * MB, 5),
  "small.txt": "small",
};

describe("trouble at Microsoft Graph", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
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
  });
  // Not afterwards: a test that fails leaves a picture of what it saw.
  beforeEach(async () => {
    sandbox.faults.clear();
    await freight.tidy();
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const sessionIsEnded = (since: number) =>
    until("the session is ended", () =>
      sandbox.requests.slice(since).find(({ step, status }) => step === "cancel" && status === 204),
    );
  const noDraftIsLeft = () => until("no draft is left", async () => (await draftsAt(sandbox)).length === 0);

  it("is shown as waiting, not as failure, when it asks to wait near the end", async () => {
    const earlier = sandbox.requests.length;
    sandbox.faults.arm({
      step: "upload",
      fault: "refuse",
      status: 429,
      retryAfter: 10,
      skip: 2,
      type: "ApplicationThrottled",
      message: "Application is over its IncomingBytes limit.",
    });
    const panel = await freight.send("throttled.bin");
    const part = panel.attachment("throttled.bin");
    await part.says(/^the service asked to wait, trying again in \d+ s$/);
    assert.equal(await part.problem.isVisible(), false);
    assert.deepEqual(await part.stepStates(), ["done", "doing", "todo", "todo"]);
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const ranges = sandbox.requests.slice(earlier).filter(({ step }) => step === "upload");
    assert.deepEqual(
      ranges.map(({ status, headers }) => [headers["content-range"], status]),
      [
        ["bytes 0-3932159/9000000", 200],
        ["bytes 3932160-7864319/9000000", 200],
        ["bytes 7864320-8999999/9000000", 429],
        ["bytes 7864320-8999999/9000000", 201],
      ],
    );
    const waited = (ranges[3]?.startedAt ?? 0) - (ranges[2]?.endedAt ?? 0);
    assert.ok(waited >= 9_900, `only ${waited} ms were waited`); // timers count from before the answer was read
    assert.equal(await session.workbench.notification(/Microsoft/).count(), 0);
  });

  it("stops a mail that grows too large in the middle, and gives the administrator's command", async () => {
    const earlier = sandbox.requests.length;
    sandbox.graph.behaviour.messageMaxBytes = 35 * 1024 * 1024;
    await session.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const panel = await freight.send("huge.bin");
    const part = panel.attachment("huge.bin");
    await part.says("failed");
    await part.problem.getByText(/35 MB, unless an administrator allows more \(up to 150 MB\)/).waitFor();
    const ranges = sandbox.requests.slice(earlier).filter(({ step }) => step === "upload");
    assert.deepEqual(
      ranges.map(({ status }) => status),
      [...Array(9).fill(200), 413],
    );
    await part.problem.getByRole("button", { name: "Copy PowerShell Commands" }).click();
    await session.page.getByText("Commands for Exchange Online PowerShell copied").waitFor();
    const copied = await session.page.evaluate(() => navigator.clipboard.readText());
    const line = `Set-Mailbox -Identity '${mailbox(sandbox)}' -MaxSendSize 150MB -MaxReceiveSize 150MB`;
    assert.ok(copied.split("\n").includes(line), copied);

    // The administrator has run it.
    sandbox.graph.behaviour.messageMaxBytes = 150 * 1024 * 1024;
    await part.action("Retry").click();
    await part.says("ready");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(sandbox.mails[0]?.attachments[0]?.size, 43 * MB);
  });

  it("is told of a file that was cancelled: neither session nor draft is left", async () => {
    const earlier = sandbox.requests.length;
    sandbox.faults.arm({ step: "upload", fault: "hold", skip: 1, afterBytes: 0 });
    const panel = await freight.send("cancelled.bin");
    const part = panel.attachment("cancelled.bin");
    await part.says("uploading 43%");
    assert.equal((await draftsAt(sandbox)).length, 1);
    await part.action("Cancel").click();
    await part.says("cancelled");
    const { headers, path } = await sessionIsEnded(earlier);
    assert.equal(headers.authorization, undefined);
    const [first] = sandbox.requests.slice(earlier).filter(({ step }) => step === "upload");
    assert.equal(path, first?.path);
    await noDraftIsLeft();
  });

  it("is told of a mail that was discarded: neither session nor draft is left", async () => {
    const earlier = sandbox.requests.length;
    sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 0 });
    const panel = await freight.send("small.txt", "forgotten.bin");
    await panel.attachment("small.txt").says("ready");
    await panel.attachment("forgotten.bin").says(/^uploading$/);
    assert.equal((await draftsAt(sandbox)).length, 1);
    await panel.body.fill("To be kept.");
    await freight.closeEditors();
    await freight.sees("forgotten.bin", "uploading");
    assert.equal((await draftsAt(sandbox)).length, 1, "a mail whose panel is closed goes on");
    await freight.menu("Discard Mail…", freight.mailRow("small.txt, forgotten.bin"));
    await freight.answerDialog("Discard “small.txt, forgotten.bin” with 2 files?", "Discard Mail");
    await sessionIsEnded(earlier);
    await noDraftIsLeft();
  });

  it("with a token that ran out while the person wrote is mended from the panel, and nothing is uploaded again", async () => {
    const panel = await freight.send("late.bin");
    await panel.attachment("late.bin").says("ready");
    sandbox.clock.advance(YEAR + 1);
    const earlier = sandbox.requests.length;
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.problem.getByText("Microsoft no longer accepts this account's sign-in.").waitFor();
    await panel.problem.getByRole("button", { name: "Update Key…" }).click();
    await freight.enter(/A new access token for/, sandbox.graph.issueToken());
    await session.workbench.notification("is connected and can send large attachments.").waitFor();
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(sandbox.mails[0]?.attachments[0]?.filename, "late.bin");
    const later = sandbox.requests.slice(earlier).map(({ step }) => step);
    assert.deepEqual(
      later.filter((step) => step === "upload" || step === "create"),
      [],
    );
  });

  it("is not made worse by tokens or upload addresses in the log, the profile or the workspace", async () => {
    const uploads = sandbox.requests.filter(({ step }) => step === "upload");
    const url = new URL(uploads.at(-1)?.path ?? "", sandbox.graph.uploadOrigin);
    const uploadToken = url.searchParams.get("authtoken") ?? "";
    assert.notEqual(uploadToken, "");
    const secrets = { token: sandbox.graph.accessToken, uploadToken };
    assert.deepEqual(await whereFound(secrets, session), []);
  });
});
