import { formatMoment } from "./format.ts";
import { locale, t } from "./l10n.ts";
/** The times at which a mail may leave later: those to choose from, and what a person types. Local time throughout. */

/** Nylas says one minute here and two there; one more for the request itself. */
export const LEAST_WAIT_MS = 3 * 60_000;
const HOUR_MS = 3_600_000;

export interface SendTime {
  readonly label: string;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

/** "In 1 Hour", this evening, tomorrow morning, Monday morning: each that is still to come, and none twice. */
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
 * "2026-11-30 08:00", or "08:00" for the next time that it is so late; and with a day as the language calls it, as it is
 * offered and shown: "tomorrow at 8:00", "Monday 8:00", "30 Nov 8:00". @returns what is wrong with it, if anything is
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

/** A day by its name, within a year; undefined where the text holds none, or no time. */
function onNamedDay(text: string, now: number): number | undefined {
  const [, hour = "", minute] = /(?<!\d)(\d{1,2}):(\d{2})(?!\d)/.exec(text) ?? [];
  if (minute === undefined) return undefined;
  const time = `${hour.padStart(2, "0")}:${minute}`;
  // "at", "am … um", "el … a las": some type them, some do not.
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
  // A day of the week is the one to come.
  return found.find((at) => at > now) ?? found[0];
}

/** How far ahead a day is looked for. */
const DAYS = 366;

/** Without what people leave out or write otherwise: capitals, full stops. */
function words(text: string): readonly string[] {
  return text
    .normalize("NFKC")
    .toLocaleLowerCase(locale())
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Without blanks that divide no numbers. */
function bare(said: readonly string[]): string {
  return said.join(" ").replace(/(?<!\d) | (?!\d)/g, "");
}

/** What a day is called, so many days from now. */
function dayNames(): (day: Date, days: number) => string[] {
  const isEnglish = locale().startsWith("en");
  // English has two orders, which are told apart by the name of the month only.
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

/** Undefined for the 31st of a short month, and for an hour that the clocks leave out. */
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
