/** Counts what keeps a process busy or alive. */
import { readdirSync } from "node:fs";

export interface Busy {
  readonly sockets: number;
  readonly timers: number;
}

/** Counts sockets and timers once they hold still: what was closed takes a few turns of the loop to go. */
export async function idle(): Promise<Busy> {
  let busy = count();
  for (let still = 0, turns = 0; still < 20 && turns < 5_000; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = count();
    still = now.sockets === busy.sockets && now.timers === busy.timers ? still + 1 : 0;
    busy = now;
  }
  return busy;
}

function count(): Busy {
  const resources = process.getActiveResourcesInfo();
  const sockets = resources.filter((name) => /^(TCP|TLS|PipeConnect)/.test(name)).length;
  return { sockets, timers: resources.filter((name) => name === "Timeout").length };
}

/** How many files, sockets and pipes the process has open. */
export function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}
