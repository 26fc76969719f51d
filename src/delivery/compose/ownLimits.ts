/** How large a mail each mailbox has sent or refused: kept by its address, even when the mails are gone. */
import * as z from "zod";
import { type Account, isPractice, type Memento } from "../../accounts/accountBook.ts";
import { FreightError } from "../../base/errors.ts";
import { explain, type Log } from "../../base/log.ts";
import { addressKey } from "../../shared/recipients.ts";
import { ALWAYS_TAKEN, type ShownSize } from "../../shared/summary/sizeDoubts.ts";
import { limitIn } from "../arrival/refusal.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { sentBytes } from "./learnedLimits.ts";

const bytes = z.number().positive().optional();
const Kept = z.record(z.string(), z.object({ refused: bytes, told: bytes, taken: bytes })).catch({});

export interface OwnLimitsOptions {
  /** Outlives the process. */
  readonly memory: Pick<Memento, "get" | "update">;
  readonly accounts: { find(id: string | null): Account | undefined };
  readonly log: Log;
}

type SomeMail = Pick<DeliveryRecord, "accountId" | "attachments" | "event" | "form">;

const KEY = "ownLimits";
const MOST_MAILBOXES = 50;

export class OwnLimits {
  readonly #options: OwnLimitsOptions;

  constructor(options: OwnLimitsOptions) {
    this.#options = options;
  }

  /** What is known of a mailbox; empty if nothing is. */
  of({ email }: Pick<Account, "email">): ShownSize {
    return this.#kept()[addressKey(email)] ?? {};
  }

  /** Notes a failure to send a mail or a file of it, if the mailbox itself said that it was too large. */
  failed(mail: SomeMail, reason: unknown): void {
    if (reason instanceof FreightError && reason.ofSize !== undefined) this.refused(mail, reason.ofSize);
  }

  /** Notes that a mail was refused as too large. @param words what the mailbox's own service said */
  refused(mail: SomeMail, words: string): void {
    // A file too large for the storage of links says nothing about the mailbox.
    if (mail.attachments.every(({ asLink }) => asLink)) return;
    const size = sentBytes(mail);
    const named = limitIn(words);
    this.#note(mail, ({ refused = size, taken, told }) => ({
      refused: Math.min(refused, size),
      told:
        named !== undefined && named < size ? named : told !== undefined && told < size ? told : undefined,
      taken: taken !== undefined && taken < size ? taken : undefined,
    }));
  }

  /** Notes that a mail was sent. Drops a refusal that this contradicts: somebody has raised the limit. */
  sent(mail: SomeMail): void {
    const size = sentBytes(mail);
    if (size < ALWAYS_TAKEN && this.#shown(mail)?.refused === undefined) return;
    this.#note(mail, ({ refused, told, taken = 0 }) => ({
      ...(refused !== undefined && refused > size && (told === undefined || told >= size)
        ? { refused, told }
        : {}),
      taken: Math.max(taken, size),
    }));
  }

  #shown({ accountId }: SomeMail): ShownSize | undefined {
    const account = this.#options.accounts.find(accountId);
    return account && this.of(account);
  }

  #note(mail: SomeMail, change: (known: ShownSize) => ShownSize): void {
    const { accounts, memory, log } = this.#options;
    const account = accounts.find(mail.accountId);
    // The practice mailbox refuses whatever a person wants to see refused; events have limits of their own.
    if (account === undefined || isPractice(account) || mail.event !== null) return;
    const key = addressKey(account.email);
    const { [key]: known = {}, ...others } = this.#kept();
    const next = [...Object.entries(others), [key, change(known)] as const].slice(-MOST_MAILBOXES);
    memory
      .update(KEY, Object.fromEntries(next))
      .then(undefined, (reason: unknown) => log.warn(`A limit was not noted: ${explain(reason)}`));
  }

  #kept(): z.infer<typeof Kept> {
    return Kept.parse(this.#options.memory.get(KEY) ?? {});
  }
}
