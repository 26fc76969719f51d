/** Whether both mailboxes accept a mail of this size. Pure: runs in the page with each key, and at Send. */

import type { PanelSnapshot } from "../contract/snapshot.ts";
import { formatBytes } from "../format.ts";
import { plural, sentences, t } from "../l10n.ts";
import { encodedBytes } from "../message.ts";
import { type Circle, domainOf, isOutside } from "../outsiders.ts";
import { addressKey } from "../recipients.ts";
import { providerOf, UNKNOWN_TAKES } from "./mailboxLimits.ts";

/** The limit of the mailbox that sends. */
export type SendLimit = NonNullable<PanelSnapshot["sendLimit"]>;

/** What a mailbox has revealed of its limit, in bytes of a whole message as it travels. */
export interface ShownSize {
  /** The smallest message that it refused. */
  readonly refused?: number | undefined;
  /** The limit, if the refusal named it. */
  readonly told?: number | undefined;
  /** The largest message that it sent. */
  readonly taken?: number | undefined;
}

type Learned = NonNullable<PanelSnapshot["learned"]>;

export interface ArrivalDoubts {
  /** Bytes of the message as it travels. */
  readonly bytes: number;
  /** Set when the mailbox that sends does not send that much. */
  readonly own: SendLimit | undefined;
  /** The recipient whose mailbox accepts the least, and how many others cannot receive this mail either. */
  readonly theirs: TightRecipient | undefined;
}

export interface TightRecipient {
  readonly email: string;
  /** Bytes. */
  readonly takes: number;
  /** False where their limit is a guess. */
  readonly isKnown: boolean;
  readonly others: number;
}

/** Every mailbox accepts a message up to this size, so no limit has to be looked up. */
export const ALWAYS_TAKEN = 14 * 1024 * 1024;

/** Bytes of a whole message as it travels. @param text its UTF-16 units or bytes: it hardly matters */
export function messageBytes(sizes: readonly number[], text: number): number {
  return encodedBytes(sizes) + text;
}

/**
 * @param emails of everybody who gets it, in any order, with duplicates or not
 * @param limit of the mailbox that sends; null: unknown
 * @param learned from mails that came back (default: nothing)
 */
export function arrivalDoubts(
  bytes: number,
  emails: readonly string[],
  limit: SendLimit | null,
  circle: Omit<Circle, "known">,
  learned: Learned = [],
): ArrivalDoubts | undefined {
  if (bytes <= ALWAYS_TAKEN && learned.length === 0 && (limit === null || bytes <= limit.bytes))
    return undefined;
  const own = limit !== null && bytes > limit.bytes ? limit : undefined;
  const theirs = tightest(bytes, emails, circle, learned);
  return own === undefined && theirs === undefined ? undefined : { bytes, own, theirs };
}

/** The largest message that both sides accept, in bytes; Infinity when none is known. Parameters as above. */
export function mostBoth(
  emails: readonly string[],
  limit: SendLimit | null,
  circle: Omit<Circle, "known">,
  learned: Learned = [],
): number {
  const own = limit?.bytes ?? Number.POSITIVE_INFINITY;
  return emails.reduce((most, email) => Math.min(most, taken(email, circle, learned).takes), own);
}

/** "205 MB as a mail. Your mailbox can send at most 35 MB. ann@gmail.com can receive at most 50 MB." */
export function arrivalWords({ bytes, own, theirs }: ArrivalDoubts): string {
  return sentences(
    t("{0} as a mail.", formatBytes(bytes)),
    own && ownWords(own),
    theirs && theirWords(theirs),
  );
}

function ownWords({ bytes, canBeRaised, isRefused }: SendLimit): string {
  if (isRefused === true) return t("Your mailbox has already refused a mail of {0}.", formatBytes(bytes));
  const most = formatBytes(bytes);
  return canBeRaised
    ? t("Your mailbox can send at most {0}, unless an administrator has raised its limit.", most)
    : t("Your mailbox can send at most {0}.", most);
}

/** "ann@gmail.com and 2 more can receive at most 50 MB." */
export function theirWords({ email, takes, isKnown, others }: TightRecipient): string {
  const size = formatBytes(takes);
  if (others === 0)
    return isKnown
      ? t("{0} can receive at most {1}.", email, size)
      : t("{0} may not accept more than {1}.", email, size);
  return isKnown
    ? plural(
        others,
        "{1} can receive at most {2}, and it may be too large for {0} more recipient.",
        "{1} can receive at most {2}, and it may be too large for {0} more recipients.",
        email,
        size,
      )
    : plural(
        others,
        "{1} and {0} more recipient may not accept more than {2}.",
        "{1} and {0} more recipients may not accept more than {2}.",
        email,
        size,
      );
}

function tightest(
  bytes: number,
  emails: readonly string[],
  circle: Omit<Circle, "known">,
  learned: Learned,
): TightRecipient | undefined {
  const tight = [...new Map(emails.map((email) => [addressKey(email), email])).values()]
    .map((email) => ({ email, ...taken(email, circle, learned) }))
    .filter(({ takes }) => bytes > takes)
    // Known limits come before guesses.
    .sort((one, other) => Number(other.isKnown) - Number(one.isKnown) || one.takes - other.takes);
  const [first] = tight;
  return first && { ...first, others: tight.length - 1 };
}

/** What a recipient's mailbox accepts; Infinity for insiders, as the limit of their own provider is known. */
function taken(
  email: string,
  circle: Omit<Circle, "known">,
  learned: Learned,
): Pick<TightRecipient, "takes" | "isKnown"> {
  const theirs = domainOf(email) ?? "";
  const provider = providerOf(theirs);
  const { bytes: shown, isGuess } = learned.find(({ domain }) => domain === theirs) ?? {};
  if (shown !== undefined)
    return { takes: Math.min(shown, provider?.takes ?? shown), isKnown: isGuess !== true };
  if (provider !== undefined) return { takes: provider.takes, isKnown: true };
  if (!isOutside(email, circle)) return { takes: Number.POSITIVE_INFINITY, isKnown: true };
  return { takes: UNKNOWN_TAKES, isKnown: false };
}
