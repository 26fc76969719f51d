import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callApi, grantsOf } from "../sandbox/support.ts";
import { filesIn, newestEml, readers } from "../support/eml.ts";
import { binary } from "../support/files.ts";
import { Freight, type Panel } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { succeeds, until } from "../support/until.ts";

const pictures = join(root, "out/screenshots");
const files = { "build.zip": binary(200 * 1024), "trace.log": "a line\n" };
const WHEN = /^When should the mail be sent\?/;

describe("a mail that is sent later", () => {
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
  afterEach(() => {
    sandbox.clock.offsetMs = 0;
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const waiting = async (): Promise<string[]> => {
    const path = `/v3/grants/${grantsOf(sandbox).microsoft.id}/messages/schedules`;
    const { data } = (await callApi(sandbox, "GET", path)).json;
    const pending = ({ status }: { status: { code: string } }) => status.code === "pending";
    return data.filter(pending).map(({ schedule_id }: { schedule_id: string }) => schedule_id);
  };
  const schedule = async (file: string, subject: string, body = ""): Promise<Panel> => {
    const panel = await freight.send(file);
    await panel.to.fill("ada@example.com");
    await panel.subject.fill(subject);
    await panel.body.fill(body);
    await panel.chooseWay("Send Later…");
    await session.page.getByPlaceholder(WHEN).waitFor();
    return panel;
  };
  const pick = (row: string) => session.workbench.quickRows(row).first().click();

  it("waits at the service, and leaves at its time with everything on it", async () => {
    const panel = await schedule("build.zip", "In an hour", "Good *morning*.");
    await session.page.screenshot({ path: join(pictures, "send-later-in-vscode.png") });
    await pick("In 1 Hour");
    await panel.says(/^Will be sent (today|tomorrow) at \d\d:\d\d\.$/);
    await freight.sees("build.zip", /scheduled · (today|tomorrow) \d\d:\d\d/);
    await session.page.screenshot({ path: join(pictures, "scheduled-in-vscode.png") });
    assert.equal(sandbox.deliveries, 0);
    sandbox.clock.advance(61 * 60_000);
    await until("the mail is delivered", async () => sandbox.deliveries === 1);
    const eml = await newestEml(sandbox);
    assert.deepEqual([eml.subject, readers(eml.to)], ["In an hour", [["", "ada@example.com"]]]);
    assert.match(eml.html || "", /<p>Good <em>morning<\/em>\.<\/p>/);
    assert.deepEqual(filesIn(eml), [["build.zip", sha256(files["build.zip"])]]);
  });

  it("takes any time that is typed, and says what is wrong with one", async () => {
    const panel = await schedule("trace.log", "In March");
    await pick("Pick Date and Time…");
    await freight.quickMessage.filter({ hasText: "Date and time, or just a time" }).waitFor();
    await session.workbench.quickText.fill("2001-01-01 08:00");
    await freight.quickMessage.filter({ hasText: "That time has passed." }).waitFor();
    await session.workbench.quickText.fill("soon");
    await freight.quickMessage.filter({ hasText: "Type a date and a time" }).waitFor();
    const year = new Date().getFullYear() + 1;
    await session.workbench.quickText.fill(`${year}-03-01 08:00`);
    await freight.quickMessage.filter({ hasText: `Will be sent 1 Mar ${year} at 08:00.` }).waitFor();
    await session.page.screenshot({ path: join(pictures, "send-later-typed-in-vscode.png") });
    await session.page.keyboard.press("Enter");
    await panel.says(`Will be sent 1 Mar ${year} at 08:00.`);
    assert.equal((await waiting()).length, 1);
  });

  it("is cancelled from its row, and can be written on then", async () => {
    await freight.sees("trace.log", "scheduled");
    await freight.inline("trace.log", "Cancel Scheduled Mail");
    await freight.answerDialog("Cancel “In March”?", "Cancel Scheduled Mail");
    const { panel } = freight;
    await panel.attachment("trace.log").root.waitFor();
    await until("the mail can be written on", () => panel.subject.isEditable());
    assert.deepEqual(await waiting(), []);
    await panel.subject.fill("Now");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(sandbox.mails[0]?.subject, "Now");
  });

  it("is in a list of all that wait, and is cancelled there", async () => {
    const panel = await schedule("trace.log", "Listed");
    await pick("In 1 Hour");
    await panel.says(/^Will be sent/);
    const { json } = await callApi(
      sandbox,
      "POST",
      `/v3/grants/${grantsOf(sandbox).microsoft.id}/messages/send`,
      {
        to: [{ email: "bob@example.com" }],
        subject: "Elsewhere",
        body: "",
        send_at: Math.floor(Date.now() / 1000) + 7200,
      },
    );
    const { workbench } = session;
    const row = workbench.quickRows("Listed");
    const question = workbench.dialog.filter({ hasText: "Cancel “Listed”?" });
    await until("its button asks", async (attemptMs) => {
      // On a slow machine the list was gone again once, perhaps as the palette gave the focus back to the mail's page.
      if (!(await row.isVisible())) await workbench.command("Freight Mail: Show Scheduled Mails…");
      const foreign = workbench.quickRows(json.schedule_id);
      if (!(await succeeds(foreign.waitFor({ timeout: attemptMs })))) return false;
      await session.page.screenshot({ path: join(pictures, "scheduled-mails-in-vscode.png") });
      await succeeds(row.hover({ timeout: attemptMs }));
      const cancel = row.getByRole("button", { name: "Cancel Scheduled Mail" });
      await succeeds(cancel.click({ timeout: attemptMs }));
      return succeeds(question.waitFor({ timeout: attemptMs }));
    });
    await freight.answerDialog("Cancel “Listed”?", "Cancel Scheduled Mail");
    await until("the mail can be written on", () => panel.subject.isEditable());
    assert.deepEqual(await waiting(), [json.schedule_id]);
    await panel.attachment("trace.log").says("ready");
  });
});
