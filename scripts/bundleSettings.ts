// How our code is bundled, for the product and for what measures it.
import type { BuildOptions, Plugin } from "esbuild";

export const settings = {
  bundle: true,
  minify: true,
  sourcemap: false,
  // Their texts are in NOTICES.txt.
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

/**
 * undici carries its parser four times, 300 kB in all. It reads the heads of a few answers here, so the one that runs on every
 * processor is enough; those that only a variable of the environment or SIMD would choose stay out of the package.
 */
const ONE_PARSER = { "process.env.UNDICI_USE_MILO": "undefined", "process.env.UNDICI_NO_WASM_SIMD": "'1'" };

const withoutOtherParsers: Plugin = {
  name: "without-other-parsers",
  setup({ onLoad }) {
    onLoad({ filter: /undici[\\/]lib[\\/](milo[\\/](no-)?simd|llhttp[\\/]llhttp_simd-wasm)\.js$/ }, () => ({
      contents: "throw new Error('This parser is not in the package.');",
    }));
  },
};

export const nodeSettings = {
  ...settings,
  platform: "node",
  target: "node22",
  format: "esm",
  external: ["vscode"],
  define: ONE_PARSER,
  plugins: [withoutOtherParsers],
  // CommonJS dependencies inside an ES module bundle call require() for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
} satisfies BuildOptions;
