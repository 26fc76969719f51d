/** Messages and their attachments in one mailbox, as Microsoft Graph keeps them. */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { type Http, type HttpAnswer, parseAnswer, serverNow } from "../../net/http.ts";
import { type Draft, type DraftKeeper, ServiceId } from "../mailService.ts";
import { callGraph, type GraphCall, type GraphEndpoint } from "./graphApi.ts";
import { graphError, readGraphRefusal } from "./graphErrors.ts";

/** By which the draft of a delivery is found again. Graph takes custom headers that start with "x-" only. */
const MARK_HEADER = "x-freight-mail-delivery";
/** The newest drafts; more than anybody opens between a request and its lost answer. */
const DRAFTS_LOOKED_AT = 50;

export const Message = z.object({
  id: ServiceId,
  isDraft: z.boolean().nullish(),
  internetMessageId: z
    .string()
    .max(2_000)
    .refine((id) => !/\p{Cs}/u.test(id))
    .nullish(),
  internetMessageHeaders: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});
const Messages = z.object({ value: z.array(Message) });
const Attachments = z.object({
  value: z.array(z.object({ id: ServiceId, name: z.string().nullish() })),
});

export class GraphMessages implements DraftKeeper {
  readonly #http: Http;
  readonly #endpoint: GraphEndpoint;
  /** The service's clock minus ours when it last answered, in milliseconds. */
  #skewMs = 0;

  constructor(http: Http, endpoint: GraphEndpoint) {
    this.#http = http;
    this.#endpoint = endpoint;
  }

  async open(mark: string, asked: boolean, signal: AbortSignal, gate?: () => void): Promise<Draft> {
    const [found] = asked ? await this.#marked(mark, signal) : [];
    if (found !== undefined) return found;
    const body = JSON.stringify({ internetMessageHeaders: [{ name: MARK_HEADER, value: mark }] });
    const answer = await this.call("POST", "messages", signal, { body, gate });
    // A sign-in page of the network comes with 200, and is no draft.
    if (answer.status !== 201 && answer.status !== 200) throw graphError(answer, "open a draft");
    return toDraft(parseAnswer(Message, answer, "draft"));
  }

  /** @param gate asked in the turn in which the request that deletes leaves */
  async discard({ id }: Draft, signal: AbortSignal, gate?: () => void): Promise<void> {
    const look = await this.look(id, signal);
    // Only what is still a draft: a mail that is out stays in Sent Items.
    if (look?.isDraft === true) await this.#delete(messagePath(id), "delete the draft", signal, gate);
  }

  async discardMarked(mark: string, except: Draft | null, signal: AbortSignal): Promise<number> {
    const marked = (await this.#marked(mark, signal)).filter(({ id }) => id !== except?.id);
    for (const draft of marked) await this.discard(draft, signal);
    return marked.length;
  }

  /** The newest drafts that were opened with a mark. */
  async #marked(mark: string, signal: AbortSignal): Promise<Draft[]> {
    const query = `$select=id,internetMessageId,internetMessageHeaders&$orderby=createdDateTime desc&$top=${DRAFTS_LOOKED_AT}`;
    const answer = await this.call("GET", `mailFolders/drafts/messages?${query.replace(" ", "%20")}`, signal);
    if (answer.status !== 200) throw graphError(answer, "look for the draft");
    return parseAnswer(Messages, answer, "drafts")
      .value.filter(({ internetMessageHeaders }) =>
        internetMessageHeaders?.some(
          ({ name, value }) => name.toLowerCase() === MARK_HEADER && value === mark,
        ),
      )
      .map(toDraft);
  }

  /** A message wherever it is by now; undefined when it is not to be found. */
  async look(id: string, signal: AbortSignal) {
    const query = "?$select=id,isDraft,internetMessageId";
    const answer = await this.call("GET", `${messagePath(id)}${query}`, signal);
    if (answer.status === 200) return parseAnswer(Message, answer, "message");
    assertGone(answer, "look at the mail");
    return undefined;
  }

  async findSent({ internetMessageId }: Draft, signal: AbortSignal) {
    if (internetMessageId === null) return undefined;
    const filter = encodeURIComponent(`internetMessageId eq '${internetMessageId.replaceAll("'", "''")}'`);
    const answer = await this.call(
      "GET",
      `mailFolders/sentitems/messages?$filter=${filter}&$select=id,isDraft`,
      signal,
    );
    if (answer.status !== 200) throw graphError(answer, "check Sent Items");
    return parseAnswer(Messages, answer, "sent items").value[0];
  }

  async attachments(holder: Draft, signal: AbortSignal) {
    const answer = await this.call("GET", `${attachmentsPath(holder)}?$select=id,name&$top=999`, signal);
    if (answer.status !== 200) throw graphError(answer, "look at the files", holder.kind);
    return parseAnswer(Attachments, answer, "attachments").value;
  }

  /** The ids of the attachments with a name. */
  async namesakes(holder: Draft, name: string, signal: AbortSignal): Promise<string[]> {
    const all = await this.attachments(holder, signal);
    return all.filter((attachment) => attachment.name === name).map(({ id }) => id);
  }

  async deleteAttachment(holder: Draft, id: string, signal: AbortSignal): Promise<void> {
    await this.#delete(`${attachmentsPath(holder)}/${encodeURIComponent(id)}`, "remove a file", signal);
  }

  async #delete(path: string, doing: string, signal: AbortSignal, gate?: () => void): Promise<void> {
    const answer = await this.call("DELETE", path, signal, { gate });
    if (answer.status !== 204) assertGone(answer, doing);
  }

  /** The service's clock, in milliseconds since the epoch. */
  get now(): number {
    return Date.now() + this.#skewMs;
  }

  /** Asks for something in the mailbox; every status is an answer. */
  async call(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    signal: AbortSignal,
    options?: GraphCall,
  ): Promise<HttpAnswer> {
    const answer = await callGraph(this.#http, this.#endpoint, method, path, signal, options);
    this.#skewMs = (serverNow(answer) ?? Date.now()) - Date.now();
    return answer;
  }
}

export function messagePath(id: string): string {
  return `messages/${encodeURIComponent(id)}`;
}

export function attachmentsPath({ kind, id }: Draft): string {
  return `${kind === "event" ? `events/${encodeURIComponent(id)}` : messagePath(id)}/attachments`;
}

/** @throws FreightError unless it says that something is not there, in Graph's own words: a gateway knows nothing of that */
function assertGone(answer: HttpAnswer, doing: string): void {
  if (answer.status !== 404) throw graphError(answer, doing);
  const { code, details } = readGraphRefusal(answer);
  if (code !== "") return;
  const what = `Something between here and Microsoft refused to ${doing} (status 404).`;
  throw new FreightError("service-fault", what, { ...details, remedy: "retry" });
}

function toDraft({ id, internetMessageId }: z.infer<typeof Message>): Draft {
  return { kind: "message", id, internetMessageId: internetMessageId ?? null };
}
