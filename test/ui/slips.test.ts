import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { ASKS, Freight, mailbox, type Panel } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes, until } from "../support/until.ts";

const pictures = join(root, "out/screenshots");
/** With the class that VS Code gives the window. */
const themes = {
  "Dark Modern": "vs-dark",
  "Light Modern": "vs",
  "Default High Contrast": "hc-black",
  "Default High Contrast Light": "hc-light",
} as const;
type Theme = keyof typeof themes;
const everyTheme: readonly Theme[] = [
  "Dark Modern",
  "Light Modern",
  "Default High Contrast",
  "Default High Contrast Light",
];

describe("a mail of the practice mailbox", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    session = await openWorkbench({ files: { "numbers.xlsx": "1", "real.xlsx": "2" } });
    freight = new Freight(session);
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const banner = (panel: Panel) =>
    panel.frame
      .locator(".practice")
      .filter({ hasText: "nothing leaves this machine, and nobody gets this mail" });

  it("says all the time that nobody gets it", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await freight.menu("Send as Large Attachment…", workbench.file("numbers.xlsx"));
    await freight.choose(ASKS.service, "Practice mailbox");
    const { panel } = freight;
    await panel.attachment("numbers.xlsx").says("ready");
    await banner(panel).waitFor();
    assert.equal(
      await panel.from.locator("option:checked").textContent(),
      "practice@freight-mail.example (practice mailbox)",
    );
    await panel.send.filter({ hasText: /^Send to Practice Mailbox$/ }).waitFor();
    const tab = freight.mailTab("numbers.xlsx");
    const icon = tab.locator(".monaco-icon-label-iconpath");
    const address = await until(
      "the tab has its icon",
      async () =>
        /url\("([^"]*practice-tab[^"]*)"\)/.exec(
          await icon.evaluate((node) => getComputedStyle(node).backgroundImage),
        )?.[1],
    );
    const picture = await session.page.request.get(address);
    assert.match(await picture.text(), /^<svg /);
    await panel.to.fill("my.boss@company.example");
    await terminal(freight);
    for (const theme of everyTheme) await keep(freight, theme, "practice");
    await panel.sendByKey();
    await panel.says(/^Arrived in the practice mailbox/);
    assert.ok(await isInView(banner(panel)));
    await keep(freight, "Light Modern", "practice-arrived");
    await panel.frame.getByRole("button", { name: "Open Practice Mailbox" }).click();
    await freight.question("Mails that were sent, newest first");
    await workbench.closeQuickInput();
    const row = await freight.sees("numbers.xlsx", "in the practice mailbox");
    await row.locator(".codicon-beaker").waitFor();
    await keep(freight, "Light Modern", "practice-row");
  });

  it("is not what a new mail is once there is a real account", async () => {
    await freight.tidy();
    await freight.addAccount(sandbox);
    await session.workbench.view("Freight Mail");
    await freight.accountRow(/Nylas.*default ·/).waitFor();
    const panel = await freight.send("real.xlsx");
    await panel.attachment("real.xlsx").says("ready");
    assert.notEqual(await panel.from.inputValue(), "practice");
    await becomes(() => panel.from.locator("option:checked").textContent(), `${mailbox(sandbox)} (Nylas)`);
    await panel.send.filter({ hasText: /^Send$/ }).waitFor();
    assert.equal(await banner(panel).count(), 0);
  });
});

