/** What a contender's process tells of itself: one line of JSON, when its work is done. */
import { readFileSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

export interface Reading {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Resident before the work began, everything loaded. */
  readonly idleBytes: number;
  readonly peakBytes: number;
  /** The longest time that the event loop was held. Undefined for a program without one. */
  readonly longestDelayMs?: number;
  /** Bytes that were handed over for sending, again or not. */
  readonly sentBytes?: number;
}

/** What a contender is to do; each understands what it can do. */
export interface Task {
  /** Where each file goes, in order. */
  readonly urls: readonly string[];
  /** The file that is uploaded to each of them. */
  readonly file: string;
  readonly protocol: "gcs" | "graph";
  /** Files at once. */
  readonly atOnce: number;
  /** Begins again when the connection breaks. */
  readonly persistent: boolean;
  /** Where the file is uploaded to first, unmeasured, after some answers: what is measured then is a warm process. */
  readonly first: string | null;
}

const RESOLUTION_MS = 1;

export function readTask(): Task {
  return JSON.parse(process.argv[2] ?? "");
}

/**
 * Measures the work. Whatever an uploader has loaded long before its first byte, because it has talked to the service
 * already, is loaded by `prepare`.
 */
export async function measure(
  prepare: () => Promise<unknown>,
  work: () => Promise<number | undefined>,
): Promise<void> {
  await prepare();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const idleBytes = process.memoryUsage.rss();
  forgetPeak();
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const sentBytes = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  // A delay is noticed when it is over.
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  const reading: Reading = {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    idleBytes,
    peakBytes: peakBytes(),
    // It counts the time between two looks.
    longestDelayMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS),
    ...(sentBytes === undefined ? {} : { sentBytes }),
  };
  console.log(JSON.stringify(reading));
}

/** Linux can forget the peak; elsewhere it is that of the whole life. */
function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {}
}

function peakBytes(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
