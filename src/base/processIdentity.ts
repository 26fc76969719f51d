/**
 * What distinguishes a process from every other one. Its id alone does not: ids are reused, start over when a
 * machine restarts, and a folder can be shared by several machines or containers.
 */
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, uptime } from "node:os";
import * as z from "zod";
import { hasCode } from "./fsErrors.ts";

export const ProcessIdentity = z.object({
  pid: z.int().positive(),
  /** The machine's name and, on Linux, its PID namespace: each container has its own. */
  host: z.string(),
  /** Differs after each restart of the machine: an id or, on systems without one, the second of the start. */
  boot: z.string(),
  /** When the process started, in the system's own units; empty on systems that do not tell. */
  started: z.string(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** The second of the start is counted back from now, and clocks are corrected by seconds. */
const BOOT_TOLERANCE_S = 60;

/** The identity of this process: always the same object. */
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
  return Math.abs(a - b) <= BOOT_TOLERANCE_S; // Never true for ids: they are not numbers.
}

/** True when a process is known to be gone; false when that cannot be known here, as on another machine. */
export function isGone(other: ProcessIdentity, here = thisProcess()): boolean {
  if (other.host !== here.host || !isSameBoot(other, here)) return false;
  if (!isRunning(other.pid)) return true;
  const started = startOf(other.pid);
  return started !== undefined && other.started !== "" && started !== other.started;
}

/** The same for all processes of a machine until it restarts: a few characters for a file name. */
export function machineMark({ host, boot }: ProcessIdentity = thisProcess()): string {
  // Left out: each process counts back to the second of the start by itself, and may get another one.
  const start = Number.isNaN(Number(boot)) ? boot : "";
  return createHash("sha256").update(`${host} ${start}`).digest("hex").slice(0, 8);
}

/** True when this machine has any process with that id. */
export function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false; // Zero and below do not mean a single process.
  try {
    process.kill(pid, 0);
    return true;
  } catch (reason) {
    return !hasCode(reason, "ESRCH"); // EPERM: it is another user's.
  }
}

/** When a process of this machine started, in ticks since boot; undefined if the system does not tell. */
function startOf(pid: number): string | undefined {
  // The name, in parentheses, may contain anything; the start is field 20 after it. `man 5 proc_pid_stat`
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

/** Only Linux has these; elsewhere such a path may be anybody's file. */
function onLinux(read: () => string): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return read();
  } catch {
    return undefined; // The process is gone.
  }
}
