/**
 * Lists and reads messages through Nylas: what has come back, and in the list also what was sent. What comes back:
 * `sandbox/inbox/inbox.ts`.
 */
import type { Reply } from "../http/exchange.ts";
import type { Inbox, Received } from "../inbox/inbox.ts";
import { describeMail } from "../outbox/messageViews.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { type Grant, hasScope } from "./grants.ts";
import type { NylasBehaviour } from "./nylasBehaviour.ts";
import { dataReply, NylasError } from "./nylasErrors.ts";

const usualLimit = 50;
const mostListed = 200;

export class NylasInbox {
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #behaviour: NylasBehaviour;

  constructor(parts: { inbox: Inbox; outbox: Outbox; behaviour: NylasBehaviour }) {
    this.#inbox = parts.inbox;
    this.#outbox = parts.outbox;
    this.#behaviour = parts.behaviour;
  }

  /** Newest first. */
  list(grant: Grant, query: URLSearchParams): Reply {
    mayRead(grant);
    const limit = Number(query.get("limit") ?? usualLimit);
    if (!Number.isInteger(limit) || limit < 1 || limit > mostListed)
      throw new NylasError(400, `limit must be between 1 and ${mostListed}`);
    const folder = query.get("in");
    if (folder !== null && (this.#behaviour.inbox === "refused" || !/^inbox$/i.test(folder)))
      throw new NylasError(400, "in: there is no such folder");
    const after = Number(query.get("received_after") ?? 0);
    const fields = query.get("fields");
    const offset = Number(query.get("page_token") ?? 0);
    const wanted = query.get("select")?.split(",");
    const select = this.#behaviour.select === "honoured" ? wanted : undefined;
    const received = this.#inbox
      .of(grant.id)
      .map((mail) => ({ at: mail.receivedAt, view: describe(mail, grant, fields) }));
    const sent = this.#outbox.mails
      .filter(({ grantId }) => folder === null && grantId === grant.id)
      .map((mail) => ({ at: mail.sentAt, view: describeMail(mail, mail.id, fields) }));
    const data = [...received, ...sent]
      .filter(({ at }) => at / 1000 > after)
      .sort((a, b) => b.at - a.at)
      .slice(offset, offset + limit + 1)
      .map(({ view }) => (select === undefined ? view : only(select, view)));
    const isMore = data.length > limit;
    return dataReply(200, {
      data: data.slice(0, limit),
      ...(isMore ? { next_cursor: String(offset + limit) } : {}),
    });
  }

  read(grant: Grant, id: string, query: URLSearchParams): Reply {
    mayRead(grant);
    const mail = this.#inbox.find(grant.id, id);
    if (mail === undefined) throw new NylasError(404, "message not found");
    const fields = query.get("fields");
    return dataReply(200, { data: describe(mail, grant, fields) });
  }
}

/** With `raw_mime`, only that is returned. https://developer.nylas.com/docs/v3/email/headers-mime-data/ */
function describe(mail: Received, grant: Grant, fields: string | null): Record<string, unknown> {
  const { id } = mail;
  const common = { id, object: "message", grant_id: grant.id };
  if (fields === "raw_mime") return { ...common, raw_mime: Buffer.from(mail.mime).toString("base64url") };
  const headers = [
    { name: "Message-ID", value: mail.messageId },
    ...(mail.inReplyTo === null
      ? []
      : [
          { name: "In-Reply-To", value: mail.inReplyTo },
          { name: "References", value: mail.inReplyTo },
        ]),
  ];
  return {
    ...common,
    thread_id: mail.threadId,
    subject: mail.subject,
    from: [mail.from],
    to: [mail.to],
    cc: [],
    bcc: [],
    reply_to: [],
    date: Math.floor(mail.receivedAt / 1000),
    folders: ["INBOX"],
    unread: true,
    starred: false,
    snippet: "",
    body: "",
    attachments: [],
    ...(fields === "include_headers" || fields === "include_basic_headers" ? { headers } : {}),
  };
}

function only(names: readonly string[], view: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(view).filter(([name]) => names.includes(name)));
}

function mayRead(grant: Grant): void {
  if (grant.provider === "microsoft" && !hasScope(grant, "Mail.Read", "Mail.ReadWrite"))
    throw new NylasError(403, "The grant lacks the scope Mail.Read");
  if (grant.provider === "google" && !grant.scope.some((scope) => /gmail\.(readonly|modify)$/.test(scope)))
    throw new NylasError(403, "The grant lacks the scope gmail.readonly");
}
