/** What a "forbidden" (403) from Microsoft is about, whether it comes directly or through Nylas. */
import * as z from "zod";

/** A text in a refusal, cut to 500 characters; one that is not a string counts as missing. */
export const RefusalText = z
  .string()
  .transform((text) => text.slice(0, 500))
  .optional()
  .catch(undefined);

/** Microsoft's text for a missing scope; a mail flow rule has the same code but a text of its own. */
const PLAIN = /^\s*(access is denied\b.*check credentials.*|access denied\.?|)\s*$/i;

/** True when other scopes would help; otherwise it is the account, its mailbox or its organization. */
export function speaksOfScopes(code: string, message: string): boolean {
  if (/^(Authorization_RequestDenied|InsufficientScopes)$/i.test(code)) return true;
  return code === "ErrorAccessDenied" && PLAIN.test(message);
}

/** Somebody else's words as the end of one of our sentences, with one full stop. */
export function sentence(text: string): string {
  return `${text.replace(/[.\s]+$/, "")}.`;
}
