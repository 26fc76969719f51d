/** Mail received in a mailbox. https://developer.nylas.com/docs/v3/email/messages/ */
import * as z from "zod";
import { parseAnswer } from "../../net/answers.ts";
import type { HttpAnswer } from "../../net/http.ts";
import {
  type InboxReader,
  type IncomingMail,
  inboxError,
  MAX_MAIL_BYTES,
  PAGES_AT_MOST,
} from "../inboxReader.ts";
import { ServiceId } from "../mailService.ts";
import type { AskNylas } from "./nylasApi.ts";
import { accountError } from "./nylasErrors.ts";

const PAGE = 50;
/** Some mailboxes return more of each mail than was asked for. */
const MAX_LIST_BYTES = 32 * 1024 * 1024;
const FIELDS = "fields=include_basic_headers&select=id,thread_id,from,date,headers";

const Text = z.string().max(20_000);
const Received = z.object({
  id: ServiceId,
  thread_id: Text.nullish(),
  from: z.array(z.object({ email: Text.nullish() })).nullish(),
  /** Seconds since the epoch. */
  date: z.number().nullish(),
  headers: z.array(z.object({ name: Text, value: Text })).nullish(),
});
const List = z.object({ data: z.array(Received), next_cursor: z.string().max(4_000).nullish() });
const RawMail = z.object({ data: z.object({ raw_mime: z.string() }) });

export class NylasInbox implements InboxReader {
  readonly #ask: AskNylas;
  /** False once the provider turns out to have no folder of that name: then all mail is listed. */
  #hasNamedInbox = true;

  constructor(ask: AskNylas) {
    this.#ask = ask;
  }

  async list(after: number, signal: AbortSignal): Promise<readonly IncomingMail[]> {
    const found: IncomingMail[] = [];
    let cursor: string | null | undefined;
    for (let page = 0; page < PAGES_AT_MOST; page++) {
      const answer = await this.#page(Math.floor(after / 1000), cursor, signal);
      const { data, next_cursor } = parseAnswer(List, answer, "inbox");
      for (const mail of data) found.push(incoming(mail));
      cursor = next_cursor;
      if (!cursor || data.length === 0) break;
    }
    return found;
  }

  async read(id: string, signal: AbortSignal): Promise<string> {
    const path = `/messages/${encodeURIComponent(id)}?fields=raw_mime`;
    const answer = await this.#ask("GET", path, signal, { ownBytes: MAX_MAIL_BYTES });
    if (answer.status !== 200) throw inboxError(answer, accountError(answer));
    const { data } = parseAnswer(RawMail, answer, "mail");
    return Buffer.from(data.raw_mime, "base64url").toString("utf8");
  }

  async #page(after: number, cursor: string | null | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const query = `received_after=${after}&limit=${PAGE}&${FIELDS}${cursor ? `&page_token=${encodeURIComponent(cursor)}` : ""}`;
    const list = (where: string) =>
      this.#ask("GET", `/messages?${where}${query}`, signal, { ownBytes: MAX_LIST_BYTES });
    let answer = await list(this.#hasNamedInbox ? "in=inbox&" : "");
    if (this.#hasNamedInbox && (answer.status === 400 || answer.status === 404)) {
      answer = await list("");
      if (answer.status === 200) this.#hasNamedInbox = false;
    }
    if (answer.status !== 200) throw inboxError(answer, accountError(answer));
    return answer;
  }
}

function incoming({ id, thread_id, from, date, headers }: z.infer<typeof Received>): IncomingMail {
  const about = (headers ?? []).filter(({ name }) => /^(in-reply-to|references)$/i.test(name));
  return {
    id,
    receivedAt: (date ?? 0) * 1000,
    from: from?.[0]?.email ?? "",
    messageIds: about.flatMap(({ value }) => value.match(/<[^<>\s]{1,900}>/g) ?? []),
    threadId: thread_id ?? null,
    messageClass: null,
  };
}
