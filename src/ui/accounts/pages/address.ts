/** The question for the address of a service. */
import { isLoopback } from "../../../services/uploadUrl.ts";
import { t } from "../../../shared/l10n.ts";
import type { Question } from "./pageInput.ts";

/**
 * Accepts https, and http only on this machine.
 * @param value the initial text
 * @param placeholder a complete example
 * @param unprotected the message for an address whose connection would not be encrypted
 */
export function addressQuestion(
  prompt: string,
  value: string,
  placeholder: string,
  unprotected: string,
): Question {
  const problem = (text: string) => {
    if (!URL.canParse(text)) return t("Enter a full address, such as {0}.", placeholder);
    const url = new URL(text);
    if (url.protocol === "https:") return undefined;
    if (url.protocol === "http:" && isLoopback(url.hostname)) return undefined;
    return unprotected;
  };
  return { prompt, value, placeholder, problem };
}
