/** The text of a mail that reports a bug: what is attached, and how its patches are applied. Pure. */
import { counted } from "../../shared/format.ts";

/** What was collected; what is undefined was not wanted, or is not there. */
export interface BugReport {
  /** The commit that is checked out. */
  readonly head?:
    | { readonly hash: string; readonly subject: string; readonly branch: string | undefined }
    | undefined;
  /** That commit as a patch. `parent`: what it is applied to; undefined for the first one */
  readonly commit?:
    | {
        readonly name: string;
        readonly parent: string | undefined;
        /** "git am", or with what it takes. */
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
  /** "terminal.txt": what it is */
  readonly texts: readonly { readonly name: string; readonly what: string; readonly hidden: number }[];
  readonly files: readonly string[];
  /** "VS Code 1.105.0, linux x64" */
  readonly system: string;
}

/** More names than these nobody reads. */
const NAMED = 8;

/** Plain text that is Markdown as well. */
export function bugReportText(report: BugReport): string {
  const { head, commit, changes, texts, files, system } = report;
  const attached = [
    ...texts.map(({ name, what, hidden }) => `${name}: ${what}${hiddenNote(hidden)}`),
    ...(commit === undefined
      ? []
      : [`${commit.name}: the commit ${head?.hash.slice(0, 7) ?? ""}, “${head?.subject ?? ""}”`]),
    ...(changes === undefined
      ? []
      : [
          `${changes.name}: my changes that are not committed, ${counted(changes.files, "file")}${leftOutNote(changes.leftOut)}`,
        ]),
    ...files,
  ];
  const on =
    head === undefined ? [] : [`Commit: ${head.hash}${head.branch === undefined ? "" : ` (${head.branch})`}`];
  return [
    "What happened:",
    "",
    "What I expected:",
    "",
    "How to reproduce it:",
    "",
    ...(attached.length === 0 ? [] : ["Attached:", ...attached.map((line) => `- ${line}`), ""]),
    ...applying(report),
    [...on, `System: ${system}`].join("\n"),
  ].join("\n");
}

/** The commands that lead to what the sender has, in their order. */
function applying({ head, commit, changes }: BugReport): readonly string[] {
  const from = commit === undefined ? head?.hash : commit.parent;
  const steps = [
    ...(from === undefined ? [] : [`git checkout ${from}`]),
    ...(commit === undefined ? [] : [`${commit.apply} ${quoted(commit.name)}`]),
    ...(changes === undefined ? [] : [`git apply ${quoted(changes.name)}`]),
  ];
  if (commit === undefined && changes === undefined) return [];
  return ["To apply the patches:", "", "```", ...steps, "```", ""];
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${name}"`;
}

function hiddenNote(count: number): string {
  return count === 0
    ? ""
    : `; ${counted(count, "line")} with what looks like a secret ${count === 1 ? "is" : "are"} hidden`;
}

function leftOutNote(names: readonly string[]): string {
  if (names.length === 0) return "";
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : "";
  return `, without ${names.slice(0, NAMED).join(", ")}${more}`;
}
