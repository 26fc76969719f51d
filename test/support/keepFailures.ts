import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Mocha from "mocha";
import { root } from "../../scripts/vscode/layout.ts";
import { openSessions } from "./openSessions.ts";
import type { WorkbenchSession } from "./session.ts";

const dir = process.env["FREIGHT_FAILURES"] ?? join(root, "out/ui-failures");

/**
 * Tells what mocha's "spec" tells, and of each test and each hook that fails keeps a picture of every open window and
 * what its extension host logged. Hooks would be too late: those of a suite run first, and close its window.
 */
class KeepFailures extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const emptied = rm(dir, { recursive: true, force: true });
    runner.on("fail", (runnable) => {
      const name = runnable
        .fullTitle()
        .replace(/[^\w-]+/g, " ")
        .trim();
      // A window waits for its picture before it is closed.
      for (const [number, session] of [...openSessions].entries())
        session.beforeClosing(
          emptied.then(() => keep(session, number === 0 ? name : `${name} (window ${number + 1})`)),
        );
    });
  }
}

// Mocha loads reporters with require(), which hands out this.
export { KeepFailures as "module.exports" };

async function keep(session: WorkbenchSession, name: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [number, page] of session.context.pages().entries()) {
    const file = join(dir, number === 0 ? name : `${name} (page ${number + 1})`);
    // The page may hang, or be the reason of the failure: the test's own error matters more.
    await page.screenshot({ path: `${file}.png`, timeout: 10_000 }).catch((error: unknown) => {
      console.error(`No picture of ${name}: ${error}`);
    });
  }
  await writeFile(join(dir, `${name}.log`), `${await session.log()}\n${session.server.output()}`);
  console.error(`    kept in ${join(dir, name)}.png and .log`);
}
