/** The text of a mail that reports a bug: what is attached, and how to apply its patches. Pure. */
import { labelled, moreFiles, NAMES_READ, noted, someOf } from "../../shared/format.ts";
import { plural, t } from "../../shared/l10n.ts";

/** What was collected; undefined parts were not wanted, or do not exist. */
export interface BugReport {
  /** The checked-out commit. */
  readonly head?:
    | { readonly hash: string; readonly subject: string; readonly branch: string | undefined }
    | undefined;
  /** That commit as a patch. `parent`: the commit to apply it to; undefined for the first commit */
  readonly commit?:
    | {
        readonly name: string;
        readonly parent: string | undefined;
        /** "git am", with the options that it needs. */
        readonly apply: string;
      }
    | undefined;
  readonly changes?:
    | {
        readonly name: string;
        readonly files: number;
        /** New files that are not in it. */
        readonly leftOut: readonly string[];
      }
    | undefined;
  /** Such as "terminal.txt". `what`: what it is; `hidden`: how many lines were hidden as secrets */
  readonly texts: readonly { readonly name: string; readonly what: string; readonly hidden: number }[];
  readonly files: readonly string[];
  /** "VS Code 1.105.0, linux x64" */
  readonly system: string;
}

/** Plain text that also works as Markdown. */
export function bugReportText(report: BugReport): string {
  const { head, commit, changes, texts, files, system } = report;
  const attached = [
    ...texts.map(({ name, what, hidden }) => hiddenNote(labelled(name, what), hidden)),
    ...(commit === undefined
      ? []
      : [t("{0}: the commit {1}, “{2}”", commit.name, head?.hash.slice(0, 7) ?? "", head?.subject ?? "")]),
    ...(changes === undefined ? [] : [changesLine(changes)]),
    ...files,
  ];
  const on = head === undefined ? [] : [t("Commit: {0}", commitWords(head))];
  return [
    t("What happened:"),
    "",
    t("What I expected:"),
    "",
    t("How to reproduce it:"),
    "",
    ...(attached.length === 0 ? [] : [t("Attached:"), ...attached.map((line) => `- ${line}`), ""]),
    ...applying(report),
    [...on, t("System: {0}", system)].join("\n"),
  ].join("\n");
}

function commitWords({ hash, branch }: NonNullable<BugReport["head"]>): string {
  return branch === undefined ? hash : noted(hash, branch);
}

/** The commands that reproduce the sender's state, in order. */
function applying({ head, commit, changes }: BugReport): readonly string[] {
  const from = commit === undefined ? head?.hash : commit.parent;
  const steps = [
    ...(from === undefined ? [] : [`git checkout ${from}`]),
    ...(commit === undefined ? [] : [`${commit.apply} ${quoted(commit.name)}`]),
    ...(changes === undefined ? [] : [`git apply ${quoted(changes.name)}`]),
  ];
  if (commit === undefined && changes === undefined) return [];
  return [t("To apply the patches:"), "", "```", ...steps, "```", ""];
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${name}"`;
}

function hiddenNote(text: string, count: number): string {
  if (count === 0) return text;
  return plural(
    count,
    "{1} ({0} line that looks like a secret is hidden)",
    "{1} ({0} lines that look like secrets are hidden)",
    text,
  );
}

function changesLine({ name, files, leftOut }: NonNullable<BugReport["changes"]>): string {
  const changed = plural(files, "{0} file", "{0} files");
  if (leftOut.length === 0) return t("{0}: my uncommitted changes, {1}", name, changed);
  return t(
    "{0}: my uncommitted changes, {1}, without {2}",
    name,
    changed,
    someOf(leftOut, NAMES_READ, moreFiles),
  );
}
