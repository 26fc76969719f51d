/** The times at which a mail can be sent later: those on offer, and those that people type. In local time. */
import { formatMoment } from "./format.ts";
import { locale, t } from "./l10n.ts";

/** Nylas says one minute in one place and two in another; the third is for the request itself. */
export const LEAST_WAIT_MS = 3 * 60_000;
const HOUR_MS = 3_600_000;

export interface SendTime {
  readonly label: string;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

/** "In 1 Hour", this evening, tomorrow morning, Monday morning: those still to come, without duplicates. */
export function sendTimes(now: number): SendTime[] {
  const today = new Date(now);
  const day = (days: number, hour: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, hour).getTime();
  const untilMonday = (8 - today.getDay()) % 7 || 7;
  const times = [
    { label: t("In 1 Hour"), at: Math.ceil((now + HOUR_MS) / 60_000) * 60_000 },
    { label: t("This Evening"), at: day(0, 18) },
    { label: t("Tomorrow Morning"), at: day(1, 8) },
    { label: t("Monday Morning"), at: day(untilMonday, 8) },
  ];
  return times.filter(
    ({ at }, index) => at - now >= LEAST_WAIT_MS && times.findIndex((other) => other.at === at) === index,
  );
}

/**
 * Reads "2026-11-30 08:00", or "08:00" for the next time it is that late; also a day as the language names
 * it, in the forms that we offer and show: "tomorrow at 8:00", "Monday 8:00", "30 Nov 8:00".
 * @returns what is wrong with it, if anything is
 */
export function readSendTime(text: string, now: number): { at: number } | { problem: string } {
  const [, year, month, date, hour, minute] =
    /^\s*(?:(\d{4})-(\d{1,2})-(\d{1,2})[ T]+)?(\d{1,2}):(\d{2})\s*$/.exec(text) ?? [];
  const named = hour === undefined ? onNamedDay(text, now) : undefined;
  if (named !== undefined) return judged(named, now);
  if (hour === undefined || minute === undefined)
    return { problem: t("Type a date and a time, such as 2026-11-30 08:00, or just a time.") };
  const [hours, minutes] = [Number(hour), Number(minute)];
  if (hours > 23 || minutes > 59) return { problem: t("There is no time {0}.", `${hour}:${minute}`) };
  const at =
    year === undefined
      ? next(hours, minutes, now)
      : exactly(Number(year), Number(month), Number(date), hours, minutes);
  return at === undefined ? { problem: t("There is no such day or time.") } : judged(at, now);
}

function judged(at: number, now: number): { at: number } | { problem: string } {
  if (at <= now) return { problem: t("That time has passed.") };
  if (at - now < LEAST_WAIT_MS)
    return { problem: t("It must be at least {0} minutes from now.", LEAST_WAIT_MS / 60_000) };
  return { at };
}

/** A time on a named day within a year; undefined where the text has no such day, or no time. */
function onNamedDay(text: string, now: number): number | undefined {
  const [, hour = "", minute] = /(?<!\d)(\d{1,2}):(\d{2})(?!\d)/.exec(text) ?? [];
  if (minute === undefined) return undefined;
  const time = `${hour.padStart(2, "0")}:${minute}`;
  // "at", "am … um", "el … a las": some people type them, some do not.
  const joints = new Set(words(t("{0} at {1}", "", "")));
  const plain = (said: string) => bare(words(said).filter((word) => !joints.has(word)));
  const typed = plain(text.replace(`${hour}:${minute}`, time));
  const names = dayNames();
  const found: number[] = [];
  for (let days = 0; days <= DAYS; days++) {
    const day = new Date(now);
    day.setDate(day.getDate() + days);
    const date = [day.getFullYear(), day.getMonth() + 1, day.getDate()] as const;
    const at = exactly(...date, Number(hour), Number(minute));
    if (at === undefined) continue;
    const called = names(day, days).map((name) => `${name} ${time}`);
    // Today and tomorrow have sentences of their own.
    if (days < 2) called.push(formatMoment(at, now));
    if (called.some((name) => plain(name) === typed)) found.push(at);
  }
  // A day of the week means the next one.
  return found.find((at) => at > now) ?? found[0];
}

/** How far ahead a day is looked for. */
const DAYS = 366;

/** The words of a text, without what people omit or vary: case and punctuation. */
function words(text: string): readonly string[] {
  return text
    .normalize("NFKC")
    .toLocaleLowerCase(locale())
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Joins words, with a space only between numbers. */
function bare(said: readonly string[]): string {
  return said.join(" ").replace(/(?<!\d) | (?!\d)/g, "");
}

/** The names of a day that is this many days away. */
function dayNames(): (day: Date, days: number) => string[] {
  const isEnglish = locale().startsWith("en");
  // English has two orders of day and month, so the month must be a word there.
  const places = isEnglish ? [locale(), "en-US"] : [locale()];
  const format = (place: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(place, options);
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  const weekdays = (["long", "short"] as const).map((weekday) => format(locale(), { weekday }));
  const dates = places.flatMap((place) =>
    ([...(isEnglish ? [] : ["numeric" as const]), "short", "long"] as const).flatMap((month) => [
      format(place, { day: "numeric", month }),
      format(place, { day: "numeric", month, year: "numeric" }),
    ]),
  );
  return (day, days) => [
    ...(days < 3 ? [relative.format(days, "day")] : []),
    ...[...(days < 8 ? weekdays : []), ...dates].map((names) => names.format(day)),
  ];
}

function next(hours: number, minutes: number, now: number): number {
  const today = new Date(now);
  const on = (days: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, hours, minutes).getTime();
  return on(0) > now ? on(0) : on(1);
}

/** Undefined for a time that does not exist: the 31st of a short month, an hour that the clocks skip. */
function exactly(year: number, month: number, date: number, hours: number, minutes: number) {
  const moment = new Date(year, month - 1, date, hours, minutes);
  const isThat =
    moment.getFullYear() === year &&
    moment.getMonth() === month - 1 &&
    moment.getDate() === date &&
    moment.getHours() === hours &&
    moment.getMinutes() === minutes;
  return isThat ? moment.getTime() : undefined;
}
