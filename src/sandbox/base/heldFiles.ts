/**
 * Moves and deletes files, trying for about ten seconds: Windows does neither with one that another program has open,
 * as virus scanners do briefly.
 */
import { renameSync, rmSync } from "node:fs";

/** About ten seconds in total. */
const TRIES = 17;

/** Replaces the file that is there. */
export function moveFile(from: string, to: string): void {
  patiently(() => renameSync(from, to));
}

/** The file may be missing. */
export function removeFile(path: string): void {
  patiently(() => rmSync(path, { force: true }));
}

function patiently(work: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      work();
      return;
    } catch (reason) {
      const code = reason instanceof Error && "code" in reason ? reason.code : undefined;
      if (attempt === TRIES || (code !== "EPERM" && code !== "EACCES" && code !== "EBUSY")) throw reason;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(1_000, 10 * 2 ** (attempt - 1)));
    }
  }
}
