/** Asks what a person should know before a mail leaves. Nothing is asked without a reason. */
import type { Account, AccountBook } from "../../accounts/accountBook.ts";
import { isCancellation } from "../../base/errors.ts";
import { knownAmong } from "../../delivery/compose/correspondents.ts";
import { learnedLimits } from "../../delivery/compose/learnedLimits.ts";
import type { AttachmentRecord, DeliveryRecord } from "../../delivery/record/delivery.ts";
import type { DeliveryStore } from "../../delivery/record/store.ts";
import { adminCommands, isOfExchange } from "../../delivery/rules/messageLimit.ts";
import { type QuestionReason, questionReasons } from "../../delivery/rules/questionReasons.ts";
import {
  type RecipientDoubts,
  type RecipientQuestions,
  recipientDoubts,
} from "../../delivery/rules/recipientDoubts.ts";
import { type FileLimit, fileLimit, mailboxOf } from "../../delivery/words/sendMethod.ts";
import { MANAGED } from "../../policy/accountRules.ts";
import type { Circle } from "../../shared/circle.ts";
import { formatBytes } from "../../shared/format.ts";
import type { FormProblem } from "../../shared/message.ts";
import { type Recipient, readEntries, unique } from "../../shared/recipients.ts";
import { shownRecipient } from "../../shared/shownRecipient.ts";
import { arrivalDoubts, messageBytes, type SendLimit, theirWords } from "../../shared/summary/arrival.ts";
import type { Dialogs } from "./dialogs.ts";
import { plain } from "./plain.ts";

const SEND = "Send Anyway";
const COPY = "Copy PowerShell Commands";
const OTHER_LIMITS = "Recipients' mailboxes have limits of their own.";
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
  /** What a mailbox sends at most. */
  readonly sendLimit: (account: Account | undefined) => SendLimit | null;
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
    const { store, book, sendLimit } = this.#options;
    const account = book.find(store.get(deliveryId).accountId);
    const limit = sendLimit(account);
    for (const type of ["noSubject", "blockedTypes", "tooLarge", "recipients"] as const) {
      // Looked at anew: the answer before may have made zips of files.
      const delivery = store.find(deliveryId);
      if (delivery === undefined) return "stay";
      const doubts = type === "recipients" ? this.#doubts(delivery, account) : undefined;
      const arrival = type === "tooLarge" ? this.#arrival(delivery, account, limit) : undefined;
      const reason = questionReasons(delivery, arrival, doubts).find((found) => found.type === type);
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

  #arrival({ form, attachments }: DeliveryRecord, account: Account | undefined, limit: SendLimit | null) {
    const sizes = attachments.filter(({ asLink }) => !asLink).map(({ size }) => size);
    const bytes = messageBytes(sizes, Buffer.byteLength(form.body));
    const emails = everyone(form).map(({ email }) => email);
    return arrivalDoubts(
      bytes,
      emails,
      limit,
      this.#circle(account),
      learnedLimits(this.#options.store.list()),
    );
  }

  #circle(account: Account | undefined): Omit<Circle, "known"> {
    const { book, recipients } = this.#options;
    return {
      from: account?.email,
      ours: { addresses: book.accounts.map(({ email }) => email), domains: recipients().ownDomains },
    };
  }

  #doubts({ form }: DeliveryRecord, account: Account | undefined): RecipientDoubts | undefined {
    const { store, recipients } = this.#options;
    const circle = { ...this.#circle(account), known: knownAmong(form, store.list()) };
    return recipientDoubts(everyone(form), circle, recipients());
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
    const limit = fileLimit(mailboxOf(book.find(store.get(deliveryId).accountId)));
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
    { bytes, own, theirs }: QuestionReason & { type: "tooLarge" },
  ): Promise<Consent> {
    const { store, book, dialogs } = this.#options;
    const account = book.find(store.get(deliveryId).accountId);
    const email = account?.email ?? "";
    // For other mailboxes, and for a recipient's, there is no PowerShell.
    const canRaise = own !== undefined && account !== undefined && isOfExchange(account);
    const refused = canRaise
      ? `${email} will probably refuse it unless an administrator has raised its limit, which the PowerShell commands do. If you know the limit, enter it in the setting “Message Limits”.`
      : own !== undefined
        ? `${email} will probably refuse it. If its limit is another one, enter that in the setting “Message Limits”.`
        : "It will probably come back to you as undeliverable.";
    const answer = await dialogs.ask(
      "warning",
      own === undefined && theirs !== undefined
        ? plain(`This mail is ${formatBytes(bytes)}; ${theirWords(theirs)}`)
        : `This mail is ${formatBytes(bytes)}; the mailbox can send at most ${formatBytes(own?.bytes ?? bytes)}.`,
      plain(
        [
          "Files grow by a third in a mail.",
          refused,
          ...(own === undefined ? [] : [theirs === undefined ? OTHER_LIMITS : theirWords(theirs)]),
        ].join(" "),
      ),
      ...(canRaise ? [COPY, SEND] : [SEND]),
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

/** Whoever gets the mail, each once. */
function everyone({ to, cc, bcc }: DeliveryRecord["form"]): Recipient[] {
  return unique([to, cc, bcc].flatMap(readEntries)).flatMap(({ recipient }) => recipient ?? []);
}

/** Puts into the clipboard what an administrator of Exchange Online runs. */
export function copyAdminCommands(dialogs: Pick<Dialogs, "copy">, mailbox: string): Promise<void> {
  return dialogs.copy(adminCommands(mailbox), "Commands for Exchange Online PowerShell copied", 5000);
}
