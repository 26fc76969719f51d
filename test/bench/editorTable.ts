/** The extension in a real VS Code that a browser shows: what a person waits for, and what the extension host bears. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ensureVsix } from "../../scripts/package.ts";
import { type Edition, root, versions } from "../../scripts/vscode/layout.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import type { Bench } from "./bench.ts";
import { capture, median } from "./contest.ts";
import { EditorVisit, type VisitFigures } from "./editorVisit.ts";
import { measureHistory } from "./historyVisit.ts";
import { type Goal, goal, precise, type Section, table } from "./report.ts";

export async function editorTable(bench: Bench): Promise<Section> {
  const vsix = await ensureVsix();
  const code = await loadedAtActivation();
  const { size } = await stat(vsix);
  const editions: readonly Edition[] = bench.options.isQuick ? ["newest"] : ["oldest", "newest"];
  const figures: [string, VisitFigures][] = [];
  for (const edition of editions) {
    const sandbox = await startSandbox();
    try {
      const visit = await EditorVisit.measure(bench, edition, sandbox, vsix);
      process.stderr.write(`  ${edition}: ${JSON.stringify(visit)}\n`);
      figures.push([versions[edition], visit]);
    } finally {
      await sandbox.close();
    }
  }
  const ownMs = await ownActivation();
  const history = await measureHistory(bench, vsix);
  const goals: Goal[] = [
    goal("code loaded at activation", code.bytes / 1024, "<=", 60, " KiB"),
    goal("activation, the extension's own time", ownMs, "<=", 10, " ms"),
    goal("VSIX", size / 1024, "<=", 600, " KiB"),
    ...figures.flatMap(([version, { secondMs, upload }]) => [
      goal(`right-click to typing in ${version}, second use`, secondMs, "<=", 400, " ms"),
      goal(`p99 of the event-loop delay while uploading in ${version}`, upload.p99Ms, "<=", 20, " ms"),
    ]),
    goal(`tree of ${history.rows} sessions opens`, history.openMs, "<=", 200, " ms"),
    goal("rows drawn anew by one that changed", history.redrawnRows, "<=", 1),
  ];
  return {
    title: "The editor",
    text: [
      `VS Code's npm build, shown by a headless browser on the same cores; the times are those a browser driver sees, its own included. Code loaded at activation: ${code.names.join(", ")}. Activation as VS Code counts it holds its own module loader and the other extensions that start at the same time; the extension's own time is its code loaded and called in a plain Node: ${precise(ownMs)} ms.`,
      table(["", ...figures.map(([version]) => version)], rowsOf(figures.map(([, visit]) => visit))),
      `History of ${history.rows} sessions: the tree opens in ${precise(history.openMs)} ms once its records are read, ${precise(history.startMs)} ms after a reload of the window with the tree open; a change of one row holds the extension host for ${precise(history.longestMs)} ms at most.`,
    ].join("\n\n"),
    goals,
  };
}

function rowsOf(visits: readonly VisitFigures[]): string[][] {
  const row = (name: string, figure: (visit: VisitFigures) => string) => [name, ...visits.map(figure)];
  const mib = (bytes: number) => precise(bytes / 1024 / 1024);
  return [
    row("activation as VS Code counts it, ms", ({ activationMs }) => precise(activationMs)),
    row("right-click to typing, first use, ms", ({ firstMs }) => precise(firstMs)),
    row("right-click to typing, second use, ms", ({ secondMs }) => precise(secondMs)),
    row("Send to “sent”, upload through, ms", ({ sendMs }) => precise(sendMs)),
    row("upload of the large file, s", ({ uploadSeconds }) => precise(uploadSeconds)),
    row("messages to the panel a second", ({ messagesPerSecond }) => precise(messagesPerSecond)),
    row("bytes to the panel a second", ({ bytesPerSecond }) => precise(bytesPerSecond)),
    ...(["before", "upload", "after"] as const).flatMap((phase) => [
      row(`event loop held, ${phase}: longest ms`, (visit) => precise(visit[phase].longestMs)),
      row(`event loop held, ${phase}: p99 ms`, (visit) => precise(visit[phase].p99Ms)),
      row(`memory of the extension host, ${phase}: MiB at most`, (visit) => mib(visit[phase].peakBytes)),
    ]),
  ];
}

/** Loading the code and calling it, without an editor. */
async function ownActivation(): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const program = join(import.meta.dirname, "contenders/activation.ts");
    const { output } = await capture(process.execPath, [program, join(root, "dist/extension.js")]);
    times.push(Number(output));
  }
  return median(times);
}

/** The entry, and what it imports without being asked twice. */
async function loadedAtActivation(): Promise<{ bytes: number; names: string[] }> {
  const dist = join(root, "dist");
  const waiting = [join(dist, "extension.js")];
  const seen = new Set<string>();
  let bytes = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = await readFile(path, "utf8");
    bytes += Buffer.byteLength(text);
    for (const [, name = ""] of text.matchAll(/(?:^|[;}])import(?:[\w{}*,$\s]+from)?"(\.[^"]+)"/g))
      waiting.push(join(path, "..", name));
  }
  if ((await readdir(join(dist, "chunks"))).length === 0)
    throw new Error("There are no chunks to load later.");
  return { bytes, names: [...seen].map((path) => basename(path)) };
}
