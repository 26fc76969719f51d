// Builds every bundle into dist/: `node esbuild.mjs [--watch] [--dev]`.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { context } from "esbuild";
import { nodeSettings, settings } from "./scripts/bundleSettings.ts";
import { packed, bundles as readLanguages, spokenPictures } from "./scripts/l10n.ts";
import { bundled, notices } from "./scripts/notices.mjs";
import { sbom } from "./scripts/sbom.mjs";

const watch = process.argv.includes("--watch");
const dev = watch || process.argv.includes("--dev");

// The watch task of .vscode/tasks.json waits for what is said there.
const logLevel = watch ? "info" : settings.logLevel;
const mode = { minify: !dev, sourcemap: dev ? "linked" : false, logLevel };
const common = { ...settings, ...mode };
const node = { ...nodeSettings, ...mode };

const bundles = [
  // Splitting keeps what a dynamic import() loads (HTTP client, schemas, wizard) out of the activation path, and has the
  // practice mailbox, which is a process of its own, share the libraries that both need, and a thread that packs the rules.
  {
    ...node,
    entryPoints: {
      extension: "src/extension.ts",
      sandbox: "src/sandbox/main.ts",
      packThread: "src/files/zip/packThread.ts",
    },
    outdir: "dist",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  },
  {
    ...common,
    platform: "browser",
    target: "chrome138",
    format: "iife",
    entryPoints: { webview: "src/webview/main.ts" },
    outdir: "dist",
  },
];

rmSync("dist", { recursive: true, force: true });
const languages = readLanguages();
mkdirSync("dist/l10n", { recursive: true });
for (const [name, text] of packed(languages)) writeFileSync(`dist/l10n/${name}`, text);
mkdirSync("dist/walkthrough");
for (const name of readdirSync("media/walkthrough")) {
  const svg = readFileSync(`media/walkthrough/${name}`, "utf8");
  for (const [file, spoken] of spokenPictures(name, svg, languages))
    writeFileSync(`dist/walkthrough/${file}`, spoken);
}
const builds = await Promise.all(bundles.map((bundle) => context(bundle)));
const metafiles = [];
for (const build of builds) {
  if (watch) await build.watch();
  else {
    metafiles.push((await build.rebuild()).metafile);
    await build.dispose();
  }
}
if (!watch) {
  const parts = await bundled(metafiles);
  writeFileSync("dist/NOTICES.txt", await notices(parts));
  writeFileSync("dist/sbom.cdx.json", sbom(JSON.parse(readFileSync("package.json", "utf8")), parts));
}
