/** Numbers in words, the same in host and page. Units are powers of 1024, as VS Code shows file sizes. */

import { listOf, locale, plural, shortNumber, t } from "./l10n.ts";

const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;

/** `157286400` → "150 MB", `2560` → "2.5 KB". Three significant digits. */
export function formatBytes(bytes: number): string {
  if (bytes < KB) return plural(bytes, "{0} byte", "{0} bytes");
  if (bytes < MB) return t("{0} KB", shortNumber(bytes / KB));
  if (bytes < GB) return t("{0} MB", shortNumber(bytes / MB));
  return t("{0} GB", shortNumber(bytes / GB));
}

/** "25 MB (26,214,400 bytes)" */
export function bytesInFull(bytes: number): string {
  return plural(bytes, "{1} ({0} byte)", "{1} ({0} bytes)", formatBytes(bytes));
}

/** "12.3 MB/s" */
export function formatRate(bytesPerSecond: number): string {
  return t("{0}/s", formatBytes(bytesPerSecond));
}

/** A length of time, coarse: "8 s", "42 min", "3 h", "2 days". Negative counts as zero. */
export function formatDuration(ms: number): string {
  const { count, unit } = coarse(ms);
  if (unit === "second") return t("{0} s", count);
  if (unit === "minute") return t("{0} min", count);
  return unit === "hour" ? t("{0} h", count) : t("{0} days", count);
}

function coarse(ms: number): { count: number; unit: "second" | "minute" | "hour" | "day" } {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return { count: seconds, unit: "second" };
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return { count: minutes, unit: "minute" };
  const hours = Math.round(minutes / 60);
  return hours < 48 ? { count: hours, unit: "hour" } : { count: Math.round(hours / 24), unit: "day" };
}

/** A countdown that is exact near its end: "59:04", "0:09". Zero when it has run out. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** "just now", "3 min ago", "1 h ago", "2 days ago". */
export function formatAgo(ms: number): string {
  if (ms < 45_000) return t("just now");
  const hours = Math.floor(ms / 3_600_000);
  const { count, unit } = hours === 1 ? ({ count: hours, unit: "hour" } as const) : coarse(ms);
  if (unit === "second") return t("{0} s ago", count);
  if (unit === "minute") return t("{0} min ago", count);
  return unit === "hour" ? t("{0} h ago", count) : t("{0} days ago", count);
}

/**
 * When something will be, or should have been, in local time and within a sentence: "today at 18:00",
 * "tomorrow at 08:00", "Monday at 08:00", "30 Nov at 08:00".
 */
export function formatMoment(at: number, now: number): string {
  const time = formatTime(at);
  const days = daysBetween(new Date(now), new Date(at));
  if (days === -1) return t("yesterday at {0}", time);
  if (days === 0) return t("today at {0}", time);
  if (days === 1) return t("tomorrow at {0}", time);
  return t("{0} at {1}", dayOf(at, now), time);
}

/** The same where space is short: "today 18:00", "30 Nov 08:00". */
export function shortMoment(at: number, now: number): string {
  const days = daysBetween(new Date(now), new Date(at));
  const day = Math.abs(days) > 1 ? dayOf(at, now) : relativeDays().format(days, "day");
  return t("{0} {1}", day, formatTime(at));
}

/** "18:00", in the local time zone. */
export function formatTime(at: number): string {
  return new Date(at).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

const relativeDays = () => new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });

/** By the calendar: a day on which the clocks change does not have 24 hours. */
function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (midnight(to) - midnight(from)) / 86_400_000;
}

function dayOf(at: number, now: number): string {
  const [moment, today] = [new Date(at), new Date(now)];
  const days = daysBetween(today, moment);
  if (days > 1 && days < 7) return moment.toLocaleDateString(locale(), { weekday: "long" });
  const isSameYear = moment.getFullYear() === today.getFullYear();
  const year = isSameYear ? {} : { year: "numeric" as const };
  return moment.toLocaleDateString(locale(), { day: "numeric", month: "short", ...year });
}

/** Whole percent, 0..100; says 100 only when everything is there. */
export function percent(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(100, Math.floor((part / whole) * 100));
}

/** How many names a question lists; nobody reads more. */
export const NAMES_READ = 8;

/** The first names, one a line, and how many more there are. */
export function someLines(names: readonly string[], more: (count: number) => string): readonly string[] {
  return names.length <= NAMES_READ
    ? names
    : [...names.slice(0, NAMES_READ), more(names.length - NAMES_READ)];
}

/**
 * The first items and how many more there are: "a, b and 3 more files".
 * @param more words the rest: languages count people and files differently
 */
export function someOf(items: readonly string[], most: number, more: (count: number) => string): string {
  return listOf([...items.slice(0, most), ...(items.length > most ? [more(items.length - most)] : [])]);
}

export const moreFiles = (count: number) => plural(count, "{0} more file", "{0} more files");
export const moreRecipients = (count: number) => plural(count, "{0} more recipient", "{0} more recipients");

/** "name: value". All three are translated: Chinese has its own punctuation, French a space before a ":". */
export function labelled(name: string, value: string): string {
  return t("{0}: {1}", name, value);
}

/** "name (note)" */
export function noted(name: string, note: string): string {
  return t("{0} ({1})", name, note);
}

/** "report.pdf, uploading 43%": a thing and what is said about it, without empty parts. See also `listOf`. */
export function described(...parts: readonly string[]): string {
  const said = parts.filter((part) => part !== "");
  return said.length === 0 ? "" : said.reduce((before, part) => t("{0}, {1}", before, part));
}
