import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { sample } from "../support/files.ts";
import { ASKS, Freight } from "../support/freight.ts";
import { addGraphAccount } from "../support/graphAccount.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { until } from "../support/until.ts";

const MANAGED = "Managed by your organization";
const files = { "app.bin": sample(300_000) };

describe("a machine under the policy of an organization", () => {
  let folder: string;
  let policyPath: string;
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-policy-"));
    policyPath = join(folder, "policy.json");
    await mkdir(join(folder, "log"));
    sandbox = await startSandbox();
    session = await openWorkbench({
      files,
      policyPath,
      settings: { "explorer.autoReveal": false, "chat.disableAIFeatures": false },
      extensions: [join(root, "test/support/assistantStandIn")],
      env: { ASSISTANT_STAND_IN: join(folder, "outcome.json") },
    });
    freight = new Freight(session);
    // While there is no policy: both are there when it comes.
    await freight.addAccount(sandbox);
    await addGraphAccount(freight, sandbox);
  });
  beforeEach(async () => {
    await rm(policyPath, { force: true });
    await freight.tidy();
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const rule = (policy: unknown) =>
    writeFile(policyPath, typeof policy === "string" ? policy : JSON.stringify(policy));
  const useTool = async (): Promise<string> => {
    const outcome = join(folder, "outcome.json");
    await rm(outcome, { force: true });
    await session.workbench.command("Assistant Stand-In: Use a Tool");
    await freight.enter(
      "Tool and input",
      JSON.stringify({ tool: "freightMail_list_upload_sessions", input: {} }),
    );
    return until("the tool has answered", async () => {
      const text = existsSync(outcome) ? await readFile(outcome, "utf8") : "";
      return text === "" ? undefined : text;
    });
  };
  const requestsSince = (count: number) =>
    sandbox.requests.slice(count).map(({ method, path }) => `${method} ${path}`);

  it("lets mail go through one service and to one domain, and says so wherever something else is tried", async () => {
    const { workbench, page } = session;
    await rule({
      services: ["graph"],
      recipients: { allowed: ["company.example"] },
      assistants: false,
      auditLog: join(folder, "log"),
    });
    const before = sandbox.requests.length;

    // The account of a service that is not allowed any more uploads nothing.
    await freight.send("app.bin");
    await freight.panel
      .attachment("app.bin")
      .problem.getByText(`Nylas cannot be used here. ${MANAGED}.`)
      .waitFor();
    assert.deepEqual(requestsSince(before), []);
    await page.screenshot({ path: "out/screenshots/policy-service.png" });
    await freight.panel.attachment("app.bin").action("Remove").click();
    await freight.closeEditors();

    // Nor can one be added, which is seen before it is tried.
    await workbench.command("Freight Mail: Add Account…");
    await freight.question(ASKS.service);
    await workbench.quickRows("Nylas").getByText(MANAGED).first().waitFor();
    await workbench.quickRows("Practice mailbox").getByText(MANAGED).first().waitFor();
    assert.equal(await workbench.quickRows("Microsoft 365").getByText(MANAGED).count(), 0);
    await page.screenshot({ path: "out/screenshots/policy-wizard.png" });
    await freight.choose(ASKS.service, "Nylas");
    await workbench.notification(`Nylas cannot be used here. ${MANAGED}.`).waitFor();

    // The other one sends to the company, and to nobody else.
    await workbench.command("Freight Mail: Compose Mail…");
    const { panel } = freight;
    await panel.from.selectOption({ index: 1 });
    await panel.to.fill("ada@company.example, eve@elsewhere.example");
    await panel.subject.fill("The build");
    await panel.sendByKey();
    await panel.frame
      .getByText(`Mail to eve@elsewhere.example is not allowed. ${MANAGED}.`)
      .first()
      .waitFor();
    assert.equal(sandbox.mails.length, 0);
    await page.screenshot({ path: "out/screenshots/policy-recipient.png" });
    // The first one selects the last recipient, the second one removes it.
    await panel.to.press("Backspace");
    await page.keyboard.press("Backspace");
    await until("one recipient is left", async () => (await panel.chips("to").count()) === 1);
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const log = join(folder, "log", `freight-mail-${userInfo().username}.jsonl`);
    const line = await until("the mail is in the log", async () =>
      existsSync(log) ? JSON.parse(await readFile(log, "utf8")) : undefined,
    );
    assert.deepEqual([line.result, line.recipients, line.domains], ["sent", 1, ["company.example"]]);

    // Assistants get an answer that they can pass on.
    assert.match(
      await useTool(),
      /AI assistants cannot use Freight Mail here\. Managed by your organization\./,
    );
    await page.keyboard.press("Escape");
    await workbench.view("Freight Mail");
    await page
      .getByText(`${MANAGED}: services: graph · recipients in company.example · no AI assistants`)
      .first()
      .waitFor();
  });

  it("lets nothing leave while its policy cannot be read, and says why", async () => {
    await rule({ recipient: { allowed: ["company.example"] } });
    const before = sandbox.requests.length;
    await freight.send("app.bin");
    const { panel } = freight;
    const why = "Your organization's policy for Freight Mail cannot be used, so nothing is sent or uploaded";
    await panel.attachment("app.bin").problem.getByText(why).waitFor();
    await panel.to.fill("ada@company.example");
    await panel.frame.getByRole("button", { name: "Retry and Send" }).click();
    await session.workbench.notification(why).first().waitFor();
    await session.page.screenshot({ path: "out/screenshots/policy-broken.png" });
    assert.deepEqual(requestsSince(before), []);
    // As soon as it can, everything goes on.
    await rule({});
    await panel.attachment("app.bin").action("Retry").click();
    await panel.attachment("app.bin").says("ready");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(sandbox.mails[0]?.attachments[0]?.sha256, sha256(files["app.bin"]));
  });

  it("asks before a mail leaves the organization, in one question, and lets it be taken back, and says who wants that", async () => {
    await rule({
      questions: { outside: true, firstTime: true },
      ownDomains: ["company.example"],
      leastUndoSeconds: 30,
    });
    await session.workbench.command("Freight Mail: Compose Mail…");
    const { panel } = freight;
    await panel.to.fill("bo@company.example, eve@elsewhere.example");
    await panel.subject.fill("Outside");
    const sent = sandbox.mails.length;
    await panel.sendByKey();
    const dialog = session.workbench.dialog.filter({ hasText: "Send to these 2 recipients?" });
    await dialog.getByText("eve@elsewhere.example: outside and not written to before from here").waitFor();
    await dialog.getByText("bo@company.example: not written to before from here").waitFor();
    await dialog.getByText(`${MANAGED}.`).waitFor();
    await session.page.screenshot({ path: "out/screenshots/policy-question.png" });
    await freight.answerDialog("these 2 recipients", "Cancel");
    assert.equal(sandbox.mails.length, sent);
    await panel.sendByKey();
    await freight.answerDialog("these 2 recipients", "Send Anyway");

    // Whoever would rather have it leave at once is told who wants it to wait.
    await panel.says(/^Sending in \d+ s\. Managed by your organization\.$/);
    await freight.undoItem.hover();
    await session.page.locator(".monaco-hover", { hasText: `Click to take it back. ${MANAGED}.` }).waitFor();
    await session.page.screenshot({ path: "out/screenshots/policy-undo.png" });
    await freight.undoItem.click();
    await panel.send.filter({ hasText: /^Send$/ }).waitFor();
    assert.equal(sandbox.mails.length, sent);
    await rule({});
    await panel.sendByKey();
    await panel.says(/^Sent/);
  });
});