describe("with a terminal below the mail", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    const settings = { "freightMail.undoSendSeconds": 30 };
    session = await openWorkbench({ files: { "report.pdf": "%PDF-1.7\n" }, settings });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
    await freight.tidy();
    const panel = await freight.send("report.pdf");
    await panel.attachment("report.pdf").says("ready");
    await panel.to.fill("Ada Lovelace <ada@example.com>, bob@example.com");
    await panel.subject.fill("The report");
    await panel.body.fill("Hello Ada,\n\nhere is the report.\n\nKim");
    await terminal(freight);
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  it("Send and what leaves stay in sight, whatever is scrolled", async () => {
    const { panel } = freight;
    for (const edge of [panel.to, panel.addFiles]) {
      await edge.scrollIntoViewIfNeeded();
      for (const part of [panel.send, panel.frame.locator(".strip-who")]) assert.ok(await isInView(part));
    }
    await panel.body.focus();
    for (const theme of everyTheme) await keep(freight, theme, "terminal-writing");
  });

  it("a field that Tab reaches does not hide behind the bar", async () => {
    const { panel } = freight;
    await panel.to.focus();
    for (let step = 0; step < 12; step++) {
      await session.page.keyboard.press("Tab");
      const hidden = await panel.frame.locator("body").evaluate(() => {
        const focused = document.activeElement?.getBoundingClientRect();
        const bar = document.querySelector(".send-bar")?.getBoundingClientRect();
        const inBar = document.activeElement?.closest(".send-bar") !== null;
        return focused !== undefined && bar !== undefined && !inBar && focused.bottom > bar.top + 1;
      });
      assert.equal(hidden, false, `${step}: the focus is behind the bar`);
    }
  });

  it("Undo is in sight on Ctrl+Enter, in the panel and in the status bar, which takes the mail back", async () => {
    const { panel } = freight;
    await panel.to.focus();
    await panel.sendByKey();
    await panel.says(/^Sending in \d+ s\.$/);
    const undo = panel.frame.getByRole("button", { name: "Undo" });
    assert.ok(await isInView(undo));
    assert.ok(await isInView(panel.headline));
    await freight.undoItem.filter({ hasText: /Undo Send \(\d+ s\)/ }).waitFor();
    for (const theme of everyTheme) await keep(freight, theme, "terminal-undo");
    await freight.undoItem.click();
    await panel.send.filter({ hasText: /^Send$/ }).waitFor();
    await freight.undoItem.waitFor({ state: "detached" });
    assert.equal(sandbox.deliveries, 0);
  });

  it("an error is in sight, with the button that mends it", async () => {
    const { panel } = freight;
    const message =
      "The recipient was refused: a sentence that is long enough to need more than one line in a narrow panel.";
    sandbox.faults.arm({ step: "create", fault: "refuse", status: 422, message });
    sandbox.faults.arm({ step: "send", fault: "refuse", status: 403, message });
    await panel.sendByKey();
    await panel.says(/^Sending in/);
    await panel.problem.waitFor();
    assert.ok(await isInView(panel.problem));
    assert.ok(await isInView(panel.send));
    for (const theme of everyTheme) await keep(freight, theme, "terminal-error");
  });

  it("it is the same in a narrow column", async () => {
    const { page, panel } = freight;
    await page.setViewportSize({ width: 700, height: 640 });
    await panel.to.scrollIntoViewIfNeeded();
    assert.ok(await isInView(panel.send));
    await keep(freight, "Dark Modern", "terminal-narrow");
  });
});

/** Opens a terminal below, as most people have it, and gives the focus back to the mail. */
async function terminal(freight: Freight): Promise<void> {
  await freight.workbench.command("Terminal: Create New Terminal");
  await freight.page.locator(".terminal-wrapper.active").waitFor();
  await freight.page.locator(".part.panel").waitFor();
}

function isInView(part: Locator): Promise<boolean> {
  return part.evaluate((node) => {
    const { top, bottom, height } = node.getBoundingClientRect();
    return height > 0 && top >= 0 && bottom <= innerHeight;
  });
}

async function keep(freight: Freight, theme: Theme, name: string): Promise<void> {
  await freight.chooseTheme(theme);
  await freight.page.locator(`.monaco-workbench.${themes[theme]}`).waitFor();
  await freight.page.screenshot({
    path: join(pictures, `${name}-${theme.toLowerCase().replaceAll(" ", "-")}.png`),
  });
}
