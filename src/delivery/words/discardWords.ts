/** What is asked before a mail is discarded that was not sent: it names all that is lost. */
import { counted } from "../../shared/format.ts";
import { everybody } from "../../shared/message.ts";
import { parseRecipients, type Recipient } from "../../shared/recipients.ts";
import { shownAddress } from "../../shared/shownRecipient.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { mailName } from "../record/describeMail.ts";
import type { MailSet } from "../record/mailSet.ts";

/** More addresses than these nobody reads. */
const NAMED = 5;

export interface DiscardQuestion {
  readonly question: string;
  readonly detail: string;
}

export function discardQuestion(delivery: DeliveryRecord): DiscardQuestion {
  const { form, phase, attachments, event, set, savedDraft } = delivery;
  const people = recipientsOf(delivery);
  const to = people.length === 0 ? "" : ` to ${counted(people.length, "person", "people")}`;
  // The others answer the first: without it there is nothing to answer.
  const all = set?.at === 0 && phase !== "unconfirmed" ? set : undefined;
  const count = all === undefined ? attachments.length : countFiles(all);
  const mails = all === undefined ? "" : ` in ${all.mails.length} mails`;
  const files = count === 0 ? "" : ` with ${counted(count, "file")}${mails}`;
  const what =
    event !== null
      ? `the files for “${event.subject}”`
      : form.subject === ""
        ? "this mail"
        : `“${mailName(delivery)}”`;
  const becomes =
    phase === "unconfirmed"
      ? "It may have been sent, or be in Drafts: whatever is on the server stays there. Its text is deleted here."
      : savedDraft !== null
        ? "It was not sent. What you have changed since you saved it as a draft is deleted; that draft stays in Drafts. Your files stay where they are."
        : "It was not sent. Its text and everything uploaded for it are deleted. Your files stay where they are.";
  return {
    question: `Discard ${what}${to}${files}?`,
    detail: [named(people), becomes, setBecomes(delivery)].filter(Boolean).join(" "),
  };
}

/** The parts of a file are one. */
function countFiles({ files, cut = [] }: MailSet): number {
  return files.length - cut.reduce((more, { parts }) => more + parts.length - 1, 0);
}

/** What a later mail of a set takes with it; the first one takes all. */
function setBecomes({ set, phase, attachments }: DeliveryRecord): string {
  if (set === null || set.at === 0 || phase === "unconfirmed") return "";
  const hasPart = attachments.some(({ part }) => part !== undefined);
  if (set.answers !== null)
    return hasPart ? "Without it, the parts that were sent cannot be put together." : "";
  return hasPart
    ? `All ${set.mails.length} mails are taken back: the other files are in one mail again, which is not sent, and the file that this is a part of is left out.`
    : `All ${set.mails.length} mails are taken back: the other files are in one mail again, which is not sent.`;
}

function recipientsOf({ message, form }: DeliveryRecord): readonly Recipient[] {
  if (message !== null) return everybody(message);
  return [form.to, form.cc, form.bcc].flatMap((list) => parseRecipients(list).recipients);
}

function named(people: readonly Recipient[]): string {
  if (people.length === 0) return "";
  const more = people.length > NAMED ? ` and ${people.length - NAMED} more` : "";
  return `Recipients: ${people
    .slice(0, NAMED)
    .map(({ email }) => shownAddress(email))
    .join(", ")}${more}.`;
}
