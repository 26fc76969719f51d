import assert from "node:assert/strict";
import { binary } from "../support/files.ts";
import { ASKS, Freight, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes, until } from "../support/until.ts";

const name = "trace.bin";
const MiB = 1024 * 1024;
/** The largest that may be sent: its upload takes long enough to be seen. */
const content = binary(157_286_400);

describe("the first mail, in a fresh profile on the practice mailbox", () => {
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    session = await openWorkbench({ files: { [name]: content, "notes.bin": binary(4 * MiB, 2) } });
    freight = new Freight(session);
  });
  after(() => session?.dispose());

  it("begins with views that say what to do", async () => {
    const { page, workbench } = session;
    await workbench.view("Freight Mail");
    const welcome = page.locator(".welcome-view-content");
    await welcome.getByText("Mail files of up to 150 MB: right-click one in the Explorer").waitFor();
    await welcome.getByRole("button", { name: "Add Account…" }).waitFor();
    // One thing to do first; what else there is are links in a text, which VS Code calls buttons as well.
    const large = welcome.locator(".monaco-button").filter({ visible: true });
    assert.deepEqual(await large.allTextContents(), ["Add Account…"]);
    await welcome.getByRole("button", { name: "practice mailbox" }).first().waitFor();
    assert.equal(await freight.statusItem.count(), 0);
  });

  it("asks for an account first, then goes on with the same file: cursor in To, upload under way", async () => {
    const { page, workbench } = session;
    await recordStatusItem(freight);
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file(name));
    await freight.choose(ASKS.service, "Practice mailbox");

    const { panel } = freight;
    await panel.frame.locator("#to:focus").waitFor();
    await becomes(() => panel.subject.inputValue(), name);
    assert.equal(
      await panel.from.locator("option:checked").textContent(),
      "practice@freight-mail.example (practice mailbox)",
    );
    await panel.attachment(name).root.getByText("150 MB", { exact: true }).waitFor();
    await freight.mailTab(name).waitFor();

    await page.keyboard.type("Ada Lovelace <ada@example.com>");
    await panel.attachment(name).says(/uploading|ready/);
    await panel.body.fill("The trace of last night.");
    assert.deepEqual(
      await panel
        .attachment(name)
        .stepStates()
        .then((states) => states[0]),
      "done",
    );
  });

  it("sends on Ctrl+Enter and says so", async () => {
    await session.page.keyboard.press("Control+Enter");
    await freight.panel.says(/^Arrived in the practice mailbox today at \d\d:\d\d\.$/);
    assert.deepEqual(await freight.panel.attachment(name).stepStates(), ["done", "done", "done", "done"]);
  });

  it("shows where the mail is, covers none of that with a message, and brings it back from its row", async () => {
    assert.equal(await session.workbench.notification("arrived in").count(), 0);
    await freight.panel.frame.getByRole("button", { name: "Open Practice Mailbox" }).click();
    await freight.question("Mails that were sent, newest first");
    await session.workbench.closeQuickInput();
    await freight.closeEditors();
    await (await freight.sees(name, "in the practice mailbox")).click();
    await freight.panel.says(/^Arrived/);
    assert.deepEqual(await freight.panel.chips("to").allTextContents(), ["Ada Lovelace"]);
    await becomes(() => freight.panel.to.isEditable(), false);
  });

  it("has shown the progress in the status bar, and shows nothing there when idle", async () => {
    await freight.statusItem.waitFor({ state: "detached" });
    const texts = await freight.page.evaluate(() => window.statusTexts);
    assert.ok(
      texts?.some((text) => /^trace\.bin \d+%$/.test(text)),
      `the status bar said ${JSON.stringify(texts)}`,
    );
  });

  it("lists the mail as one that is in the practice mailbox", async () => {
    await freight.sees(name, /^trace\.bin\s*in the practice mailbox · /);
  });

  it("finds the mail in the practice mailbox, with every byte of the file", async () => {
    const { page, workbench } = session;
    await workbench.command("Freight Mail: Open Practice Mailbox");
    await freight.question("Mails that were sent, newest first");
    await workbench.quickRows("To Ada Lovelace <ada@example.com>").click();
    const arrived = page
      .locator("iframe.webview.ready")
      .filter({ visible: true })
      .contentFrame()
      .locator("iframe#active-frame")
      .contentFrame();
    await arrived.getByText("✓ Identical to your file").waitFor();
    await arrived.getByText("✓ Arrived once").waitFor();
    await arrived.getByText("Ada Lovelace <ada@example.com>").waitFor();
    await arrived.frameLocator("iframe").getByText("The trace of last night.").waitFor();
    const link = arrived.getByRole("link", { name: "trace.bin" });
    const bytes = Buffer.from(await (await fetch((await link.getAttribute("href")) ?? "")).arrayBuffer());
    assert.equal(sha256(bytes), sha256(content));
    await page.screenshot({ path: "out/screenshots/practice-letter.png" });
  });

  it("can be made hard: the line drops, the answer is lost, the host is killed, and a mail arrives once", async () => {
    await freight.closeEditors();
    await session.workbench.command("Freight Mail: Compose Mail…");
    const { panel } = freight;
    const button = (label: string) => panel.frame.getByRole("button", { name: label });
    const hard = panel.frame.getByRole("region", { name: "Make It Hard" });
    await button("Make It Hard").click();
    // A key goes to what is in sight only.
    await hard.waitFor();
    await panel.frame.getByLabel("Line speed").press("Home");
    await hard.getByText("64 KB/s").waitFor();
    await panel.subject.fill("Notes");
    await panel.addFiles.click();
    await freight.chooseFile(session.path("notes.bin"));
    await panel.attachment("notes.bin").says(/uploading/);
    await button("Lose the Answer to Send").click();
    await hard.locator("[aria-pressed=true]").waitFor();
    await button("Drop the Line").click();
    await hard.getByText("So far: line dropped.").waitFor();
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await freight.hasNoted('"phase":"waiting"');
    const pid = await session.extensionHostPid();
    await button("Kill the Extension Host…").click();
    await freight.answerDialog("Kill the extension host of this window?", "Kill It");
    await until("another extension host runs", async () => (await session.extensionHostPid()) !== pid);
    // The page is a new one, beside a mailbox that has started anew on what the old one had.
    await hard.getByText(/^So far: line dropped.* and extension host killed\.$/).waitFor();
    await hard.getByText("64 KB/s").waitFor();
    await panel.frame.getByLabel("Line speed").press("End");
    await hard.getByText("as fast as this machine").waitFor();
    await hard.getByText("Recipient's side: Arrived once, identical").waitFor();
    await hard.getByText("So far: line dropped, answer to Send lost and extension host killed.").waitFor();
    await freight.page.screenshot({ path: "out/screenshots/make-it-hard.png" });
  });
});

