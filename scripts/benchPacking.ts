// Prints how packing treats the editor: `npm run bench:packing`. A folder of 60,000 files, and a 4 GB sparse file.
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { listFolder } from "../src/files/folder/folderWalk.ts";
import { type PackOptions, packFile, packFolder } from "../src/files/zip/packing.ts";
import { estimateZip } from "../src/files/zip/zipEstimate.ts";
import { benchInEditor } from "./benchPackingInEditor.ts";

const folders = 60;
const filesPerFolder = 1_000;
const sparseBytes = 4 * 1024 ** 3;
const scratch = await mkdtemp(join(tmpdir(), "freight-bench-"));
const delay = monitorEventLoopDelay({ resolution: 1 });

try {
  await fill(scratch);
  const [many, sparse] = [join(scratch, "many"), join(scratch, "sparse.img")];

  const signal = new AbortController().signal;
  const listing = await measure("list 60,000 files", () =>
    listFolder(many, { useIgnoreFiles: true, signal }),
  );
  await measure("pack 60,000 files", () => packFolder(listing, options("many.zip")));
  await measure("estimate 4 GB", () => estimateZip(sparse, signal));
  await measure("pack 4 GB", () => packFile(sparse, options("sparse.zip")));
  await measureCancel("cancel 60,000 files", (given) =>
    packFolder(listing, { ...options("a.zip"), ...given }),
  );
  await measureCancel("cancel 4 GB", (given) => packFile(sparse, { ...options("b.zip"), ...given }));
} finally {
  await rm(scratch, { recursive: true, force: true });
}
await benchInEditor(fill);
process.exit();

async function fill(folder: string): Promise<void> {
  for (let part = 0; part < folders; part++) {
    const into = join(folder, "many", `${part}`);
    await mkdir(into, { recursive: true });
    const names = Array.from({ length: filesPerFolder }, (_, at) => join(into, `file-${at}.txt`));
    await Promise.all(names.map((name) => writeFile(name, `${name}\n`.repeat(20))));
  }
  const sparse = join(folder, "sparse.img");
  await writeFile(sparse, "");
  await truncate(sparse, sparseBytes);
}

function options(name: string): PackOptions {
  const target = join(scratch, name);
  return { target, maxBytes: 157_286_400, signal: new AbortController().signal, onRead: () => {} };
}

async function measure<T>(what: string, work: () => Promise<T>): Promise<T> {
  await wait(200); // what came before has settled
  const before = process.memoryUsage().rss;
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  delay.reset();
  delay.enable();
  const startedAt = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  delay.disable();
  clearInterval(sampling);
  const ms = (nanoseconds: number) => (nanoseconds / 1e6).toFixed(1);
  console.log(
    `${what}: ${seconds.toFixed(1)} s; event loop at most ${ms(delay.max)} ms late, 99% below ` +
      `${ms(delay.percentile(99))} ms; ${((peak - before) / 1024 ** 2).toFixed(0)} MB more memory at the peak`,
  );
  return result;
}

/** How long it takes from the abort to the end. */
async function measureCancel(
  what: string,
  pack: (given: Pick<PackOptions, "signal">) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const packing = pack({ signal: controller.signal }).then(
    () => "it had ended before",
    (reason: unknown) => (reason instanceof Error ? reason.name : String(reason)),
  );
  await wait(1_000);
  const abortedAt = performance.now();
  controller.abort();
  const outcome = await packing;
  console.log(
    `${what}: over ${(performance.now() - abortedAt).toFixed(1)} ms after it was told to (${outcome})`,
  );
}
