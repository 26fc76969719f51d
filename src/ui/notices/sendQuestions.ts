/** Before a mail leaves, asks about everything doubtful in one dialog; asks nothing without a reason. */
import type { Account, AccountBook } from "../../accounts/accountBook.ts";
import { isCancellation } from "../../base/errors.ts";
import { knownAmong } from "../../delivery/compose/correspondents.ts";
import { learnedLimits } from "../../delivery/compose/learnedLimits.ts";
import type { MailHosts } from "../../delivery/compose/mailHosts.ts";
import type { AttachmentRecord, DeliveryRecord, Purpose } from "../../delivery/record/delivery.ts";
import { adminCommands, isOfExchange } from "../../delivery/rules/messageLimit.ts";
import { type QuestionReason, questionReasons } from "../../delivery/rules/questionReasons.ts";
import {
  type RecipientDoubts,
  type RecipientQuestions,
  recipientDoubts,
} from "../../delivery/rules/recipientDoubts.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { type FileLimit, fileLimit, mailboxOf } from "../../delivery/words/sendMethod.ts";
import { managed } from "../../policy/accountRules.ts";
import { labelled, moreFiles, moreRecipients, NAMES_READ, someLines, someOf } from "../../shared/format.ts";
import { listOf, plural, t } from "../../shared/l10n.ts";
import type { FormProblem } from "../../shared/message.ts";
import type { Circle } from "../../shared/outsiders.ts";
import { type Recipient, readEntries, unique } from "../../shared/recipients.ts";
import { shownRecipient } from "../../shared/shownRecipient.ts";
import { arrivalDoubts, messageBytes, mostBoth, type SendLimit } from "../../shared/summary/sizeDoubts.ts";
import type { Dialogs } from "./dialogs.ts";
import { plain } from "./plain.ts";
import { sizeQuestion, type TooLarge } from "./sizeQuestion.ts";

export interface SendQuestionsOptions {
  readonly dialogs: Dialogs;
  readonly store: Pick<DeliveryStore, "find" | "get" | "list">;
  readonly book: Pick<AccountBook, "find" | "accounts">;
  /** What the person or their organization wants asked about recipients. */
  readonly recipients: () => RecipientQuestions & {
    readonly ownDomains: readonly string[];
    /** Whether the organization requires more questions than the person chose. */
    readonly isManaged: boolean;
  };
  /** The largest mail that an account's mailbox sends; null if unknown. */
  readonly sendLimit: (account: Account | undefined) => SendLimit | null;
  /** The largest mails that recipients' providers accept. */
  readonly mailHosts: Pick<MailHosts, "of">;
  /** Zips a file, under the name that recipients see, and gives the zip. */
  readonly zip: (
    file: Pick<AttachmentRecord, "path" | "name">,
    limit: FileLimit,
    give: (zip: string) => Promise<void>,
  ) => Promise<void>;
}

/** Replaces a file of the mail that is being asked about. */
export type Replace = (attachmentId: string, path: string) => Promise<void>;

/** The result: the mail may leave or has to stay, or a field has to be corrected first. */
export type Consent = "leave" | "stay" | FormProblem;

/** One thing to say before a mail leaves. */
interface Doubt {
  /** The wording if it is the only one. */
  readonly question: string;
  /** The wording in a list. */
  readonly line: string;
  readonly detail: string;
  /** A button that fixes it, or leads to where it can be fixed. */
  readonly fix?: { readonly label: string; readonly act: () => Promise<Consent | "mended"> };
}

export class SendQuestions {
  readonly #options: SendQuestionsOptions;

  constructor(options: SendQuestionsOptions) {
    this.#options = options;
  }

