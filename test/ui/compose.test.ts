import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { binary } from "../support/files.ts";
import { Freight, firstChunkBytes, holdUpload, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes, until } from "../support/until.ts";

const MiB = 1024 * 1024;
const unicodeName = "Übersicht – 報告 (æøå) 🚀.pdf";
const files = {
  "first.bin": binary(3 * MiB),
  "second.bin": binary(MiB, 2),
  "large.bin": binary(12 * MiB, 3),
  "report.pdf": binary(70_000, 4),
  "notes.md": "# Notes\n",
  "empty.txt": "",
  "folder/inside.txt": "inside\n",
  [unicodeName]: binary(50_000, 5),
} as const satisfies Record<string, string | Uint8Array>;

describe("composing a mail", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    // The first click of a selection opens its file, which would otherwise select that file alone a moment later.
    const settings = { "explorer.autoReveal": false, "freightMail.body.format": "text" };
    session = await openWorkbench({ files, settings });
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

  /** Waits until the mail is out, and returns it. */
  const sentMail = async () => {
    await freight.panel.says(/^Sent/);
    const [mail] = sandbox.mails;
    assert.ok(mail);
    return mail;
  };
  const arrived = () =>
    sandbox.mails[0]?.attachments.map(({ filename, sha256 }) => [filename, sha256]).sort();

  it("takes the good files of a selection, and names each of the others with the reason", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    const chosen = ["second.bin", "empty.txt", "folder"].map((name) => workbench.file(name));
    await freight.menu(SEND, workbench.file("first.bin"), ...chosen);
    await freight.answerDialog("Send “folder” as a zip?", "Cancel");
    const { panel } = freight;
    await panel.attachment("first.bin").root.waitFor();
    // Beside the others, and not where it would cover Send.
    const refused = panel.frame.getByRole("group", { name: "Not attached" });
    await refused.getByText("“empty.txt” is empty. Mail services refuse empty").waitFor();
    assert.equal(await session.page.locator(".notification-toast").count(), 0);
    await panel.frame.getByRole("button", { name: "Dismiss what was not attached" }).click();
    await refused.waitFor({ state: "hidden" });
    await becomes(() => panel.attachments.count(), 2);
    await panel.frame.getByText("2 files · 4 MB").waitFor();
    await becomes(() => panel.subject.inputValue(), "first.bin, second.bin");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await sentMail();
    assert.deepEqual(arrived(), [
      ["first.bin", sha256(files["first.bin"])],
      ["second.bin", sha256(files["second.bin"])],
    ]);
  });

  it("says what is wrong with an address when its field is left, and takes it back once it is right", async () => {
    const panel = await freight.send("report.pdf");
    await panel.to.fill("ada@example.com, not-an-address");
    assert.equal(await panel.to.getAttribute("aria-invalid"), null);
    await panel.subject.focus();
    const problem = panel.fieldProblem("to").getByText("“not-an-address” is not an e-mail address.");
    await problem.waitFor();
    await becomes(() => panel.to.getAttribute("aria-invalid"), "true");
    await panel.chips("to").getByText("not-an-address").dblclick();
    await panel.to.fill("bob@example.com");
    await problem.waitFor({ state: "hidden" });
    await becomes(() => panel.to.getAttribute("aria-invalid"), null);
  });

  it("does not send to a bad address, and puts the cursor into its field", async () => {
    const panel = await freight.send("report.pdf");
    await panel.attachment("report.pdf").says("ready");
    await panel.sendByKey();
    await panel.fieldProblem("to").getByText("Enter at least one recipient.").waitFor();
    await panel.frame.locator("#to:focus").waitFor();
    await panel.to.fill("ada@example.com");
    await panel.showCcBcc();
    await panel.bcc.fill("bob@localhost");
    await panel.subject.focus();
    await panel.send.click();
    await panel.frame.locator("#bcc:focus").waitFor();
    await panel.fieldProblem("bcc").getByText("“bob@localhost” has no complete domain").waitFor();
    await becomes(() => panel.send.textContent(), "Send");
    await panel.chips("bcc").getByText("bob@localhost").dblclick();
    await panel.bcc.fill("bob@example.com");
    await panel.sendByKey();
    assert.deepEqual(
      (await sentMail()).bcc.map(({ email }) => email),
      ["bob@example.com"],
    );
  });

  it("waits when Send was pressed early, and sends by itself as soon as the file is ready", async () => {
    sandbox.faults.arm({ step: "complete", fault: "refuse", status: 503, times: 1000 });
    const sent = sandbox.deliveries;
    const panel = await freight.send("report.pdf");
    await panel.attachment("report.pdf").says("the service is having trouble, trying again in");
    await becomes(() => panel.send.textContent(), "Send When Ready");
    await panel.to.fill("ada@example.com");
    await panel.send.click();
    await panel.says("Will be sent automatically once everything is uploaded.");
    await becomes(() => panel.to.isEditable(), false);
    assert.equal(sandbox.deliveries, sent);
    sandbox.faults.clear();
    await sentMail();
    assert.equal(sandbox.deliveries, sent + 1);
  });

  it("takes an early Send back with Keep Editing", async () => {
    sandbox.faults.arm({ step: "complete", fault: "refuse", status: 503, times: 1000 });
    const sent = sandbox.deliveries;
    const panel = await freight.send("report.pdf");
    await panel.attachment("report.pdf").says("trying again in");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says("Will be sent automatically");
    await panel.dontSendYet.click();
    await becomes(() => panel.to.isEditable(), true);
    // The one file waits, and nothing moves.
    await panel.says("The service is having trouble, trying again in");
    sandbox.faults.clear();
    await panel.attachment("report.pdf").says("ready");
    await becomes(() => panel.send.textContent(), "Send");
    assert.equal(sandbox.deliveries, sent);
  });

  it("sends to everybody in To, Cc and Bcc, with the text to the last space", async () => {
    const body = "  Grüße,\n\n\tline with a tab\nund ein Emoji 🚢 — 報告\n\n-- \nKim  \n\n";
    const panel = await freight.send("report.pdf");
    await panel.to.fill('"Lovelace, Ada" <ada@example.com>; bob@example.com');
    await panel.showCcBcc();
    await panel.cc.fill("Cc One <cc1@example.com>, cc2@example.com");
    await panel.bcc.fill("bcc@example.com");
    await panel.subject.fill("Überraschung: 報告 & <b>");
    await panel.body.fill(body);
    await panel.sendByKey();
    const mail = await sentMail();
    assert.deepEqual(
      mail.to.map(({ email }) => email),
      ["ada@example.com", "bob@example.com"],
    );
    assert.equal(mail.to[0]?.name, "Lovelace, Ada");
    assert.deepEqual(
      mail.cc.map(({ email }) => email),
      ["cc1@example.com", "cc2@example.com"],
    );
    assert.deepEqual(
      mail.bcc.map(({ email }) => email),
      ["bcc@example.com"],
    );
    assert.equal(mail.subject, "Überraschung: 報告 & <b>");
    assert.equal(mail.body, body);
    assert.equal(mail.is_plaintext, true);
  });

  it("shows a file's name in the mail as it is on disk, in any script", async () => {
    const panel = await freight.send(unicodeName);
    await becomes(() => panel.subject.inputValue(), unicodeName);
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await sentMail();
    assert.deepEqual(arrived(), [[unicodeName, sha256(files[unicodeName])]]);
  });

  it("sends a file under the name that it was given in the panel", async () => {
    const panel = await freight.send("report.pdf");
    await panel.attachment("report.pdf").rename.click();
    await panel.frame.getByLabel("File name in the mail").fill("Bericht für Ada.pdf");
    await session.page.keyboard.press("Enter");
    await panel.attachment("Bericht für Ada.pdf").says("ready");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await sentMail();
    assert.deepEqual(arrived(), [["Bericht für Ada.pdf", sha256(files["report.pdf"])]]);
  });

  it("adds files to a mail and removes others", async () => {
    const panel = await freight.send("first.bin");
    await panel.addFiles.click();
    await freight.chooseFile(session.path("report.pdf"));
    await panel.attachment("report.pdf").says("ready");
    await panel.attachment("first.bin").action("Remove").click();
    await panel.attachment("first.bin").root.waitFor({ state: "hidden" });
    await panel.addFiles.click();
    await freight.chooseFile(session.path("empty.txt"));
    await panel.frame
      .getByRole("group", { name: "Not attached" })
      .getByText("“empty.txt” is empty.")
      .waitFor();
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await sentMail();
    assert.deepEqual(arrived(), [["report.pdf", sha256(files["report.pdf"])]]);
  });

  it("sends a mail without files from Compose Mail…", async () => {
    await session.workbench.command("Freight Mail: Compose Mail…");
    const { panel } = freight;
    await panel.frame.locator("#to:focus").waitFor();
    await panel.frame.getByText("No files yet").waitFor();
    await panel.to.fill("ada@example.com");
    await panel.subject.fill("A line");
    await panel.body.fill("Only a line.");
    await panel.sendByKey();
    const mail = await sentMail();
    assert.equal(mail.body, "Only a line.");
    assert.deepEqual(mail.attachments, []);
  });

  it("keeps what was typed while the tab is hidden", async () => {
    const { page, workbench } = session;
    const panel = await freight.send("report.pdf");
    await page.keyboard.type("ada@example.com, bo");
    await panel.body.click();
    await page.keyboard.type("Half a sen");
    await workbench.file("notes.md").dblclick();
    await workbench.editorTab("notes.md").waitFor();
    await panel.body.waitFor({ state: "hidden" });
    await freight.mailTab("report.pdf").click();
    await panel.body.waitFor();
    assert.deepEqual(await panel.chips("to").allTextContents(), ["ada@example.com", "bo"]);
    await becomes(() => panel.body.inputValue(), "Half a sen");
  });

  it("keeps what was typed just before a reload, and goes on uploading from the last confirmed byte", async () => {
    const { page } = session;
    holdUpload(sandbox, MiB);
    const panel = await freight.send("large.bin");
    await panel.attachment("large.bin").says("uploading 66%");
    await until("a part of the second chunk has arrived", () => {
      const last = sandbox.requests.at(-1);
      return last?.step === "upload" && last.bytesReceived >= MiB && last.endedAt === undefined;
    });
    await freight.remembersPanel();
    await panel.to.focus();
    await page.keyboard.type("ada@example.com");
    await panel.body.click();
    await page.keyboard.type("Dear Ada,\nthis was typed and then came the reload.");
    await freight.hasNoted("and then came the reload.");
    const atReload = sandbox.requests.length;
    await session.reload();
    // What the first window had sent last may still lie in the line: it is dropped when the second one comes.
    await until("the second window goes on", () =>
      sandbox.requests.slice(atReload).some(({ step }) => step === "upload"),
    );
    sandbox.faults.release();

    const confirmed = firstChunkBytes + MiB;
    await panel.attachment("large.bin").says("ready");
    assert.deepEqual(await panel.chips("to").allTextContents(), ["ada@example.com"]);
    await becomes(() => panel.body.inputValue(), "Dear Ada,\nthis was typed and then came the reload.");
    const wire = sandbox.requests
      .slice(atReload)
      .filter(({ service }) => service === "storage")
      .map(({ step, headers, range }) => [step, headers["content-range"], range]);
    const total = files["large.bin"].length;
    assert.deepEqual(wire, [
      ["probe", `bytes */${total}`, `bytes=0-${confirmed - 1}`],
      ["upload", `bytes ${confirmed}-${total - 1}/${total}`, undefined],
    ]);
    await panel.sendByKey();
    const mail = await sentMail();
    assert.equal(mail.body, "Dear Ada,\nthis was typed and then came the reload.");
    assert.deepEqual(arrived(), [["large.bin", sha256(files["large.bin"])]]);
  });
});
