/** Looks for secrets wherever a run leaves traces: as they are, and as they may be spelled elsewhere. */
import { readdirSync, readFileSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { WorkbenchSession } from "./session.ts";

export type Secrets = Readonly<Record<string, string>>;

/** A text in which a secret may stand, and where that text was found. */
export interface Trace {
  readonly place: string;
  readonly text: string;
}

/** The ways to write a secret that do not hide it. */
export function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // What base64 makes of a text depends on how many bytes stand before it, but for its ends.
  const inner = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      bytes.toString("hex"),
      // Chromium keeps texts of databases in UTF-16 when it likes.
      Buffer.from(secret, "utf16le").toString("latin1"),
      ...inner,
      ...inner.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    ]),
  ];
}

/** The names of the secrets that stand in the traces, each with where. */
export function found(secrets: Secrets, traces: Iterable<Trace>): string[] {
  const wanted = Object.entries(secrets).flatMap(([name, secret]) =>
    spellings(secret).map((spelling) => [name, spelling] as const),
  );
  const hits = new Set<string>();
  for (const { place, text } of traces)
    for (const [name, spelling] of wanted) if (text.includes(spelling)) hits.add(`${name} in ${place}`);
  return [...hits];
}

/** Every file of the profile, of the browser and of the workspace: logs, settings, global storage, databases. */
export async function filesOf(session: WorkbenchSession): Promise<Trace[]> {
  const scratch = dirname(session.dataDir);
  const traces: Trace[] = [];
  for await (const entry of glob("{data,browser,workspace}/**/*", { cwd: scratch, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // It comes and goes while we look.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    traces.push({ place: path.slice(scratch.length), text: bytes.toString("latin1") });
  }
  return traces;
}

/** What the window shows and keeps: its own page, every webview in it, its storage. */
export async function windowOf(session: WorkbenchSession): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (const frame of session.page.frames()) {
    const text = await frame.content().catch(() => ""); // gone meanwhile
    traces.push({ place: `the page ${traces.length}`, text });
  }
  const storage = await session.page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  );
  traces.push({ place: "the browser's storage", text: storage });
  return traces;
}

/** The arguments of every process of this machine that may be read; nothing but on Linux. */
export function processes(): Trace[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [{ place: `arguments of process ${pid}`, text: readFileSync(`/proc/${pid}/cmdline`, "utf8") }];
      } catch {
        return []; // It ended while we looked.
      }
    });
}
