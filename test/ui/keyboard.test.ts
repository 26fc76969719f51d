import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { filesIn, newestEml, readers } from "../support/eml.ts";
import { sample } from "../support/files.ts";
import { ASKS, Freight, mailbox, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { until } from "../support/until.ts";

const files = { "a-build.bin": sample(300_001), "b-notes.txt": "notes\n" };

/** Nothing here touches the mouse: what a page object clicks is not used. */
describe("the keyboard alone", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files });
    freight = new Freight(session);
    await freight.ready();
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const press = (key: string) => session.page.keyboard.press(key);
  /** At the speed of fast fingers: keys that follow a Tab within a few milliseconds are lost on their way into a webview. */
  const type = (text: string) => session.page.keyboard.type(text, { delay: 30 });
  /** Answers a question of the wizard with the row that has the focus once the words have narrowed the list. */
  const answer = async (question: string, words: string) => {
    await freight.question(question);
    await type(words);
    await session.workbench.quickRows(words).first().waitFor();
    await press("Enter");
  };
  /** Presses Tab until the focus is where the selector says; a person would not look for it longer. */
  const tabTo = async (selector: string, key = "Tab") => {
    for (let stop = 0; stop < 30; stop++) {
      await press(key);
      const there = freight.panel.frame.locator(`${selector}:focus`);
      if (!(await there.isVisible())) continue;
      await until("the page has the keyboard", () => there.evaluate(() => document.hasFocus()));
      return;
    }
    assert.fail(`${selector} is not reached by ${key}`);
  };

  /** Opens the menu of a file in the Explorer that a key leads to, and picks Send as Large Attachment… there. */
  const send = async (name: string, key: string) => {
    const { page, workbench } = session;
    const focused = page.locator(".explorer-folders-view .monaco-list:focus .monaco-list-row.focused");
    await until(`the menu of ${name} opens`, async () => {
      await press("Control+Shift+E");
      await press(key);
      if (!(await focused.filter({ hasText: name }).isVisible())) return false;
      await press("Shift+F10");
      await workbench.menuItem(SEND).waitFor();
      // On a slow machine the Explorer may have drawn its list anew, which takes the focus: then it is the folder's menu.
      if (!(await workbench.menuItem(/^New File/).isVisible())) return true;
      await workbench.closeMenu();
      return false;
    });
    await until("the menu's entry has the focus", async () => {
      await press("ArrowUp");
      return page.locator(".monaco-menu .action-item.focused", { hasText: SEND }).isVisible();
    });
    await press("Enter");
  };

  it("adds an account", async () => {
    await session.workbench.palette("Freight Mail: Add Account…");
    await session.workbench.quickRows("Freight Mail: Add Account…").first().waitFor();
    await press("Enter");
    await answer(ASKS.service, "Nylas");
    await answer(ASKS.kind, "API key");
    await freight.enter(ASKS.credential, sandbox.nylas.apiKey);
    await answer(ASKS.region, "Custom");
    await freight.enter(ASKS.address, sandbox.nylas.apiUri);
    await answer(ASKS.grant, mailbox(sandbox));
    await session.workbench.notification(`${mailbox(sandbox)} is ready`).waitFor();
  });

  it("walks from a file in the Explorer to a mail that is sent", async () => {
    const { panel } = freight;
    const [first] = Object.keys(files);
    assert.ok(first);
    await send(first, "Home");

    await panel.attachment(first).root.waitFor();
    await panel.frame.locator("#to:focus").waitFor();
    await type("Ada Lovelace <ada@example.com>, bob@");
    await type("example.com");
    await tabTo("#subject");
    // Tab selects what is there. Ctrl+A would too, but in a webview VS Code does that later than the next key comes.
    await until("the subject is selected", () =>
      panel.subject.evaluate(
        (input) => input instanceof HTMLInputElement && input.selectionEnd === input.value.length,
      ),
    );
    await type("By hand");
    await tabTo("#body");
    await type("No *mouse* was here.");
    await tabTo(".send-buttons .primary");
    await press("Enter");
    await panel.says(/^Sent/);

    const eml = await newestEml(sandbox);
    assert.equal(eml.subject, "By hand");
    assert.match(eml.html || "", /<p>No <em>mouse<\/em> was here\.<\/p>/);
    assert.deepEqual(readers(eml.to), [
      ["Ada Lovelace", "ada@example.com"],
      ["", "bob@example.com"],
    ]);
    assert.deepEqual(filesIn(eml), [[first, sha256(files["a-build.bin"])]]);
  });

  it("takes a mail back, and reaches every action of a file", async () => {
    const { panel } = freight;
    sandbox.faults.arm({ step: "create", fault: "hold" });
    await send("b-notes.txt", "End");
    await panel.attachment("b-notes.txt").root.waitFor();
    await panel.frame.locator("#to:focus").waitFor();
    await type("ada@example.com");
    await press("Control+Enter");
    await panel.says("Will be sent automatically");
    await tabTo('.send-buttons .secondary:has-text("Keep Editing")');
    await press("Enter");
    await panel.frame.locator(".send-buttons .primary:focus").waitFor();
    await tabTo('[aria-label="Cancel: b-notes.txt"]', "Shift+Tab");
    await press("Enter");
    await panel.attachment("b-notes.txt").says("cancelled");
    // Where Cancel was, the next action has the focus.
    await panel.frame.locator('[aria-label="Retry: b-notes.txt"]:focus').waitFor();
    await tabTo('[aria-label="Remove: b-notes.txt"]');
    await press("Enter");
    await panel.attachment("b-notes.txt").root.waitFor({ state: "detached" });
  });
});
