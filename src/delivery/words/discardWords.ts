/** The question before an unsent mail is discarded: it names everything that will be lost. */
import { moreRecipients, someOf } from "../../shared/format.ts";
import { plural, sentences, t } from "../../shared/l10n.ts";
import { everybody } from "../../shared/message.ts";
import { parseRecipients, type Recipient } from "../../shared/recipients.ts";
import { shownAddress } from "../../shared/shownRecipient.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { mailName } from "../record/describeMail.ts";
import type { MailSet } from "../record/mailSet.ts";

/** Nobody reads more addresses than this. */
const NAMED = 5;

export interface DiscardQuestion {
  readonly question: string;
  readonly detail: string;
}

export function discardQuestion(delivery: DeliveryRecord): DiscardQuestion {
  const { phase, savedDraft } = delivery;
  const becomes =
    phase === "unconfirmed"
      ? t(
          "It may have been sent, or be in Drafts: whatever is on the server stays there. Its text is deleted here.",
        )
      : savedDraft !== null
        ? t(
            "It was not sent. What you have changed since you saved it as a draft is deleted; that draft stays in Drafts. Your files stay where they are.",
          )
        : t(
            "It was not sent. Its text and everything uploaded for it are deleted. Your files stay where they are.",
          );
  return {
    question: question(delivery),
    detail: sentences(named(recipientsOf(delivery)), becomes, setBecomes(delivery)),
  };
}

function question(delivery: DeliveryRecord): string {
  const { form, phase, attachments, event, set } = delivery;
  if (event !== null) return t("Discard the files for “{0}”?", event.subject);
  const name = form.subject === "" ? undefined : mailName(delivery);
  // The other mails of the set are replies to the first, and go with it.
  if (set?.at === 0 && phase !== "unconfirmed") return setQuestion(set, name);
  const count = attachments.length;
  if (count === 0) return name === undefined ? t("Discard this mail?") : t("Discard “{0}”?", name);
  return name === undefined
    ? plural(count, "Discard this mail with {0} file?", "Discard this mail with {0} files?")
    : plural(count, "Discard “{1}” with {0} file?", "Discard “{1}” with {0} files?", name);
}

function setQuestion(set: MailSet, name: string | undefined): string {
  const [count, mails] = [countFiles(set), set.mails.length];
  return name === undefined
    ? plural(
        count,
        "Discard this mail with {0} file in {1} mails?",
        "Discard this mail with {0} files in {1} mails?",
        mails,
      )
    : plural(
        count,
        "Discard “{1}” with {0} file in {2} mails?",
        "Discard “{1}” with {0} files in {2} mails?",
        name,
        mails,
      );
}

/** Counts the parts of a split file as one. */
function countFiles({ files, cut = [] }: MailSet): number {
  return files.length - cut.reduce((more, { parts }) => more + parts.length - 1, 0);
}

/** What discarding a later mail of a set means for the others; the first takes all of them with it. */
function setBecomes({ set, phase, attachments }: DeliveryRecord): string {
  if (set === null || set.at === 0 || phase === "unconfirmed") return "";
  const hasPart = attachments.some(({ part }) => part !== undefined);
  if (set.answers !== null)
    return hasPart ? t("Without it, the parts that were sent cannot be put together.") : "";
  return hasPart
    ? t(
        "All {0} mails are taken back: the other files are in one mail again, which is not sent, and the file that this is a part of is left out.",
        set.mails.length,
      )
    : t(
        "All {0} mails are taken back: the other files are in one mail again, which is not sent.",
        set.mails.length,
      );
}

function recipientsOf({ message, form }: DeliveryRecord): readonly Recipient[] {
  if (message !== null) return everybody(message);
  return [form.to, form.cc, form.bcc].flatMap((list) => parseRecipients(list).recipients);
}

function named(people: readonly Recipient[]): string {
  if (people.length === 0) return "";
  const addresses = people.map(({ email }) => shownAddress(email));
  const names = someOf(addresses, NAMED, moreRecipients);
  return plural(people.length, "{0} recipient: {1}.", "{0} recipients: {1}.", names);
}
