/** What a person is asked about those whom a mail goes to, where they or their organization want that. Pure. */

import { type Circle, isOutside } from "../../shared/circle.ts";
import { t } from "../../shared/l10n.ts";
import { addressKey, type Recipient } from "../../shared/recipients.ts";

/** What is asked about. */
export interface RecipientQuestions {
  readonly outside: boolean;
  readonly firstTime: boolean;
  /** So many recipients or more; 0: never. */
  readonly manyRecipients: number;
  /** Those that the organization wants to have asked about. */
  readonly isAsked: (email: string) => boolean;
}

export interface DoubtfulRecipient extends Recipient {
  /** "outside", "never written to", … */
  readonly why: readonly string[];
}

export interface RecipientDoubts {
  /** In the order of the mail. */
  readonly people: readonly DoubtfulRecipient[];
  /** How many the mail has, where they are many. */
  readonly many: number | undefined;
}

/** @returns undefined where there is nothing to ask */
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
