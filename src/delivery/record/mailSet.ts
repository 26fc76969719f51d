/**
 * Files that are too large together go in several mails. Each is a record of its own; the first has the text, and the
 * others answer it. How the files are shared out is fixed when Send is pressed. Pure.
 */
import * as z from "zod";
import type { Phase } from "../../shared/contract/snapshot.ts";
import { lasting } from "../../shared/lasting.ts";

/** A mail that was sent, as others of its thread name it. */
const ThreadStart = lasting({ messageId: z.string().nullable(), internetMessageId: z.string().nullable() });

/** One part of a file that is cut: an attachment of one of the mails. */
const CutPart = lasting({
  id: z.string(),
  name: z.string(),
  /** In which mail, from 0. */
  mail: z.int().nonnegative(),
  /** Where in the file it begins, and how long it is; bytes. */
  start: z.int().nonnegative(),
  size: z.int().positive(),
  /** Hexadecimal. */
  sha256: z.string(),
});
export type CutPart = z.infer<typeof CutPart>;

/** A file that fits in no mail, and what it was when Send was pressed: nothing else may be in any part. */
const CutFile = lasting({
  /** Id of the attachment that the parts take the place of. */
  file: z.string(),
  name: z.string(),
  /** What it is called once the parts are joined: letters that no command line takes for anything else. */
  joined: z.string(),
  contentType: z.string(),
  size: z.int().positive(),
  mtimeMs: z.number(),
  ctimeMs: z.number().nullable(),
  ino: z.number().nullable(),
  sha256: z.string(),
  /** In their order. */
  parts: z.array(CutPart).min(2),
});
export type CutFile = z.infer<typeof CutFile>;

export const MailSet = lasting({
  /** Ids of its mails, in their order. */
  mails: z.array(z.string()).min(2),
  /** Which of them this one is, from 0. */
  at: z.int().nonnegative(),
  /** Everything that is sent; `mail`: in which of them, from 0. */
  files: z.array(lasting({ name: z.string(), size: z.number(), mail: z.int().nonnegative() })),
  /** Of the first: ids of the files that each of the others is given. Empty once they have them; nothing leaves before. */
  moving: z.array(z.array(z.string())).default([]),
  /** Files that go in parts; unset: none. */
  cut: z.array(CutFile).optional(),
  /** Of the others: what they answer; null until the first was sent. Nothing leaves before. */
  answers: ThreadStart.nullable().default(null),
  /** Of the others, once the first was sent: a person has pressed Send for this one alone. */
  isSentAlone: z.boolean().optional(),
});
export type MailSet = z.infer<typeof MailSet>;

interface InSet {
  readonly set: MailSet | null;
  readonly phase: Phase;
}

/** Whether a mail waits for others of its set. */
export function isHeldBack({ set }: Pick<InSet, "set">): boolean {
  if (set === null) return false;
  return set.at === 0 ? set.moving.length > 0 : set.answers === null;
}

/** "2/3"; undefined for a mail that goes alone. */
export function placeInSet({ set }: { readonly set?: MailSet | null }): string | undefined {
  return set == null ? undefined : `${set.at + 1}/${set.mails.length}`;
}

/** Ids of the files that the first mail of a set has no more, once the others have theirs. */
export function gives({ moving, cut = [] }: Pick<MailSet, "moving" | "cut">): string[] {
  return [...moving.flat(), ...cut.map(({ file }) => file)];
}
