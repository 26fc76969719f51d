/** Asks who is to open the files of a mail that go as links, and for how long. */
import type { LinkChoice } from "../../delivery/record/delivery.ts";
import { AUDIENCE_ROWS } from "../../delivery/words/linkWords.ts";
import { counted } from "../../shared/format.ts";
import type { Dialogs } from "./dialogs.ts";

const DAYS = [1, 7, 30, 90, 365] as const;

/** Undefined when the person thought better of it. @param known what holds until then, named first */
export async function pickLinkChoice(
  dialogs: Pick<Dialogs, "pick">,
  known: LinkChoice,
): Promise<LinkChoice | undefined> {
  const audiences = knownFirst(AUDIENCE_ROWS, known.audience);
  const audience = await dialogs.pick("Links", "Who can open the files?", audiences);
  if (audience === undefined) return undefined;
  const rows = [
    ...DAYS.map((days) => ({ label: counted(days, "day"), value: { days } })),
    { label: "Until you delete the file", value: { days: null } },
  ];
  const current = rows.filter(({ value }) => value.days === known.days);
  const others = rows.filter(({ value }) => value.days !== known.days);
  const chosen = await dialogs.pick<{ readonly days: number | null }>("Links", "For how long?", [
    ...current,
    ...others,
  ]);
  return chosen === undefined ? undefined : { audience, days: chosen.days };
}

/** Enter keeps what holds. */
function knownFirst<Row extends { readonly value: unknown }>(rows: readonly Row[], known: unknown): Row[] {
  return [...rows.filter(({ value }) => value === known), ...rows.filter(({ value }) => value !== known)];
}
