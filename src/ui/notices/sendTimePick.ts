/** Asks when to send a mail. */
import { described, formatMoment } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { readSendTime, sendTimes } from "../../shared/sendTimes.ts";
import type { Dialogs, PickRow } from "./dialogs.ts";

/** @returns milliseconds since the epoch; undefined when the person cancelled */
export async function pickSendTime(
  dialogs: Pick<Dialogs, "pick" | "type" | "tell">,
  now: () => number,
): Promise<number | undefined> {
  const title = t("Send Later");
  const rows: PickRow<number | "another">[] = [
    ...sendTimes(now()).map(({ label, at }) => ({ label, value: at, description: formatMoment(at, now()) })),
    { label: t("Pick Date and Time…"), value: "another" },
  ];
  const picked = await dialogs.pick(title, t("When should the mail be sent? ({0})", timeZone()), rows);
  if (picked !== "another") return picked;
  const prompt = t("Date and time, or just a time ({0})", timeZone());
  const typed = await dialogs.type(title, prompt, "2026-11-30 08:00", (text) => {
    if (text.trim() === "") return undefined;
    const read = readSendTime(text, now());
    return "problem" in read ? read : { note: t("Will be sent {0}.", formatMoment(read.at, now())) };
  });
  if (typed === undefined || typed.trim() === "") return undefined;
  const read = readSendTime(typed, now());
  // Check again: the time may have passed while the box was open.
  if (!("problem" in read)) return read.at;
  void dialogs.tell("warning", read.problem);
  return undefined;
}

/** For example "Europe/Berlin, UTC+01:00". */
function timeZone(): string {
  const { timeZone: name } = Intl.DateTimeFormat().resolvedOptions();
  const minutes = -new Date().getTimezoneOffset();
  const two = (value: number) => String(value).padStart(2, "0");
  const size = Math.abs(minutes);
  return size === 0
    ? name
    : described(name, `UTC${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`);
}
