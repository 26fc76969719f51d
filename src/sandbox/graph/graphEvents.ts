/**
 * The practice calendar: which events are in it and when, and how a request changes the text of one. Files of events:
 * `graphAttachments.ts`, `graphSessions.ts`.
 */
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import type { Reply } from "../http/exchange.ts";
import { GraphError, itemNotFound } from "./graphAnswers.ts";
import type { EventItem, GraphItems, Item } from "./graphItems.ts";
import { readGraph } from "./graphMessageBody.ts";
import { page, selected } from "./graphQuery.ts";
import { type GraphUser, graphUsers } from "./graphUsers.ts";
import { describeEvent } from "./graphViews.ts";

const hourMs = 3600 * 1000;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;

/** Subject, place, days from now, hour, how many hours. */
const practiceEvents = [
  ["Project review", "Room 4", 1, 9, 1],
  ["Handover of the drawings", "On site", 2, 13, 2],
  ["Lunch with Leyla", "Canteen", 5, 12, 1],
] as const;

/** Everything of an event that can be changed here. https://learn.microsoft.com/graph/api/event-update */
const Change = z.strictObject({
  body: z.strictObject({ contentType: z.string().regex(/^html$/i), content: z.string() }),
});

export class GraphEvents {
  readonly #items: GraphItems;
  readonly #clock: Clock;

  constructor(items: GraphItems, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
    const [me] = graphUsers;
    if (items.events(me.id).length > 0) return;
    const today = Math.floor(clock.now() / dayMs) * dayMs;
    for (const [subject, location, days, hour, hours] of practiceEvents) {
      const startsAt = today + days * dayMs + hour * hourMs;
      const endsAt = startsAt + hours * hourMs;
      const attendees = ["leyla@freight-mail.example", "tomas@freight-mail.example"];
      const text = `<html><body><p>${subject}, ${location}</p></body></html>`;
      const event = { subject, location, startsAt, endsAt, attendees, text };
      items.put({ ...items.fresh(me.id), kind: "events", ...event });
    }
  }

  list(user: GraphUser, url: URL, immutable: boolean): Reply {
    return { status: 200, json: page(this.#views(this.#coming(user), user, immutable), url) };
  }

  /** The events within a time window, which the request must give. */
  view(user: GraphUser, url: URL, immutable: boolean): Reply {
    const edge = (name: string) =>
      Date.parse([...url.searchParams].find(([key]) => key.toLowerCase() === name)?.[1] ?? "");
    const [from, to] = [edge("startdatetime"), edge("enddatetime")];
    if (Number.isNaN(from) || Number.isNaN(to))
      throw new GraphError(
        400,
        "ErrorInvalidParameter",
        "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
      );
    const found = this.#coming(user).filter(({ startsAt, endsAt }) => endsAt > from && startsAt < to);
    return { status: 200, json: page(this.#views(found, user, immutable), url) };
  }

  read(user: GraphUser, item: Item, query: URLSearchParams, immutable: boolean): Reply {
    const event = this.#coming(user).find(({ key }) => key === item.key);
    if (!event) throw itemNotFound();
    return { status: 200, json: selected(describeEvent(event, user, immutable), query) };
  }

  /** @param known the version that the request is about; undefined: whatever is there */
  change(user: GraphUser, item: Item, json: unknown, immutable: boolean, known: string | undefined): Reply {
    const event = this.#coming(user).find(({ key }) => key === item.key);
    if (!event) throw itemNotFound();
    const { body } = readGraph(Change, json);
    if (
      known !== undefined &&
      known !== "*" &&
      known !== describeEvent(event, user, immutable)["@odata.etag"]
    )
      throw new GraphError(
        412,
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed.",
      );
    const changed = { ...event, text: body.content, changedAt: this.#clock.now() };
    this.#items.put(changed);
    return { status: 200, json: describeEvent(changed, user, immutable) };
  }

  /** In order. Past events are moved by whole weeks, so that there are always some to come. */
  #coming(user: GraphUser): EventItem[] {
    return this.#items
      .events(user.id)
      .map((event) => {
        const weeks = Math.max(0, Math.ceil((this.#clock.now() - event.endsAt) / weekMs));
        if (weeks === 0) return event;
        const later = weeks * weekMs;
        const again = { ...event, startsAt: event.startsAt + later, endsAt: event.endsAt + later };
        this.#items.put(again);
        return again;
      })
      .sort((a, b) => a.startsAt - b.startsAt);
  }

  #views(events: readonly EventItem[], user: GraphUser, immutable: boolean) {
    return events.map((event) => describeEvent(event, user, immutable));
  }
}
