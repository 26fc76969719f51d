/** The sandbox's sign-in page, answered without a browser. */
import assert from "node:assert/strict";
import { type Answer, send } from "../sandbox/support.ts";

/** Opens the page and answers it. @returns the address that the browser is sent to */
export async function answerPage(
  address: string,
  answer: "allow" | "deny" | "administrator" = "allow",
  mailbox?: string,
): Promise<URL> {
  const page = await send(address, { headers: { accept: "text/html" } });
  assert.equal(page.status, 200, page.text);
  return new URL((await press(address, page, answer, mailbox)).headers.location ?? "");
}

/** Presses a button of a page. @param mailbox whose address; the one that is chosen unless told */
export function press(address: string, page: Answer, answer: string, mailbox?: string): Promise<Answer> {
  const decoded = page.text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const [, ticket = ""] = /name="ticket" value="([^"]*)"/.exec(decoded) ?? [];
  const [, chosen = ""] =
    (mailbox === undefined
      ? /name="grant" value="([^"]*)" checked/.exec(decoded)
      : new RegExp(`name="grant" value="([^"]*)"[^>]*> ${mailbox.replaceAll(".", "\\.")}<`).exec(decoded)) ??
    [];
  return send(new URL("/v3/connect/auth", address).href, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ ticket, grant: chosen, answer }).toString(),
  });
}
