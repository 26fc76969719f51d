import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "mocha";
import { root } from "../../scripts/vscode/layout.ts";
import { openSessions } from "./session.ts";

const dir = join(root, "out/ui-failures");

/** Root hooks: a failed test leaves a picture of every open window, and what its extension host logged. */
export const mochaHooks = {
  async beforeAll(): Promise<void> {
    await rm(dir, { recursive: true, force: true });
  },

  async afterEach(this: Context): Promise<void> {
    if (this.currentTest?.state !== "failed") return;
    await mkdir(dir, { recursive: true });
    const name = this.currentTest
      .fullTitle()
      .replace(/[^\w-]+/g, " ")
      .trim();
    let number = 0;
    for (const session of openSessions) {
      for (const page of session.context.pages()) {
        const file = join(dir, number === 0 ? name : `${name} (${number + 1})`);
        // The page may hang, or be the reason of the failure: the test's own error matters more.
        await page.screenshot({ path: `${file}.png`, timeout: 10_000 }).catch((error: unknown) => {
          console.error(`No picture of ${name}: ${error}`);
        });
        await writeFile(`${file}.log`, `${await session.log()}\n${session.server.output()}`);
        number += 1;
      }
    }
    if (number > 0) console.error(`    kept in out/ui-failures/${name}.png and .log`);
  },
};
