/** The text of an event, and who is invited to it. https://learn.microsoft.com/graph/api/event-update */
import * as z from "zod";
import { assertOwn, parseAnswer } from "../../net/answers.ts";
import type { EventText } from "../calendar.ts";
import { graphError } from "./graphErrors.ts";
import type { GraphMessages } from "./graphMessages.ts";

const Person = z.object({ emailAddress: z.object({ address: z.string().max(500).nullish() }) });
const People = z.object({
  isOrganizer: z.boolean().nullish(),
  organizer: Person.nullish(),
  attendees: z.array(Person.extend({ type: z.string().nullish() })).default([]),
});
const Text = z.object({
  "@odata.etag": z.string().max(1_000).optional(),
  body: z.object({ content: z.string().nullish() }),
});

export class GraphEventText implements EventText {
  readonly #messages: GraphMessages;

  constructor(messages: GraphMessages) {
    this.#messages = messages;
  }

  async people(eventId: string, signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#call("GET", eventId, "?$select=organizer,isOrganizer,attendees", signal);
    const { isOrganizer, organizer, attendees } = parseAnswer(People, answer, "event");
    // A meeting room does not open files.
    const invited = attendees.filter(({ type }) => type !== "resource");
    return [...(isOrganizer === true || organizer == null ? [] : [organizer]), ...invited].flatMap(
      ({ emailAddress: { address } }) => address ?? [],
    );
  }

  async change(eventId: string, write: (html: string) => string, signal: AbortSignal): Promise<void> {
    const answer = await this.#call("GET", eventId, "?$select=body", signal);
    const { body, "@odata.etag": ifMatch } = parseAnswer(Text, answer, "event");
    const known = body.content ?? "";
    const content = write(known);
    if (content === known) return;
    const json = JSON.stringify({ body: { contentType: "html", content } });
    await this.#call("PATCH", eventId, "", signal, { body: json, ifMatch });
  }

  async #call(
    method: "GET" | "PATCH",
    eventId: string,
    query: string,
    signal: AbortSignal,
    options?: Parameters<GraphMessages["call"]>[3],
  ) {
    const path = `events/${encodeURIComponent(eventId)}${query}`;
    const answer = await this.#messages.call(method, path, signal, options);
    if (answer.status !== 200) throw graphError(answer, "write into the event", "event");
    assertOwn(answer, "event");
    return answer;
  }
}
