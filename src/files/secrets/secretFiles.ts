/** Which files seem to contain a secret: people are asked about them before anything leaves the machine. */
import { basename, posix } from "node:path";
import { readAt, withFile } from "../fileBytes.ts";
import { realPathOf } from "../samePath.ts";
import { archiveNames } from "./archiveNames.ts";
import { HEAD_BYTES, secretContent, TAIL_BYTES } from "./secretContents.ts";
import { secretName } from "./secretNames.ts";
import { type SecretFinding, secretInWords } from "./secretWords.ts";

/** What secret a file seems to contain, for a person: "an AWS access key, line 12"; undefined if none. */
export async function looksSecret(path: string): Promise<string | undefined> {
  const found = await findSecret(path);
  return found === undefined ? undefined : secretInWords(found);
}

/**
 * What secret a file, or the one that a link leads to, seems to contain, and where; undefined if none, or if
 * it cannot be read. For an archive, also by the names in it.
 */
export async function findSecret(path: string): Promise<SecretFinding | undefined> {
  const real = await realPathOf(path);
  for (const each of new Set([path, real])) {
    // Selected lines of a file (`name-L3-L5`) are as secret as the whole.
    const byName = secretName(basename(each).replace(/(-L\d+)+(?=\.[^.]+$|$)/, ""));
    if (byName !== undefined) return { kind: byName };
  }
  // Whoever sends it learns why it cannot be read.
  return withFile(path, async (file, size) => {
    const head = await readAt(file, 0, Math.min(size, HEAD_BYTES));
    const tail = size > HEAD_BYTES ? await readAt(file, size - TAIL_BYTES, TAIL_BYTES) : Buffer.alloc(0);
    return secretContent(head, tail) ?? secretEntry(await archiveNames(file, size, head));
  }).catch(() => undefined);
}

function secretEntry(names: readonly string[]): SecretFinding | undefined {
  for (const name of names) {
    const file = posix.basename(name.replaceAll("\\", "/"));
    const kind = name.endsWith("/") ? undefined : secretName(file);
    if (kind !== undefined) return { kind, entry: file.slice(0, 100) };
  }
  return undefined;
}
