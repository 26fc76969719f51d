import assert from "node:assert/strict";
import { gitTrouble } from "../../../src/files/git/gitTrouble.ts";

/** What Git writes to its second stream, and what a person has to read in the sentence that comes of it. */
const SAID: readonly (readonly [string, RegExp])[] = [
  [
    "fatal: detected dubious ownership in repository at '/data/app'\nTo add an exception for this directory, call:\n\n\tgit config …\n",
    /another user.*git config --global --add safe\.directory '\/data\/app'$/,
  ],
  ["fatal: not a git repository (or any of the parent directories): .git\n", /no Git repository here/],
  ["fatal: not a git repository: ../.git/modules/gone\n", /points nowhere/],
  ["fatal: your current branch 'main' does not have any commits yet\n", /no commits yet/],
  ["fatal: bad config line 3 in file .git/config\n", /settings: bad config line 3 in file \.git\/config\./],
  [
    "fatal: bad numeric config value 'x' for 'core.bigFileThreshold': invalid unit\n",
    /settings: bad numeric config/,
  ],
  ["fatal: bad boolean config value 'maybe' for 'core.bare'\n", /settings: bad boolean config value 'maybe'/],
  [
    "fatal: Unable to create '/data/app/.git/index.lock': File exists.\n\nAnother git process seems to be running\n",
    /Another Git program.*“\/data\/app\/\.git\/index\.lock”/,
  ],
  ["error: bad signature 0x00000000\nfatal: index file corrupt\n", /list of files.*git reset$/],
  ["fatal: .git/index: index file smaller than expected\n", /list of files.*git reset$/],
  ["error: bad index file sha1 signature\nfatal: index file corrupt\n", /list of files.*git reset$/],
  ["fatal: your current branch appears to be broken\n", /leads to no commit/],
  ["warning: ignoring broken ref refs/heads/main\nfatal: Needed a single revision\n", /leads to no commit/],
  ["fatal: bad object HEAD\n", /leads to no commit/],
  [
    "error: inflate: data stream error (incorrect header check)\nerror: unable to unpack 1234 header\nfatal: loose object 1234 (stored in .git/objects/12/34) is corrupt\n",
    /damaged, or parts of it were never fetched/,
  ],
  ["error: object file .git/objects/12/34 is empty\nfatal: loose object 1234 is corrupt\n", /damaged/],
  ["fatal: unable to read tree 1234567\n", /damaged/],
  ["fatal: unable to read 1234567890123456789012345678901234567890\n", /damaged/],
  ["fatal: packfile .git/objects/pack/pack-1.pack cannot be accessed\n", /damaged/],
  ["fatal: Expected git repo version <= 1, found 99\n", /too old/],
  ["fatal: unknown repository extension found:\n\trefstorage\n", /too old/],
  ["error: unknown option `literal-pathspecs'\nusage: git ls-files …\n", /too old/],
  ["git: 'ls-files' is not a git command. See 'git --help'.\n", /too old/],
  [
    "xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools), missing xcrun at: …\n",
    /xcode-select --install$/,
  ],
  [
    "You have not agreed to the Xcode license agreements. Please run 'sudo xcodebuild -license'\n",
    /-license$/,
  ],
  ["warning: unable to access '/data/git/ignore': Permission denied\nfatal: x\n", /permission denied/],
  ['error: open(".git/index"): Permission denied\nfatal: x: Permission denied\n', /permission denied/],
  [
    "warning: unable to access '/data/git/ignore': Permission denied\nfatal: Out of memory, malloc failed\n",
    /^Git ran out of memory/,
  ],
  ["fatal: this operation must be run in a work tree\n", /bare/],
  [
    "fatal: cannot use bare repository '/data/app' (safe.bareRepository is 'explicit')\n",
    /safe\.bareRepository/,
  ],
  ["fatal: Out of memory, malloc failed (tried to allocate 123 bytes)\n", /ran out of memory/],
  [
    "hint: something\nwarning: something\nfatal: what nobody has heard of.\nhint: more\n",
    /^Git could not do this: what nobody has heard of\.$/,
  ],
  ["", /^Git could not do this: it ended with 128\.$/],
];

describe("Git's failures", () => {
  it("are told in words, with what to do", () => {
    for (const [said, words] of SAID) {
      const told = gitTrouble(said, 128);
      assert.match(told, words, said);
      assert.doesNotMatch(told, /fatal:|hint:|\n/, said);
    }
  });

  it("are Node's where Git did not even start", () => {
    assert.match(gitTrouble("", "ENOENT"), /was not found.*git\.path/);
    assert.match(gitTrouble("", "EACCES"), /git\.path.*permission denied/);
    assert.match(gitTrouble("x".repeat(10), "ERR_CHILD_PROCESS_STDIO_MAXBUFFER"), /too long to be read/);
    assert.equal(gitTrouble("", undefined), "Git could not do this: it ended with a signal.");
  });

  it("end somewhere, and on one line, whatever a repository puts into them", () => {
    const told = gitTrouble(`fatal: ${"x".repeat(10_000)}\n`, 128);
    assert.ok(told.length < 400);
  });
});
