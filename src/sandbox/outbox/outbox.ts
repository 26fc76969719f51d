/**
 * Where sent mail arrives: composes a real `.eml` of each, notices what was sent twice, and deletes what is old or too
 * much (`mailLifeMs`, `mailsBytes`). What comes back to the sender: `sandbox/inbox/inbox.ts`.
 */
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream, linkSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import MailComposer from "nodemailer/lib/mail-composer";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { moveFile, removeFile } from "../base/heldFiles.ts";
import { mailLifeMs, mailsBytes, safeMs } from "../base/mailLife.ts";
import { plainText } from "../base/plainText.ts";
import { Records } from "../base/records.ts";
import { Letter, type Person } from "./letter.ts";

/** A file of a mail. Its bytes are at `path` until the mail or draft that owns it is gone. */
export const Part = z.object({
  id: z.string(),
  filename: z.string(),
  contentType: z.string(),
  size: z.number(),
  sha256: z.string(),
  contentId: z.string().optional(),
  inline: z.boolean(),
  path: z.string(),
});
export type Part = z.infer<typeof Part>;

/** A mail that was sent. */
const Mail = z.object({
  id: z.string(),
  /** Counts up, so that two mails of the same millisecond have an order, too. */
  sequence: z.number(),
  sentAt: z.number(),
  grantId: z.string(),
  messageId: z.string(),
  letter: Letter,
  /** The mailbox's id for the thread that it is in. */
  threadId: z.string().optional(),
  /** The service's id for it, if it gave one. */
  serviceId: z.string().optional(),
  /** The `Message-ID` of the mail that it replies to. */
  inReplyTo: z.string().optional(),
  /** The recipients' servers are asked to confirm that it has arrived. */
  wantsReceipt: z.boolean().optional(),
  /** Addresses whose mailboxes did not accept it. */
  refusedBy: z.array(z.string()).default([]),
  attachments: z.array(Part.omit({ path: true })),
  /** The same for mails that a recipient would call the same. */
  sameAs: z.string(),
  idempotency: z.object({ key: z.string(), payload: z.string(), firstAt: z.number() }).optional(),
  /** The answer to the sender, so that a repeated request gets it again after a restart. */
  answer: z.unknown(),
});
export type Mail = z.infer<typeof Mail>;

/** Delivers a mail of this size; returns the addresses that did not accept it. */
export type Arrive = (mail: Omit<Mail, "answer">, bytes: number) => readonly string[];

export class Outbox {
  readonly #folder: string;
  readonly #parts: string;
  readonly #clock: Clock;
  readonly #mails: Records<Mail>;
  readonly #arrive: Arrive;

