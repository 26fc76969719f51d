import assert from "node:assert/strict";
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParsedMail } from "mailparser";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { filesIn, newestEml } from "../support/eml.ts";
import { binary } from "../support/files.ts";
import { Freight, mailbox, type Panel, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";

const MiB = 1024 * 1024;
const GOOGLE = "mila.brandt@gmail.example";
const chart = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const files = {
  "notes.bin": binary(200 * 1024),
  "trace.bin": binary(10 * MiB, 2),
  "half.bin": binary(13 * MiB, 3),
  "other.bin": binary(13 * MiB, 4),
  "noise.bin": binary(32 * MiB, 5),
  "chart.png": chart,
};
const pictures = join(root, "out/screenshots");

describe("a mailbox of another provider", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    await writeFile(session.path("zeros.img"), "");
    await truncate(session.path("zeros.img"), 40 * MiB);
    freight = new Freight(session);
    await freight.addAccount(sandbox, GOOGLE);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const methodIs = (panel: Panel, words: string) => panel.method.getByText(words, { exact: true }).waitFor();

  async function sent(panel: Panel): Promise<ParsedMail> {
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    return arrived(panel);
  }

  async function arrived(panel: Panel): Promise<ParsedMail> {
    await panel.says(/^Sent/);
    return newestEml(sandbox);
  }

  const form = () => sandbox.requests.findLast(({ step }) => step === "send")?.headers["content-type"];

  it("says when it is added, and when it is checked, what can be sent from it", async () => {
    const { workbench } = session;
    await workbench.view("Freight Mail");
    await freight.menu("Check Account", freight.accountRow("default"));
    await workbench
      .notification(`${GOOGLE} is connected and can send files of up to 25 MB in a mail.`)
      .waitFor();
  });

  it("sends a small file in the message itself", async () => {
    const panel = await freight.send("notes.bin");
    const file = panel.attachment("notes.bin");
    await file.says("ready");
    await methodIs(panel, "In the message · under 3 MB");
    assert.deepEqual(await file.steps.locator("span:not(.visually-hidden)").allInnerTexts(), [
      "Read",
      "Send",
    ]);
    assert.deepEqual(await file.stepStates(), ["done", "todo"]);
    assert.equal(await file.expiry.isVisible(), false);
    const mail = await sent(panel);
    assert.equal(form(), "application/json");
    assert.deepEqual(filesIn(mail), [["notes.bin", sha256(files["notes.bin"])]]);
    assert.deepEqual(await file.stepStates(), ["done", "done"]);
  });

  it("sends a large file as a form, with the image of the text where it belongs", async () => {
    const panel = await freight.send("trace.bin");
    await panel.body.fill("# Trace\n\n![the chart](chart.png)");
    await panel.attachment("chart.png").says("ready");
    await panel.attachment("trace.bin").says("ready");
    await methodIs(panel, "In the message · Google mailbox, up to 25 MB");
    await session.page.screenshot({ path: join(pictures, "standard-method.png") });
    const mail = await sent(panel);
    assert.match(form() ?? "", /^multipart\/form-data/);
    assert.deepEqual(filesIn(mail), [
      ["chart.png", sha256(chart)],
      ["trace.bin", sha256(files["trace.bin"])],
    ]);
    const cid = /<img src="cid:([A-Za-z0-9]+)" alt="the chart"/.exec(mail.html || "")?.[1];
    const shown = mail.attachments.find((part) => part.cid === cid);
    assert.deepEqual([shown?.filename, shown?.contentDisposition], ["chart.png", "inline"]);
    assert.equal(mail.from?.value[0]?.address, GOOGLE);
  });

  it("names both sizes, and whose limit it is, where a file is too large for it", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("noise.bin"));
    await workbench
      .notification("the limit for Google mailboxes is 25 MB (26,214,400 bytes)")
      .filter({ hasText: "“noise.bin” is 32 MB (33,554,432 bytes)" })
      .waitFor();
  });

  it("offers to compress what may fit then", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("zeros.img"));
    const offer = workbench.notification("the limit for Google mailboxes is 25 MB");
    await offer.getByRole("button", { name: "Compress and Send" }).click();
    const panel = freight.panel;
    await panel.attachment("zeros.img.zip").says("ready");
    await methodIs(panel, "In the message · under 3 MB");
    assert.equal((await sent(panel)).attachments[0]?.filename, "zeros.img.zip");
  });

  it("says that files together are too much, and lets them go from a Microsoft mailbox", async () => {
    await freight.addAccount(sandbox);
    await freight.tidy();
    const panel = await freight.send("half.bin", "other.bin");
    for (const name of ["half.bin", "other.bin"]) await panel.attachment(name).says("ready");
    await methodIs(panel, "Too large · Google mailbox, up to 25 MB");
    const before = sandbox.deliveries;
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.problem
      .getByText(/^The mail is 26 MB \([\d,]+ bytes\) .* Google mailbox.* 25 MB \(26,214,400/)
      .waitFor();
    await session.page.screenshot({ path: join(pictures, "standard-method-too-large.png") });
    assert.equal(sandbox.deliveries, before);

    await panel.from.selectOption({ label: mailbox(sandbox) });
    await methodIs(panel, "Upload session · Microsoft mailbox");
    for (const name of ["half.bin", "other.bin"]) await panel.attachment(name).says("ready");
    assert.deepEqual(await panel.attachment("half.bin").stepStates(), ["done", "done", "done", "todo"]);
    await panel.sendByKey();
    await freight.answerDialog("the mailbox can send at most 35 MB", "Send Anyway");
    const mail = await arrived(panel);
    assert.deepEqual(filesIn(mail), [
      ["half.bin", sha256(files["half.bin"])],
      ["other.bin", sha256(files["other.bin"])],
    ]);
    assert.equal(mail.from?.value[0]?.address, mailbox(sandbox));
  });

  it("compresses a file that became too large with another sender, where that helps", async () => {
    const panel = await freight.send("notes.bin");
    await panel.from.selectOption({ label: mailbox(sandbox) });
    const [zeros, noise] = ["zeros.img", "noise.bin"].map((name) => panel.attachment(name));
    assert.ok(zeros && noise);
    for (const name of ["zeros.img", "noise.bin"]) {
      await panel.addFiles.click();
      await freight.chooseFile(session.path(name));
      await panel.attachment(name).says("ready");
    }
    await panel.from.selectOption({ label: GOOGLE });
    for (const { problem } of [zeros, noise])
      await problem.getByText("the limit for Google mailboxes is 25 MB").waitFor();
    await session.page.screenshot({ path: join(pictures, "standard-method-compress.png") });

    await noise.problem.getByRole("button", { name: "Compress" }).click();
    await session.workbench.notification("Compressing it would not help").waitFor();
    await noise.action("Remove").click();
    await zeros.problem.getByRole("button", { name: "Compress" }).click();
    await panel.attachment("zeros.img.zip").says("ready");
    await zeros.root.waitFor({ state: "detached" });
    assert.deepEqual(
      (await sent(panel)).attachments.map(({ filename }) => filename),
      ["notes.bin", "zeros.img.zip"],
    );
  });
});
