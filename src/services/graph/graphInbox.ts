/** Mail received in a Microsoft 365 mailbox. https://learn.microsoft.com/graph/api/user-list-messages */
import * as z from "zod";
import { parseAnswer } from "../../net/answers.ts";
import {
  type InboxReader,
  type IncomingMail,
  inboxError,
  MAX_MAIL_BYTES,
  PAGES_AT_MOST,
} from "../inboxReader.ts";
import { ServiceId } from "../mailService.ts";
import { graphError } from "./graphErrors.ts";
import { type GraphMessages, messagePath } from "./graphMessages.ts";

const PAGE = 100;
/**
 * MAPI properties: the message class, by which Exchange marks reports, and what names the mails that a
 * message is about: its In-Reply-To, its References, and the original Message-ID of a report.
 * https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxprops/
 */
const CLASS = "String 0x001A";
const ABOUT = ["String 0x1042", "String 0x1039", "String 0x1046"];

const Text = z.string().max(20_000);
const Received = z.object({
  id: ServiceId,
  receivedDateTime: z.iso.datetime({ offset: true }),
  conversationId: Text.nullish(),
  from: z.object({ emailAddress: z.object({ address: Text.nullish() }).nullish() }).nullish(),
  singleValueExtendedProperties: z.array(z.object({ id: Text, value: Text })).nullish(),
});
const Inbox = z.object({ value: z.array(Received) });

export class GraphInbox implements InboxReader {
  readonly #messages: GraphMessages;

  constructor(messages: GraphMessages) {
    this.#messages = messages;
  }

  async list(after: number, signal: AbortSignal): Promise<readonly IncomingMail[]> {
    const found: IncomingMail[] = [];
    let since = after;
    for (let page = 0; page < PAGES_AT_MOST; page++) {
      const mails = await this.#page(since, signal);
      for (const mail of mails) {
        found.push(mail);
        since = Math.max(since, mail.receivedAt);
      }
      if (mails.length < PAGE) break;
    }
    return found;
  }

  async read(id: string, signal: AbortSignal): Promise<string> {
    const answer = await this.#messages.call("GET", `${messagePath(id)}/$value`, signal, {
      ownBytes: MAX_MAIL_BYTES,
    });
    if (answer.status !== 200) throw inboxError(answer, graphError(answer, "read the inbox"));
    return answer.text;
  }

  async #page(since: number, signal: AbortSignal): Promise<IncomingMail[]> {
    const ids = [CLASS, ...ABOUT].map((id) => `id eq '${id}'`).join(" or ");
    const query = Object.entries({
      $filter: `receivedDateTime ge ${new Date(since).toISOString()}`,
      $orderby: "receivedDateTime",
      $select: "id,receivedDateTime,conversationId,from",
      $expand: `singleValueExtendedProperties($filter=${ids})`,
      $top: String(PAGE),
    }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const path = `mailFolders/inbox/messages?${query.join("&")}`;
    const answer = await this.#messages.call("GET", path, signal);
    if (answer.status !== 200) throw inboxError(answer, graphError(answer, "read the inbox"));
    return parseAnswer(Inbox, answer, "inbox").value.map(incoming);
  }
}

function incoming(mail: z.infer<typeof Received>): IncomingMail {
  const properties = mail.singleValueExtendedProperties ?? [];
  const valuesOf = (wanted: string) =>
    properties.filter(({ id }) => tagOf(id) === tagOf(wanted)).map(({ value }) => value);
  return {
    id: mail.id,
    receivedAt: Date.parse(mail.receivedDateTime),
    from: mail.from?.emailAddress?.address ?? "",
    messageIds: ABOUT.flatMap(valuesOf).flatMap((value) => value.match(/<[^<>\s]{1,900}>/g) ?? []),
    threadId: mail.conversationId ?? null,
    messageClass: valuesOf(CLASS)[0] ?? null,
  };
}

/** Graph does not always write a tag in the same way: "String 0x1a" for "String 0x001A". */
function tagOf(id: string): string {
  return id.toLowerCase().replace(/ 0x0+/, " 0x");
}
