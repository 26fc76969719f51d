/** Bundles our engine with the settings of the product: as it is, and with some of its hashes or none. */
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { nodeSettings } from "../../scripts/bundleSettings.ts";

export const HASHINGS = ["sha256,md5", "none", "sha256", "md5"] as const;
export type Hashing = (typeof HASHINGS)[number];

/** Another `createHash`, for the file that hashes what is uploaded and for no other. */
const someHashes: Plugin = {
  name: "some-hashes",
  setup(context) {
    context.onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
      /contentHash\.ts$/.test(importer) ? { path: join(import.meta.dirname, "someHashes.ts") } : undefined,
    );
  },
};

/** @returns the programs, by what they hash */
export async function buildEngines(folder: string): Promise<Readonly<Record<Hashing, string>>> {
  const made = HASHINGS.map(async (hashing) => {
    const outdir = join(folder, `engine-${hashing}`);
    await build({
      ...nodeSettings,
      entryPoints: { engine: join(import.meta.dirname, "contenders/engine.ts") },
      outdir,
      outExtension: { ".js": ".mjs" },
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      ...(hashing === "sha256,md5" ? {} : { plugins: [someHashes], define: { HASHES: `"${hashing}"` } }),
    });
    return [hashing, join(outdir, "engine.mjs")] as const;
  });
  const programs = new Map(await Promise.all(made));
  const of = (hashing: Hashing) => programs.get(hashing) ?? "";
  return { "sha256,md5": of("sha256,md5"), none: of("none"), sha256: of("sha256"), md5: of("md5") };
}