  /** Asks about everything at once. After a button has fixed something, asks again about the rest. */
  async ask(deliveryId: string, replace: Replace, purpose?: Purpose): Promise<Consent> {
    for (;;) {
      const delivery = this.#options.store.find(deliveryId);
      if (delivery === undefined) return "stay";
      const reasons = this.#reasons(delivery, purpose);
      if (reasons.length === 0) return "leave";
      const doubts = reasons.map((reason) => this.#doubt(delivery, reason, replace));
      const consent = await this.#askAbout(doubts);
      if (consent !== "mended") return consent;
    }
  }

  #reasons(delivery: DeliveryRecord, purpose: Purpose | undefined): QuestionReason[] {
    const account = this.#options.book.find(delivery.accountId);
    const limit = this.#options.sendLimit(account);
    return questionReasons(
      delivery,
      // Somebody who sends it as several mails has already been told that it is too large.
      purpose?.type === "send" && purpose.inMails === true
        ? undefined
        : this.#arrival(delivery, account, limit),
      this.#recipientDoubts(delivery, account),
    );
  }

  async #askAbout(doubts: readonly Doubt[]): Promise<Consent | "mended"> {
    const fixes = doubts.flatMap(({ fix }) => fix ?? []);
    const [only] = doubts;
    const send = t("Send Anyway");
    const buttons = [...fixes.map(({ label }) => label), send];
    const answer =
      doubts.length === 1 && only !== undefined
        ? await this.#options.dialogs.ask("warning", only.question, only.detail, ...buttons)
        : await this.#options.dialogs.ask(
            "warning",
            t("Send this mail as it is?"),
            doubts.map(({ line, detail }) => `• ${[line, detail].join("\n").trimEnd()}`).join("\n\n"),
            ...buttons,
          );
    if (answer === send) return "leave";
    return (await fixes.find(({ label }) => label === answer)?.act()) ?? "stay";
  }

  #doubt(delivery: DeliveryRecord, reason: QuestionReason, replace: Replace): Doubt {
    switch (reason.type) {
      case "noSubject":
        return subjectDoubt(delivery);
      case "blockedTypes":
        return this.#typeDoubt(delivery.id, reason.attachments, replace);
      case "tooLarge":
        return this.#sizeDoubt(delivery, reason);
      case "recipients":
        return this.#peopleDoubt(reason);
    }
  }

  #arrival(delivery: DeliveryRecord, account: Account | undefined, limit: SendLimit | null) {
    const { form, attachments } = delivery;
    const sizes = attachments.filter(({ asLink }) => !asLink).map(({ size }) => size);
    const bytes = messageBytes(sizes, Buffer.byteLength(form.body));
    const emails = everyone(form).map(({ email }) => email);
    return arrivalDoubts(bytes, emails, limit, this.#circle(account), this.#learned(delivery));
  }

  /** The largest mail that the sender's and the recipients' mailboxes all accept, in bytes once encoded. */
  mostBoth(delivery: DeliveryRecord): number {
    const { form, accountId } = delivery;
    const { book, sendLimit } = this.#options;
    const account = book.find(accountId);
    const emails = everyone(form).map(({ email }) => email);
    return mostBoth(emails, sendLimit(account), this.#circle(account), this.#learned(delivery));
  }

  #learned(delivery: DeliveryRecord) {
    const { store, mailHosts } = this.#options;
    return [...learnedLimits(store.list()), ...mailHosts.of(delivery)];
  }

  #circle(account: Account | undefined): Omit<Circle, "known"> {
    const { book, recipients } = this.#options;
    return {
      from: account?.email,
      ours: { addresses: book.accounts.map(({ email }) => email), domains: recipients().ownDomains },
    };
  }

  #recipientDoubts({ form }: DeliveryRecord, account: Account | undefined): RecipientDoubts | undefined {
    const { store, recipients } = this.#options;
    const circle = { ...this.#circle(account), known: knownAmong(form, store.list()) };
    return recipientDoubts(everyone(form), circle, recipients());
  }

  #typeDoubt(deliveryId: string, attachments: readonly AttachmentRecord[], replace: Replace): Doubt {
    const names = attachments.map(({ name }) => name);
    const line =
      names.length === 1
        ? plain(t("Outlook blocks “{0}” for its recipients.", names[0] ?? ""))
        : t("Outlook blocks {0} of these files for its recipients.", names.length);
    return {
      question: line,
      line,
      detail: plain(
        t(
          "{0}: files of this kind are blocked. Most recipients can open them in a zip, but some companies scan zips too.",
          someOf(names, NAMES_READ, moreFiles),
        ),
      ),
      fix: {
        label: names.length === 1 ? t("Zip It") : t("Zip Them"),
        act: () => this.#zipAll(deliveryId, attachments, replace),
      },
    };
  }

  async #zipAll(
    deliveryId: string,
    attachments: readonly AttachmentRecord[],
    replace: Replace,
  ): Promise<"mended" | "stay"> {
    const { store, book, zip } = this.#options;
    const limit = fileLimit(mailboxOf(book.find(store.get(deliveryId).accountId)));
    try {
      for (const { id } of attachments) {
        // It may have been removed or renamed while the others were packed.
        const attachment = store.find(deliveryId)?.attachments.find((present) => present.id === id);
        if (attachment !== undefined) await zip(attachment, limit, (archive) => replace(id, archive));
      }
      return "mended";
    } catch (reason) {
      if (isCancellation(reason)) return "stay";
      throw reason;
    }
  }

  #sizeDoubt({ accountId }: DeliveryRecord, reason: TooLarge): Doubt {
    const { book, dialogs } = this.#options;
    const account = book.find(accountId);
    const email = account?.email ?? "";
    // The commands work only for an Exchange mailbox of the sender.
    const canRaise = reason.own !== undefined && account !== undefined && isOfExchange(account);
    const { line, detail } = sizeQuestion(reason, email, canRaise);
    const copy = async (): Promise<Consent> => {
      await copyAdminCommands(dialogs, email);
      return "stay";
    };
    return {
      question: line,
      line,
      detail,
      ...(canRaise ? { fix: { label: t("Copy PowerShell Commands"), act: copy } } : {}),
    };
  }

  #peopleDoubt({ people, many }: RecipientDoubts): Doubt {
    const [first, ...others] = people;
    const question =
      many !== undefined
        ? plural(many, "Send to {0} recipient?", "Send to {0} recipients?")
        : others.length === 0
          ? t("Send to {0}?", shownRecipient(first ?? { name: null, email: "" }))
          : t("Send to these {0} recipients?", people.length);
    const lines = people.map((person) => labelled(shownRecipient(person), listOf(person.why)));
    const isManaged = this.#options.recipients().isManaged;
    return {
      question: plain(question),
      line:
        many === undefined
          ? t("Check the recipients:")
          : plural(many, "It goes to {0} recipient.", "It goes to {0} recipients."),
      detail: [...someLines(lines, moreRecipients), ...(isManaged ? [managed()] : [])].map(plain).join("\n"),
    };
  }
}

function subjectDoubt({ form }: DeliveryRecord): Doubt {
  const isEmpty = form.body.trim() === "";
  return {
    question: isEmpty ? t("Send without a subject or text?") : t("Send without a subject?"),
    line: isEmpty ? t("The mail has no subject and no text.") : t("The mail has no subject."),
    detail: t("Recipients expect a subject, and some filters treat mail without one as spam."),
    fix: { label: t("Add a Subject"), act: async () => ({ field: "subject", message: t("Add a subject.") }) },
  };
}

/** Everybody who gets the mail, each once. */
function everyone({ to, cc, bcc }: DeliveryRecord["form"]): Recipient[] {
  return unique([to, cc, bcc].flatMap(readEntries)).flatMap(({ recipient }) => recipient ?? []);
}

/** Copies the commands that an administrator of Exchange Online runs to the clipboard. */
export function copyAdminCommands(dialogs: Pick<Dialogs, "copy">, mailbox: string): Promise<void> {
  return dialogs.copy(adminCommands(mailbox), t("Commands for Exchange Online PowerShell copied"), 5000);
}
