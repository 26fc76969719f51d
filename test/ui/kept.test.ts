import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Freight, Panel } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes, succeeds, until } from "../support/until.ts";

const files = { "report.bin": Buffer.alloc(60_000, 7), "notes.md": "# Notes\n" };

describe("what is typed is never lost", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    const settings = {
      "explorer.autoReveal": false,
      "freightMail.body.format": "text",
      "freightMail.body.signature": "-- \nKim",
    };
    session = await openWorkbench({ files, settings });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const compose = async (): Promise<Panel> => {
    const tabs = freight.mailTab("");
    const before = await tabs.count();
    await session.workbench.command("Freight Mail: Compose Mail…");
    await until("the new mail has its tab", async () => (await tabs.count()) > before);
    await freight.panel.frame.locator("#to:focus").waitFor();
    return freight.panel;
  };
  /** Types key by key, without a pause after the last. */
  const type = async (panel: Panel, subject: string, body: string) => {
    await panel.subject.focus();
    await session.page.keyboard.type(subject);
    await panel.body.click();
    await session.page.keyboard.press("Control+Home");
    await session.page.keyboard.type(body);
    await freight.mailTab(subject).waitFor();
  };
  /** Closes the editor that is in front. */
  const closeTab = async (subject: string) => {
    await session.workbench.command("View: Close Editor");
    await freight.mailTab(subject).waitFor({ state: "detached" });
  };
  const keptMessage = (subject: string) => session.workbench.notification(`“${subject}” was saved.`);
  const reads = async (panel: Panel, subject: string, body: string) => {
    let found = "";
    await panel.body.waitFor();
    await until(
      () => `the text of “${subject}” is whole, not “${found}”`,
      async () => {
        found = await panel.body.inputValue();
        return found === body;
      },
    );
    await becomes(() => panel.subject.inputValue(), subject);
  };

  it("is there after another tab has hidden the panel", async () => {
    const panel = await compose();
    await type(panel, "Hidden", "Half a sen");
    await session.workbench.view("Explorer");
    await session.workbench.file("notes.md").dblclick();
    await panel.body.waitFor({ state: "hidden" });
    await freight.mailTab("Hidden").click();
    await reads(freight.panel, "Hidden", "Half a sen\n\n-- \nKim");
  });

  it("is there after the tab was closed right after the last key, and Reopen brings it back", async () => {
    const panel = await compose();
    await type(panel, "Closed", "The last letter is x");
    await closeTab("Closed");
    await keptMessage("Closed").waitFor();
    await session.page.screenshot({ path: "out/screenshots/kept-message.png" });
    await keptMessage("Closed").getByRole("button", { name: "Reopen" }).click();
    await reads(freight.panel, "Closed", "The last letter is x\n\n-- \nKim");
  });

  it("is discarded from that message only after a question", async () => {
    const panel = await compose();
    await type(panel, "Unwanted", "Never mind");
    await closeTab("Unwanted");
    await keptMessage("Unwanted").getByRole("button", { name: "Discard…" }).click();
    await freight.answerDialog("Discard “Unwanted”?", "Discard Mail");
    await session.workbench.view("Freight Mail");
    await freight.row("Unwanted").waitFor({ state: "detached" });
  });

  it("goes away without a word when there is nothing in it", async () => {
    await compose();
    const row = await freight.sees("New Mail", "not sent");
    await closeTab("New Mail");
    await row.waitFor({ state: "detached" });
    assert.equal(await keptMessage("New Mail").count(), 0);
  });

  it("has a row in Sessions, which opens it and removes it", async () => {
    const panel = await compose();
    await type(panel, "Row", "Some words");
    await closeTab("Row");
    await keptMessage("Row").waitFor();
    const row = await freight.sees("Row", "not sent");
    await session.page.screenshot({ path: "out/screenshots/kept-row.png" });
    await row.click();
    await reads(freight.panel, "Row", "Some words\n\n-- \nKim");
    await session.workbench.contextMenu("Discard Mail…", freight.row("Row"));
    await freight.answerDialog("Discard “Row”?", "Discard Mail");
    await freight.row("Row").waitFor({ state: "detached" });
    await freight.mailTab("Row").waitFor({ state: "detached" });
  });

  it("is told of together when several mails are closed at once", async () => {
    await type(await compose(), "One", "first");
    await type(await compose(), "Two", "second");
    await freight.closeEditors();
    const told = session.workbench.notification("2 mails were saved.");
    await told.waitFor();
    await freight.sees("One", "not sent");
    await freight.sees("Two", "not sent");
    await told.getByRole("button", { name: "Reopen All" }).click();
    for (const [subject, text] of [
      ["One", "first"],
      ["Two", "second"],
    ] as const) {
      await freight.mailTab(subject).click();
      await reads(freight.panel, subject, `${text}\n\n-- \nKim`);
    }
  });

  it("is told of each when one is closed after the other", async () => {
    await type(await compose(), "Third", "first");
    await type(await compose(), "Fourth", "second");
    for (const subject of ["Fourth", "Third"]) {
      await closeTab(subject);
      await keptMessage(subject).waitFor();
    }
    await keptMessage("Fourth").getByRole("button", { name: "Reopen" }).click();
    await reads(freight.panel, "Fourth", "second\n\n-- \nKim");
  });

  it("goes away where only a file was clicked on, unless Undo in the status bar brings it back", async () => {
    const panel = await freight.send("report.bin");
    await panel.attachment("report.bin").says("ready");
    await closeTab("report.bin");
    const undo = session.workbench.statusItem("freight-mail.freight-mail.freightMail.notKept");
    await undo.filter({ hasText: "“report.bin” was not saved. Undo" }).click();
    await freight.panel.attachment("report.bin").says("ready");
    await closeTab("report.bin");
    await freight.row("report.bin").waitFor({ state: "detached" });
    assert.equal(await keptMessage("report.bin").count(), 0);
  });

  it("is not offered again once the mail is out", async () => {
    const panel = await compose();
    await panel.to.fill("ada@example.com");
    await type(panel, "Sent", "Off it goes");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    await closeTab("Sent");
    // What is told of a mail that is closed later shows that this one was passed over.
    await type(await compose(), "Later", "x");
    await closeTab("Later");
    await keptMessage("Later").waitFor();
    assert.equal(await keptMessage("Sent").count(), 0);
  });

  it("stays with its own mail when several are written in turns", async () => {
    await type(await compose(), "Alpha", "a1 ");
    await type(await compose(), "Beta", "b1 ");
    for (const [subject, more] of [
      ["Alpha", "a2 "],
      ["Beta", "b2 "],
    ] as const) {
      await freight.mailTab(subject).click();
      await reads(freight.panel, subject, `${more[0]}1 \n\n-- \nKim`);
      await freight.panel.body.click();
      await session.page.keyboard.press("Control+Home");
      await session.page.keyboard.type(more);
    }
    await freight.mailTab("Alpha").click();
    await reads(freight.panel, "Alpha", "a2 a1 \n\n-- \nKim");
    await freight.mailTab("Beta").click();
    await reads(freight.panel, "Beta", "b2 b1 \n\n-- \nKim");
  });

  it("goes with the editor into another window", async () => {
    const panel = await compose();
    await type(panel, "Moved", "On the way");
    const opened = session.context.waitForEvent("page");
    await session.workbench.command("View: Move Editor into New Window");
    const other = new Panel(await opened);
    await reads(other, "Moved", "On the way\n\n-- \nKim");
    await other.body.click();
    await other.page.keyboard.press("Control+End");
    await other.page.keyboard.type(", and on");
    await freight.hasNoted("Kim, and on");
    await other.page.close();
  });

  it("is there after a reload right after the last key", async () => {
    const panel = await compose();
    await freight.remembersPanel();
    await type(panel, "Reloaded", "And then came the reload.");
    await session.reload();
    await freight.sees("Reloaded", "not sent");
    await freight.row("Reloaded").click();
    await reads(freight.panel, "Reloaded", "And then came the reload.\n\n-- \nKim");
    assert.equal(await keptMessage("Reloaded").count(), 0);
  });

  it("has one tab, although its row was opened before VS Code came back to the tab", async () => {
    const panel = await compose();
    await type(panel, "Twice", "Once only.");
    await freight.remembersPanel();
    // Another tab in front: VS Code brings the one behind it back when somebody looks at it.
    await type(await compose(), "Front", "x");
    await freight.remembersPanel();
    await session.reload();
    await (await freight.sees("Twice", "not sent")).click();
    await reads(freight.panel, "Twice", "Once only.\n\n-- \nKim");
    await until("the tab of before has become one with it", async (attemptMs) => {
      const tabs = freight.mailTab("Twice");
      // The one that is behind goes away under the click.
      for (const tab of await tabs.all()) await succeeds(tab.click({ timeout: attemptMs }));
      return (await tabs.count()) === 1;
    });
    await freight.mailTab("Twice").click();
    await reads(freight.panel, "Twice", "Once only.\n\n-- \nKim");
  });

  it("is there after the extension host was killed once the last key was noted", async () => {
    const panel = await compose();
    const pid = await session.extensionHostPid();
    await type(panel, "Crashed", "And then it died.");
    await freight.hasNoted("And then it died.");
    process.kill(pid, "SIGKILL");
    await until("another extension host runs", async () => (await session.extensionHostPid()) !== pid);
    await (await freight.sees("Crashed", "not sent")).click();
    await reads(freight.panel, "Crashed", "And then it died.\n\n-- \nKim");
  });
});
