import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParsedMail } from "mailparser";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { newestEml, readers } from "../support/eml.ts";
import { sample, sampleOf } from "../support/files.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { unzip } from "../support/zips.ts";

const GOOGLE = "mila.brandt@gmail.example";
const files = {
  "build.bin": sample(1_000_003),
  "chart.png": sampleOf("chart.png", 50_000, 2),
  "notes/plan.md": "# Plan\n",
};
const pictures = join(root, "out/screenshots");

describe("a mail that is sent again to others", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const created = () => sandbox.requests.filter(({ step }) => step === "create").length;
  const newest = () => newestEml(sandbox);
  const addressees = ({ to }: ParsedMail) => readers(to).map(([, address]) => address);

  it("goes to other readers with the same text and files, of which none is uploaded again", async () => {
    const panel = await freight.send("build.bin");
    await panel.attachment("build.bin").says("ready");
    await panel.to.fill("ada@example.com");
    await panel.subject.fill("The build");
    await panel.body.fill("It *passed*.");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    await session.page.screenshot({ path: join(pictures, "send-again.png") });
    await panel.frame.getByRole("button", { name: "Send Again to…" }).click();

    await freight.mailTab("The build").nth(1).waitFor();
    await panel.frame.locator("#to:focus").waitFor();
    assert.deepEqual([await panel.to.inputValue(), await panel.subject.inputValue()], ["", "The build"]);
    await panel.attachment("build.bin").says("ready");
    await panel
      .attachment("build.bin")
      .expiry.filter({ hasText: /expires in 5\d:/ })
      .waitFor();
    await panel.to.fill("grace@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const mail = await newest();
    assert.deepEqual([addressees(mail), mail.subject], [["grace@example.com"], "The build"]);
    assert.match(mail.html || "", /It <em>passed<\/em>\./);
    assert.deepEqual(
      mail.attachments.map(({ content }) => sha256(content)),
      [sha256(files["build.bin"])],
    );
    assert.equal(created(), 1);
  });

  it("begins in Sessions too, and brings the images of its text", async () => {
    const before = created();
    const panel = await freight.send("chart.png");
    await panel.body.fill("![chart](chart.png)");
    await panel.attachments.nth(1).locator(".status", { hasText: /ready/i }).waitFor();
    await panel.to.fill("ada@example.com");
    await panel.subject.fill("The chart");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    await freight.tidy();
    await freight.sees("chart.png", "sent");
    await freight.menu("Send Again to…", freight.row("chart.png"));
    await panel.attachments.nth(1).locator(".status", { hasText: /ready/i }).waitFor();
    await panel.to.fill("grace@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const mail = await newest();
    assert.deepEqual(addressees(mail), ["grace@example.com"]);
    const cid = /<img src="cid:([A-Za-z0-9]+)"/.exec(mail.html || "")?.[1];
    assert.ok(cid);
    assert.deepEqual(
      mail.attachments.map(({ content, cid: own }) => [sha256(content), own === cid]).sort(),
      [true, false].map((shown) => [sha256(files["chart.png"]), shown]).sort(),
    );
    // Twice for the first mail; of the second only the image of the text.
    assert.equal(created() - before, 3);
  });

  it("has the zip of a folder still, although that is deleted from the disk", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await freight.menu("Send as Large Attachment…", workbench.file("notes"));
    await freight.answerDialog("“notes”", "Compress");
    const { panel } = freight;
    await panel.attachment("notes.zip").says("ready");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const first = (await newest()).attachments.map(({ content }) => sha256(content));
    await panel.frame.getByRole("button", { name: "Send Again to…" }).click();
    await panel.attachment("notes.zip").says("ready");
    await panel.to.fill("grace@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const mail = await newest();
    assert.deepEqual(addressees(mail), ["grace@example.com"]);
    assert.deepEqual(
      mail.attachments.map(({ content }) => sha256(content)),
      first,
    );
  });

  it("has the zip of a folder packed again, where no service has it still", async () => {
    const { workbench } = session;
    await freight.addAccount(sandbox, GOOGLE);
    await freight.tidy();
    await workbench.view("Explorer");
    await freight.menu("Send as Large Attachment…", workbench.file("notes"));
    await freight.answerDialog("“notes”", "Compress");
    const { panel } = freight;
    await panel.attachment("notes.zip").says("ready");
    await panel.from.selectOption({ label: GOOGLE });
    await panel.attachment("notes.zip").says("ready");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    await panel.frame.getByRole("button", { name: "Send Again to…" }).click();
    const { problem } = panel.attachment("notes.zip");
    await problem.getByText("It can be packed again from “notes”.").waitFor();
    await session.page.screenshot({ path: join(pictures, "pack-again.png") });
    await problem.getByRole("button", { name: "Pack Again…" }).click();
    await freight.answerDialog("“notes”", "Compress");
    await panel.attachment("notes.zip").says("ready");
    await panel.to.fill("grace@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const mail = await newest();
    assert.deepEqual([addressees(mail), mail.from?.value[0]?.address], [["grace@example.com"], GOOGLE]);
    const [zip, ...others] = mail.attachments;
    assert.ok(zip);
    assert.equal(others.length, 0);
    const path = join(pictures, "packed-again.zip");
    await writeFile(path, zip.content);
    assert.deepEqual(
      (await unzip(path)).map((entry) => [entry.name, entry.sha256]),
      [["notes/plan.md", sha256(files["notes/plan.md"])]],
    );
  });
});
