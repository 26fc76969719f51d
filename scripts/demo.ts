// Shows the extension at work on a sample folder.
import { randomBytes } from "node:crypto";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorkbench } from "../test/support/session.ts";
import { drive } from "./demo/headless.ts";
import { sampleDir, writeLargeFile } from "./demo/sample.ts";
import { readOptions } from "./options.ts";
import { ensureVsix } from "./package.ts";
import { run, runNode } from "./run.ts";
import { Host } from "./vscode/host.ts";
import { root } from "./vscode/layout.ts";

const values = readOptions(
  `npm run demo                prints the address of a VS Code with the extension and a sample folder: open it in a browser
npm run demo -- --headless  does what a person would do there, in a browser of its own, and compares what has arrived
npm run demo -- --desktop   opens the VS Code that is installed on this machine`,
  { headless: { type: "boolean" }, desktop: { type: "boolean" } },
);

const interrupted = new Promise<void>((done) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => done());
});
// A token, because whoever reaches the workbench has a terminal on this machine.
const token = randomBytes(16).toString("hex");

if (values.desktop) await showOnDesktop();
else if (values.headless) await driveHeadless();
else await serve();
process.exit();

async function serve(): Promise<void> {
  const host = await Host.open({
    vsix: await ensureVsix(),
    folder: sampleDir,
    prepare: writeLargeFile,
    token,
  });
  try {
    console.log(`\nOpen  ${host.address}\n\nPress Ctrl+C to stop. Nothing is kept.`);
    await interrupted;
    console.log("Stopping.");
  } finally {
    await host.dispose();
  }
}

async function driveHeadless(): Promise<void> {
  const session = await openWorkbench({
    vsix: await ensureVsix(),
    folder: sampleDir,
    prepare: writeLargeFile,
    token,
  });
  try {
    await Promise.race([drive(session), interrupted.then(() => Promise.reject(new Error("Interrupted.")))]);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await session.dispose();
  }
}

async function showOnDesktop(): Promise<void> {
  if ((await runNode(["esbuild.mjs"])).code !== 0) throw new Error("The build failed.");
  const workspace = await mkdtemp(join(tmpdir(), "freight-demo-"));
  await cp(sampleDir, workspace, { recursive: true });
  await writeLargeFile(workspace);
  const { code } = await run("code", ["--new-window", `--extensionDevelopmentPath=${root}`, workspace]).catch(
    (error: unknown) => {
      throw new Error("VS Code's command line program `code` cannot be run: is it in PATH?", {
        cause: error,
      });
    },
  );
  if (code !== 0) throw new Error(`code ended with ${code}.`);
  console.log(`The sample folder is ${workspace}; delete it when you are done.`);
}
