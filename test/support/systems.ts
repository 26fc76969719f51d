/** What some systems can do and others cannot. A test that needs it is skipped elsewhere, by the name of the reason. */
import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const isWindows = process.platform === "win32";

const ABILITIES = {
  "symbolic links": canLink(),
  // Windows has lists of its own, and invents these.
  "permissions of Unix": !isWindows,
  "named pipes": !isWindows,
  "names with any sign": !isWindows,
  "open files that can be counted": process.platform === "linux",
  Git: spawnSync("git", ["--version"]).status === 0,
  // Windows' own one, where there is one, begins a Linux.
  Bash: !isWindows && spawnSync("bash", ["-c", "true"]).status === 0,
};
export type Ability = keyof typeof ABILITIES;

export function has(ability: Ability): boolean {
  return ABILITIES[ability];
}

/** `it` where the system can do that. */
export function itNeeds(ability: Ability, title: string, work: () => unknown): void {
  if (has(ability)) it(title, async () => void (await work()));
  else it.skip(`${title} (needs ${ability})`);
}

/** The `it` of a test that may need an ability. */
export function itFor(ability: Ability | false): (title: string, work: () => unknown) => void {
  return ability === false ? it : (title, work) => itNeeds(ability, title, work);
}

/** `describe` where the system can do that. */
export function describeNeeds(ability: Ability, title: string, suite: () => void): void {
  if (has(ability)) describe(title, suite);
  else describe(title, () => it.skip(`all of it (needs ${ability})`));
}

/** Windows lets only some people make links, and Wine makes none that can be followed. */
function canLink(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "freight-test-"));
  try {
    const link = join(folder, "link");
    symlinkSync(folder, link, "dir");
    return lstatSync(link).isSymbolicLink() && realpathSync(link) === realpathSync(folder);
  } catch {
    return false; // The reason is in each title.
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
