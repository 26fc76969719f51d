/** Where the bytes of a file may go. */
import { FreightError } from "../errors.ts";

/** True for addresses that stay on this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Refuses an upload URL that a hostile or broken answer could use to send a file astray.
 * @param apiUri the service that named the URL; plain http is accepted only between loopback addresses
 * @throws FreightError `bad-answer`
 */
export function assertUploadUrl(text: string, apiUri: string): void {
  const url = new URL(text);
  const local = isLoopback(url.hostname) && isLoopback(new URL(apiUri).hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && local))
    throw refuse("does not use https", url);
  if (url.username !== "" || url.password !== "") throw refuse("carries a user name", url);
  // A signed URL opens a session; putting bytes to it would fail half-way with a puzzling error.
  if (url.searchParams.has("X-Goog-Signature")) throw refuse("is a signed URL, not an upload session", url);
}

function refuse(why: string, url: URL): FreightError {
  return new FreightError(
    "bad-answer",
    `The service named an upload address on ${url.hostname || url.protocol} that ${why}. Nothing was sent there.`,
    { remedy: "showLog" },
  );
}
