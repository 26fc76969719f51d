import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { until } from "../support/until.ts";

const pictures = join(root, "out/screenshots");
/** With the class that VS Code gives the window. */
const themes = {
  "Dark Modern": "vs-dark",
  "Light Modern": "vs",
  "Default High Contrast": "hc-black",
} as const;

/** 60 MB that a zip makes small. */
const trace = Array.from({ length: 60 * 1024 }, (_, at) => `${`${at} `.padEnd(1023, "run ")}\n`).join("");

describe("a mail that comes back", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    session = await openWorkbench({
      files: { "trace.log": trace },
      settings: { "freightMail.noticeReturnedMail": true },
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const keep = async (name: string) => {
    for (const [theme, shown] of Object.entries(themes)) {
      await freight.chooseTheme(theme);
      await session.page.locator(`.monaco-workbench.${shown}`).waitFor();
      await session.page.screenshot({
        path: join(pictures, `${name}-${theme.toLowerCase().replaceAll(" ", "-")}.png`),
      });
    }
  };

  it("is foretold, noticed, and sent compressed to the one who does not have it", async () => {
    const panel = await freight.send("trace.log");
    await panel.to.fill("ann@gmail.com, bob@freight-mail.example");
    await panel.subject.fill("Last night's trace");
    await panel.frame.getByText("ann@gmail.com can receive at most 50 MB.").waitFor();
    await keep("too-large");
    await panel.attachment("trace.log").says("ready");
    await panel.sendByKey();
    await freight.answerDialog(/82\.\d MB|82 MB/, "Send Anyway");
    const row = freight.row("Last night's trace");
    await freight.sees("Last night's trace", "came back: too large (ann@gmail.com)");
    await keep("came-back");
    assert.deepEqual(
      [sandbox.mails[0]?.taken_by, sandbox.mails[0]?.refused_by],
      [["bob@freight-mail.example"], ["ann@gmail.com"]],
    );
    await row.click();
    await panel.problem
      .getByText("Not delivered to ann@gmail.com: the mail is too large for the mailbox.")
      .waitFor();
    await keep("came-back-panel");
    await panel.problem.getByRole("button", { name: "Compress and Send to ann@gmail.com…" }).click();
    const next = freight.panel;
    await next.attachment("trace.log.zip").says("ready");
    await next.sendByKey();
    await until("it arrives", () => sandbox.mails.length === 2);
    const [second] = sandbox.mails;
    assert.deepEqual([second?.taken_by, second?.refused_by], [["ann@gmail.com"], []]);
    assert.deepEqual(
      second?.attachments.map(({ filename }) => filename),
      ["trace.log.zip"],
    );
  });
});