  /** @param arrive what happens to a mail at its destination (default: everybody accepts it) */
  constructor(folder: string, clock: Clock, arrive: Arrive = () => []) {
    this.#arrive = arrive;
    this.#folder = folder;
    this.#parts = join(folder, "parts");
    this.#clock = clock;
    mkdirSync(this.#parts, { recursive: true, mode: 0o700 });
    this.#mails = new Records(folder, Mail);
    // A mail that was being composed when the process ended was never sent.
    for (const name of readdirSync(folder)) if (name.endsWith(".part")) removeFile(join(folder, name));
  }

  /** Newest first. */
  get mails(): readonly Mail[] {
    return [...this.#mails.values()].sort((a, b) => b.sequence - a.sequence);
  }

  get(id: string): Mail | undefined {
    return this.#mails.get(id);
  }

  emlPath(id: string): string {
    return join(this.#folder, `${id}.eml`);
  }

  /** How often the mail that `mail` is one copy of was sent; more than once is a bug of the sender. */
  deliveriesOf(mail: Mail): number {
    return this.#mails.values().filter(({ sameAs }) => sameAs === mail.sameAs).length;
  }

  clear(): void {
    for (const { id } of this.#mails.values()) this.#forget(id);
  }

  /** Deletes old mails, and the oldest of the others when they take too much room. */
  forgetOld(): void {
    let bytes = 0;
    for (const { id, sentAt } of this.mails) {
      const age = this.#clock.now() - sentAt;
      bytes += statSync(this.emlPath(id), { throwIfNoEntry: false })?.size ?? 0;
      if (age > safeMs && (age > mailLifeMs || bytes > mailsBytes)) this.#forget(id);
    }
  }

  #forget(id: string): void {
    this.#mails.delete(id);
    removeFile(this.emlPath(id));
  }

  /** Stores bytes that came with a request as the file of a part. */
  keepBytes(bytes: Buffer): { path: string; size: number; sha256: string } {
    const path = join(this.#parts, randomUUID());
    writeFileSync(path, bytes, { mode: 0o600 });
    return { path, size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  }

  /** Gives a file a second name, so that it outlives the first. */
  async keepFile(source: string): Promise<string> {
    const path = join(this.#parts, randomUUID());
    try {
      linkSync(source, path);
    } catch {
      // Not every file system has hard links.
      await copyFile(source, path);
    }
    return path;
  }

  /** Deletes the files that a killed process has left behind. */
  dropAllBut(parts: readonly Part[]): void {
    const kept = new Set(parts.map(({ path }) => basename(path)));
    for (const name of readdirSync(this.#parts)) if (!kept.has(name)) removeFile(join(this.#parts, name));
  }

  drop(parts: readonly Part[]): void {
    for (const { path } of parts) removeFile(path);
  }

  /** The thread of the mail that this one replies to, if the subject is the same, as at Gmail and Outlook. */
  #threadOf({
    grantId,
    letter,
    inReplyTo,
  }: {
    grantId: string;
    letter: Letter;
    inReplyTo?: string | undefined;
  }) {
    const answered = this.mails.find((mail) => mail.grantId === grantId && mail.messageId === inReplyTo);
    return answered !== undefined && bare(answered.letter.subject) === bare(letter.subject)
      ? answered.threadId
      : undefined;
  }

  /** Composes the mail from disk to disk and stores it. `answer` makes the answer to the sender. */
  async deliver(
    sending: {
      /** The service's id for the mailbox that sends it. */
      grantId: string;
      letter: Letter;
      parts: readonly Part[];
      idempotency?: Mail["idempotency"];
      /** Set when the service gave it out before the mail was sent. */
      messageId?: string;
      /** That of the thread which begins with it. */
      threadId?: string;
      serviceId?: string;
      inReplyTo?: string | undefined;
      wantsReceipt?: boolean;
    },
    answer: (mail: Omit<Mail, "answer">) => unknown,
  ): Promise<Mail> {
    const { grantId, letter, parts, idempotency, serviceId, inReplyTo } = sending;
    const id = randomUUID();
    const sentAt = this.#clock.now();
    const messageId = sending.messageId ?? newMessageId(letter);
    const composing = `${this.emlPath(id)}.part`;
    try {
      await pipeline(
        compose(letter, parts, { messageId, sentAt, inReplyTo }),
        createWriteStream(composing, { mode: 0o600 }),
      );
    } catch (reason) {
      removeFile(composing);
      throw reason;
    }
    moveFile(composing, this.emlPath(id));
    const attachments = parts.map(({ path: _, ...part }) => part);
    const sequence = (this.mails[0]?.sequence ?? 0) + 1;
    const threadId = this.#threadOf(sending) ?? sending.threadId;
    const mail = {
      id,
      sequence,
      sentAt,
      grantId,
      messageId,
      letter,
      ...(threadId === undefined ? {} : { threadId }),
      ...(serviceId === undefined ? {} : { serviceId }),
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
      ...(sending.wantsReceipt === true ? { wantsReceipt: true } : {}),
      refusedBy: [],
      attachments,
      sameAs: digestOf(letter, attachments),
      ...(idempotency ? { idempotency } : {}),
    };
    const refusedBy = [...this.#arrive(mail, statSync(this.emlPath(id)).size)];
    const kept = { ...mail, refusedBy, answer: answer(mail) };
    this.#mails.put(id, kept);
    return kept;
  }
}

/** Without what mail programs put before the subject of a reply. */
function bare(subject: string): string {
  return subject.replace(/^((re|fw|fwd|aw|wg):\s*)+/i, "").trim();
}

/** A `Message-ID` in the sender's domain. */
export function newMessageId(letter: Letter): string {
  return `<${randomUUID()}@${letter.from[0]?.email.split("@")[1] ?? "freight-mail.example"}>`;
}

function compose(
  letter: Letter,
  parts: readonly Part[],
  { messageId, sentAt, inReplyTo }: { messageId: string; sentAt: number; inReplyTo?: string | undefined },
) {
  const composer = new MailComposer({
    from: letter.from.map(address),
    to: letter.to.map(address),
    cc: letter.cc.map(address),
    bcc: letter.bcc.map(address),
    replyTo: letter.replyTo.map(address),
    subject: letter.subject,
    date: new Date(sentAt),
    messageId,
    ...(inReplyTo === undefined ? {} : { inReplyTo, references: inReplyTo }),
    // An empty body still needs a part, or the first attachment becomes the mail's text. Beside HTML a
    // service puts plain text, for programs that show no HTML.
    text: (letter.isPlaintext ? letter.body : plainText(letter.body)) || "\n",
    ...(letter.isPlaintext ? {} : { html: letter.body || "\n" }),
    headers: letter.headers.map(({ name, value }) => ({ key: name, value })),
    attachments: parts.map((part) => ({
      filename: part.filename,
      path: part.path,
      // A declared multipart type would be taken for a part of this mail's structure.
      contentType: /^multipart\//i.test(part.contentType) ? "application/octet-stream" : part.contentType,
      contentDisposition: part.inline ? "inline" : "attachment",
      // For message/* as well: what was sent must come out byte for byte.
      contentTransferEncoding: "base64",
      ...(part.inline && part.contentId ? { cid: part.contentId } : {}),
    })),
  });
  const message = composer.compile();
  // This is the sender's copy, which shows Bcc.
  message.keepBcc = true;
  return message.createReadStream();
}

function address({ name, email }: Person): { name: string; address: string } {
  return { name: name ?? "", address: email };
}

/** A digest of everything that a recipient sees of a mail. */
function digestOf(letter: Letter, attachments: readonly Omit<Part, "path">[]): string {
  const files = attachments.map(({ filename, size, sha256 }) => `${filename} ${size} ${sha256}`).sort();
  return createHash("sha256")
    .update(JSON.stringify([letter, files]))
    .digest("hex")
    .slice(0, 32);
}
