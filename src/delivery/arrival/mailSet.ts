/**
 * Files that are too large together go in several mails. Each is a record of its own; the first has the text, and the
 * others answer it. How the files are shared out is fixed when Send is pressed. Pure.
 */
import * as z from "zod";
import type { Phase } from "../../shared/contract.ts";
import { lasting } from "../../shared/lasting.ts";

/** A mail that was sent, as others of its thread name it. */
const ThreadStart = lasting({ messageId: z.string().nullable(), internetMessageId: z.string().nullable() });

export const MailSet = lasting({
  /** Ids of its mails, in their order. */
  mails: z.array(z.string()).min(2),
  /** Which of them this one is, from 0. */
  at: z.int().nonnegative(),
  /** Everything that is sent; `mail`: in which of them, from 0. */
  files: z.array(lasting({ name: z.string(), size: z.number(), mail: z.int().nonnegative() })),
  /** Of the first: ids of the files that each of the others is given. Empty once they have them; nothing leaves before. */
  moving: z.array(z.array(z.string())).default([]),
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
