import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Mocha from "mocha";

/** VS Code calls this in its extension host. */
export async function run(): Promise<void> {
  const { FREIGHT_GREP: grep } = process.env;
  const mocha = new Mocha({ ui: "bdd", color: false, timeout: 180_000, ...(grep && { grep }) });
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".test.js")).sort()) {
    const path = join(import.meta.dirname, file);
    // Mocha would require() the file first. An ES module that is required, and imports "vscode", locks up VS Code 1.105:
    // the thread that finds modules asks the main thread, which waits for it.
    mocha.suite.emit("pre-require", globalThis, path, mocha); // defines describe() and it()
    await import(pathToFileURL(path).href);
  }
  const failures = await new Promise<number>((done) => mocha.run(done));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
