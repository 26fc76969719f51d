/** What the error codes of file systems mean, and patience with files that another program has open. */
import { setTimeout as wait } from "node:timers/promises";
import { t } from "../shared/l10n.ts";

/** True for an error of the system with one of these codes. */
export function hasCode(reason: unknown, ...codes: readonly string[]): boolean {
  return (
    reason instanceof Error &&
    "code" in reason &&
    typeof reason.code === "string" &&
    codes.includes(reason.code)
  );
}

export function isMissing(reason: unknown): boolean {
  return hasCode(reason, "ENOENT");
}

/** The disk, or this user's quota on it, is full. */
export function isFull(reason: unknown): boolean {
  return hasCode(reason, "ENOSPC", "EDQUOT");
}

/**
 * Another program may have the file open. Windows then refuses to replace, open or remove it: scanners,
 * backup programs and the indexer open each new file for a moment, and a second window may be reading it.
 */
export function isHeld(reason: unknown): boolean {
  return hasCode(reason, "EPERM", "EACCES", "EBUSY");
}

/** The same for opening a file: only on Windows may EPERM and EACCES be temporary. */
export function isHeldOpening(reason: unknown): boolean {
  return process.platform === "win32" ? isHeld(reason) : hasCode(reason, "EBUSY");
}

const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 1_000;
/** About ten seconds in all: scanners are done by then. VS Code itself tries for a minute. */
const TRIES = 17;

export interface Patience {
  /** Which failures may be temporary (default: `isHeld`). */
  readonly isPassing?: (reason: unknown) => boolean;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** Retries, for about ten seconds, what another program may hold up for a moment. @throws the last failure */
export async function patiently<T>(
  work: () => Promise<T>,
  { isPassing = isHeld, sleep = wait }: Patience = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (reason) {
      if (attempt === TRIES || !isPassing(reason)) throw reason;
      await sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)));
    }
  }
}

/**
 * Why nothing can be written, and what helps.
 * @param isWindows whether the system reports a file that another program has open as forbidden
 */
export function whyUnwritable(reason: unknown, isWindows = process.platform === "win32"): string {
  if (isFull(reason)) return t("The disk is full. Free up some space.");
  if (hasCode(reason, "EBUSY") || (isWindows && isHeld(reason)))
    return t("Another program has the file open, perhaps a virus scanner or a backup.");
  if (hasCode(reason, "EROFS")) return t("The disk is read-only.");
  if (isHeld(reason))
    return t("Freight Mail has no permission to write there, or another program has the file open.");
  if (hasCode(reason, "EMFILE", "ENFILE")) return t("Too many files are open on this machine.");
  return t("The log says why.");
}
