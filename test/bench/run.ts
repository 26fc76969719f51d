/**
 * The benchmark: `npm run bench [-- --quick] [--only gcs,graph,files,badline,packing,records,editor] [--repetitions 5]`. Prints its
 * tables, and writes a whole run into RESULTS.md. Figures of one run compare; those of two machines do not.
 */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { badLineTable } from "./badLineTable.ts";
import { Bench, FULL_BYTES } from "./bench.ts";
import { editorTable } from "./editorTable.ts";
import { filesTable } from "./filesTable.ts";
import { gcsTable } from "./gcsTable.ts";
import { graphTable } from "./graphTable.ts";
import { packingTable } from "./packingTable.ts";
import { recordsTable } from "./recordsTable.ts";
import { goalsTable, type Section } from "./report.ts";

const TABLES: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  gcs: gcsTable,
  graph: graphTable,
  files: filesTable,
  badline: badLineTable,
  packing: packingTable,
  records: recordsTable,
  editor: editorTable,
};

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, repetitions: { type: "string" } },
});
const isQuick = values.quick === true;
const wanted = values.only?.split(",") ?? Object.keys(TABLES);
const repetitions = Number(values.repetitions ?? (isQuick ? 1 : 5));
const [load = 0] = loadavg();
const bench = await Bench.start({ fileBytes: isQuick ? FULL_BYTES / 10 : FULL_BYTES, repetitions, isQuick });
process.once("SIGINT", () => void bench.stop().finally(() => process.exit(130)));
process.once("SIGTERM", () => void bench.stop().finally(() => process.exit(143)));

const sections: Section[] = [];
try {
  for (const name of wanted) {
    const make = TABLES[name];
    if (make === undefined) throw new Error(`There is no table ${name}: ${Object.keys(TABLES).join(", ")}`);
    process.stderr.write(`${name}\n`);
    sections.push(await make(bench));
  }
} finally {
  await bench.stop();
}

const text = [
  "# What the benchmark measured",
  `Written by \`npm run bench\`. ${(bench.options.fileBytes / 1e6).toFixed(1)} MB of random bytes, medians of ${repetitions} interleaved runs; of memory the worst. Everything on the loopback of one machine: the ratios count, not the speeds.`,
  ...environment(),
  ...sections.flatMap((section) => [`## ${section.title}`, section.text, goalsTable(section.goals)]),
].join("\n\n");
console.log(text);
const missed = sections.flatMap(({ goals }) => goals).filter(({ isMet }) => !isMet);
console.log(`\n${missed.length} goals not met.`);
if (!isQuick && values.only === undefined)
  await writeFile(join(import.meta.dirname, "RESULTS.md"), `${text}\n`);

function environment(): string[] {
  const [curl = ""] = execFileSync("curl", ["--version"], { encoding: "utf8" }).split(" (");
  const { undici } = process.versions;
  return [
    `Node ${process.versions.node} (its fetch: undici ${undici}), ${curl}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${process.platform}; load at the start ${load.toFixed(2)}, at the end ${(loadavg()[0] ?? 0).toFixed(2)}.`,
  ];
}
