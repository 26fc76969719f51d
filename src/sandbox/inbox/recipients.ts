/**
 * How large a mail each address accepts, and what comes back from it: a bounce, a receipt, a reply. Tests change it.
 * The sizes that the extension warns of: `shared/summary/mailboxLimits.ts`.
 */
import * as z from "zod";

const MB = 1024 * 1024;

/** What comes back from an address. */
export const Answer = z.enum([
  "tooLarge",
  "ownLimit", // of the sender's organization
  "blockedFile",
  "unknownAddress",
  "mailboxFull",
  "refused",
  "gaveUp",
  // No bounces:
  "delayed",
  "relayed",
  "delivered",
  "outOfOffice",
  "newsletter",
  "answer",
]);
export type Answer = z.infer<typeof Answer>;

/** Whose software writes the bounce, and in which language. */
export const House = z.enum(["exchange", "german", "japanese", "gmail", "postfix", "qmail"]);
export type House = z.infer<typeof House>;

export const RecipientRule = z.strictObject({
  /** An address or a domain, in lower case. Addresses come before domains, later rules before earlier. */
  at: z.string(),
  /** Larger messages come back; what counts is the size in transit. */
  takesBytes: z.int().min(0).optional(),
  /** What comes back from each mail. */
  answers: Answer.optional(),
  house: House.default("exchange"),
  /** How long after the mail that comes. */
  afterMs: z.int().min(0).default(3_000),
});
export type RecipientRule = z.infer<typeof RecipientRule>;

/** Where mail ends up; tests change it. Addresses without a rule accept everything and send nothing back. */
export const RecipientsBehaviour = z.strictObject({ rules: z.array(RecipientRule) });
export type RecipientsBehaviour = z.infer<typeof RecipientsBehaviour>;

/** What comes back from one address. */
export interface Return {
  readonly email: string;
  readonly answer: Answer;
  readonly rule: RecipientRule;
}

export const NO_BOUNCE: ReadonlySet<Answer> = new Set([
  "delayed",
  "relayed",
  "delivered",
  "outOfOffice",
  "newsletter",
  "answer",
]);

/** The limits of the large providers. */
export function usualRecipients(): RecipientsBehaviour {
  const at = (domain: string, megabytes: number, house: House = "exchange") =>
    RecipientRule.parse({ at: domain, takesBytes: megabytes * MB, house });
  return {
    rules: [
      at("gmail.com", 50, "gmail"),
      at("googlemail.com", 50, "gmail"),
      at("outlook.com", 25),
      at("hotmail.com", 25),
      at("live.com", 25),
      at("icloud.com", 20, "postfix"),
      at("me.com", 20, "postfix"),
      at("yahoo.com", 25, "postfix"),
      at("aol.com", 25, "postfix"),
      at("gmx.net", 100, "postfix"),
      at("gmx.de", 100, "postfix"),
      at("web.de", 100, "postfix"),
    ],
  };
}

/**
 * What comes back from an address for a message of this size; undefined when it is accepted silently.
 * @param wantsReceipt whether the sender has asked for a confirmation
 */
export function returnFrom(
  { rules }: RecipientsBehaviour,
  address: string,
  bytes: number,
  wantsReceipt: boolean,
): Return | undefined {
  const email = address.toLowerCase();
  const domain = email.slice(email.lastIndexOf("@") + 1);
  const rule = rules.findLast(({ at }) => at === email) ?? rules.findLast(({ at }) => at === domain);
  if (rule?.takesBytes !== undefined && bytes > rule.takesBytes)
    return { email: address, answer: "tooLarge", rule };
  if (rule?.answers !== undefined) return { email: address, answer: rule.answers, rule };
  if (!wantsReceipt) return undefined;
  // Exchange confirms that the mail has arrived; for others it only says that it has passed it on.
  const usual = rule ?? RecipientRule.parse({ at: domain });
  return { email: address, answer: usual.house === "exchange" ? "delivered" : "relayed", rule: usual };
}
