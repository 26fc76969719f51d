import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { binary } from "../support/files.ts";
import { Freight, holdUpload, showPace } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";

const MiB = 1024 * 1024;
const files = {
  "build.tar.gz": binary(40 * MiB),
  "slides.pptx": binary(4 * MiB, 2),
  "trace.json": binary(2 * MiB, 3),
  "report.pdf": binary(MiB, 4),
};
const pictures = join(root, "out/screenshots");

describe("looks", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
    await showEveryState(freight, sandbox);
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  for (const [theme, themeClass] of [
    ["Dark Modern", "vs-dark"],
    ["Light Modern", "vs"],
    ["Default High Contrast", "hc-black"],
  ] as const)
    describe(`in ${theme}`, () => {
      const picture = (name: string) =>
        join(pictures, `${theme.toLowerCase().replaceAll(" ", "-")}-${name}.png`);

      before(async () => {
        await freight.chooseTheme(theme);
        await session.page.locator(`.monaco-workbench.${themeClass}`).waitFor();
        await showPace(sandbox, freight.panel.attachment("build.tar.gz"));
      });

      it("shows a panel that axe finds nothing wrong with", async () => {
        const frame = await session.workbench.webviewFrame("#app .panel");
        await frame.evaluate(axe.source);
        const { violations } = await frame.evaluate(() => window.axe.run(document));
        const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
        assert.deepEqual(found, []);
      });

      it("keeps pictures of panel, tree and status bar", async () => {
        const { page, workbench } = session;
        await workbench.view("Explorer");
        await page.screenshot({ path: picture("panel") });
        await freight.sees("build.tar.gz", /uploading \d+%/);
        await page.screenshot({ path: picture("tree") });
        await freight.statusItem.filter({ hasText: /\d+%/ }).waitFor();
        await page.locator(".part.statusbar").screenshot({ path: picture("status") });
      });
    });
});

declare global {
  interface Window {
    axe: { run(node: Document): Promise<AxeResults> };
  }
}

/** A sent mail, and a panel with a file of each kind: under way, ready, failed. */
async function showEveryState(freight: Freight, sandbox: Sandbox): Promise<void> {
  const earlier = await freight.send("report.pdf");
  await earlier.to.fill("grace@example.com");
  await earlier.sendByKey();
  await earlier.says(/^Sent/);
  await freight.tidy();

  const panel = await freight.send("slides.pptx");
  await panel.to.fill("Ada Lovelace <ada@example.com>, bob@example.com");
  await panel.subject.fill("Last night's build");
  await panel.body.fill("Hello Ada,\n\nhere is the build with the slides for tomorrow.\n\nKim");
  await panel.attachment("slides.pptx").says("ready");
  const add = async (name: string) => {
    await panel.addFiles.click();
    await freight.chooseFile(freight.session.path(name));
  };
  sandbox.faults.arm({ step: "create", fault: "refuse", status: 422, message: "not enough storage" });
  await add("trace.json");
  await panel.attachment("trace.json").says("failed");
  holdUpload(sandbox);
  await add("build.tar.gz");
  await panel.attachment("build.tar.gz").says(/uploading \d+%/);
}
