/** Reads a folder's `.gitignore`: text of strangers, of which no more is taken than a person would write. */
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { fileError } from "../fileTrouble.ts";
import { type IgnoreRules, MAX_IGNORE_BYTES, UnreasonableRules } from "./ignoreRules.ts";

/**
 * The rules together with those of a folder's own ignore file, if it has one.
 * @param rulePath the folder as the rules' top sees it
 * @throws FreightError when the file cannot be read or followed: unread, it would let out what it is there to keep in
 */
export async function readIgnoreFile(
  rules: IgnoreRules,
  folder: string,
  rulePath: string,
): Promise<IgnoreRules> {
  const file = join(folder, ".gitignore");
  // Git takes no link for one either, and whatever is no file says nothing.
  if (!(await lstat(file).catch(() => undefined))?.isFile()) return rules;
  const text = await readBounded(file).catch((reason: unknown) => {
    throw fileError(file, reason);
  });
  try {
    return rules.with(rulePath, text);
  } catch (reason) {
    if (!(reason instanceof UnreasonableRules)) throw reason;
    throw new FreightError(
      "ignore-file-refused",
      sentences(
        reason.why(`${basename(folder)}/.gitignore`),
        t(
          "Files that it excludes could be sent without it, so nothing was packed. Shorten it, then try again.",
        ),
      ),
      { cause: reason, path: file },
    );
  }
}

/** One byte more than is accepted tells that there are more. */
async function readBounded(path: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of handle.createReadStream({ end: MAX_IGNORE_BYTES, autoClose: false }))
      chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    await handle.close();
  }
}
