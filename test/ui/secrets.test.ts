import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Freight, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes } from "../support/until.ts";

const files = {
  ".env": "TOKEN=1\n",
  "deploy.txt": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=\n",
  "report.pdf": "%PDF-1.7\n",
};

describe("a file that looks like a secret", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(async () => {
    await freight.tidy();
    await session.workbench.view("Explorer");
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const creates = () => sandbox.requests.filter(({ step }) => step === "create").length;
  const file = (name: string) => session.workbench.file(name);

  it("is asked about before anything of it leaves, and stays on Enter and on Escape", async () => {
    for (const key of ["Enter", "Escape"]) {
      await freight.menu(SEND, file(".env"));
      const dialog = session.workbench.dialog.filter({ hasText: "“.env” looks like a secret." });
      await dialog.getByText("an environment file").waitFor();
      await dialog.getByText("Nothing has left this machine yet.").waitFor();
      const focused = dialog.locator(":focus");
      await focused.waitFor();
      await becomes(() => focused.innerText(), "Don't Attach");
      await session.page.keyboard.press(key);
      await dialog.waitFor({ state: "hidden" });
    }
    assert.equal(creates(), 0);
    assert.equal(await freight.panel.attachments.count(), 0);
  });

  it("goes when the person says so", async () => {
    await freight.menu(SEND, file("deploy.txt"));
    await session.workbench.dialog.getByText("deploy.txt: a private key, line 1").waitFor();
    await freight.answerDialog("“deploy.txt” looks like a secret.", "Attach Anyway");
    await freight.panel.attachment("deploy.txt").says("ready");
  });

  it("is left out, and the others go", async () => {
    await freight.menu(SEND, file(".env"), file("deploy.txt"), file("report.pdf"));
    await freight.answerDialog("2 files look like secrets.", "Leave Out");
    await freight.panel.attachment("report.pdf").says("ready");
    await becomes(() => freight.panel.attachments.count(), 1);
    assert.equal(creates(), 2);
  });
});
