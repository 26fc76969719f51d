import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { ASKS, Freight, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes, until } from "../support/until.ts";

describe("bad input", () => {
  let folder: string;
  let sandboxDir: string;
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-bad-input-"));
    sandboxDir = await mkdtemp(join(tmpdir(), "freight-bad-input-"));
    await writeFile(join(folder, "huge.bin"), "");
    await truncate(join(folder, "huge.bin"), 157_286_401);
    await symlink(join(folder, "not-there"), join(folder, "dangling.txt"));
    sandbox = await startSandbox({ dataDir: sandboxDir });
    const files = { "good.txt": "good\n", "locked.txt": "locked\n", "pipe.txt": "to be replaced\n" };
    session = await openWorkbench({ folder, files });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
    await session.workbench.file("pipe.txt").waitFor();
    await chmod(session.path("locked.txt"), 0);
    // A workspace cannot be filled with one.
    await rm(session.path("pipe.txt"));
    execFileSync("mkfifo", [session.path("pipe.txt")]);
  });
  // Not afterwards: a test that fails leaves a picture of what it saw.
  beforeEach(async () => {
    sandbox.faults.clear();
    await freight.tidy();
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    for (const dir of [folder, sandboxDir]) if (dir) await rm(dir, { recursive: true, force: true });
  });

  const creates = () => sandbox.requests.filter(({ step }) => step === "create").length;

  it("does nothing when no file is chosen", async () => {
    const { page, workbench } = session;
    await workbench.command(`Freight Mail: ${SEND}`);
    await until("the dialog shows the folder", async () =>
      (await workbench.quickText.inputValue()).includes("/workspace"),
    );
    await workbench.closeQuickInput();
    await workbench.view("Freight Mail");
    await page.getByText("The mails you send appear here").waitFor();
    assert.equal(await workbench.treeItems("Sessions").count(), 0);
    assert.equal(await page.locator(".notification-toast").count(), 0);
    assert.equal(creates(), 0);
  });

  for (const [name, refusal] of [
    ["huge.bin", "“huge.bin” is 150 MB (157,286,401 bytes); the limit is 150 MB (157,286,400 bytes)."],
    ["dangling.txt", "“dangling.txt” is no longer there."],
    ["pipe.txt", "“pipe.txt” is not a regular file and cannot be attached."],
  ] as const)
    it(`refuses ${name} before anything is created`, async () => {
      const { workbench } = session;
      await workbench.view("Explorer");
      await freight.menu(SEND, workbench.file(name));
      const message = workbench.notification(refusal);
      await message.waitFor();
      assert.equal(await message.getByRole("button", { name: "Retry" }).count(), 0);
      assert.equal(await freight.mailTab(name).count(), 0);
      assert.equal(creates(), 0);
    });

  // Root may read everything.
  if (process.getuid?.() !== 0)
    it("says that a file cannot be read, and goes on once it can", async () => {
      const before = creates();
      const panel = await freight.send("locked.txt");
      const part = panel.attachment("locked.txt");
      await part.problem.getByText("“locked.txt” cannot be read: permission denied.").waitFor();
      assert.equal(creates(), before);
      await chmod(session.path("locked.txt"), 0o600);
      await part.problem.getByRole("button", { name: "Retry" }).click();
      await part.says("ready");
    });

  it("says so when something else answers in the place of the service, and offers to try again", async () => {
    sandbox.faults.arm({ step: "create", fault: "htmlBody" });
    const panel = await freight.send("good.txt");
    const part = panel.attachment("good.txt");
    await part.says("failed");
    await part.problem.getByText("A proxy or the network's sign-in page may be in the way.").waitFor();
    await part.problem.getByRole("button", { name: "Retry" }).click();
    await part.says("ready");
  });

  it("says in the wizard that an answer is not the service's", async () => {
    sandbox.faults.arm({ step: "account", fault: "htmlBody" });
    await freight.beginNylas();
    await freight.enterKey(sandbox);
    await session.workbench.notification("is not what the service documents.").waitFor();
  });

  it("says that the service cannot be reached, waits, and goes on by itself when it can", async () => {
    const { workbench } = session;
    const port = Number(new URL(sandbox.nylas.apiUri).port);
    await sandbox.close();
    await workbench.view("Freight Mail");
    await freight.menu("Check Account", freight.accountRow("default"));
    await workbench
      .notification(`127.0.0.1:${port} cannot be reached. Check the network connection.`)
      .waitFor();
    const panel = await freight.send("good.txt");
    await panel.attachment("good.txt").says(/trying again in \d+ s/);
    sandbox = await startSandbox({ dataDir: sandboxDir, port });
    await panel.attachment("good.txt").says("ready");
  });
});

describe("Restricted Mode", () => {
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    const files = {
      "report.txt": "From a stranger's folder\n",
      ".vscode/settings.json": JSON.stringify({ "freightMail.nylas.apiUri": "https://stranger.example" }),
    };
    session = await openWorkbench({ trusted: false, files });
    freight = new Freight(session);
    await session.page.locator(".part.banner").getByText("Restricted Mode").waitFor();
    await freight.ready();
  });
  beforeEach(() => freight.tidy());
  after(() => session?.dispose());

  it("does not keep a person from sending, and says what it means for the mail", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("report.txt"));
    await freight.choose(ASKS.service, "Practice mailbox");
    const { panel } = freight;
    await panel.notice
      .filter({ hasText: "Restricted Mode: nothing that this folder provides is used for the mail." })
      .waitFor();
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Arrived in the practice mailbox/);
  });

  it("takes no address for keys from the folder's settings", async () => {
    await freight.beginNylas();
    await freight.enter(ASKS.credential, "nyk_v0_example");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.quickMessage.filter({ hasText: ASKS.address }).waitFor();
    await becomes(() => session.workbench.quickText.inputValue(), "");
  });
});
