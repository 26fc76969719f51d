/** Reads a folder's `.gitignore`: foreign text, so no more of it than a person would write. */
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { fileError } from "../fileTrouble.ts";
import { type IgnoreRules, MAX_IGNORE_BYTES, UnreasonableRules } from "./ignoreRules.ts";

/**
 * Adds the rules of a folder's own ignore file, if it has one.
 * @param rulePath the folder's path, relative to the top of the rules
 * @throws FreightError when the file cannot be read or followed: without it, files that it excludes could be
 * sent
 */
export async function readIgnoreFile(
  rules: IgnoreRules,
  folder: string,
  rulePath: string,
): Promise<IgnoreRules> {
  const file = join(folder, ".gitignore");
  // Git does not follow a link here either, and what is not a file has no rules.
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

/** Reads one byte more than is accepted: enough to tell that there are more. */
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
