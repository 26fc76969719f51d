/** One practice mailbox for each data folder: whoever comes second is told where the first one listens. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const Note = z.object({ pid: z.number(), line: z.string() });

function notePath(folder: string): string {
  return join(folder, "running.json");
}

/** The line that a running neighbour has printed; undefined when nobody runs on this folder. */
export function findNeighbour(folder: string): string | undefined {
  try {
    const { pid, line } = Note.parse(JSON.parse(readFileSync(notePath(folder), "utf8")));
    process.kill(pid, 0); // Throws when there is no such process.
    return line;
  } catch {
    return undefined; // No note, a torn one, or one of a process that is gone: nobody runs here.
  }
}

/** Leaves a note for those who come later. @returns takes the note away again */
export function announce(folder: string, line: string): () => void {
  writeFileSync(notePath(folder), JSON.stringify({ pid: process.pid, line }), { mode: 0o600 });
  return () => rmSync(notePath(folder), { force: true });
}
