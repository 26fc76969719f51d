import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { WorkbenchSession } from "./session.ts";

/** The files and the parts of the browser's storage in which one of the secrets can be read. */
export async function whereFound(
  secrets: Readonly<Record<string, string>>,
  session: WorkbenchSession,
): Promise<string[]> {
  const scratch = dirname(session.dataDir);
  const found: string[] = [];
  const search = (place: string, text: string) => {
    for (const [name, secret] of Object.entries(secrets))
      if (text.includes(secret)) found.push(`${name} in ${place}`);
  };
  search("the log", await session.log());
  search("the browser's storage", await session.page.evaluate(() => JSON.stringify({ ...localStorage })));
  for await (const entry of glob("{data,browser,workspace}/**/*", { cwd: scratch, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    // It comes and goes while we look.
    const content = await readFile(join(entry.parentPath, entry.name), "latin1").catch(() => "");
    search(join(entry.parentPath, entry.name).slice(scratch.length), content);
  }
  return found;
}
