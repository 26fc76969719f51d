/** Asks what a person should know before a mail leaves. Nothing is asked without a reason. */
import type { Account, AccountBook } from "../../accounts/accountBook.ts";
import { isCancellation } from "../../base/errors.ts";
import { knownAmong } from "../../delivery/compose/correspondents.ts";
import type { AttachmentRecord, DeliveryRecord } from "../../delivery/record/delivery.ts";
import type { DeliveryStore } from "../../delivery/record/store.ts";
import { adminCommands, messageLimit } from "../../delivery/rules/messageLimit.ts";
import { type QuestionReason, questionReasons } from "../../delivery/rules/questionReasons.ts";
import {
  type RecipientDoubts,
  type RecipientQuestions,
  recipientDoubts,
} from "../../delivery/rules/recipientDoubts.ts";
import { type FileLimit, fileLimit } from "../../delivery/words/sendMethod.ts";
import { MANAGED } from "../../policy/accountRules.ts";
import { formatBytes } from "../../shared/format.ts";
import type { FormProblem } from "../../shared/message.ts";
import { readEntries, unique } from "../../shared/recipients.ts";
import { shownRecipient } from "../../shared/shownRecipient.ts";
import type { Dialogs } from "./dialogs.ts";
import { plain } from "./plain.ts";

const SEND = "Send Anyway";
const COPY = "Copy PowerShell Commands";
/** More names than these nobody reads. */
const NAMED = 8;

export interface SendQuestionsOptions {
  readonly dialogs: Dialogs;
  readonly store: Pick<DeliveryStore, "find" | "get" | "list">;
  readonly book: Pick<AccountBook, "find" | "accounts">;
  /** What the person, or their organization, wants to have asked about recipients. */
  readonly recipients: () => RecipientQuestions & {
    readonly ownDomains: readonly string[];
    /** Whether the organization wants more asked than the person does. */
    readonly isManaged: boolean;
  };
  /** Megabytes by address: the setting. */
  readonly limits: () => Readonly<Record<string, number>>;
  /** Makes a zip of a file, under the name that recipients see, and gives it away. */
  readonly zip: (
    file: Pick<AttachmentRecord, "path" | "name">,
    limit: FileLimit,
    give: (zip: string) => Promise<void>,
  ) => Promise<void>;
}

/** Puts another file into the mail that is asked about, in the place of one that it has. */
export type Replace = (attachmentId: string, path: string) => Promise<void>;

/** What came of the questions: the mail may leave, or not, and then perhaps a field needs correcting. */
export type Consent = "leave" | "stay" | FormProblem;

export class SendQuestions {
  readonly #options: SendQuestionsOptions;

  constructor(options: SendQuestionsOptions) {
    this.#options = options;
  }

  /** Asks one after another, as long as the answers let the mail go. */
  async ask(deliveryId: string, replace: Replace): Promise<Consent> {
    const { store, book, limits } = this.#options;
    const account = book.find(store.get(deliveryId).accountId);
    const limit = account === undefined ? undefined : messageLimit(account, limits());
    for (const type of ["noSubject", "blockedTypes", "tooLarge", "recipients"] as const) {
      // Looked at anew: the answer before may have made zips of files.
      const delivery = store.find(deliveryId);
      if (delivery === undefined) return "stay";
      const doubts = type === "recipients" ? this.#doubts(delivery, account) : undefined;
      const reason = questionReasons(delivery, limit, doubts).find((found) => found.type === type);
      const consent = reason === undefined ? "leave" : await this.#askAbout(deliveryId, reason, replace);
      if (consent !== "leave") return consent;
    }
    return "leave";
  }

