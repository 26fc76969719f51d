/**
 * Drafts and messages of one mailbox, and their attachments, as Microsoft Graph keeps them: how a draft is opened,
 * found again, and deleted only while it is unsent.
 */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { parseAnswer, serverNow } from "../../net/answers.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import { t } from "../../shared/l10n.ts";
import { type Draft, type DraftKeeper, savedDraftLost } from "../drafts.ts";
import { ServiceId } from "../mailService.ts";
import { callGraph, type GraphCall, type GraphEndpoint } from "./graphApi.ts";
import {
  type GraphErrand,
  graphError,
  isConflict,
  readGraphRefusal,
  refusedOnTheWay,
} from "./graphErrors.ts";

/**
 * Marks the draft of a delivery, to find it again: a property that no recipient sees and that is kept when it
 * is sent.
 * https://learn.microsoft.com/graph/api/resources/extended-properties-overview
 */
const MARK = "String {6e2f0d2c-8a51-4f0b-9d43-5b7c1e9a7f64} Name FreightMailDelivery";
/** The header that earlier versions marked their drafts with. */
const MARK_HEADER = "x-freight-mail-delivery";
/** The newest drafts to look at: more than anybody opens between a request and its lost answer. */
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
  singleValueExtendedProperties: z.array(z.object({ id: z.string(), value: z.string() })).nullish(),
});
const Messages = z.object({ value: z.array(Message) });
const ListedFile = z.object({ id: ServiceId, name: z.string().nullish(), size: z.number().nullish() });
export type ListedFile = z.infer<typeof ListedFile>;
const Attachments = z.object({ value: z.array(ListedFile) });

export class GraphMessages implements DraftKeeper {
  readonly #http: Http;
  readonly #endpoint: GraphEndpoint;
  /** The service's clock minus ours in milliseconds, as of its last answer. */
  #skewMs = 0;

  constructor(http: Http, endpoint: GraphEndpoint) {
    this.#http = http;
    this.#endpoint = endpoint;
  }

  async open(mark: string, asked: boolean, signal: AbortSignal, gate?: () => void): Promise<Draft> {
    const [found] = asked ? await this.#marked(mark, signal) : [];
    if (found !== undefined) return found;
    const body = JSON.stringify({ singleValueExtendedProperties: [{ id: MARK, value: mark }] });
    const answer = await this.call("POST", "messages", signal, { body, gate });
    // A sign-in page of the network also comes with 200, but cannot be parsed as a draft.
    if (answer.status !== 201 && answer.status !== 200) throw graphError(answer, "open a draft");
    return toDraft(parseAnswer(Message, answer, "draft"));
  }

  /** @param gate called synchronously right before the request that deletes leaves; may throw */
  async discard({ id }: Draft, signal: AbortSignal, gate?: () => void): Promise<void> {
    const look = await this.look(id, signal);
    // Only if it is still a draft: a sent mail stays in Sent Items.
    if (look?.isDraft === true) await this.#delete(messagePath(id), "delete the draft", signal, gate);
  }

