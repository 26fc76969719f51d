/** What is known of a sent mail, in words: whether it came back and why, or was delivered. Pure. */
import { unreachable } from "../../base/errors.ts";
import type { ProblemView, Remedy } from "../../shared/contract/snapshot.ts";
import { formatMoment, moreRecipients, noted, someOf } from "../../shared/format.ts";
import { plural, sentences, t } from "../../shared/l10n.ts";
import { addressKey } from "../../shared/recipients.ts";
import { shownAddress } from "../../shared/shownRecipient.ts";
import { type ReturnNote, refusals } from "../arrival/arrival.ts";
import type { RefusalReason } from "../arrival/refusal.ts";
import type { DeliveryRecord } from "../record/delivery.ts";

type SentMail = Pick<DeliveryRecord, "arrival" | "attachments" | "hasLinks" | "message">;

/** Remedies that start a mail only for recipients whom the first one did not reach. */
export type ReturnRemedy = Extract<
  Remedy,
  "compressAndSend" | "sendLink" | "correctAddress" | "sendToRefused"
>;

/** What helps, best first. */
const REMEDIES: Readonly<Record<RefusalReason, readonly Remedy[]>> = {
  tooLarge: ["compressAndSend", "sendLink", "sendToRefused"],
  ownLimit: ["copyAdminCommand", "compressAndSend", "sendLink"],
  blockedFile: ["compressAndSend", "sendLink", "sendToRefused"],
  noAddress: ["correctAddress"],
  mailboxFull: ["sendToRefused"],
  gaveUp: ["sendToRefused"],
  refused: ["sendToRefused"],
  unknown: ["sendToRefused"],
};

/** "came back: too large (ann@gmail.com)"; undefined if the mail did not come back. */
export function cameBack(delivery: SentMail): string | undefined {
  const notes = refusals(delivery);
  const [first] = notes;
  if (first === undefined) return undefined;
  const reasons = new Set(notes.map(({ reason }) => reason));
  const why = SHORT[reasons.size === 1 ? first.reason : "unknown"]();
  return first.reason === "ownLimit"
    ? t("came back: {0}", why)
    : t("came back: {0} ({1})", why, names(notes));
}

const SHORT: Readonly<Record<RefusalReason, () => string>> = {
  tooLarge: () => t("too large"),
  ownLimit: () => t("larger than your organization allows"),
  blockedFile: () => t("file type not accepted"),
  noAddress: () => t("no such address"),
  mailboxFull: () => t("mailbox full"),
  gaveUp: () => t("server not reached"),
  refused: () => t("refused"),
  unknown: () => t("not delivered"),
};

/** The recipients that a remedy for a mail that came back is for. */
export function refusedBy(delivery: SentMail, remedy: ReturnRemedy): string[] {
  return refusals(delivery).flatMap(({ email, reason }) =>
    email !== null && remediesOf(delivery, reason).includes(remedy) ? [email] : [],
  );
}

/** If a mail came back: for whom and why, and what to do about it; otherwise null. */
export function returnProblem(delivery: SentMail): ProblemView | null {
  const notes = refusals(delivery);
  const [first] = notes;
  if (first === undefined) return null;
  const isAlike = notes.every(({ reason }) => reason === first.reason);
  const message = isAlike
    ? sentences(t("Not delivered to {0}: {1}.", names(notes), because(first.reason)), quoted(first))
    : t(
        "Not delivered: {0}.",
        someOf(
          notes.map((note) => noted(names([note]), SHORT[note.reason]())),
          NAMED,
          moreRecipients,
        ),
      );
  const wanted = [...new Set(notes.flatMap(({ reason }) => remediesOf(delivery, reason)))];
  const [remedy = null, also] = wanted.flatMap((one) => {
    const text = label(delivery, one);
    return text === undefined ? [] : [{ remedy: one, label: text }];
  });
  return { message, remedy, ...(also === undefined ? {} : { also }), requestId: null };
}

/** Names of files that a zip does not make smaller. */
const PACKED =
  /\.(zip|gz|tgz|bz2|xz|7z|rar|zst|br|jar|war|apk|vsix|png|jpe?g|gif|webp|heic|avif|mp4|m4v|mov|mkv|avi|webm|mp3|m4a|aac|ogg|flac|docx|xlsx|pptx|od[tsp]|pdf)$/i;

