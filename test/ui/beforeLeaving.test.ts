import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParsedMail } from "mailparser";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { newestEml } from "../support/eml.ts";
import { binary } from "../support/files.ts";
import { Freight, mailbox } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { until } from "../support/until.ts";
import { unzip } from "../support/zips.ts";

const MiB = 1024 * 1024;
const files = {
  "setup.exe": binary(20_000),
  "notes.txt": "notes\n",
  "trace.bin": binary(27 * MiB, 2),
};
const pictures = join(root, "out/screenshots");

describe("before a mail leaves", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    await session.context.grantPermissions(["clipboard-read", "clipboard-write"], {
      origin: new URL(session.page.url()).origin,
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const strip = () => freight.panel.frame.getByRole("group", { name: "What will be sent" });
  const clipboard = () => session.page.evaluate(() => navigator.clipboard.readText());
  /** Begins a mail of a file, addressed and ready. */
  const write = async (name: string) => {
    const panel = await freight.send(name);
    await panel.attachment(name).says("ready");
    await panel.to.fill("ada@example.com");
    return panel;
  };
  const question = (text: string | RegExp) => session.workbench.dialog.filter({ hasText: text }).waitFor();
  const arrived = async (): Promise<ParsedMail> => {
    await freight.panel.says(/^Sent/);
    return newestEml(sandbox);
  };
  /** What was asked was answered with no: the mail is as it was, and nobody has it. */
  const staysHere = async (before: number) => {
    await freight.panel.send.and(freight.panel.frame.getByText("Send", { exact: true })).waitFor();
    assert.equal(sandbox.mails.length, before);
  };

  it("says in one line from whom, to whom, what and on which method, while it is typed", async () => {
    const panel = await write("notes.txt");
    await panel.to.press("Enter");
    await panel.to.fill("Grace Hopper <grace@navy.example>");
    await strip()
      .getByText(`${mailbox(sandbox)} to ada@example.com and Grace Hopper <grace@navy.example> (all outside)`)
      .waitFor();
    await strip().getByText("notes.txt, 6 bytes (10 bytes in the mail) · Upload session").waitFor();
    await session.page.screenshot({ path: join(pictures, "strip-light.png") });
  });

  it("shows the SHA-256 of files when it is asked for, and copies them", async () => {
    const panel = await write("setup.exe");
    await strip().getByRole("button", { name: "SHA-256" }).click();
    const hash = sha256(files["setup.exe"]);
    await strip().getByText(hash).waitFor();
    await strip().getByRole("button", { name: "Copy" }).click();
    await until("the clipboard has it", async () => (await clipboard()) === `${hash}  setup.exe\n`);
    await session.page.screenshot({ path: join(pictures, "strip-hashes-light.png") });
    await strip().getByRole("button", { name: "SHA-256" }).click();
    await strip().getByText(hash).waitFor({ state: "hidden" });
    await panel.subject.focus();
  });

  it("reads a file for its SHA-256 that is not uploaded, and says when it has changed", async () => {
    sandbox.faults.arm({ step: "create", fault: "refuse", status: 422, message: "no storage" });
    const panel = await freight.send("notes.txt");
    await panel.attachment("notes.txt").says("failed");
    await writeFile(session.path("notes.txt"), "other notes\n");
    await strip().getByRole("button", { name: "SHA-256" }).click();
    await strip().getByText(sha256("other notes\n")).waitFor();
    await strip().getByText("changed since it was added").waitFor();
    await writeFile(session.path("notes.txt"), files["notes.txt"]);
  });

  it("is asked about an empty subject, and goes without one only when that is wanted", async () => {
    const before = sandbox.mails.length;
    const panel = await write("notes.txt");
    await panel.subject.fill("");
    await panel.sendByKey();
    await question("Send without a subject or text?");
    await freight.answerDialog("Send without a subject or text?", "Add a Subject");
    await panel.frame.locator("#subject:focus").waitFor();
    await panel.frame.locator("#subject-problem").getByText("Add a subject.").waitFor();
    await staysHere(before);
    await panel.sendByKey();
    await freight.answerDialog("Send without a subject or text?", "Send Anyway");
    assert.equal((await arrived()).subject ?? "", "");
  });

  it("is asked about files that Outlook hides, and takes them as zips", async () => {
    const before = sandbox.mails.length;
    const panel = await write("setup.exe");
    await panel.sendByKey();
    await question("Outlook blocks “setup.exe” for its recipients.");
    await session.page.screenshot({ path: join(pictures, "question-types.png") });
    await freight.answerDialog("Outlook blocks", "Cancel");
    await staysHere(before);
    await panel.subject.fill("");
    await panel.sendByKey();
    await question("Send this mail as it is?");
    await session.page.screenshot({ path: join(pictures, "question-list.png") });
    await freight.answerDialog("Outlook blocks", "Zip It");
    await freight.answerDialog("Send without a subject or text?", "Send Anyway");
    const mail = await arrived();
    const [zip, ...others] = mail.attachments;
    assert.ok(zip);
    assert.deepEqual([zip.filename, others.length], ["setup.exe.zip", 0]);
    const path = session.path("arrived.zip");
    await writeFile(path, zip.content);
    assert.deepEqual(
      (await unzip(path)).map((entry) => [entry.name, entry.sha256]),
      [["setup.exe", sha256(files["setup.exe"])]],
    );
  });

  it("keeps the name that a file was given when it becomes a zip", async () => {
    const panel = await write("setup.exe");
    await panel.attachment("setup.exe").rename.click();
    await panel.frame.getByLabel("File name in the mail").fill("install.exe");
    await session.page.keyboard.press("Enter");
    await panel.attachment("install.exe").says("ready");
    await panel.sendByKey();
    await freight.answerDialog("Outlook blocks “install.exe”", "Zip It");
    const mail = await arrived();
    const path = session.path("renamed.zip");
    await writeFile(path, mail.attachments[0]?.content ?? "");
    assert.deepEqual(
      mail.attachments.map(({ filename }) => filename),
      ["install.exe.zip"],
    );
    assert.deepEqual(
      (await unzip(path)).map((entry) => [entry.name, entry.sha256]),
      [["install.exe", sha256(files["setup.exe"])]],
    );
  });

  it("is asked about more than the mailbox lets out, with the lines that raise its limit", async () => {
    const before = sandbox.mails.length;
    const panel = await write("trace.bin");
    await panel.sendByKey();
    await question("This mail is 36.9 MB; the mailbox can send at most 35 MB.");
    await session.page.screenshot({ path: join(pictures, "question-size.png") });
    await freight.answerDialog("the mailbox can send at most", "Copy PowerShell Commands");
    const lines = `Set-Mailbox -Identity '${mailbox(sandbox)}' -MaxSendSize 150MB -MaxReceiveSize 150MB`;
    await until("the lines are in the clipboard", async () => (await clipboard()).includes(lines));
    await staysHere(before);
    await panel.sendByKey();
    await freight.answerDialog("the mailbox can send at most", "Send Anyway");
    const mail = await arrived();
    assert.deepEqual(
      mail.attachments.map(({ content }) => sha256(content)),
      [sha256(files["trace.bin"])],
    );
  });

  it("is saved as a draft without a question", async () => {
    const panel = await write("setup.exe");
    await panel.subject.fill("");
    await panel.frame.getByRole("button", { name: "More Ways to Send" }).click();
    await panel.frame.getByRole("menuitem", { name: "Save as Draft" }).click();
    await panel.says(/^Saved/);
    assert.equal(await session.workbench.dialog.count(), 0);
  });
});

describe("a mailbox whose limit is known", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({
      files,
      settings: { "explorer.autoReveal": false, "freightMail.messageLimits": { [mailbox(sandbox)]: 150 } },
    });
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  it("is not asked about what it lets out", async () => {
    const freight = new Freight(session);
    await freight.addAccount(sandbox);
    const panel = await freight.send("trace.bin");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(await session.workbench.dialog.count(), 0);
  });
});
