import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../vscode/layout.ts";

export const sampleDir = join(root, "scripts/sample-workspace");

export const largeFile = { name: "big-file.bin", bytes: 157_286_400 } as const;

/** Writes the sample's large file: the same bytes every time, and none that a compressor could save. */
export async function writeLargeFile(workspaceDir: string): Promise<void> {
  const file = await open(join(workspaceDir, largeFile.name), "w");
  try {
    await fill(file);
  } finally {
    await file.close();
  }
}

async function fill(file: FileHandle): Promise<void> {
  const words = new Uint32Array(256 * 1024);
  const chunk = new Uint8Array(words.buffer);
  let state = 0x4711;
  for (let written = 0; written < largeFile.bytes; written += chunk.length) {
    for (let at = 0; at < words.length; at += 1) {
      // xorshift32: cheap, and its period is longer than the file
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[at] = state;
    }
    await file.writeFile(chunk.subarray(0, largeFile.bytes - written));
  }
}
