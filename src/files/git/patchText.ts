/** How `git am` reads a patch: as a mail, which is not always what `git format-patch` meant. */
import { readAt, withFile } from "../fileBytes.ts";

const READ_BYTES = 1024 * 1024;

/**
 * The command that turns patches back into the commits that they were made from. Without `--keep-cr`, changes
 * to files with Windows line ends fail, or lose them; without `--keep-non-patch`, a subject such as “[ui] Fix
 * it” loses its beginning.
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
    // One byte is read twice: the two may be on either side of a border.
    for (let position = 0; position < size; position += READ_BYTES - 1)
      if ((await readAt(file, position, READ_BYTES)).includes("\r\n")) return [...needs, "--keep-cr"];
    return needs;
  });
  return found ?? [];
}

/** Enough for the head of a patch: one line each for commit, author, date and subject. */
const HEAD_BYTES = 4096;
/** Brackets after those that Git itself has put before the subject, which may be encoded. */
const BRACKETS =
  /^Subject: (?:=\?utf-8\?q\?)?(?:\[|=5B)PATCH[^\]\n]*?(?:\]|=5D)(?:\s|=20)*(?:=\?utf-8\?q\?)?(?:\[|=5B)/im;

/** Lines of a message that `git am` takes for the start of the next mail, or of the changes. */
const MISREAD = /^(?:From .*|---(?:\s.*)?|diff -.*|Index: .*)$/gm;

/** The first line after the subject (the first paragraph). Matches in one way only: texts may be long. */
const FIRST_LINE = /^(?:[^\S\n]*\S[^\n]*\n)+\s*\n((?!\s)[^\n]+)/;
/** What `git am` takes for an author, date or subject at the beginning of a message's text. */
const HEADER = /^(?:(?:from|subject|date):\s|\[PATCH\]\s)/i;

export function misreadLines(message: string): readonly string[] {
  const [, first = ""] = FIRST_LINE.exec(message.trimStart()) ?? [];
  return [...(HEADER.test(first) ? [first] : []), ...(message.match(MISREAD) ?? [])];
}

/**
 * Indents such lines of a commit's message by a blank.
 * @param patch as Git has written it: the message comes before the changes
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
