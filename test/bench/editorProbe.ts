/** What the probe inside an extension host tells. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../scripts/vscode/layout.ts";
import { until } from "../support/until.ts";

export interface PhaseReading {
  readonly longestMs: number;
  readonly p99Ms: number;
  readonly peakBytes: number;
  readonly rssBytes: number;
}

export class EditorProbe {
  readonly #folder: string;
  readonly #vsix: string;
  #phase = "";
  #number = 0;

  private constructor(folder: string, vsix: string) {
    this.#folder = folder;
    this.#vsix = vsix;
  }

  static async in(folder: string): Promise<EditorProbe> {
    await mkdir(folder, { recursive: true });
    const vsix = join(folder, "probe.vsix");
    const vsce = join(root, "node_modules/@vscode/vsce/vsce");
    const args = [
      vsce,
      "package",
      "--no-dependencies",
      "--allow-missing-repository",
      "--skip-license",
      "-o",
      vsix,
    ];
    const cwd = join(import.meta.dirname, "probe");
    await promisify(execFile)(process.execPath, args, { cwd });
    return new EditorProbe(folder, vsix);
  }

  /** What the workbench is opened with. */
  get options() {
    return { others: [this.#vsix], env: { FREIGHT_BENCH_PROBE: this.#folder } };
  }

  /** Measures while something goes on. */
  async during(work: () => Promise<unknown>): Promise<PhaseReading> {
    await this.#begin();
    const measured = this.#phase;
    // The phase before ends a moment later.
    await new Promise((resolve) => setTimeout(resolve, 150));
    await work();
    await this.#begin();
    const file = join(this.#folder, `${measured}.json`);
    await until("the probe has told what it saw", () => existsSync(file));
    return JSON.parse(await readFile(file, "utf8"));
  }

  async #begin(): Promise<void> {
    this.#phase = `phase-${this.#number++}`;
    await writeFile(join(this.#folder, "phase"), this.#phase);
  }
}
