// Runs test/editor inside the extension host of real VS Codes, the oldest that is supported and a current one.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadAndUnzipVSCode, runTests, TestRunFailedError } from "@vscode/test-electron";
import { build } from "esbuild";
import { readOptions } from "./options.ts";
import { runNode } from "./run.ts";
import { install } from "./vscode/install.ts";
import { cacheDir, type Edition, parseEdition, root, versions } from "./vscode/layout.ts";
import { writeUserSettings } from "./vscode/settings.ts";

const values = readOptions(
  `npm run test:editor                    in the oldest VS Code that is supported, and in a current one
npm run test:editor -- --only newest   in one of them: oldest or newest
npm run test:editor -- --grep "text"   only tests whose titles have this text`,
  { only: { type: "string" }, grep: { type: "string" } },
);
const editions: readonly Edition[] = values.only ? [parseEdition(values.only)] : ["oldest", "newest"];

// runTests() ends VS Code on SIGINT, and then this process too unless somebody else listens; we have a folder to remove.
let interrupted = false;
process.on("SIGINT", () => {
  interrupted = true;
});
for (const signal of ["SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => process.emit("SIGINT", "SIGINT"));

await buildExtensionAndTests();
let failed = false;
for (const edition of editions) {
  if (interrupted || !(await runIn(edition))) failed = true;
}
process.exit(failed ? 1 : 0);

async function buildExtensionAndTests(): Promise<void> {
  if ((await runNode(["esbuild.mjs", "--dev"])).code !== 0) process.exit(1);
  const outdir = join(root, "out/editor");
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: [join(root, "test/editor/index.ts"), join(root, "test/editor/**/*.test.ts")],
    outdir,
    outbase: join(root, "test/editor"),
    bundle: true,
    splitting: true,
    sourcemap: "linked",
    platform: "node",
    target: "node22",
    format: "esm",
    // mocha is the project's, found from out/ upwards; a bundled one would not be the one that the tests talk to.
    external: ["vscode", "mocha"],
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: "warning",
  });
}

async function runIn(edition: Edition): Promise<boolean> {
  const desktop = await findDesktop(edition);
  if (!desktop) await install(edition); // here, so that the launcher does not talk about downloads among the results
  console.log(`\nVS Code ${versions[edition]} (${edition}, ${desktop ? "desktop" : "server build"})`);
  const scratch = await mkdtemp(join(tmpdir(), "freight-editor-"));
  try {
    await writeUserSettings(join(scratch, "data"));
    await runTests({
      vscodeExecutablePath: desktop ?? join(root, "scripts/vscode/code.ts"),
      extensionDevelopmentPath: root,
      extensionTestsPath: join(root, "out/editor/index.js"),
      extensionTestsEnv: { FREIGHT_EDITION: edition, FREIGHT_GREP: values.grep, TMPDIR: scratch },
      launchArgs: [
        scratch,
        `--user-data-dir=${join(scratch, "data")}`,
        `--extensions-dir=${join(scratch, "extensions")}`,
        "--disable-extensions",
      ],
    });
    return true;
  } catch (error) {
    if (!(error instanceof TestRunFailedError)) throw error;
    console.error(error.message);
    return false;
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/**
 * The desktop's program, downloaded where somebody can see its window; elsewhere the npm build with a headless browser
 * takes its place. FREIGHT_DESKTOP=1 or 0 decides otherwise.
 */
async function findDesktop(edition: Edition): Promise<string | undefined> {
  const { FREIGHT_DESKTOP: wish, DISPLAY: x11, WAYLAND_DISPLAY: wayland } = process.env;
  const hasScreen = process.platform !== "linux" || Boolean(x11 || wayland);
  if (wish === "0" || (wish !== "1" && !hasScreen)) return undefined;
  try {
    return await downloadAndUnzipVSCode({ version: versions[edition], cachePath: cacheDir });
  } catch (error) {
    if (process.platform === "win32") throw error;
    console.log(
      `Desktop VS Code cannot be had (${error instanceof Error ? error.message : error}): using the npm build.`,
    );
    return undefined;
  }
}
