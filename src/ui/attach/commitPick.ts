/** Lets a person choose the commits to send as patches. */
import type { Commit } from "../../files/git/gitPatches.ts";
import { described } from "../../shared/format.ts";
import { locale, t } from "../../shared/l10n.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { withoutIcons } from "../notices/plain.ts";

/**
 * @param recent newest first
 * @param now milliseconds since the epoch
 * @returns oldest first, the order to apply them in; undefined when the person chose none
 */
export async function pickCommits(
  recent: readonly Commit[],
  now: number,
  dialogs: Pick<Dialogs, "keep">,
): Promise<readonly Commit[] | undefined> {
  const rows = recent.map((commit) => ({
    label: withoutIcons(commit.subject),
    description: commit.isMerge ? t("{0} (merge)", commit.hash.slice(0, 7)) : commit.hash.slice(0, 7),
    detail: described(withoutIcons(commit.author), age(commit.authoredAt, now)),
    value: commit,
    isTicked: false,
  }));
  const picked = await dialogs.keep(t("Send Git Patch"), t("Which commits do you want to send?"), rows);
  return picked === undefined || picked.length === 0 ? undefined : [...picked].reverse();
}

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

function age(then: number, now: number): string {
  const seconds = Math.round((now - then) / 1000);
  const [unit, length] = STEPS.find(([, step]) => seconds >= step) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(
    -Math.floor(seconds / length),
    unit,
  );
}
