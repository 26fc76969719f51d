/** The machine's Git program, for when no extension says which. */
import { delimiter, isAbsolute, join } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { gitTrouble } from "./gitTrouble.ts";
import { runGit } from "./runGit.ts";

const PATIENCE_MS = 5_000;

let known: string | undefined;

/** The first in PATH that answers. @throws FreightError `patch-impossible` when there is none */
export async function gitProgram(): Promise<string> {
  known ??= await findGit(process.env["PATH"] ?? "");
  if (known === undefined) throw new FreightError("patch-impossible", gitTrouble("", "ENOENT"));
  return known;
}

/** @param path as the variable PATH */
export async function findGit(path: string): Promise<string | undefined> {
  // Never by its name alone: Windows then looks first in the current folder, which may come from anybody.
  const folders = path.split(delimiter).filter(isAbsolute);
  const programs = folders.map((folder) => join(folder, process.platform === "win32" ? "git.exe" : "git"));
  for (const program of programs) {
    const run = { program, cwd: join(program, ".."), patienceMs: PATIENCE_MS, maxBytes: 4096 };
    const answer = await runGit(["--version"], run).catch(() => ""); // Missing, or not working.
    if (answer.startsWith("git version")) return program;
  }
  return undefined;
}
