import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isWhole, render } from "./table.ts";

const path = join(import.meta.dirname, "../STATES.md");

// After every suite, whatever its file: a run of a part of the cells leaves the table as it is.
after(async () => {
  if (!isWhole()) return;
  const table = render();
  const before = await readFile(path, "utf8").catch(() => "");
  if (table === before) return;
  await writeFile(path, table);
  assert.equal(process.env["CI"], undefined, "test/STATES.md was not up to date; it is now");
});
