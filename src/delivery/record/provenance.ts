/**
 * Who has filled a mail that no person has written: it says so until somebody edits it, and uploads nothing before. And
 * which parts of its text nobody has typed. Pure.
 */
import * as z from "zod";
import { spliceOf } from "../../shared/contract/form.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { lasting } from "../../shared/lasting.ts";

/** command: a task, a keybinding, another extension · link: an address of a web page or another program */
export const Filler = z.enum(["command", "assistant", "link"]);
export type Filler = z.infer<typeof Filler>;

export const Provenance = lasting({
  who: Filler,
  /** A person has done something in the mail, if only clicked into it: its uploads may begin. */
  touched: z.boolean(),
});
export type Provenance = z.infer<typeof Provenance>;

const fillers = (): Readonly<Record<Filler, string>> => ({
  command: t("Filled in by a command, a task or another extension."),
  assistant: t("Filled in by an assistant."),
  link: t("Filled in by a link from outside VS Code."),
});

/** What stands above Send. */
export function provenanceWords({ who }: Provenance): string {
  return sentences(fillers()[who], t("Check the recipients, the text and the files before you send it."));
}

/** True while nobody has looked at the mail: none of it may leave this machine. */
export function isUnseen({ filledBy }: { readonly filledBy: Provenance | null }): boolean {
  return filledBy !== null && !filledBy.touched;
}

/** Offsets in UTF-16 units. */
export const TextMarks = lasting({
  /** Variables of the template that are filled in when they are known, and values that it was begun with: those are text, whatever is in them. */
  values: z.array(lasting({ at: z.int().nonnegative(), length: z.int().positive() })),
  /** What is read as a document and not as a typed mail; null: nothing. */
  document: lasting({ from: z.int().nonnegative(), to: z.int().nonnegative() }).nullable(),
});
export type TextMarks = z.infer<typeof TextMarks>;
type Value = TextMarks["values"][number];

/** The piece of a text that became another one. */
interface Change {
  readonly before: string;
  readonly after: string;
  readonly from: number;
  /** Its end in the text of before. */
  readonly to: number;
  /** By how much everything behind it has moved. */
  readonly shift: number;
}

/** The marks after an edit. A value that was edited itself is text like any other. */
export function moveMarks(marks: TextMarks, before: string, after: string): TextMarks {
  if (before === after) return marks;
  const { at, removed } = spliceOf(after, before);
  const change = { before, after, from: at, to: at + removed, shift: after.length - before.length };
  return {
    values: marks.values.flatMap((value) => moveValue(value, marks.values, change) ?? []),
    document: marks.document === null ? null : moveRange(marks.document, change),
  };
}

function moveValue(value: Value, all: readonly Value[], change: Change): Value | undefined {
  const { before, after, from, to, shift } = change;
  const end = value.at + value.length;
  if (end <= from) return value;
  if (value.at >= to) return { ...value, at: value.at + shift };
  // Several edits may come as one: where it stands there as often as before, it is still the same one.
  const touched = all.filter(({ at, length }) => at + length > from && at < to);
  const first = touched.reduce((least, { at }) => Math.min(least, at), from);
  const last = touched.reduce((most, { at, length }) => Math.max(most, at + length), to);
  const text = before.slice(value.at, end);
  const old = placesOf(text, before.slice(first, last));
  const now = placesOf(text, after.slice(first, last + shift));
  const place = old.length === now.length ? now[old.indexOf(value.at - first)] : undefined;
  return place === undefined ? undefined : { ...value, at: first + place };
}

function placesOf(text: string, within: string): number[] {
  const places: number[] = [];
  for (let at = within.indexOf(text); at !== -1; at = within.indexOf(text, at + text.length)) places.push(at);
  return places;
}

/** What is typed at either end of it is not in it, and what takes its place is not a document. */
function moveRange(range: { from: number; to: number }, { from, to, shift }: Change): TextMarks["document"] {
  if (from <= range.from && to >= range.to) return null;
  const begin = range.from >= to ? range.from + shift : Math.min(range.from, from);
  const end = range.to <= from ? range.to : range.to >= to ? range.to + shift : to + shift;
  return begin < end ? { from: begin, to: end } : null;
}
