/** Loaded before the tests of one mutant: hands out the one file with its fault in it. Nothing is written to the disk. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { withMutant } from "./mutants.ts";

const { path, ...mutant }: { path: string; start: number; end: number; replacement: string } = JSON.parse(
  process.env["FREIGHT_MUTANT"] ?? "{}",
);
const url = pathToFileURL(path).href;

registerHooks({
  load: (asked, context, next) =>
    asked === url
      ? {
          format: "module-typescript",
          shortCircuit: true,
          source: withMutant(readFileSync(path, "utf8"), mutant),
        }
      : next(asked, context),
});