  #askAbout(deliveryId: string, reason: QuestionReason, replace: Replace): Promise<Consent> {
    switch (reason.type) {
      case "noSubject":
        return this.#askAboutSubject();
      case "blockedTypes":
        return this.#askAboutTypes(deliveryId, reason.attachments, replace);
      case "tooLarge":
        return this.#askAboutSize(deliveryId, reason);
      case "recipients":
        return this.#askAboutRecipients(reason);
    }
  }

  #doubts({ form }: DeliveryRecord, account: Account | undefined): RecipientDoubts | undefined {
    const { store, book, recipients } = this.#options;
    const { ownDomains, ...questions } = recipients();
    const readers = unique([form.to, form.cc, form.bcc].flatMap(readEntries)).flatMap(
      ({ recipient }) => recipient ?? [],
    );
    const circle = {
      from: account?.email,
      ours: { addresses: book.accounts.map(({ email }) => email), domains: ownDomains },
      known: knownAmong(form, store.list()),
    };
    return recipientDoubts(readers, circle, questions);
  }

  async #askAboutTypes(
    deliveryId: string,
    attachments: readonly AttachmentRecord[],
    replace: Replace,
  ): Promise<Consent> {
    const names = attachments.map(({ name }) => name);
    const zip = names.length === 1 ? "Zip It" : "Zip Them";
    const answer = await this.#options.dialogs.ask(
      "warning",
      names.length === 1
        ? plain(`Outlook hides “${names[0] ?? ""}” for its recipients.`)
        : `Outlook blocks ${names.length} of these files for its recipients.`,
      plain(
        `${[...names.slice(0, NAMED), ...(names.length > NAMED ? ["…"] : [])].join(", ")}: files of this kind are blocked. Most recipients can open them in a zip, but some companies scan zips too.`,
      ),
      ...[zip, SEND],
    );
    if (answer === SEND) return "leave";
    return answer === zip ? this.#zipAll(deliveryId, attachments, replace) : "stay";
  }

  async #zipAll(
    deliveryId: string,
    attachments: readonly AttachmentRecord[],
    replace: Replace,
  ): Promise<Consent> {
    const { store, book, zip } = this.#options;
    const limit = fileLimit(book.find(store.get(deliveryId).accountId)?.provider ?? null);
    try {
      for (const { id } of attachments) {
        // While the others were packed it may have been taken out, or got another name.
        const attachment = store.find(deliveryId)?.attachments.find((present) => present.id === id);
        if (attachment !== undefined) await zip(attachment, limit, (archive) => replace(id, archive));
      }
      return "leave";
    } catch (reason) {
      if (isCancellation(reason)) return "stay";
      throw reason;
    }
  }

  async #askAboutSize(
    deliveryId: string,
    { bytes, limit }: QuestionReason & { type: "tooLarge" },
  ): Promise<Consent> {
    const { store, book, dialogs } = this.#options;
    const account = book.find(store.get(deliveryId).accountId);
    const email = account?.email ?? "";
    // A limit that a person has set may be another provider's: there is no PowerShell for that.
    const isExchange = account?.provider === "microsoft";
    const answer = await dialogs.ask(
      "warning",
      `This mail is ${formatBytes(bytes)}; the mailbox can send at most ${formatBytes(limit)}.`,
      plain(
        `Files grow by a third in a mail. ${email} will probably refuse it unless an administrator has raised its limit${isExchange ? ", which the PowerShell commands do" : ""}. If you know the limit, enter it in the setting “Message Limits”. Recipients' mailboxes have limits of their own.`,
      ),
      ...(isExchange ? [COPY, SEND] : [SEND]),
    );
    if (answer === SEND) return "leave";
    if (answer === COPY) await copyAdminCommands(dialogs, email);
    return "stay";
  }

  async #askAboutSubject(): Promise<Consent> {
    const detail = "Recipients expect one, and some filters treat mail without a subject as spam.";
    const answer = await this.#options.dialogs.ask("warning", "Send without a subject?", detail, SEND);
    return answer === SEND ? "leave" : { field: "subject", message: "The mail has no subject." };
  }

  async #askAboutRecipients({ people, many }: RecipientDoubts): Promise<Consent> {
    const { dialogs, recipients } = this.#options;
    const [first, ...others] = people;
    const whom =
      many !== undefined
        ? `${many} recipients`
        : others.length === 0
          ? shownRecipient(first ?? { name: null, email: "" })
          : `these ${people.length} recipients`;
    const lines = people
      .slice(0, NAMED)
      .map((person) => `${shownRecipient(person)}: ${person.why.join(", ")}`);
    const more = people.length > NAMED ? [`and ${people.length - NAMED} more`] : [];
    const detail = [...lines, ...more, ...(recipients().isManaged ? [`${MANAGED}.`] : [])]
      .map(plain)
      .join("\n");
    const answer = await dialogs.ask("warning", plain(`Send to ${whom}?`), detail, SEND);
    return answer === SEND ? "leave" : "stay";
  }
}

/** Puts into the clipboard what an administrator of Exchange Online runs. */
export function copyAdminCommands(dialogs: Pick<Dialogs, "copy">, mailbox: string): Promise<void> {
  return dialogs.copy(adminCommands(mailbox), "Commands for Exchange Online PowerShell copied", 5000);
}
