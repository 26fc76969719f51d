/** Counts what keeps a process busy or alive. */
import { readdirSync, readlinkSync } from "node:fs";
import { until } from "./until.ts";

export interface Busy {
  readonly sockets: number;
  readonly timers: number;
}

/** Counts sockets and timers once they hold still. */
export async function idle(): Promise<Busy> {
  let busy = count();
  for (let still = 0, turns = 0; still < 20 && turns < 5_000; turns++) {
    await turn();
    const now = count();
    still = now.sockets === busy.sockets && now.timers === busy.timers ? still + 1 : 0;
    busy = now;
  }
  return busy;
}

/** Waits until nothing more runs than did at `before`: what was closed takes a moment to go. */
export async function idleAgain(before: Busy): Promise<void> {
  await until("sockets and timers are back to where they were", () => {
    const { sockets, timers } = count();
    return sockets <= before.sockets && timers <= before.timers;
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function count(): Busy {
  const resources = process.getActiveResourcesInfo();
  const sockets = resources.filter((name) => /^(TCP|TLS|PipeConnect)/.test(name)).length;
  return { sockets, timers: resources.filter((name) => name === "Timeout").length };
}

/** Every file and socket that the process has open; not what the runtime keeps for itself (pipes, event queues). */
export function openFiles(): string[] {
  return readdirSync("/proc/self/fd")
    .map(target)
    .filter((name) => name.startsWith("socket:") || (name.startsWith("/") && !name.startsWith("/dev/")))
    .sort();
}

function target(number: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${number}`);
  } catch {
    return ""; // The one that was open for this reading.
  }
}
