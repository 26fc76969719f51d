import type { Exchange, Reply } from "./exchange.ts";
import type { Mail, Outbox } from "./outbox.ts";
import { outboxPage } from "./outboxPage.ts";

/** A mail as the outbox tells it to programs. */
export interface MailView {
  readonly id: string;
  readonly date: string;
  readonly grant_id: string;
  readonly message_id: string;
  readonly from: Mail["letter"]["from"];
  readonly to: Mail["letter"]["to"];
  readonly cc: Mail["letter"]["cc"];
  readonly bcc: Mail["letter"]["bcc"];
  readonly reply_to: Mail["letter"]["replyTo"];
  readonly subject: string;
  readonly body: string;
  readonly is_plaintext: boolean;
  readonly custom_headers: Mail["letter"]["headers"];
  readonly idempotency_key: string | null;
  /** The same for two mails that a reader would call the same one. */
  readonly logical_id: string;
  /** How often that mail went out. */
  readonly deliveries: number;
  readonly attachment_count: number;
  readonly attachments: readonly {
    readonly id: string;
    readonly filename: string;
    readonly content_type: string;
    readonly size: number;
    readonly sha256: string;
    readonly is_inline: boolean;
    readonly content_id: string | null;
  }[];
  /** Where the mail's `.eml` is. */
  readonly eml: string;
}

/** Shows what was sent: to programs as JSON, to people as a page, to mail programs as files. */
export class OutboxService {
  readonly name = "outbox";
  readonly #outbox: Outbox;
  readonly #path: string;
  readonly #origin: () => string;

  /** `path` holds the token that keeps others out. */
  constructor(outbox: Outbox, path: string, origin: () => string) {
    this.#outbox = outbox;
    this.#path = path;
    this.#origin = origin;
  }

  stepOf(): undefined {
    return undefined;
  }

  refusal(status: number, message: string): Reply {
    return { status, json: { error: { message } } };
  }

  async handle(exchange: Exchange): Promise<Reply> {
    const reply = this.#route(exchange);
    const guard = {
      "Cache-Control": "no-store",
      // The address is the key: it must not travel on to other sites.
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    };
    return { ...reply, headers: { ...guard, ...reply.headers } };
  }

  views(): readonly MailView[] {
    return this.#outbox.mails.map((mail) => this.#view(mail));
  }

  #route(exchange: Exchange): Reply {
    const rest = exchange.url.pathname.slice(this.#path.length).replace(/^\//, "");
    if (rest === "" && exchange.method === "DELETE") {
      this.#outbox.clear();
      return { status: 204 };
    }
    if (exchange.method !== "GET") return this.refusal(405, "only GET and DELETE");
    if (rest === "") {
      const views = this.views();
      if (!exchange.header("accept")?.includes("text/html")) return { status: 200, json: views };
      return {
        status: 200,
        headers: { "Content-Type": "text/html; charset=utf-8" },
        text: outboxPage(views),
      };
    }
    const [, id, eml] = /^([0-9a-f-]{36})(\.eml)?$/.exec(rest) ?? [];
    const mail = this.#outbox.get(id ?? "");
    if (!mail) return this.refusal(404, "no such mail");
    if (!eml) return { status: 200, json: this.#view(mail) };
    const headers = {
      "Content-Type": "message/rfc822",
      "Content-Disposition": `attachment; filename="${mail.id}.eml"`,
    };
    return { status: 200, headers, file: this.#outbox.emlPath(mail.id) };
  }

  #view(mail: Mail): MailView {
    const { letter, attachments } = mail;
    return {
      id: mail.id,
      date: new Date(mail.sentAt).toISOString(),
      grant_id: mail.grantId,
      message_id: mail.messageId,
      from: letter.from,
      to: letter.to,
      cc: letter.cc,
      bcc: letter.bcc,
      reply_to: letter.replyTo,
      subject: letter.subject,
      body: letter.body,
      is_plaintext: letter.isPlaintext,
      custom_headers: letter.headers,
      idempotency_key: mail.idempotency?.key ?? null,
      logical_id: mail.sameAs,
      deliveries: this.#outbox.deliveriesOf(mail),
      attachment_count: attachments.length,
      attachments: attachments.map((part) => ({
        id: part.id,
        filename: part.filename,
        content_type: part.contentType,
        size: part.size,
        sha256: part.sha256,
        is_inline: part.inline,
        content_id: part.contentId ?? null,
      })),
      eml: `${this.#origin()}${this.#path}/${mail.id}.eml`,
    };
  }
}
