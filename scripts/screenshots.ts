// Takes the README's pictures from a real run: `npm run screenshots`. Files are made up, the mailbox is the sandbox's.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../src/sandbox/server.ts";
import { binary } from "../test/support/files.ts";
import { ASKS, Freight, holdUpload, showPace } from "../test/support/freight.ts";
import { openWorkbench } from "../test/support/session.ts";
import { until } from "../test/support/until.ts";
import { type Frame, makeApng } from "./apng.ts";
import { ensureVsix } from "./package.ts";
import { root } from "./vscode/layout.ts";

const MiB = 1024 * 1024;

const vsix = await ensureVsix();
/** One of them alone: `npm run screenshots -- make-it-hard`. */
const [wanted] = process.argv.slice(2);
const isWanted = (name: string) => wanted === undefined || wanted === name;
if (isWanted("panel-dark")) await take("Dark Modern", "panel-dark", composing, 12);
if (isWanted("right-click")) await take("Dark Modern", "right-click", rightClick, 12);
if (isWanted("sessions-light")) await take("Light Modern", "sessions-light", sessions, 40);
if (isWanted("make-it-hard")) await film();
process.exit();

async function take(
  theme: string,
  name: string,
  show: (freight: Freight, sandbox: Sandbox) => Promise<void>,
  buildMiB: number,
): Promise<void> {
  const sandbox = await startSandbox();
  const session = await openWorkbench({
    vsix,
    theme,
    files: {
      "build.tar.gz": binary(buildMiB * MiB),
      "slides.pptx": binary(4 * MiB, 2),
      "trace.json": binary(2 * MiB, 3),
      "report.pdf": binary(MiB, 4),
      "notes.md": "# Notes\n",
    },
    settings: { "explorer.autoReveal": false },
  });
  try {
    const freight = new Freight(session);
    await freight.addAccount(sandbox);
    await freight.tidy();
    await show(freight, sandbox);
    // What a menu has under the pointer stays marked.
    if (show !== rightClick) await freight.page.mouse.move(0, 0);
    const path = join(root, "media", `${name}.png`);
    await freight.page.screenshot({ path });
    console.log(`media/${name}.png`);
  } finally {
    await session.dispose();
    await sandbox.close();
  }
}

/** Where it begins. */
async function rightClick({ page, workbench }: Freight): Promise<void> {
  await page.setViewportSize({ width: 760, height: 520 });
  await workbench.view("Explorer");
  await workbench.file("build.tar.gz").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Send as Large Attachment…" }).hover();
}

/** A mail that is written while its files are uploaded. */
async function composing(freight: Freight, sandbox: Sandbox): Promise<void> {
  const panel = await freight.send("slides.pptx");
  await panel.to.fill("Ada Lovelace <ada@example.com>, bob@example.com");
  await panel.subject.fill("Last night's build");
  await panel.body.fill("Hello Ada,\n\nhere is the **build**, with the slides for tomorrow.\n\nKim");
  await panel.attachment("slides.pptx").says("ready");
  holdUpload(sandbox);
  await panel.addFiles.click();
  await freight.chooseFile(freight.session.path("build.tar.gz"));
  await showPace(sandbox, panel.attachment("build.tar.gz"));
}

/** What was sent, what is under way, and what needs somebody. Of a smaller mail the refused file would go in the mail itself. */
async function sessions(freight: Freight, sandbox: Sandbox): Promise<void> {
  const earlier = await freight.send("report.pdf");
  await earlier.to.fill("grace@example.com");
  await earlier.sendByKey();
  await earlier.says(/^Sent/);
  await freight.tidy();
  sandbox.faults.arm({
    step: "create",
    fault: "refuse",
    status: 403,
    skip: 2,
    message: "not enough storage",
  });
  await composing(freight, sandbox);
  await freight.panel.addFiles.click();
  await freight.chooseFile(join(freight.session.workspaceDir, "trace.json"));
  await freight.panel.attachment("trace.json").says("failed");
  await freight.workbench.view("Freight Mail");
  await freight.row("report.pdf").waitFor();
}

