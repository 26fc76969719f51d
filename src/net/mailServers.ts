/** Which servers take the mail of a domain, by DNS. The system's resolver hears the domain, and nobody else from us. */
import { Resolver } from "node:dns/promises";

/** A resolver that does not answer soon is not waited for. */
const TIMEOUT_MS = 3_000;

/**
 * Names of the servers, the first choice first; none where the domain has none.
 * @param servers addresses of resolvers, "127.0.0.1:53"; the system's unless told
 * @param timeoutMs for all of them together
 * @throws Error of DNS, within some seconds
 */
export async function mailServersOf(
  domain: string,
  servers?: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<string[]> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  // A list of resolvers would be gone through, each with its time.
  const late = setTimeout(() => resolver.cancel(), timeoutMs).unref();
  try {
    const found = await resolver.resolveMx(domain);
    return found
      .sort((one, other) => one.priority - other.priority)
      .flatMap(({ exchange }) => (exchange === "" ? [] : [exchange]));
  } finally {
    clearTimeout(late);
  }
}
