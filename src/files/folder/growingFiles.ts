/** Names of files that programs keep writing to, as a person lists them: lines as in a `.gitignore` file. */
import { asGitReads, foldsCase } from "../samePath.ts";
import { matchesNames, namesToMatch, readIgnoreLine } from "./ignorePattern.ts";

/**
 * Whether a path, or a folder that it is in, matches. The last matching pattern decides, so `!important.log`
 * makes an exception.
 * @param path absolute
 * @param patterns one with a slash inside may begin in any folder
 */
export function isGrowing(
  path: string,
  patterns: readonly string[],
  platform: NodeJS.Platform = process.platform,
): boolean {
  const foldCase = foldsCase(platform);
  const slashed = (text: string) =>
    platform === "win32" ? text.replaceAll("\\", "/") : asGitReads(text, platform);
  const names = namesToMatch(slashed(path).replace(/^\//, ""), foldCase);
  let isOne = false;
  for (const line of patterns) {
    const [, mark = "", text = ""] = /^(!?)(.*)$/s.exec(slashed(line)) ?? [];
    const anywhere = text.includes("/") && !text.startsWith("/") ? `${mark}**/${text}` : mark + text;
    const pattern = readIgnoreLine(anywhere, foldCase, new Map());
    const covers = names.some((_, at) => {
      const isFile = at === names.length - 1;
      return !(isFile && pattern?.foldersOnly) && pattern && matchesNames(pattern, names.slice(0, at + 1));
    });
    if (covers) isOne = !pattern?.isException;
  }
  return isOne;
}
