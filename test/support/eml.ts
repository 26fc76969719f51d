/** Mails of the outbox, as a program reads them that knows nothing of ours. */
import { type ParsedMail, simpleParser } from "mailparser";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { sha256 } from "./sha256.ts";

/** The newest mail, from its `.eml`. */
export async function newestEml(sandbox: Sandbox): Promise<ParsedMail> {
  const [mail] = sandbox.mails;
  if (mail === undefined) throw new Error("The outbox is empty.");
  return simpleParser(await (await fetch(mail.eml)).text(), { keepCidLinks: true });
}

/** Names and addresses of a field's readers. */
export function readers(field: ParsedMail["to"]): [name: string, address: string | undefined][] {
  return [field].flat().flatMap((list) => (list?.value ?? []).map(({ name, address }) => [name, address]));
}

/** Names and SHA-256 of the files. */
export function filesIn({ attachments }: ParsedMail): [name: string | undefined, sha256: string][] {
  return attachments.map(({ filename, content }) => [filename, sha256(content)]);
}
