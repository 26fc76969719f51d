import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Mocha from "mocha";
import { root } from "../../scripts/vscode/layout.ts";
import { inSight } from "./inSight.ts";
import { openSessions } from "./openSessions.ts";
import type { WorkbenchSession } from "./session.ts";

const dir = process.env["FREIGHT_FAILURES"] ?? join(root, "out/ui-failures");

/**
 * Tells what mocha's "spec" tells, and under the error of each test and each hook that fails what its windows show: where
 * only the text of a run can be had, nothing else explains it. Keeps a picture of every open window, too, and what its
 * extension host logged. Hooks would be too late: those of a suite run first, and close its window.
 */
class KeepFailures extends Mocha.reporters.Spec {
  /** What is still to be read and kept. */
  #pending: Promise<unknown> = Promise.resolve();

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on("fail", (runnable, error: unknown) => {
      const name = runnable
        .fullTitle()
        .replace(/[^\w-]+/g, " ")
        .trim();
      // A window waits for its picture before it is closed.
      for (const [number, session] of [...openSessions].entries()) {
        const told = tell(session, error);
        const kept = keep(session, number === 0 ? name : `${name} (window ${number + 1})`);
        const both = Promise.all([told, kept]).then(() => {});
        session.beforeClosing(both);
        this.#pending = Promise.allSettled([this.#pending, both]);
      }
    });
  }

  /** The list of errors waits for what belongs into it; see `done`. */
  override epilogue(): void {}

  /** Mocha calls this at the end, and goes on with `exit`. */
  override done(failures: number, exit?: (failures: number) => void): void {
    void this.#pending.then(() => {
      super.epilogue();
      exit?.(failures);
    });
  }
}

// Mocha loads reporters with require(), which hands out this.
export { KeepFailures as "module.exports" };

/** Puts what the windows of a session show under an error; mocha prints the stack last. */
async function tell(session: WorkbenchSession, error: unknown): Promise<void> {
  const windows = await Promise.all(session.context.pages().map(inSight));
  if (!(error instanceof Error)) return;
  for (const [number, lines] of windows.entries()) {
    const title = number === 0 ? "In sight:" : `In sight in window ${number + 1}:`;
    error.stack = [error.stack, "", title, ...lines.map((line) => `  ${line}`)].join("\n");
  }
}

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
