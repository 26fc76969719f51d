/** The address of a service that a person types. */
import { isLoopback } from "../../../services/uploadUrl.ts";
import { t } from "../../../shared/l10n.ts";
import type { Question } from "./pageInput.ts";

/**
 * Takes an address that can be a service's.
 * @param value what it is at first @param placeholder a whole one, as the person should enter theirs
 * @param unprotected what is said against an address on which everybody could read along
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
