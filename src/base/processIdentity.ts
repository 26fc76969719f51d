/**
 * What tells a process from every other one. A process id alone does not: it is given out again, each start of a machine
 * begins anew with them, and a folder can be shared by machines, or by containers of one.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, uptime } from "node:os";
import * as z from "zod";
import { hasCode } from "./fsErrors.ts";

export const ProcessIdentity = z.object({
  pid: z.int().positive(),
  /** The machine's name and, on Linux, the space in which process ids count: each container has one. */
  host: z.string(),
  /** Differs with each start of the machine: an id, or the second of the start where the system has no id. */
  boot: z.string(),
  /** When the process started, in what units the system has; empty where others cannot be asked for it. */
  started: z.string(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** Clocks are corrected by seconds: the second of a start is known so well, counted back from now. */
const BOOT_TOLERANCE_S = 60;

/** Of this process. Always the same one. */
export function thisProcess(): ProcessIdentity {
  self ??= {
    pid: process.pid,
    host: [hostname(), linkTarget("/proc/self/ns/pid")].filter(Boolean).join(" "),
    boot: content("/proc/sys/kernel/random/boot_id") ?? String(Math.round(Date.now() / 1000 - uptime())),
    started: startOf(process.pid) ?? "",
  };
  return self;
}
let self: ProcessIdentity | undefined;

export function isSameBoot(one: ProcessIdentity, other: ProcessIdentity): boolean {
  if (one.boot === other.boot) return true;
  const [a, b] = [Number(one.boot), Number(other.boot)];
  return Math.abs(a - b) <= BOOT_TOLERANCE_S; // Never so for ids, which are no numbers.
}

/** True when a process is known to be gone; false where nobody here can know, as of another machine's. */
export function isGone(other: ProcessIdentity, here = thisProcess()): boolean {
  if (other.host !== here.host || !isSameBoot(other, here)) return false;
  if (!isRunning(other.pid)) return true;
  const started = startOf(other.pid);
  return started !== undefined && other.started !== "" && started !== other.started;
}

/** The same for all processes of a machine between two starts of it: a few characters for the name of a file. */
export function machineMark({ host, boot }: ProcessIdentity = thisProcess()): string {
  // The second of a start is counted anew by each process, and may come out differently.
  const start = Number.isNaN(Number(boot)) ? boot : "";
  return createHash("sha256").update(`${host} ${start}`).digest("hex").slice(0, 8);
}

/** True when this machine has a process of that number, whichever. */
export function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false; // Those mean other things than one process.
  try {
    process.kill(pid, 0);
    return true;
  } catch (reason) {
    return !hasCode(reason, "ESRCH"); // EPERM: it is somebody else's.
  }
}

/** When a process of this machine started, in ticks since the machine did; undefined where that cannot be asked. */
function startOf(pid: number): string | undefined {
  // The name, in parentheses, may hold anything; 20 fields after it comes the start. `man 5 proc_pid_stat`
  return content(`/proc/${pid}/stat`)
    ?.replace(/^.*\)\s/s, "")
    .split(" ")[19];
}

function content(path: string): string | undefined {
  return onLinux(() => readFileSync(path, "utf8").trim());
}

function linkTarget(path: string): string | undefined {
  return onLinux(() => readlinkSync(path));
}

/** Only Linux has these, and elsewhere such a path may be anybody's file. */
function onLinux(read: () => string): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return read();
  } catch {
    return undefined; // The process is gone.
  }
}
