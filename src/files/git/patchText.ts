/** What `git am` makes of a patch: it reads it as a mail, which is not always what `git format-patch` has written. */
import { readAt, withFile } from "../fileBytes.ts";

const READ_BYTES = 1024 * 1024;

/**
 * What to type so that patches come out as the commits that they are. Without `--keep-cr` changes of files with Windows' line
 * ends fail, or lose them; without `--keep-non-patch` a subject such as “[ui] Fix it” loses its beginning.
 */
export async function amCommand(paths: readonly string[]): Promise<string> {
  const needs = await Promise.all(paths.map(needsOf));
  const options = ["--keep-cr", "--keep-non-patch"].filter((option) => needs.flat().includes(option));
  return ["git am", ...options].join(" ");
}

async function needsOf(path: string): Promise<readonly string[]> {
  const found = await withFile(path, async (file, size) => {
    const head = (await readAt(file, 0, Math.min(size, HEAD_BYTES))).toString("latin1");
    const needs = BRACKETS.test(head) ? ["--keep-non-patch"] : [];
    // One byte is read twice: the two may lie on both sides of a border.
    for (let position = 0; position < size; position += READ_BYTES - 1)
      if ((await readAt(file, position, READ_BYTES)).includes("\r\n")) return [...needs, "--keep-cr"];
    return needs;
  });
  return found ?? [];
}

/** The head of a patch, which has a line of each: commit, author, date, subject. */
const HEAD_BYTES = 4096;
/** Brackets behind those that Git itself has put before the subject, also where that is encoded. */
const BRACKETS =
  /^Subject: (?:=\?utf-8\?q\?)?(?:\[|=5B)PATCH[^\]\n]*?(?:\]|=5D)(?:\s|=20)*(?:=\?utf-8\?q\?)?(?:\[|=5B)/im;

/** Lines of a message at which `git am` believes that the next mail, or the changes begin. */
const MISREAD = /^(?:From .*|---(?:\s.*)?|diff -.*|Index: .*)$/gm;

/** What comes behind the subject, which is the first paragraph. No line can be read in two ways: there may be many. */
const FIRST_LINE = /^(?:[^\S\n]*\S[^\n]*\n)+\s*\n((?!\s)[^\n]+)/;
/** At the beginning of a message's text `git am` takes it for its author, date or subject. */
const HEADER = /^(?:(?:from|subject|date):\s|\[PATCH\]\s)/i;

export function misreadLines(message: string): readonly string[] {
  const [, first = ""] = FIRST_LINE.exec(message.trimStart()) ?? [];
  return [...(HEADER.test(first) ? [first] : []), ...(message.match(MISREAD) ?? [])];
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
