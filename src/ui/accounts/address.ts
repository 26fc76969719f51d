/** The address of a service that a person types. */
import { isLoopback } from "../../services/uploadUrl.ts";
import type { Question } from "./pageInput.ts";

/**
 * Takes an address that can be a service's.
 * @param value what it is at first @param placeholder a whole one, as the person should enter theirs
 * @param secret what is sent there with each request
 */
export function addressQuestion(
  prompt: string,
  value: string,
  placeholder: string,
  secret: string,
): Question {
  const problem = (text: string) => {
    if (!URL.canParse(text)) return `Enter a full address, such as ${placeholder}.`;
    const url = new URL(text);
    if (url.protocol === "https:") return undefined;
    if (url.protocol === "http:" && isLoopback(url.hostname)) return undefined;
    return `The ${secret} would travel unprotected: use https, or an address on this machine.`;
  };
  return { prompt, value, placeholder, problem };
}
