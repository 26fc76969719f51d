/** Asks who is to open the files of a mail that go as links, and for how long. */
import type { LinkChoice } from "../../delivery/record/delivery.ts";
import { linkEnd } from "../../delivery/rules/linkRules.ts";
import { AUDIENCE_ROWS, untilWords } from "../../delivery/words/linkWords.ts";
import { counted } from "../../shared/format.ts";
import type { Dialogs } from "./dialogs.ts";

const DAYS = [1, 7, 30, 90, 365] as const;

/** Null: without an end. */
interface Days {
  readonly days: number | null;
}
const FOR_GOOD = { label: "Until you delete the file", value: { days: null } };

/** Undefined when the person thought better of it. @param known what holds until then, named first */
export async function pickLinkChoice(
  dialogs: Pick<Dialogs, "pick">,
  known: LinkChoice,
): Promise<LinkChoice | undefined> {
  const audiences = knownFirst(AUDIENCE_ROWS, known.audience);
  const audience = await dialogs.pick("Links", "Who can open the files?", audiences);
  if (audience === undefined) return undefined;
  const rows = [...DAYS.map((days) => ({ label: counted(days, "day"), value: { days } })), FOR_GOOD];
  const current = rows.filter(({ value }) => value.days === known.days);
  const others = rows.filter(({ value }) => value.days !== known.days);
  const chosen = await dialogs.pick<Days>("Links", "For how long?", [...current, ...others]);
  return chosen === undefined ? undefined : { audience, days: chosen.days };
}

/**
 * How long from now the recipients of a mail can open a file that they have a link to.
 * @param until when the link ends unless it is extended, in milliseconds since the epoch
 * @returns undefined when the person left
 */
export function pickExtension(
  dialogs: Pick<Dialogs, "pick">,
  until: number | null,
  now: number,
): Promise<Days | undefined> {
  const longer = DAYS.flatMap((days) => {
    const end = linkEnd(now, days);
    const row = { label: counted(days, "day"), description: untilWords(end), value: { days } };
    return until !== null && end > until ? [row] : [];
  });
  return dialogs.pick<Days>("Extend Link", "For how long from now?", [...longer, FOR_GOOD]);
}

/** Enter keeps what holds. */
function knownFirst<Row extends { readonly value: unknown }>(rows: readonly Row[], known: unknown): Row[] {
  return [...rows.filter(({ value }) => value === known), ...rows.filter(({ value }) => value !== known)];
}
