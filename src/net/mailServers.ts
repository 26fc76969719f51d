/** Which servers receive a domain's mail, by DNS. Only the system's resolver learns the domain from us. */
import { Resolver } from "node:dns/promises";

/** How long to wait for a resolver. */
const TIMEOUT_MS = 3_000;

/**
 * Names of the servers, first choice first; empty when the domain has none.
 * @param servers addresses of resolvers, such as "127.0.0.1:53" (default: the system's)
 * @param timeoutMs for all resolvers together
 * @throws Error of DNS, within `timeoutMs`
 */
export async function mailServersOf(
  domain: string,
  servers?: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<string[]> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  // The resolver's own timeout applies to each of its servers in turn; this one to all of them.
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
