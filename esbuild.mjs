// Builds every bundle into dist/: `node esbuild.mjs [--watch] [--dev]`.
import { rmSync, writeFileSync } from "node:fs";
import { context } from "esbuild";
import { notices } from "./scripts/notices.mjs";

const watch = process.argv.includes("--watch");
const dev = watch || process.argv.includes("--dev");

const common = {
  bundle: true,
  minify: !dev,
  sourcemap: dev ? "linked" : false,
  // Their texts are in NOTICES.txt.
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};
const node = {
  ...common,
  platform: "node",
  target: "node22",
  format: "esm",
  external: ["vscode"],
  // CommonJS dependencies inside an ES module bundle call require() for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
};

const bundles = [
  // Splitting keeps what a dynamic import() loads (HTTP client, schemas, wizard) out of the activation path.
  {
    ...node,
    entryPoints: { extension: "src/extension.ts" },
    outdir: "dist",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  },
  { ...node, entryPoints: { sandbox: "src/sandbox/main.ts" }, outdir: "dist" },
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
const builds = await Promise.all(bundles.map((bundle) => context(bundle)));
const metafiles = [];
for (const build of builds) {
  if (watch) await build.watch();
  else {
    metafiles.push((await build.rebuild()).metafile);
    await build.dispose();
  }
}
if (!watch) writeFileSync("dist/NOTICES.txt", await notices(metafiles));
