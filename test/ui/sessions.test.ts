import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { binary } from "../support/files.ts";
import { Freight, firstChunkBytes, holdUpload, mailbox, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { until } from "../support/until.ts";

const MiB = 1024 * 1024;
const pictures = join(root, "out/screenshots");
/** Each test has files of its own: the rows of earlier ones stay in the tree. */
const large = binary(12 * MiB);
const files: Readonly<Record<string, string | Uint8Array>> = {
  ...Object.fromEntries(
    ["inline", "menu", "buttons", "closed", "status"].map((name) => [`${name}.bin`, large]),
  ),
  ...Object.fromEntries(
    [
      "refused",
      "clicked",
      "copied",
      "discarded",
      "sent-1",
      "sent-2",
      "kept",
      "cut",
      "one",
      "two",
      "reply",
      "old",
      "changed-0",
      "changed-1",
    ].map((name, index) => [`${name}.bin`, binary(90_000, index + 10)]),
  ),
  "tab.md": "# From a tab\n",
  "active.md": "# Active\n",
  "folder/inside.txt": "inside\n",
};

describe("sessions", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    // The first click of a selection opens its file, which would otherwise select that file alone a moment later.
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  // Not afterwards: a test that fails leaves a picture of what it saw.
  beforeEach(async () => {
    sandbox.faults.clear();
    await freight.tidy();
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  /** Begins a mail whose upload stands still after the first chunk. */
  const sendAndHold = async (name: string) => {
    holdUpload(sandbox);
    const panel = await freight.send(name);
    await panel.attachment(name).says("uploading 66%");
    return panel;
  };
  const rangesSince = (number: number) =>
    sandbox.requests
      .slice(number)
      .filter(({ step }) => step === "upload")
      .map(({ headers }) => headers["content-range"]);

  describe("in the tree", () => {
    it("are paused and resumed with the buttons of their row, and go on where they were", async () => {
      const earlier = sandbox.requests.length;
      await sendAndHold("inline.bin");
      await freight.sees("inline.bin", "uploading 66%");
      await freight.inline("inline.bin", "Pause Upload");
      await freight.sees("inline.bin", "paused at 66%");
      await freight.inline("inline.bin", "Resume Upload");
      await freight.sees("inline.bin", "uploading 66%");
      // What had been sent before the pause may still lie in the line: it is dropped when the rest comes once more.
      await until("the rest comes", () => rangesSince(earlier).length === 3);
      sandbox.faults.release();
      await freight.sees("inline.bin", /ready · expires in \d+ min/);
      const total = large.length;
      const rest = `bytes ${firstChunkBytes}-${total - 1}/${total}`;
      assert.deepEqual(rangesSince(earlier), [`bytes 0-${firstChunkBytes - 1}/${total}`, rest, rest]);
    });

    it("are paused, cancelled and tried again from their context menu, and the storage is told", async () => {
      const earlier = sandbox.requests.length;
      await sendAndHold("menu.bin");
      await freight.menu("Pause Upload", await freight.sees("menu.bin", "uploading 66%"));
      await freight.menu("Cancel Upload", await freight.sees("menu.bin", "paused at 66%"));
      const row = await freight.sees("menu.bin", "cancelled");
      // Grey, besides saying so.
      await row.locator('.monaco-icon-label[class*="itemColor"]').first().waitFor();
      await until("the storage has heard of it", () =>
        sandbox.requests.slice(earlier).some(({ step, status }) => step === "cancel" && status === 499),
      );
      sandbox.faults.release();
      await freight.menu("Retry Upload", row);
      await freight.sees("menu.bin", "ready");
    });

    it("show what went wrong with the service's request id in their tooltip, as the panel does", async () => {
      const message = "Attachment uploads are switched off for this application";
      sandbox.faults.arm({ step: "create", fault: "refuse", status: 422, message });
      const panel = await freight.send("refused.bin");
      const part = panel.attachment("refused.bin");
      await part.says("failed");
      await part.problem.getByText(`Nylas refused to open an upload session: ${message}.`).waitFor();
      const requestId = await part.problem.locator("code").textContent();
      assert.match(requestId ?? "", /^[\w-]{8,}$/);

      const row = await freight.sees("refused.bin", "failed");
      await row.hover();
      const tooltip = session.page.locator(".monaco-hover").filter({ hasText: "Problem:" });
      await tooltip
        .filter({ hasText: message })
        .filter({ hasText: `Request ID: ${requestId}` })
        .waitFor();

      await part.problem.getByRole("button", { name: "Retry" }).click();
      await part.says("ready");
      await part.problem.waitFor({ state: "hidden" });
    });

    it("open the panel of their mail with a click", async () => {
      await (await freight.send("clicked.bin")).body.fill("To be kept.");
      await freight.closeEditors();
      const row = await freight.sees("clicked.bin", "ready");
      await row.click();
      await freight.panel.attachment("clicked.bin").says("ready");
    });

    it("copy the id that the service gave the attachment", async () => {
      await session.context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await freight.send("copied.bin");
      const row = await freight.sees("copied.bin", "ready");
      await freight.menu("Copy Attachment ID", row);
      await session.page.getByText("Attachment ID copied").waitFor();
      const copied = await session.page.evaluate(() => navigator.clipboard.readText());
      const complete = sandbox.requests.findLast(({ step }) => step === "complete");
      assert.ok(copied !== "" && complete?.path.endsWith(`/attachment-uploads/${copied}/complete`), copied);
    });

    it("reveal their file in the Explorer", async () => {
      const { page, workbench } = session;
      await workbench.command(`Freight Mail: ${SEND}`);
      await freight.chooseFile(session.path("folder/inside.txt"));
      await freight.menu("Reveal File", await freight.sees("inside.txt", "ready"));
      await workbench.file("inside.txt").waitFor();
      const selected = page.locator('.explorer-folders-view [role="treeitem"][aria-selected="true"]');
      await selected.filter({ hasText: "inside.txt" }).waitFor();
    });

    it("leave the history only after a question when their mail was not sent", async () => {
      const { workbench } = session;
      await freight.send("discarded.bin");
      const row = await freight.sees("discarded.bin", "ready");
      await freight.menu("Discard Mail…", row);
      await freight.answerDialog("Discard “discarded.bin” with 1 file?", "Cancel");
      await freight.sees("discarded.bin", "ready");
      await freight.menu("Discard Mail…", row);
      await workbench.dialog
        .getByText("It was not sent. Its text and everything uploaded for it are deleted")
        .waitFor();
      await freight.answerDialog("Discard “discarded.bin” with 1 file?", "Discard Mail");
      await freight.mailTab("discarded.bin").waitFor({ state: "detached" });
      await row.waitFor({ state: "detached" });
    });

    it("lose a file of a mail that was not sent alone, and all of it only after a question that names it", async () => {
      const { workbench } = session;
      const panel = await freight.send("kept.bin", "discarded.bin");
      await panel.to.fill("ada@example.com, bob@example.com");
      await panel.subject.fill("Two of them");
      await freight.sees("kept.bin", "ready");
      await freight.sees("discarded.bin", "ready");
      await freight.menu("Remove File", freight.row("discarded.bin"));
      await panel.attachment("discarded.bin").root.waitFor({ state: "detached" });
      // The mail's own row is that of its only file, and stands where other rows stood.
      await freight.sees("Two of them", "ready");
      assert.equal(await workbench.dialog.count(), 0);
      await workbench.openContextMenu(freight.row("Two of them"));
      assert.equal(await workbench.menuItem("Remove from History").count(), 0);
      await workbench.closeMenu();
      await freight.menu("Discard Mail…", freight.row("Two of them"));
      await workbench.dialog.getByText("2 recipients: ada@example.com and bob@example.com.").waitFor();
      await session.page.screenshot({ path: join(pictures, "discard.png") });
      await freight.answerDialog("Discard “Two of them” with 1 file?", "Discard Mail");
      await freight.mailTab("Two of them").waitFor({ state: "detached" });
    });

    it("leave the history at once when their mail was sent, and all such together with Clear History", async () => {
      const { page } = session;
      for (const name of ["sent-1.bin", "sent-2.bin"]) {
        const panel = await freight.send(name);
        await panel.to.fill("ada@example.com");
        await panel.sendByKey();
        await freight.sees(name, "sent · just now");
      }
      await freight.menu("Remove from History", freight.row("sent-2.bin"));
      await freight.row("sent-2.bin").waitFor({ state: "detached" });

      await freight.send("kept.bin");
      await freight.sees("kept.bin", "ready");
      const title = page.locator(".pane-header").filter({ hasText: "Sessions" });
      await title.hover();
      await title.getByRole("button", { name: "More Actions..." }).click();
      await session.workbench.pick("Clear History");
      await freight.answerDialog(/^(?=.*Remove \d+ sent or saved mails? from the history)/s, "Cancel");
      await freight.row("sent-1.bin").waitFor();
      await title.hover();
      await title.getByRole("button", { name: "More Actions..." }).click();
      await session.workbench.pick("Clear History");
      await freight.answerDialog(/^(?=.*Remove \d+ sent or saved mails? from the history)/s, "Clear History");
      await freight.row("sent-1.bin").waitFor({ state: "detached" });
      await freight.sees("kept.bin", "ready");
    });
  });

  describe("in the panel", () => {
    it("are paused, resumed, cancelled, tried again and removed with its buttons", async () => {
      const panel = await sendAndHold("buttons.bin");
      const part = panel.attachment("buttons.bin");
      await part.action("Pause").click();
      await part.says("paused at 66%");
      await part.action("Resume").click();
      await part.says("uploading 66%");
      await part.action("Cancel").click();
      await part.says("cancelled");
      sandbox.faults.release();
      await part.action("Retry").click();
      await part.says("ready");
      await part.action("Remove").click();
      await panel.frame.getByText("No files yet").waitFor();
    });

    it("say why nothing moves while the connection is lost, and when it is tried again", async () => {
      sandbox.faults.arm({ step: "upload", fault: "resetBeforeBody", times: 1000 });
      const panel = await freight.send("cut.bin");
      await panel.attachment("cut.bin").says(/^connection lost, trying again in \d+ s$/);
      await freight.sees("cut.bin", /connection lost, trying again in \d+ s/);
      sandbox.faults.clear();
      await panel.attachment("cut.bin").says("ready");
    });

    it("have a mail wait for a decision when one of two fails, which then goes out whole", async () => {
      const sent = sandbox.deliveries;
      sandbox.faults.arm({ step: "create", fault: "refuse", status: 422 });
      const panel = await freight.send("one.bin", "two.bin");
      const failed = panel.attachments.and(panel.frame.locator('[data-status="failed"]'));
      await failed.waitFor();
      await panel.attachments.and(panel.frame.locator('[data-status="ready"]')).waitFor();
      await panel.to.fill("ada@example.com");
      await panel.says("1 file needs your attention: retry or remove it.");
      // The key leads to what has to be decided, and sends nothing.
      await panel.sendByKey();
      const retry = panel.frame.getByRole("button", { name: "Retry and Send" });
      await retry.and(panel.frame.locator(":focus")).waitFor();
      await panel.frame.getByRole("button", { name: /^Send Without “(one|two)\.bin”$/ }).waitFor();
      assert.equal(sandbox.deliveries, sent);
      await retry.click();
      await panel.says(/^Sent/);
      assert.equal(sandbox.deliveries, sent + 1);
      const names = sandbox.mails[0]?.attachments.map(({ filename }) => filename);
      assert.deepEqual(names?.sort(), ["one.bin", "two.bin"]);
    });
  });

  it("are told to support without an address, a name of a file or a key", async () => {
    await freight.send("one.bin");
    await session.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await session.workbench.command("Freight Mail: Copy Diagnostics");
    const text = await until("the diagnostics are copied", async () => {
      const copied = await session.page.evaluate(() => navigator.clipboard.readText());
      return copied.startsWith("Freight Mail ") ? copied : undefined;
    });
    assert.match(text, /^Accounts: 1 × Nylas, a custom address, microsoft, stored key$/m);
    assert.match(text, /^Mails: .*\d+ × composing/m);
    for (const secret of [sandbox.nylas.apiKey, mailbox(sandbox), "one.bin", "127.0.0.1"])
      assert.ok(!text.includes(secret), secret);
  });

  it("ask which version is meant when a file has changed since it was uploaded", async () => {
    for (const [index, choice] of ["Upload the New Version", "Send as It Was"].entries()) {
      const name = `changed-${index}.bin`;
      const before = await readFile(session.path(name));
      const panel = await freight.send(name);
      const part = panel.attachment(name);
      await part.says("ready");
      const after = binary(90_000, 2);
      await writeFile(session.path(name), after);
      await panel.to.fill("ada@example.com");
      await panel.sendByKey();
      await part.problem.filter({ hasText: "has changed since it was uploaded" }).waitFor();
      // In the mail, or from the menu of its row.
      if (index === 0) await part.root.getByRole("button", { name: choice }).click();
      else await freight.menu(choice, await freight.sees(name, "changed on disk"));
      await panel.says(/^Sent/);
      const sent = choice === "Send as It Was" ? before : after;
      assert.equal(sandbox.mails[0]?.attachments[0]?.sha256, sha256(sent));
    }
  });

  it("tell of a failure in a message while the panel is closed, with the button that mends it", async () => {
    await sendAndHold("closed.bin");
    await freight.sees("closed.bin", "uploading 66%");
    await freight.inline("closed.bin", "Pause Upload");
    await freight.sees("closed.bin", "paused at 66%");
    await freight.closeEditors();
    sandbox.faults.release();
    sandbox.faults.arm({ step: "complete", fault: "refuse", status: 403, message: "not today" });
    await freight.inline("closed.bin", "Resume Upload");
    const message = session.workbench.notification("Nylas refused to complete the upload: not today.");
    await freight.sees("closed.bin", "failed");
    await message.getByRole("button", { name: "Retry" }).click();
    await freight.sees("closed.bin", "ready");
  });

  it("show in the status bar while they upload, and a click there opens the panel", async () => {
    await (await sendAndHold("status.bin")).body.fill("To be kept.");
    await freight.closeEditors();
    await freight.statusItem.filter({ hasText: "status.bin 66%" }).click();
    const part = freight.panel.attachment("status.bin");
    await part.says("uploading 66%");
    await part.action("Cancel").click();
    // Others are uploaded, and wait to be sent.
    await freight.statusItem.filter({ hasText: "status.bin" }).waitFor({ state: "detached" });
  });

  it("begin from the context menu of an editor's tab", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await workbench.file("tab.md").dblclick();
    await freight.menu(SEND, workbench.editorTab("tab.md"));
    await freight.panel.attachment("tab.md").says("ready");
  });

  it("begin from the palette, which offers the file of the active editor", async () => {
    const { page, workbench } = session;
    await workbench.view("Explorer");
    await workbench.file("active.md").dblclick();
    await workbench.editorTab("active.md").waitFor();
    await workbench.command(`Freight Mail: ${SEND}`);
    await until("the dialog offers the file", async () =>
      (await workbench.quickText.inputValue()).endsWith("/active.md"),
    );
    await page.keyboard.press("Enter");
    await freight.panel.attachment("active.md").says("ready");
  });

  it("end in exactly one mail when the answer to the send is lost", async () => {
    const sent = sandbox.deliveries;
    const earlier = sandbox.requests.length;
    sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
    const panel = await freight.send("reply.bin");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(sandbox.deliveries, sent + 1);
    const sends = sandbox.requests.slice(earlier).filter(({ step }) => step === "send");
    assert.equal(sends.length, 2);
    assert.equal(new Set(sends.map(({ headers }) => headers["idempotency-key"])).size, 1);
  });

  it("count down to their end in tree and panel, and are uploaded again when they are needed after it", async () => {
    const sent = sandbox.deliveries;
    // The service says with its answer that most of the hour is over already.
    const passed = 59 * 60_000 + 50_000;
    sandbox.faults.arm({ step: "create", fault: "timePasses", afterCommit: true, ms: passed });
    const panel = await freight.send("old.bin");
    const part = panel.attachment("old.bin");
    await part.says("ready");
    await part.expiry.filter({ hasText: /^expires in 0:\d\d$/ }).waitFor();
    const first = await part.expiry.textContent();
    await part.expiry
      .filter({ hasNotText: first ?? "" })
      .filter({ hasText: /^expires in 0:\d\d$/ })
      .waitFor();

    const row = await freight.sees("old.bin", /ready · expires in \d+ s/);
    const before = /expires in \d+ s/.exec((await row.textContent()) ?? "")?.[0] ?? "";
    await row
      .filter({ hasNotText: before })
      .filter({ hasText: /ready · expires in \d s/ })
      .waitFor();
    await freight.sees("old.bin", "expired");

    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(sandbox.deliveries, sent + 1);
  });
});
