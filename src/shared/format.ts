/** Numbers in words, the same in the host and in the panel. Units are powers of 1024, as VS Code shows file sizes. */

const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;

/** `157286400` → "150 MB", `2560` → "2.5 KB". Three significant digits. */
export function formatBytes(bytes: number): string {
  const [value, unit] =
    bytes < KB
      ? ([bytes, bytes === 1 ? "byte" : "bytes"] as const)
      : bytes < MB
        ? ([bytes / KB, "KB"] as const)
        : bytes < GB
          ? ([bytes / MB, "MB"] as const)
          : ([bytes / GB, "GB"] as const);
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`;
}

/** "12.3 MB/s" */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** A length of time, coarse: "8 s", "42 min", "3 h", "2 days". Negative counts as zero. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.round(hours / 24)} days`;
}

/** A countdown that is exact near its end: "59:04", "0:09". Zero when it has run out. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** "just now", "3 min ago", "1 h ago", "2 days ago". */
export function formatAgo(ms: number): string {
  if (ms < 45_000) return "just now";
  const hours = Math.floor(ms / 3_600_000);
  return hours === 1 ? "1 h ago" : `${formatDuration(ms)} ago`;
}

/**
 * When something will be, or was to be, in the local time zone: "today at 18:00", "tomorrow at 08:00", "Monday at 08:00",
 * "30 Nov at 08:00". @param joint between day and time
 */
export function formatMoment(at: number, now: number, joint = " at "): string {
  const moment = new Date(at);
  const time = `${String(moment.getHours()).padStart(2, "0")}:${String(moment.getMinutes()).padStart(2, "0")}`;
  return `${dayOf(moment, new Date(now))}${joint}${time}`;
}

function dayOf(moment: Date, today: Date): string {
  // By the calendar: a day in which the clocks change has no 24 hours.
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const days = (midnight(moment) - midnight(today)) / 86_400_000;
  if (days === -1) return "yesterday";
  if (days === 0) return "today";
  if (days === 1) return "tomorrow";
  if (days > 1 && days < 7) return moment.toLocaleDateString("en-GB", { weekday: "long" });
  const isSameYear = moment.getFullYear() === today.getFullYear();
  const year = isSameYear ? {} : { year: "numeric" as const };
  return moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...year });
}

/** "1 file", "1,203 files". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Whole percent, 0..100; says 100 only when everything is there. */
export function percent(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(100, Math.floor((part / whole) * 100));
}
