/** What is about to be sent, in one line above Send: from whom, to whom, what, how. For each keystroke. */

import type { PanelSnapshot } from "../contract/snapshot.ts";
import { countHidden } from "../foreignText.ts";
import { formatBytes, moreRecipients, noted } from "../format.ts";
import { listOf, plural, t } from "../l10n.ts";
import { encodedBytes } from "../message.ts";
import { type Circle, circleOf, isFamiliar, isMarkedOutside, shownBriefly } from "../outsiders.ts";
import { parseRecipients, type Recipient } from "../recipients.ts";
import { cutUp, shareOut } from "./mailsNeeded.ts";
import { arrivalDoubts, arrivalWords, messageBytes, mostBoth } from "./sizeDoubts.ts";

export interface SendSummary {
  /** "kim@x.example to Ada, bob@y.example and 3 more recipients (2 outside)" */
  readonly who: string;
  /** "3 files, 26 MB (36 MB in the mail) · Upload session"; "no files" */
  readonly what: string;
  /** Why the mail may not arrive: "205 MB as a mail. ann@gmail.com can receive at most 50 MB."; or null. */
  readonly tooLarge: string | null;
  /** In how many mails it would arrive; undefined when one is enough, or no number is. */
  readonly mails: number | undefined;
  /** The same if files have to be cut for that. */
  readonly mailsOfParts: number | undefined;
  /** An administrator can let the mailbox send more. */
  readonly canBeRaised: boolean;
}

/** How many names are shown, the others being counted; unfamiliar recipients come first, and more of them. */
const NAMED = 2;
const SPELLED_OUT = 5;
/** How much of a text is in sight: lines of its box, characters per line. */
const FITTING_LINES = 10;
const LINE = 120;
/** Longer texts are not searched on each keystroke. */
const LONG_TEXT = 200_000;

/** @param form as typed so far */
export function describeSend(
  form: { readonly to: string; readonly cc: string; readonly bcc: string; readonly body?: string },
  snapshot: Pick<
    PanelSnapshot,
    | "accounts"
    | "accountId"
    | "attachments"
    | "method"
    | "ours"
    | "known"
    | "practice"
    | "learned"
    | "sendLimit"
    | "isOfSet"
  >,
): SendSummary {
  const { attachments, method } = snapshot;
  const circle = circleOf(snapshot);
  const recipients = [form.to, form.cc, form.bcc].flatMap((list) => parseRecipients(list).recipients);
  const along = attachments.filter(({ status }) => status !== "cancelled");
  const attached = along.filter(({ asLink }) => !asLink);
  const links = along.filter(({ asLink }) => asLink);
  const sizes = attached.map(({ sizeBytes }) => sizeBytes);
  const bytes = messageBytes(sizes, form.body?.length ?? 0);
  const emails = recipients.map(({ email }) => email);
  const doubts = arrivalDoubts(bytes, emails, snapshot.sendLimit, circle, snapshot.learned);
  return {
    who: whoWords(recipients, circle),
    what: [
      ...(attached.length > 0 || links.length === 0
        ? [
            files(
              attached.map(({ name }) => name),
              sizes,
            ),
          ]
        : []),
      ...(links.length > 0 ? [linked(links)] : []),
      ...textWords(form.body ?? ""),
      ...(method === null || attached.length === 0 ? [] : [method.label]),
    ].join(" · "),
    tooLarge: doubts === undefined ? null : arrivalWords(doubts),
    ...(doubts === undefined || snapshot.isOfSet === true
      ? { mails: undefined, mailsOfParts: undefined }
      : mailsNeeded(
          attached,
          form.body ?? "",
          mostBoth(emails, snapshot.sendLimit, circle, snapshot.learned),
        )),
    canBeRaised: doubts?.own?.canBeRaised === true,
  };
}

function mailsNeeded(
  attached: PanelSnapshot["attachments"],
  body: string,
  most: number,
): Pick<SendSummary, "mails" | "mailsOfParts"> {
  const files = attached.filter(({ inline }) => inline !== true).map(({ sizeBytes: size }) => ({ size }));
  const images = attached.flatMap(({ inline, sizeBytes }) => (inline === true ? [sizeBytes] : []));
  const letter = { text: body.length, images };
  const mails = shareOut(files, most, letter)?.length;
  const parts = mails === undefined ? cutUp(files, most, letter) : files;
  return {
    mails,
    mailsOfParts: parts.length > files.length ? shareOut(parts, most, letter)?.length : undefined,
  };
}

function whoWords(recipients: readonly Recipient[], circle: Circle): string {
  const { from } = circle;
  if (recipients.length === 0)
    return from === undefined ? t("No account yet") : t("From {0}, no recipients yet", from);
  const names = listOf(namesOf(recipients, circle));
  if (from === undefined) return t("To {0}, no account yet", names);
  const who = t("{0} to {1}", from, names);
  const outside = recipients.filter(({ email }) => isMarkedOutside(email, circle)).length;
  if (outside === 0) return who;
  return noted(
    who,
    outside === recipients.length && outside > 1 ? t("all outside") : t("{0} outside", outside),
  );
}

/** While there is room, no unfamiliar recipient is hidden behind "and 3 more recipients". */
function namesOf(recipients: readonly Recipient[], circle: Circle): string[] {
  const strangers = recipients.filter((recipient) => !isFamiliar(recipient, circle)).slice(0, SPELLED_OUT);
  const friends = recipients.filter((recipient) => isFamiliar(recipient, circle));
  const named = [...strangers, ...friends.slice(0, Math.max(0, NAMED - strangers.length))];
  const more = recipients.length - named.length;
  const words = named.map((recipient) => shownBriefly(recipient, circle));
  return more > 0 ? [...words, moreRecipients(more)] : words;
}

/** About a text that does not fit its box, or has invisible characters. */
function textWords(body: string): string[] {
  if (body.length > LONG_TEXT) return [t("text of {0}", formatBytes(body.length))];
  const lines = body.trimEnd().split("\n");
  const hidden = countHidden(body);
  const isLong = lines.length > FITTING_LINES || body.length > FITTING_LINES * LINE;
  return [
    ...(isLong
      ? [
          lines.length > FITTING_LINES
            ? t("text of {0} lines", lines.length)
            : t("text of {0} characters", body.length),
        ]
      : []),
    ...(hidden > 0
      ? [plural(hidden, "{0} invisible character in the text", "{0} invisible characters in the text")]
      : []),
  ];
}

function files(fileNames: readonly string[], sizes: readonly number[]): string {
  const [first] = fileNames;
  if (first === undefined) return t("no files");
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const what = fileNames.length === 1 ? first : t("{0} files", fileNames.length);
  return t("{0}, {1} ({2} in the mail)", what, formatBytes(total), formatBytes(encodedBytes(sizes)));
}

/** "build.iso, 2.1 GB as a link" */
function linked(links: readonly { readonly name: string; readonly sizeBytes: number }[]): string {
  const total = formatBytes(links.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const [first] = links;
  return links.length === 1
    ? t("{0}, {1} as a link", first?.name ?? "", total)
    : t("{0} files, {1} as links", links.length, total);
}
