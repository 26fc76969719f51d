/**
 * A mail as it is sent and stored, whichever service it came through, but for its files; and how a request changes it.
 */
import * as z from "zod";

export const Person = z.object({ email: z.string(), name: z.string().optional() });
export type Person = z.infer<typeof Person>;

export const Letter = z.object({
  from: z.array(Person),
  to: z.array(Person),
  cc: z.array(Person),
  bcc: z.array(Person),
  replyTo: z.array(Person),
  subject: z.string(),
  body: z.string(),
  isPlaintext: z.boolean(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
});
export type Letter = z.infer<typeof Letter>;

/** What a request says about it; undefined where it says nothing. */
export type LetterChange = { readonly [Field in keyof Letter]?: Letter[Field] | null | undefined };

export function emptyLetter(sender: Person): Letter {
  const nobody: Person[] = [];
  return {
    from: [sender],
    to: nobody,
    cc: nobody,
    bcc: nobody,
    replyTo: nobody,
    subject: "",
    body: "",
    isPlaintext: false,
    headers: [],
  };
}

/** The letter with what the change names; the rest stays. */
export function changeLetter(letter: Letter, change: LetterChange): Letter {
  return {
    from: change.from ?? letter.from,
    to: change.to ?? letter.to,
    cc: change.cc ?? letter.cc,
    bcc: change.bcc ?? letter.bcc,
    replyTo: change.replyTo ?? letter.replyTo,
    subject: change.subject ?? letter.subject,
    body: change.body ?? letter.body,
    isPlaintext: change.isPlaintext ?? letter.isPlaintext,
    headers: change.headers ?? letter.headers,
  };
}

/** Whether an attachment is shown in the text: only if the text refers to it. */
export function isInline(letter: Letter, contentId: string | undefined): boolean {
  return contentId !== undefined && !letter.isPlaintext && letter.body.includes(`cid:${contentId}`);
}
