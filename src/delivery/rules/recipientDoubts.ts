/**
 * Which recipients a person is asked about at Send, if their settings or their organization want that. What is
 * marked while they write: `shared/outsiders.ts`. Pure.
 */

import { t } from "../../shared/l10n.ts";
import { type Circle, isOutside } from "../../shared/outsiders.ts";
import { addressKey, type Recipient } from "../../shared/recipients.ts";

/** Which questions to ask. */
export interface RecipientQuestions {
  readonly outside: boolean;
  readonly firstTime: boolean;
  /** Asks when there are at least this many recipients (0: never). */
  readonly manyRecipients: number;
  /** Whether the organization wants this recipient confirmed. */
  readonly isAsked: (email: string) => boolean;
}

export interface DoubtfulRecipient extends Recipient {
  /** "outside", "never written to", … */
  readonly why: readonly string[];
}

export interface RecipientDoubts {
  /** In the mail's order. */
  readonly people: readonly DoubtfulRecipient[];
  /** How many recipients the mail has, if that is to be asked about. */
  readonly many: number | undefined;
}

/** @returns undefined when there is nothing to ask */
export function recipientDoubts(
  recipients: readonly Recipient[],
  circle: Circle,
  { outside, firstTime, manyRecipients, isAsked }: RecipientQuestions,
): RecipientDoubts | undefined {
  const own = new Set(circle.ours.addresses.map(addressKey));
  const known = new Set(circle.known.map(({ email }) => addressKey(email)));
  const people = recipients.flatMap((recipient) => {
    const key = addressKey(recipient.email);
    const why = [
      ...(outside && isOutside(recipient.email, circle) ? [t("outside")] : []),
      ...(firstTime && !known.has(key) && !own.has(key) ? [t("not written to before from here")] : []),
      ...(isAsked(recipient.email) ? [t("your organization asks you to confirm")] : []),
    ];
    return why.length === 0 ? [] : [{ ...recipient, why }];
  });
  const isMany = manyRecipients > 0 && recipients.length >= manyRecipients;
  return people.length === 0 && !isMany
    ? undefined
    : { people, many: isMany ? recipients.length : undefined };
}
