/** Which files a language model may attach: ordinary ones inside the open folders. */
import { basename, resolve } from "node:path";
import { FreightError } from "../../base/errors.ts";
import { findInside } from "../../files/workspaceFile.ts";
import { oneLine } from "../../shared/foreignText.ts";
import { formatBytes, noted } from "../../shared/format.ts";
import { listOf } from "../../shared/l10n.ts";

export interface OfferedFile {
  readonly path: string;
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

export interface OfferedFilesOptions {
  /** Paths of the open folders. */
  readonly folders: () => readonly string[];
  readonly isTrusted: () => boolean;
  /** @throws FreightError that says why a file cannot be attached to a mail from the default account */
  readonly inspect: (path: string) => Promise<{ readonly size: number }>;
}

/** The files, each checked. @throws Error in words for the model: what is wrong, and what could be done */
export async function offeredFiles(
  paths: readonly string[],
  options: OfferedFilesOptions,
): Promise<readonly OfferedFile[]> {
  if (!options.isTrusted())
    throw new Error("The folder is open in Restricted Mode: no tool may send files of it.");
  const offered = await Promise.all(paths.map((path) => offeredFile(path, options)));
  // The same file may have been given under several paths.
  const once = new Map(offered.map(({ real, file }) => [real, file]));
  return [...once.values()];
}

/** @param given an absolute path, or one relative to an open folder */
async function offeredFile(
  given: string,
  { folders, inspect }: OfferedFilesOptions,
): Promise<{ readonly real: string; readonly file: OfferedFile }> {
  const { path, real } = await insidePath(given, folders());
  const { findSecret } = await import("../../files/secrets/secretFiles.ts");
  const secret = await findSecret(path);
  // Refused, not asked about: a person may have ticked “always allow”, which skips questions.
  if (secret !== undefined)
    throw new Error(
      `“${basename(path)}” looks like ${secret.kind}. No tool may send it; the person can, from the Explorer's menu.`,
    );
  try {
    const { size } = await inspect(path);
    return { real, file: { path, name: basename(path), size } };
  } catch (reason) {
    throw new Error(inWordsForModels(reason), { cause: reason });
  }
}

/** The file's absolute path, which stays inside an open folder even through links; and its real path. */
async function insidePath(
  path: string,
  folders: readonly string[],
): Promise<{ readonly path: string; readonly real: string }> {
  let isMissing = false;
  for (const root of folders) {
    const full = resolve(root, path);
    const found = await findInside(full, root);
    if (found.path !== undefined) return { path: full, real: found.path };
    isMissing ||= found.why === "missing";
  }
  throw new Error(
    isMissing
      ? `There is no file “${path}”.`
      : `“${path}” is not inside a folder that is open. Only files of the workspace can be sent by tools.`,
  );
}

function inWordsForModels(reason: unknown): string {
  if (!(reason instanceof FreightError)) return String(reason);
  if (reason.is("file-is-folder")) return `${reason.message} Zip it into one file first.`;
  if (reason.is("file-too-large")) return `${reason.message} Split or zip it.`;
  return reason.message;
}

/**
 * “build.zip (12 MB), notes.txt (3 KB)”. Other names are quoted, or could pass for the sentence's own words.
 */
export function listFiles(files: readonly OfferedFile[]): string {
  const shown = (name: string) => (/^[\p{L}\p{M}\p{N}._ -]+$/u.test(name) ? name : quoted(name));
  return listOf(files.map(({ name, size }) => noted(shown(name), formatBytes(size))));
}

/** In quotes that the text itself cannot close. */
export function quoted(text: string): string {
  return `“${oneLine(text).replace(/["“”„‟″〝〞＂]/g, "'")}”`;
}
