/**
 * What comes back for mails that were sent (bounces, receipts, replies), and who can see it when. Which address sends
 * what: `recipients.ts`; how it is written: `returnMail.ts`.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { mailLifeMs } from "../base/mailLife.ts";
import { Records } from "../base/records.ts";
import { Person } from "../outbox/letter.ts";
import { providerId } from "../outbox/messageViews.ts";
import type { Mail } from "../outbox/outbox.ts";
import { NO_BOUNCE, type RecipientsBehaviour, type Return, returnFrom } from "./recipients.ts";
import { returnMail } from "./returnMail.ts";

const Received = z.object({
  key: z.string(),
  /** The provider's id for it, wherever it is moved. */
  id: z.string(),
  /** Whose inbox it is in. */
  mailbox: z.string(),
  threadId: z.string(),
  /** Nobody can see it before. */
  receivedAt: z.number(),
  from: Person,
  to: Person,
  subject: z.string(),
  messageId: z.string(),
  inReplyTo: z.string().nullable(),
  messageClass: z.string(),
  mime: z.string(),
});
export type Received = z.infer<typeof Received>;

export class Inbox {
  readonly behaviour: RecipientsBehaviour;
  readonly #mails: Records<Received>;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock, behaviour: RecipientsBehaviour) {
    this.#mails = new Records(folder, Received);
    this.#clock = clock;
    this.behaviour = behaviour;
  }

  /**
   * Delivers a mail to everybody, some of whom may not accept it.
   * @param bytes of the whole message
   * @returns what comes back
   */
  hear(mail: Omit<Mail, "answer">, bytes: number): readonly Return[] {
    const { to, cc, bcc, from, subject } = mail.letter;
    const [sender] = from;
    if (sender === undefined) return [];
    const emails = new Map([...to, ...cc, ...bcc].map(({ email }) => [email.toLowerCase(), email] as const));
    const returns = [...emails.values()].flatMap(
      (email) => returnFrom(this.behaviour, email, bytes, mail.wantsReceipt === true) ?? [],
    );
    const original = { messageId: mail.messageId, subject, from: sender, bytes, sentAt: mail.sentAt };
    for (const back of returns) {
      const receivedAt = mail.sentAt + back.rule.afterMs;
      const { inThread, ...received } = returnMail(original, back, receivedAt);
      const key = randomUUID();
      const threadId = inThread && mail.threadId !== undefined ? mail.threadId : providerId();
      const { grantId: mailbox } = mail;
      this.#mails.put(key, { key, id: providerId(), mailbox, threadId, receivedAt, to: sender, ...received });
    }
    return returns;
  }

  /** What has arrived by now, newest first. */
  of(mailbox: string): Received[] {
    return this.#mails
      .values()
      .filter((mail) => mail.mailbox === mailbox && mail.receivedAt <= this.#clock.now())
      .sort((a, b) => b.receivedAt - a.receivedAt);
  }

  find(mailbox: string, id: string): Received | undefined {
    return this.of(mailbox).find((mail) => mail.id === id);
  }

  forgetOld(): void {
    for (const { key, receivedAt } of this.#mails.values())
      if (this.#clock.now() - receivedAt > mailLifeMs) this.#mails.delete(key);
  }
}

/** The addresses that did not accept the mail. */
export function refusersOf(returns: readonly Return[]): string[] {
  return returns.filter(({ answer }) => !NO_BOUNCE.has(answer)).map(({ email }) => email);
}
