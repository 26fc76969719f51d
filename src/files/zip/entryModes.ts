/** The permissions that a file has in an archive. */

/** The first bytes of Unix programs in hexadecimal: a script, ELF, and Mach-O in its four forms. */
const PROGRAMS = /^(2321|7f454c46|feedfac[ef]|c[ef]faedfe)/;
/** A Mach-O for several processors. A Java class begins alike, but its version (45 or more) follows. */
const FAT_PROGRAM = /^cafebabe000000([01]|2[0-9a-c])/;
/** How many first bytes are looked at. */
export const MODE_BYTES = 8;

/**
 * Permission bits for an archive. Windows has none, and Node makes up that everybody may write and nobody may
 * execute; there, the file's first bytes decide.
 */
export function entryMode(mode: number, head: Uint8Array, platform: NodeJS.Platform): number {
  if (platform !== "win32") return mode & 0o777;
  const first = Buffer.from(head.subarray(0, MODE_BYTES)).toString("hex");
  return PROGRAMS.test(first) || FAT_PROGRAM.test(first) ? 0o755 : 0o644;
}
