/** Shows what was sent: JSON for programs (`mailView.ts`), a page for people (`outboxPage.ts`), the mail as `.eml`. */
import type { Exchange, Reply } from "../http/exchange.ts";
import { emlPart } from "./emlPart.ts";
import { type MailView, viewMail } from "./mailView.ts";
import type { Mail, Outbox } from "./outbox.ts";
import { outboxPage } from "./outboxPage.ts";

/** Where an attachment is in the `.eml`: images in the text are with the text, before the files. */
function placeInEml({ letter, attachments }: Mail, at: number): number {
  const order = [...attachments.keys()];
  const isWithText = (index: number) => {
    const part = attachments[index];
    return !letter.isPlaintext && part?.inline === true && part.contentId !== undefined;
  };
  return [...order.filter(isWithText), ...order.filter((index) => !isWithText(index))].indexOf(at);
}

export class OutboxService {
  readonly name = "outbox";
  readonly #outbox: Outbox;
  readonly #path: string;
  readonly #origin: () => string;

  /** `path` contains the token that keeps others out. */
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
      // The address is the key: it must not be passed on to other sites.
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
    const [, id, eml, at] = /^([0-9a-f-]{36})(?:(\.eml)|\/(\d{1,4}))?$/.exec(rest) ?? [];
    const mail = this.#outbox.get(id ?? "");
    if (!mail) return this.refusal(404, "no such mail");
    if (at !== undefined) return this.#part(mail, Number(at));
    if (!eml) return { status: 200, json: this.#view(mail) };
    const headers = {
      "Content-Type": "message/rfc822",
      "Content-Disposition": `attachment; filename="${mail.id}.eml"`,
    };
    return { status: 200, headers, file: this.#outbox.emlPath(mail.id) };
  }

  /** A file as it arrived: read from the mail itself, not from what was uploaded. */
  #part(mail: Mail, at: number): Reply {
    const part = mail.attachments[at];
    if (part === undefined) return this.refusal(404, "no such file");
    const name = encodeURIComponent(part.filename).replace(
      /['()*]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16)}`,
    );
    return {
      status: 200,
      headers: {
        "Content-Type": /^image\/(png|jpeg|gif|webp)$/.test(part.contentType)
          ? part.contentType
          : "application/octet-stream",
        "Content-Disposition": `attachment; filename*=UTF-8''${name}`,
      },
      stream: emlPart(this.#outbox.emlPath(mail.id), placeInEml(mail, at)),
    };
  }

  #view(mail: Mail): MailView {
    return viewMail(mail, this.#outbox.deliveriesOf(mail), `${this.#origin()}${this.#path}/${mail.id}.eml`);
  }
}
