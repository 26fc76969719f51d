/**
 * Who filled in a mail that no person has written. It says so until a person edits it, and uploads nothing
 * until a person has done something in it. Also which parts of its text nobody typed. Pure.
 */
import * as z from "zod";
import { spliceOf } from "../../shared/contract/form.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { lasting } from "../../shared/lasting.ts";

/** command: a task, a keybinding, another extension · link: opened from a web page or another program */
export const Filler = z.enum(["command", "assistant", "link"]);
export type Filler = z.infer<typeof Filler>;

export const Provenance = lasting({
  who: Filler,
  /** A person has done something in the mail, even just clicked into it: its uploads may begin. */
  touched: z.boolean(),
});
export type Provenance = z.infer<typeof Provenance>;

const fillers = (): Readonly<Record<Filler, string>> => ({
  command: t("Filled in by a command, a task or another extension."),
  assistant: t("Filled in by an assistant."),
  link: t("Filled in by a link from outside VS Code."),
});

/** The notice above Send. */
export function provenanceWords({ who }: Provenance): string {
  return sentences(fillers()[who], t("Check the recipients, the text and the files before you send it."));
}

/** True while no person has touched a filled-in mail: nothing of it may leave this machine. */
export function isUnseen({ filledBy }: { readonly filledBy: Provenance | null }): boolean {
  return filledBy !== null && !filledBy.touched;
}

/** Positions and lengths are in UTF-16 code units. */
export const TextMarks = lasting({
  /** Template variables to be filled in later, and values already filled in, which are plain text. */
  values: z.array(lasting({ at: z.int().nonnegative(), length: z.int().positive() })),
  /** The part that is read as a document, not as a typed mail; null: none. */
  document: lasting({ from: z.int().nonnegative(), to: z.int().nonnegative() }).nullable(),
});
export type TextMarks = z.infer<typeof TextMarks>;
type Value = TextMarks["values"][number];

/** An edit: the piece of the text that was replaced. */
interface Change {
  readonly before: string;
  readonly after: string;
  readonly from: number;
  /** Its end in `before`. */
  readonly to: number;
  /** By how much everything after it has moved. */
  readonly shift: number;
}

/** The marks after an edit. A value that was itself edited becomes ordinary text. */
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
  // The edit may be several in one: if the value occurs there as often as before, it is unchanged itself.
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

/** What is typed at either end does not become part of it; what replaces all of it is not a document. */
function moveRange(range: { from: number; to: number }, { from, to, shift }: Change): TextMarks["document"] {
  if (from <= range.from && to >= range.to) return null;
  const begin = range.from >= to ? range.from + shift : Math.min(range.from, from);
  const end = range.to <= from ? range.to : range.to >= to ? range.to + shift : to + shift;
  return begin < end ? { from: begin, to: end } : null;
}
