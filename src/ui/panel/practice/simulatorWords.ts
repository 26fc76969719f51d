/** What "Make It Hard" says of a practice mail: what was done to it, and how it arrived all the same. */
import type { SimulatorView } from "../../../shared/contract/messages.ts";
import { formatDuration } from "../../../shared/format.ts";
import { listOf, plural, t } from "../../../shared/l10n.ts";

/** How often what was done to a mail. */
export interface Hardships {
  readonly dropped: number;
  readonly answersLost: number;
  readonly expired: number;
  readonly killed: number;
}

/** "line dropped twice, answer to Send lost and extension host killed"; empty while nothing was. */
export function hardshipWords({ dropped, answersLost, expired, killed }: Hardships): string {
  const all = [
    [dropped, t("line dropped")],
    [answersLost, t("answer to Send lost")],
    [expired, t("session expired")],
    [killed, t("extension host killed")],
  ] as const;
  return listOf(all.flatMap(([times, what]) => (times === 0 ? [] : [timesWords(times, what)])));
}

function timesWords(times: number, what: string): string {
  if (times === 1) return what;
  return times === 2 ? t("{0} twice", what) : t("{0} {1} times", what, times);
}

/** @param differing how many of its files are not what was sent */
export function arrivalVerdict(
  times: number,
  files: number,
  differing: number,
): NonNullable<SimulatorView["arrived"]> {
  if (times !== 1) return { words: plural(times, "Arrived {0} time", "Arrived {0} times"), isGood: false };
  if (differing > 0)
    return {
      words: plural(
        differing,
        "Arrived once, {0} file not identical",
        "Arrived once, {0} files not identical",
      ),
      isGood: false,
    };
  return { words: files === 0 ? t("Arrived once") : t("Arrived once, identical"), isGood: true };
}

/** Why nobody should kill the extension host now; undefined where its end harms nothing. */
export function whyNotKill(around: {
  /** Mails of real accounts are on their way in this window. */
  readonly hasRealWork: boolean;
  readonly isDebugging: boolean;
  readonly hasTasks: boolean;
  /** When it was killed before, in milliseconds since the epoch. */
  readonly kills: readonly number[];
  readonly now: number;
}): string | undefined {
  const { hasRealWork, isDebugging, hasTasks, kills, now } = around;
  if (hasRealWork)
    return t("A mail of a real account is on its way in this window. Wait until it has been sent.");
  if (isDebugging) return t("A debug session is running in this window. Stop it first.");
  if (hasTasks) return t("A task is running in this window. Wait until it finishes, or stop it first.");
  const recent = kills.filter((at) => at > now - CRASH_WINDOW_MS);
  const [first] = recent;
  if (first !== undefined && recent.length >= MOST_KILLS)
    return t(
      "After three crashes in five minutes VS Code does not start it again. Try again in {0}.",
      formatDuration(first + CRASH_WINDOW_MS - now),
    );
  return undefined;
}

/** VS Code's `ExtensionHostCrashTracker`: at the third crash within five minutes it asks, instead of starting it again. */
const CRASH_WINDOW_MS = 5 * 60_000;
const MOST_KILLS = 2;
