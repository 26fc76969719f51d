// Takes the README's pictures from a real run: `npm run screenshots`. Files are made up, the mailbox is the sandbox's.
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../src/sandbox/server.ts";
import { binary } from "../test/support/files.ts";
import { Freight, holdUpload, showPace } from "../test/support/freight.ts";
import { openWorkbench } from "../test/support/session.ts";
import { ensureVsix } from "./package.ts";
import { root } from "./vscode/layout.ts";

const MiB = 1024 * 1024;

const vsix = await ensureVsix();
await take("Dark Modern", "panel-dark", composing);
await take("Light Modern", "sessions-light", sessions);
process.exit();

async function take(
  theme: string,
  name: string,
  show: (freight: Freight, sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const sandbox = await startSandbox();
  const session = await openWorkbench({
    vsix,
    theme,
    files: {
      "build.tar.gz": binary(40 * MiB),
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
    await freight.page.mouse.move(0, 0);
    const path = join(root, "media", `${name}.png`);
    await freight.page.screenshot({ path });
    console.log(`media/${name}.png`);
  } finally {
    await session.dispose();
    await sandbox.close();
  }
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

/** What was sent, what is under way, and what needs somebody. */
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
