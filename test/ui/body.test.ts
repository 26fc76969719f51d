// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of templates.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParsedMail } from "mailparser";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { newestEml } from "../support/eml.ts";
import { binary } from "../support/files.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes, until } from "../support/until.ts";

const chart = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const files = {
  "build.zip": binary(200 * 1024),
  "chart.png": chart,
  "docs/photo.png": Buffer.concat([chart, binary(4_000_000, 2)]),
  "docs/report.md": [
    "---\ndraft: true\n---\n",
    "# Latency, *week 47*\n",
    "| hour | p99 |\n|---|--:|\n| 12 | 41 ms |\n",
    "![by hour](photo.png) and [the log](https://x.example/log)\n",
    "<script>alert(1)</script>\n",
  ].join("\n"),
};
const pictures = join(root, "out/screenshots");

describe("the text of a mail", () => {
  let folder: string;
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    folder = await makeRepository();
    session = await openWorkbench({
      folder,
      files,
      settings: {
        "explorer.autoReveal": false,
        "freightMail.body.template": "Here is `${file}` (${size}, SHA-256 ${sha256}) of ${branch}.",
        "freightMail.body.signature": "*Kim*",
      },
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The mail as another program reads it. */
  const arrived = async (): Promise<ParsedMail> => {
    await freight.panel.says(/^Sent/);
    return newestEml(sandbox);
  };
  const html = (mail: ParsedMail) => (mail.html || "").replace(/ style="[^"]*"/g, "").trim();
  const preview = () => freight.panel.frame.getByRole("region", { name: "Preview" });
  const showPreview = async () => {
    if (!(await preview().isVisible()))
      await freight.panel.frame.getByRole("button", { name: "Preview" }).click();
    await preview().waitFor();
  };

  it("is previewed while it is written, with the images of the folder", async () => {
    const panel = await freight.send("build.zip");
    await showPreview();
    await panel.body.fill("# Hello\n\n![the chart](chart.png)\n\nList<b> <script> ![gone](gone.png)");
    const image = preview().getByRole("img", { name: "the chart" });
    await image.waitFor();
    await until("the image is loaded", () =>
      image.evaluate((node) => node instanceof HTMLImageElement && node.naturalWidth > 0),
    );
    await preview().getByText("List<b> <script>").waitFor();
    await panel.frame.locator(".body-problems").getByText("The image “gone.png” was not found.").waitFor();
    await panel.attachment("chart.png").root.getByText("inline: shown in the text").waitFor();
    await panel.attachment("chart.png").says("ready");
    assert.equal(await panel.attachment("chart.png").action("Remove").isVisible(), false);
    await session.page.screenshot({ path: join(pictures, "body-in-vscode.png") });

    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.frame.locator("#body:focus").waitFor();
    await panel.frame.locator("#body-problem").getByText("The image “gone.png” was not found.").waitFor();
    await panel.body.fill("![the chart](chart.png)");
    await panel.sendByKey();
    const mail = await arrived();
    const cid = /<img src="cid:([A-Za-z0-9]+)" alt="the chart" width="\d+">/.exec(html(mail))?.[1];
    assert.ok(cid, html(mail));
    const shown = mail.attachments.find((attachment) => attachment.cid === cid);
    assert.deepEqual(
      [shown?.contentDisposition, shown && sha256(shown.content), mail.attachments.length],
      ["inline", sha256(chart), 2],
    );
  });

  it("lets an image go when it is not named any more", async () => {
    const panel = await freight.send("build.zip");
    await panel.body.fill("![](chart.png)");
    await panel.attachment("chart.png").root.waitFor();
    await panel.body.fill("nothing");
    await panel.attachment("chart.png").root.waitFor({ state: "detached" });
    await becomes(() => panel.attachments.count(), 1);
  });

  it("goes out as it was typed when it is HTML, and nothing of it runs before", async () => {
    const panel = await freight.send("build.zip");
    await panel.frame.getByRole("radio", { name: "HTML" }).check();
    const typed = '<p id="said" style="color:red">Hello <b>Ada</b></p><script>parent.hacked = 1</script>';
    await panel.body.fill(typed);
    await showPreview();
    const inside = panel.frame.frameLocator(".preview iframe");
    await inside.locator("#said").getByText("Hello Ada").waitFor();
    assert.equal(await panel.frame.locator("body").evaluate(() => "hacked" in window), false);
    await session.page.screenshot({ path: join(pictures, "body-html-in-vscode.png") });
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    const mail = await arrived();
    assert.equal((mail.html || "").trim(), typed);
  });

  it("goes out as plain text when that is chosen", async () => {
    const panel = await freight.send("build.zip");
    await panel.frame.getByRole("radio", { name: "Plain Text" }).check();
    await panel.body.fill("**as it is**");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    const mail = await arrived();
    assert.deepEqual([mail.text?.trim(), mail.html || ""], ["**as it is**", ""]);
  });

  it("is a document, with its heading as the subject and its images", async () => {
    const { workbench } = session;
    await workbench.command("Explorer: Focus on Folders View");
    await openFile("docs/report.md");
    await workbench.command("Freight Mail: Send Document as Mail");
    const panel = freight.panel;
    await panel.attachment("photo.png").says("ready");
    await becomes(() => panel.subject.inputValue(), "Latency, week 47");
    assert.match(await panel.body.inputValue(), /^# Latency, \*week 47\*\n[\s\S]*\n\n\*Kim\*$/);
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    const mail = await arrived();
    assert.match(
      html(mail),
      /<p><img src="cid:[A-Za-z0-9]+" alt="by hour" width="\d+"> and <a href="https:\/\/x\.example\/log">the log<\/a><\/p>/,
    );
    // As in VS Code's preview: what is not shown there is not in the mail.
    assert.doesNotMatch(html(mail), /alert|script/);
    const [photo] = mail.attachments;
    assert.equal(photo && sha256(photo.content), sha256(files["docs/photo.png"]));
    const cid = /<img src="cid:([A-Za-z0-9]+)"/.exec(mail.html || "")?.[1];
    assert.deepEqual([photo?.cid, photo?.contentDisposition], [cid, "inline"]);
  });

  it("begins with template and signature, and says the hash once the file is uploaded", async () => {
    const panel = await freight.send("build.zip");
    assert.equal(
      await panel.body.inputValue(),
      "Here is `build.zip` (200 KB, SHA-256 ${sha256}) of feature/tide_2.\n\n*Kim*",
    );
    await panel.attachment("build.zip").says("ready");
    await showPreview();
    const hash = sha256(files["build.zip"]);
    await preview().getByText(`SHA-256 ${hash}`).waitFor();
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    assert.equal(
      html(await arrived()),
      `<div><p>Here is <code>build.zip</code> (200 KB, SHA-256 ${hash}) of feature/tide_2.</p><p><em>Kim</em></p></div>`,
    );
  });

  const openFile = async (path: string) => {
    await session.workbench.command("Go to File...");
    await session.workbench.quickText.fill(path);
    await session.workbench.quickRows("report.md").first().click();
    await session.page.locator(".tab").filter({ hasText: "report.md" }).first().waitFor();
  };
});

/** A folder on a branch of its own. */
async function makeRepository(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "freight-repository-"));
  execFileSync("git", ["init", "--quiet", "--initial-branch=feature/tide_2"], { cwd: folder, stdio: "pipe" });
  return folder;
}
