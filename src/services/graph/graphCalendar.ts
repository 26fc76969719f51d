/** The calendar of a Microsoft mailbox. https://learn.microsoft.com/graph/api/calendar-list-calendarview */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { parseAnswer } from "../../net/answers.ts";
import { t } from "../../shared/l10n.ts";
import type { CalendarEvent } from "../calendar.ts";
import { ServiceId } from "../mailService.ts";
import { GRAPH_CALENDAR_SCOPE } from "./graphApi.ts";
import { graphError, readGraphRefusal } from "./graphErrors.ts";
import type { GraphMessages } from "./graphMessages.ts";

/** How far ahead events are looked for. */
const CALENDAR_MS = 28 * 24 * 3_600_000;
const Events = z.object({
  value: z.array(
    z.object({
      id: ServiceId,
      subject: z.string().max(1000).nullish(),
      start: z.object({ dateTime: z.string() }),
    }),
  ),
});

/** The next events, earliest first. @throws FreightError `scope-missing` if the sign-in does not allow it */
export async function comingEvents(
  messages: GraphMessages,
  signal: AbortSignal,
): Promise<readonly CalendarEvent[]> {
  const now = Date.now();
  const query = new URLSearchParams({
    startDateTime: new Date(now).toISOString(),
    endDateTime: new Date(now + CALENDAR_MS).toISOString(),
    $select: "id,subject,start",
    $orderby: "start/dateTime",
    $top: "50",
  });
  const answer = await messages.call("GET", `calendarView?${query}`, signal);
  if (answer.status === 403)
    throw new FreightError("scope-missing", t("The sign-in does not allow {0}.", GRAPH_CALENDAR_SCOPE), {
      ...readGraphRefusal(answer).details,
      remedy: "updateKey",
    });
  if (answer.status !== 200) throw graphError(answer, "read the calendar");
  return parseAnswer(Events, answer, "coming events").value.map(({ id, subject, start }) => ({
    id,
    subject: subject ?? "",
    // UTC, since we ask for no other time zone.
    startsAt: Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(start.dateTime) ? start.dateTime : `${start.dateTime}Z`),
  }));
}
