/** Why Git could not do what it was asked, for a person: what is wrong, and what to type or change. */

/** What Git says, from its source, and what that means. `$1` is the first group. */
const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [
    /detected dubious ownership in repository at '([^'\n]*)'/,
    "Git refuses this repository because it belongs to another user of this machine. If you trust it, run: git config --global --add safe.directory '$1'",
  ],
  [
    /cannot use bare repository/,
    "This folder has a repository without files in it, which Git's setting safe.bareRepository forbids.",
  ],
  [/not a git repository/, "There is no Git repository here, or its .git is damaged or points nowhere."],
  [
    /(?:does not have any commits yet|bad default revision 'HEAD')/,
    "This repository has no commits yet. Commit something first.",
  ],
  [
    /bad (?:\w+ )?config (?:line \d+|value|variable)[^\n]*/,
    "Git cannot read its settings: $&. Correct them.",
  ],
  [/unable to access '([^'\n]*)': Permission denied/, "Git cannot read “$1”: permission denied."],
  [
    /Unable to create '([^'\n]*\.lock)': File exists/,
    "Another Git program is working on this repository (“$1” exists). Wait until it is done; if there is none, delete that file.",
  ],
  [
    /(?:index file corrupt|index file smaller than expected|bad index file sha1|bad signature 0x|unordered stage entries|index uses .* extension, which we do not understand|malformed (?:name field|index entry))/,
    "The list of files that Git keeps (.git/index) is damaged. Delete it and run: git reset",
  ],
  [
    /(?:current branch appears to be broken|cannot resolve reference|reference broken|ignoring broken ref|failed to resolve HEAD|bad object HEAD)/,
    "The current branch of this repository is damaged: it leads to no commit. Run: git fsck",
  ],
  [
    /(?:loose object|packed object|object file|inflate|bad (?:object|tree|blob|pack)|unable to read|missing (?:object|blob|tree|commit)|could not (?:get|read|parse)|corrupt|hash mismatch|packfile)/i,
    "This repository is damaged, or parts of it were never fetched. Run: git fsck",
  ],
  [
    /(?:expected git repo version|unknown repository extension|unknown (?:option|switch)|unrecognized argument|is not a git command|unknown index entry format|unsupported (?:ref|object))/i,
    "This Git is too old for this repository. Install a newer one.",
  ],
  [
    /(?:invalid active developer path|xcode-select)/,
    "Git is not set up on this Mac. Run: xcode-select --install",
  ],
  [
    /(?:Xcode license|xcodebuild)/i,
    "Git on this Mac waits for its licence to be accepted. Run: sudo xcodebuild -license",
  ],
  [/(?:Out of memory|out of memory|mmap failed)/, "Git ran out of memory."],
  [/Too many open files/, "Git could not open any more files. Close other programs, then try again."],
  [/No space left on device/, "There is no space left on the disk for what Git has to write."],
  [/Permission denied/i, "Git cannot read this repository: permission denied."],
  [
    /must be run in a work tree/,
    "This repository has no files of its own (it is bare, or core.worktree names another folder).",
  ],
];

/** Node's own codes, where Git was not even started or was ended. */
const CODES: Readonly<Record<string, string>> = {
  ENOENT: "Git was not found. Install it, or correct VS Code's setting “git.path”.",
  EACCES: "The program that “git.path” names cannot be run: permission denied.",
  EPERM: "The program that “git.path” names cannot be run: permission denied.",
  ERR_CHILD_PROCESS_STDIO_MAXBUFFER: "Git has more to say than can be read here.",
};

/** @param code of Git, or of Node where Git was not started @returns a whole sentence, which may end with a command */
export function gitTrouble(stderr: string, code: number | string | undefined): string {
  const started = typeof code === "string" ? CODES[code] : undefined;
  if (started !== undefined) return started;
  // Warnings and hints stand around it; the first thing that is fatal is the reason.
  const fatal = /^(?:fatal|error|xcrun: error|git): (.*)$/m.exec(stderr)?.[1];
  for (const text of fatal === undefined ? [stderr] : [fatal, stderr])
    for (const [pattern, words] of TROUBLES) {
      const found = pattern.exec(text);
      if (found !== null) return words.replace("$1", () => found[1] ?? "").replace("$&", () => found[0]);
    }
  const said = (fatal ?? stderr.trim().split("\n")[0] ?? "").trim().slice(0, 300).replace(/\.$/, "");
  return `Git could not do this: ${said === "" ? `it ended with ${String(code ?? "a signal")}` : said}.`;
}
