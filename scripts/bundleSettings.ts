// How our code is bundled, for the product and for what measures it.
import type { BuildOptions } from "esbuild";

export const settings = {
  bundle: true,
  minify: true,
  sourcemap: false,
  // Their texts are in NOTICES.txt.
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

export const nodeSettings = {
  ...settings,
  platform: "node",
  target: "node22",
  format: "esm",
  external: ["vscode"],
  // CommonJS dependencies inside an ES module bundle call require() for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
} satisfies BuildOptions;
