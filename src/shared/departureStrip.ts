/** What leaves, in one line above Send: from whom, to whom, what, on which road. The page asks at each key. */
import type { PanelSnapshot } from "./contract.ts";
import { encodedBytes } from "./encodedSize.ts";
import { counted, formatBytes } from "./format.ts";
import { parseRecipients, type Recipient } from "./message.ts";
import { domainOf, isExternal } from "./recipients.ts";

export interface DepartureWords {
  /** "kim@x.example to Ada, bob@y.example and 3 more (2 outside)" */
  readonly who: string;
  /** "3 files, 26 MB (36 MB in the mail) · Upload session"; "no files" */
  readonly what: string;
}

/** Names beyond these are counted. */
const NAMED = 2;

/** @param form as the keyboard has it */
export function describeDeparture(
  form: { readonly to: string; readonly cc: string; readonly bcc: string },
  {
    accounts,
    accountId,
    attachments,
    road,
  }: Pick<PanelSnapshot, "accounts" | "accountId" | "attachments" | "road">,
): DepartureWords {
  const from = accounts.find(({ id }) => id === accountId)?.label;
  const readers = [form.to, form.cc, form.bcc].flatMap((list) => parseRecipients(list).recipients);
  const ownDomain = from === undefined ? undefined : domainOf(from);
  const outside =
    ownDomain === undefined ? 0 : readers.filter(({ email }) => isExternal(email, ownDomain)).length;
  const sizes = attachments.map(({ sizeBytes }) => sizeBytes);
  return {
    who: [
      `${from ?? "No account yet"} to ${names(readers)}`,
      ...(outside > 0 ? [`(${outside === readers.length && outside > 1 ? "all" : outside} outside)`] : []),
    ].join(" "),
    what: [
      files(
        attachments.map(({ name }) => name),
        sizes,
      ),
      ...(road === null ? [] : [road.label]),
    ].join(" · "),
  };
}

function names(readers: readonly Recipient[]): string {
  if (readers.length === 0) return "nobody yet";
  const named = readers
    .slice(0, NAMED)
    .map(({ name, email }) => (name === null || name === "" ? email : name));
  const more = readers.length - named.length;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}

function files(fileNames: readonly string[], sizes: readonly number[]): string {
  const [first] = fileNames;
  if (first === undefined) return "no files";
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const what = fileNames.length === 1 ? first : counted(fileNames.length, "file", "files");
  return `${what}, ${formatBytes(total)} (${formatBytes(encodedBytes(sizes))} in the mail)`;
}