  async discardMarked(mark: string, except: Draft | null, signal: AbortSignal): Promise<number> {
    const marked = (await this.#marked(mark, signal)).filter(({ id }) => id !== except?.id);
    for (const draft of marked) await this.discard(draft, signal);
    return marked.length;
  }

  /** The drafts opened with a mark: by Graph's filter or, if that finds none, those among the newest. */
  async #marked(mark: string, signal: AbortSignal): Promise<Draft[]> {
    const clause = `ep/id eq '${MARK}' and ep/value eq '${mark.replaceAll("'", "''")}'`;
    const found = await this.#drafts(
      { $filter: `singleValueExtendedProperties/Any(ep: ${clause})`, $select: "id,internetMessageId" },
      signal,
    );
    // Not every Graph accepts such a filter.
    if (found.status === 200) {
      const { value } = parseAnswer(Messages, found, "drafts");
      if (value.length > 0) return value.map(toDraft);
    } else if (found.status !== 400) throw graphError(found, "look for the draft");
    const newest = await this.#drafts(
      {
        $select: "id,internetMessageId,internetMessageHeaders",
        $expand: `singleValueExtendedProperties($filter=id eq '${MARK}')`,
        $orderby: "createdDateTime desc",
      },
      signal,
    );
    if (newest.status !== 200) throw graphError(newest, "look for the draft");
    return parseAnswer(Messages, newest, "drafts")
      .value.filter((message) => isMarked(message, mark))
      .map(toDraft);
  }

  #drafts(options: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    const query = Object.entries({ ...options, $top: String(DRAFTS_LOOKED_AT) });
    const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    return this.call("GET", `mailFolders/drafts/messages?${text}`, signal);
  }

  /** A message, wherever it is by now; undefined when it cannot be found. */
  async look(id: string, signal: AbortSignal) {
    const query = "?$select=id,isDraft,internetMessageId";
    const answer = await this.call("GET", `${messagePath(id)}${query}`, signal);
    if (answer.status === 200) return parseAnswer(Message, answer, "message");
    assertGone(answer, "look at the mail");
    return undefined;
  }

  /** The same, also when sending has given it another id. */
  async find(draft: Draft, signal: AbortSignal) {
    return (await this.look(draft.id, signal)) ?? (await this.findSent(draft, signal));
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

  /** @throws FreightError `saved-draft-lost` when somebody has sent the saved draft, not if it was deleted */
  async assertUnsent(draft: Draft, signal: AbortSignal): Promise<void> {
    const there = await this.look(draft.id, signal);
    const isSent =
      there === undefined ? (await this.findSent(draft, signal)) !== undefined : there.isDraft === false;
    if (isSent) throw savedDraftLost();
  }

  async attachments(holder: Draft, signal: AbortSignal): Promise<readonly ListedFile[]> {
    const answer = await this.call("GET", `${attachmentsPath(holder)}?$select=id,name,size&$top=999`, signal);
    if (answer.status !== 200) throw graphError(answer, "look at the files", holder.kind);
    return parseAnswer(Attachments, answer, "attachments").value;
  }

  async deleteAttachment(holder: Draft, id: string, signal: AbortSignal): Promise<void> {
    await this.#delete(`${attachmentsPath(holder)}/${encodeURIComponent(id)}`, "remove a file", signal);
  }

  /**
   * Why something was refused in a draft: one that was submitted and waits for its time accepts no changes,
   * but looks like any other. So we try to write what every letter overwrites anyway.
   */
  async whyRefused({ kind, id }: Draft, reason: unknown, signal: AbortSignal): Promise<unknown> {
    if (kind === "event" || !(reason instanceof FreightError)) return reason;
    if (!reason.isOwnWord || !reason.is("request-refused")) return reason;
    const body = JSON.stringify({ replyTo: [] });
    const written = await this.call("PATCH", messagePath(id), signal, { body, isMinimal: true });
    if (isConflict(written)) return graphError(written, "write the mail");
    const { code } = readGraphRefusal(written);
    if (code === "" || ![400, 403, 404].includes(written.status)) return reason;
    return new FreightError("draft-lost", t("The draft of the mail cannot be changed anymore."), {
      cause: reason,
      requestId: reason.requestId,
      remedy: "retry",
    });
  }

  async #delete(path: string, errand: GraphErrand, signal: AbortSignal, gate?: () => void): Promise<void> {
    const answer = await this.call("DELETE", path, signal, { gate });
    if (answer.status !== 204) assertGone(answer, errand);
  }

  /** The service's clock, in milliseconds since the epoch. */
  get now(): number {
    return Date.now() + this.#skewMs;
  }

  /** Sends a request about the mailbox; any status counts as an answer. */
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

/** By the property, or by the header of earlier versions. */
function isMarked(
  { singleValueExtendedProperties, internetMessageHeaders }: z.infer<typeof Message>,
  mark: string,
): boolean {
  const isMark = (id: string, value: string) => id.toLowerCase() === MARK.toLowerCase() && value === mark;
  return (
    singleValueExtendedProperties?.some(({ id, value }) => isMark(id, value)) === true ||
    internetMessageHeaders?.some(
      ({ name, value }) => name.toLowerCase() === MARK_HEADER && value === mark,
    ) === true
  );
}

/** @throws FreightError unless Graph itself says that it is gone: a gateway's 404 says nothing about that */
function assertGone(answer: HttpAnswer, errand: GraphErrand): void {
  if (answer.status !== 404) throw graphError(answer, errand);
  const { code, details } = readGraphRefusal(answer);
  if (code !== "") return;
  throw new FreightError("service-fault", refusedOnTheWay(answer.status), { ...details, remedy: "retry" });
}

function toDraft({ id, internetMessageId }: z.infer<typeof Message>): Draft {
  return { kind: "message", id, internetMessageId: internetMessageId ?? null };
}
