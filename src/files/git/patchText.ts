/** What `git am` makes of a patch: it reads it as a mail, which is not always what `git format-patch` has written. */
import { readAt, withFile } from "../fileSource.ts";

const READ_BYTES = 1024 * 1024;

/** What to type so that files with Windows' line ends come out as they are: without it their changes fail, or lose them. */
export const KEEP_CR = "git am --keep-cr";

/** Whether a patch changes lines that end in CR LF. */
export async function hasCarriageReturns(path: string): Promise<boolean> {
  const found = await withFile(path, async (file, size) => {
    // One byte is read twice: the two may lie on both sides of a border.
    for (let position = 0; position < size; position += READ_BYTES - 1)
      if ((await readAt(file, position, READ_BYTES)).includes("\r\n")) return true;
    return false;
  });
  return found ?? false;
}

/** Lines of a message at which `git am` believes that the next mail, or the changes begin. */
const MISREAD = /^(?:From .*|---(?:\s.*)?|diff -.*|Index: .*)$/gm;

export function misreadLines(message: string): readonly string[] {
  return message.match(MISREAD) ?? [];
}

/**
 * Moves such lines of a commit's message in by a blank.
 * @param patch as Git has written it: the message stands before the changes
 */
export function withSafeMessage(patch: Buffer, lines: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  let rest = patch;
  for (const line of lines) {
    const at = rest.indexOf(`\n${line}\n`);
    if (at === -1) continue; // Part of the subject, which is one line.
    parts.push(rest.subarray(0, at + 1), Buffer.from(" "));
    rest = rest.subarray(at + 1);
  }
  return Buffer.concat([...parts, rest]);
}