/** A mail that arrives once although the line is slow and drops, the answer to Send is lost, and its host is killed. */
async function film(): Promise<void> {
  const session = await openWorkbench({
    ...{ vsix, theme: "Dark Modern" },
    files: { "build.tar.gz": binary(16 * MiB) },
    settings: { "workbench.activityBar.location": "hidden" },
  });
  try {
    const freight = new Freight(session);
    const { page, panel, workbench } = freight;
    const frames: Frame[] = [];
    const shoot = async (ms: number) => void frames.push({ png: await page.screenshot(), ms });
    const press = async (name: string) => {
      await panel.frame.getByRole("button", { name }).hover();
      await shoot(700);
      await panel.frame.getByRole("button", { name }).click();
    };
    /** What takes longer than anybody watches, in a few frames. */
    const shootUntil = async (what: string, condition: () => Promise<boolean>) => {
      let shots = 0;
      await until(what, async () => {
        if (shots++ % 4 === 0) await shoot(500);
        else await page.waitForTimeout(400);
        return condition();
      });
    };
    const hard = panel.frame.getByRole("region", { name: "Make It Hard" });
    const file = panel.attachment("build.tar.gz");
    const isUploaded = (least: number) => async () =>
      Number(/\d+(?=%)/.exec(await file.status.innerText())?.[0] ?? 0) >= least;

    await workbench.command("Freight Mail: Compose Mail…");
    await freight.choose(ASKS.service, "Practice mailbox");
    await panel.to.fill("ada@example.com");
    await page.keyboard.press("Control+B");
    await panel.subject.fill("Last night's build");
    await panel.body.fill("Hello Ada,\n\nhere is the **build**.\n\nKim");
    await page.setViewportSize({ width: 900, height: 920 }); // As wide as a page of GitHub shows it.
    await shoot(1000);
    await press("Make It Hard");
    await hard.waitFor(); // A key goes to what is in sight only.
    await shoot(1000);
    for (const key of ["Home", "ArrowRight", "ArrowRight"])
      await panel.frame.getByLabel("Line speed").press(key);
    await hard.getByText("1 MB/s").waitFor();
    await panel.addFiles.click();
    await freight.chooseFile(session.path("build.tar.gz"));
    await file.says("uploading");
    await shoot(1000);
    await page.waitForTimeout(3000); // What the service has by then is kept, and not sent again.
    await shoot(1000);
    await press("Drop the Line");
    await file.says(/connection lost|trying again/);
    await hard.getByText("So far: line dropped.").waitFor();
    await shoot(2000);
    await shootUntil("the upload goes on", isUploaded(10));
    await shoot(1000);
    await press("Lose the Answer to Send");
    await hard.locator("[aria-pressed=true]").waitFor();
    await press("Send to Practice Mailbox");
    await freight.hasNoted('"phase":"waiting"');
    await shoot(2000);
    await shootUntil("half of it is there", isUploaded(50));
    const pid = await session.extensionHostPid();
    await press("Kill the Extension Host…");
    await workbench.dialog.waitFor();
    await shoot(2000);
    await freight.answerDialog("Kill the extension host of this window?", "Kill It");
    await shoot(1000);
    await until("another extension host runs", async () => (await session.extensionHostPid()) !== pid);
    await shootUntil("the mail is back", () => hard.getByText(/extension host killed/).isVisible());
    await shoot(2000);
    await shootUntil("the mail has arrived", () => hard.getByText("Arrived once, identical").isVisible());
    await hard.getByText("answer to Send lost").waitFor();
    await freight.statusItem.waitFor({ state: "detached" });
    await page.mouse.move(0, 0);
    await shoot(6000);
    writeFileSync(join(root, "media", "make-it-hard.png"), makeApng(frames));
    console.log(`media/make-it-hard.png: ${frames.length} frames`);
  } finally {
    await session.dispose();
  }
}