function remediesOf({ attachments, hasLinks }: SentMail, reason: RefusalReason): readonly Remedy[] {
  const isPacked = attachments.every(({ name }) => PACKED.test(name));
  const isAttached = attachments.some(({ asLink }) => !asLink);
  const ways = REMEDIES[reason].filter((one) => {
    if (one === "compressAndSend") return !isPacked;
    return one !== "sendLink" || (hasLinks && isAttached);
  });
  // Sent again unchanged, the mail would come back again. Offer that only if nothing else helps.
  const isMended = ways.some((one) => one === "compressAndSend" || one === "sendLink");
  return isMended ? ways.filter((one) => one !== "sendToRefused") : ways;
}

/** Undefined if the remedy is for nobody: a report may name no recipient of the mail. */
function label(delivery: SentMail, remedy: Remedy): string | undefined {
  if (remedy === "copyAdminCommand") return t("Copy PowerShell Commands");
  const isOurs = remedy === "compressAndSend" || remedy === "sendLink" || remedy === "correctAddress";
  const whom = refusedBy(delivery, isOurs ? remedy : "sendToRefused");
  if (whom.length === 0) return undefined;
  if (remedy === "correctAddress") return t("Correct the Address…");
  const names =
    whom.length === 1 ? shownAddress(whom[0] ?? "") : plural(whom.length, "{0} Recipient", "{0} Recipients");
  if (!isOurs) return t("Send Again to {0}…", names);
  return remedy === "sendLink" ? t("Send a Link to {0}…", names) : t("Compress and Send to {0}…", names);
}

function because(reason: RefusalReason): string {
  switch (reason) {
    case "tooLarge":
      return t("the mail is too large for the mailbox");
    case "ownLimit":
      return t("the mail is larger than your organization allows");
    case "blockedFile":
      return t("the server does not accept this kind of file");
    case "noAddress":
      return t("there is no such address");
    case "mailboxFull":
      return t("the mailbox is full");
    case "gaveUp":
      return t("the mail server could not be reached and the mail was given up");
    case "refused":
      return t("the mail server refused it");
    case "unknown":
      return t("the mail server sent it back");
    default:
      return unreachable(reason);
  }
}

/** The server's own words, if ours do not say it all. */
function quoted({ reason, words }: ReturnNote): string {
  const isClear = reason === "tooLarge" || reason === "noAddress" || reason === "mailboxFull";
  return words === "" || isClear ? "" : t("The server said: “{0}”", words);
}

/** What is known after "Sent …", as a sentence of its own; empty until the inbox was read. */
export function arrivalSentence({ arrival }: SentMail, now: number): string {
  if (arrival === null) return "";
  if (arrival.barred)
    return t("This account may not read its inbox, so a mail that comes back is not noticed.");
  const last = (action: ReturnNote["action"]) => arrival.returns.filter((note) => note.action === action);
  // If the mail came back, its problem says so.
  if (last("failed").length > 0) return "";
  const delivered = last("delivered");
  if (delivered.length > 0) return t("Delivered to {0}.", names(delivered));
  const relayed = last("relayed");
  if (relayed.length > 0) return t("Passed on for {0} to a server that gives no receipt.", names(relayed));
  const delayed = last("delayed");
  if (delayed.length > 0) return t("Delayed for {0}: the mail server keeps trying.", names(delayed));
  if (arrival.lookedAt === null) return "";
  return t("Nothing has come back (checked {0}).", formatMoment(arrival.lookedAt, now));
}

/** The same in a few words, instead of "sent"; undefined while there is no more to say. */
export function arrivalSummary(delivery: SentMail): string | undefined {
  const { arrival } = delivery;
  const back = cameBack(delivery);
  if (back !== undefined) return back;
  const has = (action: ReturnNote["action"]) =>
    arrival?.returns.some((note) => note.action === action) === true;
  if (has("delivered")) return t("delivered");
  if (has("relayed")) return t("sent, passed on without a receipt");
  if (has("delayed")) return t("sent, delayed");
  return arrival === null || arrival.lookedAt === null || arrival.barred
    ? undefined
    : t("sent, nothing came back");
}

const NAMED = 2;

/** "ann@x.example, bob@y.example and 3 more recipients" */
function names(notes: readonly ReturnNote[]): string {
  const emails = [
    ...new Map(
      notes.flatMap(({ email }) =>
        email === null ? [] : [[addressKey(email), shownAddress(email)] as const],
      ),
    ).values(),
  ];
  if (emails.length === 0) return t("a recipient");
  return someOf(emails, NAMED, moreRecipients);
}
