/** What a "forbidden" (403) of Microsoft is about, in its own words or as Nylas hands them on. */
import * as z from "zod";

/** A text in a refusal. What is of another kind than documented counts as not there; the rest is worth reading, in short. */
export const RefusalText = z
  .string()
  .transform((text) => text.slice(0, 500))
  .optional()
  .catch(undefined);

/** Microsoft says this of a missing scope; a mail flow rule comes under the same code with a text of its own. */
const PLAIN = /^\s*(access is denied\b.*check credentials.*|access denied\.?|)\s*$/i;

/** True when other scopes would help; else the account, its mailbox or a rule of its organization is the reason. */
export function speaksOfScopes(code: string, message: string): boolean {
  if (/^(Authorization_RequestDenied|InsufficientScopes)$/i.test(code)) return true;
  return code === "ErrorAccessDenied" && PLAIN.test(message);
}

/** Somebody's words as the end of a sentence of ours. */
export function sentence(text: string): string {
  return `${text.replace(/[.\s]+$/, "")}.`;
}
