// How our code is bundled, for the product and for what measures it.
import { readFile } from "node:fs/promises";
import type { BuildOptions, Plugin } from "esbuild";

/**
 * What libraries bring along and nothing here asks for, 400 kB before it is compressed: undici's parser, which it has four
 * times (it reads the heads of a few answers, so the one that runs on every processor is enough), zod's way to JSON schemas,
 * and nodemailer's table of file types, for the practice mailbox is told the type of each file.
 */
const UNUSED =
  /[\\/](undici[\\/]lib[\\/](milo[\\/](no-)?simd|llhttp[\\/]llhttp_simd-wasm)|zod[\\/]v4[\\/]core[\\/](json-schema-processors|to-json-schema)|mime-funcs[\\/]mime-types)\.js$/;

const withoutUnused: Plugin = {
  name: "without-unused",
  setup({ onLoad }) {
    onLoad({ filter: UNUSED }, async ({ path }) => {
      const names = (await readFile(path, "utf8")).matchAll(/^export (?:const|(?:async )?function) (\w+)/gm);
      return { contents: [...names].map(([, name]) => `export const ${name} = () => undefined;`).join("\n") };
    });
  },
};

export const settings = {
  bundle: true,
  minify: true,
  sourcemap: false,
  // Their texts are in NOTICES.txt.
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  plugins: [withoutUnused],
} satisfies BuildOptions;

export const nodeSettings = {
  ...settings,
  platform: "node",
  target: "node22",
  format: "esm",
  external: ["vscode"],
  // No variable of the environment asks for a parser that is not there.
  define: { "process.env.UNDICI_USE_MILO": "undefined", "process.env.UNDICI_NO_WASM_SIMD": "'1'" },
  // CommonJS dependencies inside an ES module bundle call require() for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
} satisfies BuildOptions;
