/** What leaves, in one line above Send: from whom, to whom, what, on which road. The page asks at each key. */
import type { PanelSnapshot } from "./contract.ts";
import { encodedBytes } from "./encodedSize.ts";
import { counted, formatBytes } from "./format.ts";
import { parseRecipients, type Recipient } from "./message.ts";
import { type Circle, circleOf, isFamiliar, isOutside, shownBriefly } from "./recipients.ts";

export interface DepartureWords {
  /** "kim@x.example to Ada, bob@y.example and 3 more (2 outside)" */
  readonly who: string;
  /** "3 files, 26 MB (36 MB in the mail) · Upload session"; "no files" */
  readonly what: string;
}

/** Names beyond these are counted; whoever is spelled out goes before them. */
const NAMED = 2;
const SPELLED_OUT = 5;

/** @param form as the keyboard has it */
export function describeDeparture(
  form: { readonly to: string; readonly cc: string; readonly bcc: string },
  snapshot: Pick<PanelSnapshot, "accounts" | "accountId" | "attachments" | "road" | "ours" | "known">,
): DepartureWords {
  const { attachments, road } = snapshot;
  const circle = circleOf(snapshot);
  const readers = [form.to, form.cc, form.bcc].flatMap((list) => parseRecipients(list).recipients);
  const outside =
    circle.from === undefined ? 0 : readers.filter(({ email }) => isOutside(email, circle)).length;
  const sizes = attachments.map(({ sizeBytes }) => sizeBytes);
  return {
    who: [
      `${circle.from ?? "No account yet"} to ${names(readers, circle)}`,
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

/** Nobody who has to be looked at hides behind "and 3 more" while there is room. */
function names(readers: readonly Recipient[], circle: Circle): string {
  if (readers.length === 0) return "nobody yet";
  const strangers = readers.filter((reader) => !isFamiliar(reader, circle)).slice(0, SPELLED_OUT);
  const friends = readers.filter((reader) => isFamiliar(reader, circle));
  const named = [...strangers, ...friends.slice(0, Math.max(0, NAMED - strangers.length))];
  const more = readers.length - named.length;
  const words = named.map((reader) => shownBriefly(reader, circle)).join(", ");
  return more > 0 ? `${words} and ${more} more` : words;
}

function files(fileNames: readonly string[], sizes: readonly number[]): string {
  const [first] = fileNames;
  if (first === undefined) return "no files";
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const what = fileNames.length === 1 ? first : counted(fileNames.length, "file", "files");
  return `${what}, ${formatBytes(total)} (${formatBytes(encodedBytes(sizes))} in the mail)`;
}
