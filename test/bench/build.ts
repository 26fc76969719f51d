/** Bundles our engine with the settings of the product: as it is, and with some of its hashes or none. */
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { nodeSettings } from "../../scripts/bundleSettings.ts";

/** "once": without the second look at the file, as are all but the first. */
export const HASHINGS = ["sha256,crc32c", "none", "sha256", "crc32c", "sha256,crc32c,once"] as const;
export type Hashing = (typeof HASHINGS)[number];

/** Leaves out of the product what a bundle does not measure: hashes, and the second look at the file. */
const someHashes: Plugin = {
  name: "some-hashes",
  setup(context) {
    const instead = (name: string) => ({ path: join(import.meta.dirname, name) });
    // Another `createHash`, for the file that hashes what is uploaded and for no other.
    context.onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
      /contentHash\.ts$/.test(importer) ? instead("someHashes.ts") : undefined,
    );
    context.onResolve({ filter: /\/secondLook\.ts$/ }, () => instead("noSecondLook.ts"));
    context.onResolve({ filter: /\/hashThread\.ts$/ }, ({ importer }) =>
      /someThreads\.ts$/.test(importer) ? undefined : instead("someThreads.ts"),
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
      ...(hashing === "sha256,crc32c"
        ? {}
        : {
            plugins: [...nodeSettings.plugins, someHashes],
            define: { ...nodeSettings.define, HASHES: `"${hashing}"` },
          }),
    });
    return [hashing, join(outdir, "engine.mjs")] as const;
  });
  const programs = new Map(await Promise.all(made));
  const of = (hashing: Hashing) => programs.get(hashing) ?? "";
  return {
    "sha256,crc32c": of("sha256,crc32c"),
    none: of("none"),
    sha256: of("sha256"),
    crc32c: of("crc32c"),
    "sha256,crc32c,once": of("sha256,crc32c,once"),
  };
}

/** Bundles our packer, and what its thread runs beside it. @returns the program */
export async function buildPacker(folder: string): Promise<string> {
  await build({
    ...nodeSettings,
    entryPoints: {
      pack: join(import.meta.dirname, "contenders/pack.ts"),
      packThread: join(import.meta.dirname, "../../src/files/zip/packThread.ts"),
    },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  });
  return join(folder, "pack.mjs");
}
