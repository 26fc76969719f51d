/**
 * Files that are too large for one mail go in several. Each mail has its own record; the first has the text,
 * and the others reply to it. Which file goes in which mail is fixed when Send is pressed. Pure.
 */
import * as z from "zod";
import type { Phase } from "../../shared/contract/snapshot.ts";
import { lasting } from "../../shared/lasting.ts";

/** The ids by which later mails of a thread refer to the first, sent one. */
const ThreadStart = lasting({ messageId: z.string().nullable(), internetMessageId: z.string().nullable() });

/** One part of a file that was cut: an attachment of one of the mails. */
const CutPart = lasting({
  id: z.string(),
  name: z.string(),
  /** In which mail, from 0. */
  mail: z.int().nonnegative(),
  /** Where in the file it begins, and how long it is, in bytes. */
  start: z.int().nonnegative(),
  size: z.int().positive(),
  /** Hexadecimal. */
  sha256: z.string(),
});
export type CutPart = z.infer<typeof CutPart>;

/** A file that fits in no mail, as it was when Send was pressed: the parts may hold nothing else. */
const CutFile = lasting({
  /** Id of the attachment that the parts replace. */
  file: z.string(),
  name: z.string(),
  /** The file's name once the parts are joined, of characters that need no quotes on a command line. */
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
  /** Ids of its mails, in order. */
  mails: z.array(z.string()).min(2),
  /** Which of them this one is, from 0. */
  at: z.int().nonnegative(),
  /** All files of the set. `mail`: which mail has it, from 0 */
  files: z.array(lasting({ name: z.string(), size: z.number(), mail: z.int().nonnegative() })),
  /** In the first mail: ids of the files to hand to each other mail. No mail is sent before this is empty. */
  moving: z.array(z.array(z.string())).default([]),
  /** Files that were cut into parts; unset: none. */
  cut: z.array(CutFile).optional(),
  /** In the others: the mail that they reply to; null until it was sent, and they are not sent before. */
  answers: ThreadStart.nullable().default(null),
  /** In the others, once the first was sent: a person has pressed Send for this mail alone. */
  isSentAlone: z.boolean().optional(),
});
export type MailSet = z.infer<typeof MailSet>;

interface InSet {
  readonly set: MailSet | null;
  readonly phase: Phase;
}

/** Whether a mail must wait for others of its set. */
export function isHeldBack({ set }: Pick<InSet, "set">): boolean {
  if (set === null) return false;
  return set.at === 0 ? set.moving.length > 0 : set.answers === null;
}

/** Such as "2/3"; undefined for a mail that goes alone. */
export function placeInSet({ set }: { readonly set?: MailSet | null }): string | undefined {
  return set == null ? undefined : `${set.at + 1}/${set.mails.length}`;
}

/** Ids of the files that leave the first mail of a set once the others have theirs. */
export function gives({ moving, cut = [] }: Pick<MailSet, "moving" | "cut">): string[] {
  return [...moving.flat(), ...cut.map(({ file }) => file)];
}
