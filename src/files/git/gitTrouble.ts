/** Why Git failed, for a person: what is wrong, and what to type or change. */
import { t } from "../../shared/l10n.ts";

/** Git's messages, from its source, and what they mean. */
const TROUBLES: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [
    /detected dubious ownership in repository at '([^'\n]*)'/,
    (found) =>
      t(
        "Git refuses this repository because it belongs to another user of this machine. If you trust it, run: git config --global --add safe.directory '{0}'",
        found[1] ?? "",
      ),
  ],
  [
    /cannot use bare repository/,
    () =>
      t("This folder has a repository without files in it, which Git's setting safe.bareRepository forbids."),
  ],
  [
    /not a git repository/,
    () => t("There is no Git repository here, or its .git is damaged or points nowhere."),
  ],
  [
    /(?:does not have any commits yet|bad default revision 'HEAD')/,
    () => t("This repository has no commits yet. Commit something first."),
  ],
  [
    /bad (?:\w+ )?config (?:line \d+|value|variable)[^\n]*/,
    (found) => t("Git cannot read its settings: {0}. Correct them.", found[0]),
  ],
  [
    /unable to access '([^'\n]*)': Permission denied/,
    (found) => t("Git cannot read “{0}”: permission denied.", found[1] ?? ""),
  ],
  [
    /Unable to create '([^'\n]*\.lock)': File exists/,
    (found) =>
      t(
        "Another Git program is working on this repository (“{0}” exists). Wait until it is done; if there is none, delete that file.",
        found[1] ?? "",
      ),
  ],
  [
    /(?:index file corrupt|index file smaller than expected|bad index file sha1|bad signature 0x|unordered stage entries|index uses .* extension, which we do not understand|malformed (?:name field|index entry))/,
    () => t("The list of files that Git keeps (.git/index) is damaged. Delete it and run: git reset"),
  ],
  [
    /(?:current branch appears to be broken|cannot resolve reference|reference broken|ignoring broken ref|failed to resolve HEAD|bad object HEAD)/,
    () => t("The current branch of this repository is damaged: it leads to no commit. Run: git fsck"),
  ],
  [
    /(?:loose object|packed object|object file|inflate|bad (?:object|tree|blob|pack)|unable to read|missing (?:object|blob|tree|commit)|could not (?:get|read|parse)|corrupt|hash mismatch|packfile)/i,
    () => t("This repository is damaged, or parts of it were never fetched. Run: git fsck"),
  ],
  [
    /(?:expected git repo version|unknown repository extension|unknown (?:option|switch)|unrecognized argument|is not a git command|unknown index entry format|unsupported (?:ref|object))/i,
    () => t("This Git is too old for this repository. Install a newer one."),
  ],
  [
    /(?:invalid active developer path|xcode-select)/,
    () => t("Git is not set up on this Mac. Run: xcode-select --install"),
  ],
  [
    /(?:Xcode license|xcodebuild)/i,
    () => t("Git on this Mac waits for its licence to be accepted. Run: sudo xcodebuild -license"),
  ],
  [/(?:Out of memory|out of memory|mmap failed)/, () => t("Git ran out of memory.")],
  [
    /Too many open files/,
    () => t("Git could not open any more files. Close other programs, then try again."),
  ],
  [/No space left on device/, () => t("There is no space left on the disk for what Git has to write.")],
  [/Permission denied/i, () => t("Git cannot read this repository: permission denied.")],
  [
    /must be run in a work tree/,
    () => t("This repository has no files of its own (it is bare, or core.worktree names another folder)."),
  ],
];

/** Node's own codes, for when Git was not even started, or was ended. */
const CODES: Readonly<Record<string, () => string>> = {
  ENOENT: () => t("Git was not found. Install it, or correct VS Code's setting “git.path”."),
  EACCES: () => t("The program that “git.path” names cannot be run: permission denied."),
  EPERM: () => t("The program that “git.path” names cannot be run: permission denied."),
  ERR_CHILD_PROCESS_STDIO_MAXBUFFER: () => t("Git's output is too long to be read here."),
};

/**
 * @param code of Git, or of Node if Git was not started
 * @returns a whole sentence, which may end with a command
 */
export function gitTrouble(stderr: string, code: number | string | undefined): string {
  const started = typeof code === "string" ? CODES[code] : undefined;
  if (started !== undefined) return started();
  // Warnings and hints surround it; the first fatal message is the reason.
  const fatal = /^(?:fatal|error|xcrun: error|git): (.*)$/m.exec(stderr)?.[1];
  for (const text of fatal === undefined ? [stderr] : [fatal, stderr])
    for (const [pattern, words] of TROUBLES) {
      const found = pattern.exec(text);
      if (found !== null) return words(found);
    }
  const said = (fatal ?? stderr.trim().split("\n")[0] ?? "").trim().slice(0, 300).replace(/\.$/, "");
  if (said !== "") return t("Git could not do this: {0}.", said);
  return code === undefined
    ? t("Git could not do this: it ended with a signal.")
    : t("Git could not do this: it ended with {0}.", String(code));
}
