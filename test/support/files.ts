import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes that look random, are the same in every run, and differ from offset to offset. */
export function sample(length: number, seed = 1): Buffer<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed | 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer).subarray(0, length);
}

/**
 * The same as a program would write it: with a zero at its beginning. An editor looks for one in the first 512 bytes, and
 * takes every eighth file of random bytes for text when there is none.
 */
export function binary(length: number, seed = 1): Buffer<ArrayBuffer> {
  const bytes = sample(length, seed);
  bytes[0] = 0;
  return bytes;
}

const SIGNS: Readonly<Record<string, string>> = {
  png: "\x89PNG\r\n\x1a\n",
  jpg: "\xff\xd8\xff\xe0",
  gif: "GIF89a",
};

/** The same for a file of this name: one that is called an image begins like one. */
export function sampleOf(name: string, length: number, seed = 1): Buffer<ArrayBuffer> {
  const bytes = sample(length, seed);
  bytes.write(SIGNS[name.split(".").at(-1) ?? ""] ?? "", "latin1");
  return bytes;
}

/** A folder for the files of a test. */
export class Folder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), "freight-test-")));
  }

  /** Writes a file; returns its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.path, name);
    await writeFile(path, content);
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