describe("the walkthrough", () => {
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    session = await openWorkbench({ files: { "notes.bin": binary(MiB, 2) } });
    freight = new Freight(session);
  });
  after(() => session?.dispose());

  it("goes from the view to a mail that arrived, and ticks off what was done, not what was looked at", async () => {
    const { page, workbench } = session;
    const steps = page.locator(".getting-started-step");
    const ticked = async (...wanted: readonly boolean[]) => {
      let found: (string | null)[] = [];
      await until(
        () => `the steps ${wanted} are done: ${found}`,
        async () => {
          found = await steps.evaluateAll((all) => all.map((step) => step.getAttribute("aria-checked")));
          return found.join() === wanted.join();
        },
      );
    };
    await freight.ready();
    await page.locator(".welcome-view-content").getByRole("button", { name: "take the tour" }).click();
    await ticked(true, false, false, false);
    await steps.filter({ hasText: "Sign in, or practice" }).click();
    await page.getByRole("button", { name: "Use Practice Mailbox" }).click();
    // Nothing is there yet: what comes next is offered.
    await freight.choose("Nothing has been sent from the practice mailbox yet", "Send a File…");
    await ticked(true, true, false, false);
    await freight.chooseFile(session.path("notes.bin"));
    const { panel } = freight;
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Arrived in the practice mailbox/);
    await panel.frame.getByRole("button", { name: "Open Practice Mailbox" }).click();
    await freight.choose("Mails that were sent, newest first", "notes.bin");
    await page.locator(".tab.active", { hasText: "notes.bin" }).waitFor();
    await page.locator(".tab", { hasText: "Welcome" }).click();
    await ticked(true, true, true, true);
    assert.equal(await workbench.dialog.count(), 0);
  });
});

declare global {
  interface Window {
    /** What the status bar item said, one after the other. */
    statusTexts?: string[];
  }
}

/** Notes what the status bar item says: on this machine an upload may be over before a test has looked. */
function recordStatusItem(freight: Freight): Promise<void> {
  return freight.page.evaluate(() => {
    const texts: string[] = [];
    window.statusTexts = texts;
    const note = () => {
      const item = document.querySelector('[id="freight-mail.freight-mail.freightMail.progress"]');
      const text = item?.textContent?.trim();
      if (text !== undefined && texts.at(-1) !== text) texts.push(text);
    };
    new MutationObserver(note).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
}
