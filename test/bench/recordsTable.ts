/** What is saved of mails: how soon a long history can be shown, and how much a mail writes over its whole life. */
import files, { type FileHandle, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { compose, Desk, pressSend } from "../support/desk.ts";
import { type Door, graph, nylas } from "../support/doors.ts";
import { until } from "../support/until.ts";
import type { Bench } from "./bench.ts";
import { contest, runNode } from "./contest.ts";
import { writeHistory } from "./historyVisit.ts";
import { type Goal, goal, precise, type Section, table } from "./report.ts";

/** Files of a mail. */
const COUNTS = [1, 10, 300];
const QUICK_COUNTS = [1, 10, 40];
const FILE_BYTES = 2_000;

export async function recordsTable(bench: Bench): Promise<Section> {
  const goals: Goal[] = [];
  const mails = bench.options.isQuick ? 2_000 : 10_000;
  const folder = join(bench.folder, "history");
  await mkdir(folder, { recursive: true });
  await writeHistory(folder, mails);
  const name = `a start with ${mails} mails`;
  const run = () => runNode(bench, "history.ts", { file: folder });
  const start = (await contest(bench, [{ name, run }])).get(name);
  const firstMs = start?.sentBytes ?? Number.NaN;
  const allMs = (start?.seconds ?? Number.NaN) * 1000;
  goals.push(goal(`${name}: the newest are read`, firstMs, "<=", 300, " ms"));
  goals.push(goal(`${name}: all are read`, allMs, "<=", 1_500, " ms"));
  const rows: string[][] = [];
  for (const door of [nylas, graph])
    for (const count of bench.options.isQuick ? QUICK_COUNTS : COUNTS) {
      const life = await measureLife(door, count);
      rows.push([
        `${door.name}, ${count}`,
        precise(life.bytes / 1e3),
        `${life.writes}`,
        precise(life.border / 1e3),
      ]);
      if (count === 300)
        goals.push(goal(`written for 300 files, ${door.name}`, life.bytes / 1e6, "<=", 5, " MB"));
    }
  return {
    title: "Records",
    text: [
      `${name}: the newest are read after ${precise(firstMs)} ms, all after ${precise(allMs)} ms; the event loop is held for ${precise(start?.longestDelayMs ?? Number.NaN)} ms at most.`,
      `A mail with so many files of ${FILE_BYTES} bytes, from the first file to “sent”. What goes to the panel is counted as often as the mail changes; the panel itself waits a moment and leaves most of it out.`,
      table(["files", "kB written", "writes", "kB of snapshots"], rows),
    ].join("\n\n"),
    goals,
  };
}

/** All that a mail has written on its way. */
async function measureLife(door: Door, count: number) {
  const desk = await Desk.set(door);
  const life = { bytes: 0, writes: 0, border: 0 };
  const handle = await files.open(await desk.file("any.bin", 1));
  const methods = Object.getPrototypeOf(handle);
  await handle.close();
  const { writeFile } = methods;
  methods.writeFile = function (this: FileHandle, text: string) {
    life.bytes += Buffer.byteLength(text);
    life.writes++;
    return writeFile.call(this, text);
  };
  try {
    const window = await desk.open();
    const paths: string[] = [];
    for (let at = 0; at < count; at++) paths.push(await desk.file(`file ${at}.bin`, FILE_BYTES));
    window.store.onDidChange(({ delivery }) => {
      if (delivery === undefined) return;
      const snapshot = panelSnapshot(delivery, { accounts: [], notice: null, now: Date.now() });
      life.border += JSON.stringify(snapshot).length;
    });
    const id = await compose(window, ...paths);
    await pressSend(window, id);
    await until("it is sent", () => window.store.get(id).phase === "sent");
    await window.store.saved(id);
    return life;
  } finally {
    methods.writeFile = writeFile;
    await desk.clear();
  }
}
