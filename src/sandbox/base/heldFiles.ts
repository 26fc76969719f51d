/** Windows neither replaces nor removes a file that another program has open, as a virus scanner has for a moment. */
import { renameSync, rmSync } from "node:fs";

/** About ten seconds in all. */
const TRIES = 17;

/** In the place of what is there. */
export function moveFile(from: string, to: string): void {
  patiently(() => renameSync(from, to));
}

/** If there is one. */
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
