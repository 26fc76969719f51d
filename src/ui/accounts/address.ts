/** The address of a service that a person types. */
import { isLoopback } from "../../services/uploadUrl.ts";

export interface AddressWords {
  /** Whole, as the person should enter theirs. */
  readonly example: string;
  /** What is sent to the address with each request. */
  readonly secret: string;
}

/** Why an address cannot be a service's; undefined when it can. */
export function addressProblem(text: string, { example, secret }: AddressWords): string | undefined {
  if (!URL.canParse(text)) return `Enter a full address, such as ${example}.`;
  const url = new URL(text);
  if (url.protocol === "https:") return undefined;
  if (url.protocol === "http:" && isLoopback(url.hostname)) return undefined;
  return `The ${secret} would travel unprotected: use https, or an address on this machine.`;
}
