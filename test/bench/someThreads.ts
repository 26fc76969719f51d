/** Takes the place of the threads that hash in a bundle that measures what a hash costs: of the others nothing is computed. */
import { type HashName, LARGE_BYTES, HashThread as RealThread } from "../../src/files/hashThread.ts";

export { LARGE_BYTES };

declare const HASHES: string;

export class HashThread {
  readonly #real: RealThread | undefined;

  constructor(names: readonly HashName[]) {
    const taken = names.filter(isTaken);
    this.#real = taken.length > 0 ? new RealThread(taken) : undefined;
  }
  async take(bytes: Uint8Array): Promise<void> {
    await this.#real?.take(bytes);
  }
  async digest(name: HashName): Promise<string | undefined> {
    return this.#real !== undefined && isTaken(name) ? this.#real.digest(name) : "";
  }
  /** Without the second look. */
  async isStill(): Promise<boolean> {
    return true;
  }
  async end(): Promise<void> {
    await this.#real?.end();
  }
}

function isTaken(name: HashName): boolean {
  return HASHES.split(",").includes(name);
}
