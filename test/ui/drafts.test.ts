import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callApi, grantsOf } from "../sandbox/support.ts";
import { filesIn, newestEml, readers } from "../support/eml.ts";
import { binary } from "../support/files.ts";
import { Freight, mailbox } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes } from "../support/until.ts";

const pictures = join(root, "out/screenshots");

const files = { "build.zip": binary(200 * 1024) };

describe("a mail that is saved as a draft", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    session = await openWorkbench({ files });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const draftsPath = () => `/v3/grants/${grantsOf(sandbox).microsoft.id}/drafts`;
  const drafts = async () => (await callApi(sandbox, "GET", draftsPath())).json.data;
  const more = () => freight.panel.frame.getByRole("button", { name: "More", exact: true });
  const field = (label: string) => freight.panel.frame.getByLabel(label, { exact: true });

  it("lies in the mailbox with its file, and the panel and the tree say so", async () => {
    const panel = await freight.send("build.zip");
    await panel.subject.fill("Not yet");
    await more().click();
    await field("Reply-To").fill("desk@example.com");
    await field("Headers").fill("X-Run: 7");
    await panel.frame.getByRole("button", { name: "More Ways to Send" }).click();
    await session.page.screenshot({ path: join(pictures, "draft-menu-in-vscode.png") });
    await panel.frame.getByRole("menuitem", { name: "Save as Draft" }).click();
    await panel.says(`Saved in Drafts of ${mailbox(sandbox)}`);
    await panel.attachment("build.zip").says("saved as a draft");
    await freight.sees("build.zip", "saved as a draft · just now");
    await session.page.screenshot({ path: join(pictures, "draft-saved-in-vscode.png") });
    assert.equal(sandbox.deliveries, 0);
    const [draft] = await drafts();
    assert.deepEqual(
      [draft.subject, draft.to, draft.reply_to.map(({ email }: { email: string }) => email)],
      ["Not yet", [], ["desk@example.com"]],
    );
    assert.deepEqual(
      draft.attachments.map(({ filename, size }: { filename: string; size: number }) => [filename, size]),
      [["build.zip", 200 * 1024]],
    );
  });

  it("is written on in its tab, and saved into the same draft", async () => {
    const { panel } = freight;
    await freight.row("build.zip").click();
    await panel.says(`Saved in Drafts of ${mailbox(sandbox)}`);
    const [before] = await drafts();
    await panel.subject.fill("Not yet, but soon");
    await panel.says("Your changes are not in the saved draft yet.");
    await panel.chooseWay("Save as Draft");
    await panel.says(`Saved in Drafts of ${mailbox(sandbox)}`);
    // Another Enter must not send it.
    await becomes(() => panel.send.and(panel.frame.locator(":focus")).count(), 0);
    const now = await drafts();
    assert.deepEqual(
      now.map(({ id, subject }: { id: string; subject: string }) => [id, subject]),
      [[before.id, "Not yet, but soon"]],
    );
  });

  it("is saved, not sent, by Retry when the first try was refused", async () => {
    const panel = await freight.send("build.zip");
    await panel.attachment("build.zip").says("ready");
    await panel.to.fill("ada@example.com");
    await panel.subject.fill("Second try");
    await panel.body.fill("Still *a draft*.");
    sandbox.faults.arm({ step: "draft", fault: "refuse", status: 400, message: "Not today" });
    await panel.chooseWay("Save as Draft");
    await panel.problem.getByText("Not today").waitFor();
    await panel.says("Not saved.");
    await panel.problem.getByRole("button", { name: "Retry" }).click();
    await panel.says(`Saved in Drafts of ${mailbox(sandbox)}`);
    const [draft] = await drafts();
    assert.equal(draft.subject, "Second try");
    assert.equal(sandbox.deliveries, 0);

    // As it would leave from the mail program.
    const { status } = await callApi(sandbox, "POST", `${draftsPath()}/${encodeURIComponent(draft.id)}`, {});
    assert.equal(status, 200);
    const eml = await newestEml(sandbox);
    assert.deepEqual([eml.subject, readers(eml.to)], ["Second try", [["", "ada@example.com"]]]);
    assert.match(eml.html || "", /<p>Still <em>a draft<\/em>\.<\/p>/);
    assert.deepEqual(filesIn(eml), [["build.zip", sha256(files["build.zip"])]]);
  });

  it("says at the field what is no address, and what no header", async () => {
    const panel = await freight.send("build.zip");
    await panel.to.fill("nobody");
    await panel.chooseWay("Save as Draft");
    await panel.fieldProblem("to").getByText("“nobody” is not an e-mail address.").waitFor();
    await panel.to.press("Backspace");
    await panel.frame.locator(".field-to .chip-remove").click();
    await panel.to.fill("ada@example.com");
    await more().click();
    await field("Headers").fill("Priority: high");
    await panel.sendByKey();
    await panel.frame.locator("#headers-problem").getByText("start with “x-”").waitFor();
    await field("Headers").fill("X-Project: Tide");
    await field("Reply-To").fill("Desk <desk@example.com>");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const eml = await newestEml(sandbox);
    assert.deepEqual(
      [eml.replyTo?.text, eml.headers.get("x-project")],
      ['"Desk" <desk@example.com>', "Tide"],
    );
  });
});
