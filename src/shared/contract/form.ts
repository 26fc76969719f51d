/** What a person has typed: the fields of a mail, how two forms differ, and which of them counts. Pure. */
import * as z from "zod";

/** What the text of a mail is written in. */
export const BodyFormat = z.enum(["markdown", "text", "html"]);
export type BodyFormat = z.infer<typeof BodyFormat>;

/** The fields as typed: addresses stay raw text until the mail is sent, so that nothing is lost. */
export const Form = z.object({
  /** Grows with each edit. VS Code may restore a panel with an old state: the higher number counts. */
  revision: z.int().nonnegative(),
  to: z.string().max(100_000),
  cc: z.string().max(100_000),
  bcc: z.string().max(100_000),
  /** Who gets replies; empty: the sender. */
  replyTo: z.string().max(100_000).default(""),
  /** The person's own headers, one per line. */
  headers: z.string().max(20_000).default(""),
  subject: z.string().max(10_000),
  body: z.string().max(10_000_000),
  /** Records from before there was a choice are text. */
  format: BodyFormat.default("text"),
});
export type Form = z.infer<typeof Form>;
export type FormTexts = Omit<Form, "revision">;

/** The fields of a form that are text of any length. */
export const TextField = z.enum(["to", "cc", "bcc", "replyTo", "headers", "subject", "body"]);

/** What has changed since a form that the page has sent before. */
export const FormChange = z.object({
  /** The revision of that form. */
  since: z.int().nonnegative(),
  revision: z.int().nonnegative(),
  /** For each changed field the piece that differs; offsets and lengths in UTF-16 units. */
  texts: z.partialRecord(
    TextField,
    z.object({
      at: z.int().nonnegative(),
      removed: z.int().nonnegative(),
      text: z.string().max(10_000_000),
    }),
  ),
  format: BodyFormat.optional(),
});
export type FormChange = z.infer<typeof FormChange>;

/** What the panel keeps when the window reloads (`vscode.setState`): enough to find its delivery again. */
export const PanelState = z.object({ deliveryId: z.string(), form: Form.nullable() });
export type PanelState = z.infer<typeof PanelState>;

/** What the page keeps in the browser's storage until the host has received it. */
export const KeptForm = z.object({ keptAt: z.number(), form: Form });
export type KeptForm = z.infer<typeof KeptForm>;

/** The form of a mail in which nobody has typed anything. */
export const emptyForm: Form = {
  revision: 0,
  to: "",
  cc: "",
  bcc: "",
  replyTo: "",
  headers: "",
  subject: "",
  body: "",
  format: "text",
};

/** Whether two forms read the same, whichever is newer. */
export function isSameText({ revision: _, ...one }: Form, { revision: __, ...other }: Form): boolean {
  const theirs = new Map<string, string>(Object.entries(other));
  return Object.entries(one).every(([field, text]) => theirs.get(field) === text);
}

/** True for a form that is newer than a known one or conflicts with it: the known one's side must see it. */
export function overtakes(form: Form, known: Form): boolean {
  return form.revision > known.revision || (form.revision === known.revision && !isSameText(known, form));
}

/** What has changed, so that a key in a long text is a short message. @param since known to both sides */
export function changeOf(form: Form, since: Form): FormChange {
  const changed = TextField.options.filter((field) => form[field] !== since[field]);
  const texts = Object.fromEntries(changed.map((field) => [field, spliceOf(form[field], since[field])]));
  const { revision, format } = form;
  return { since: since.revision, revision, texts, ...(format === since.format ? {} : { format }) };
}

/** The form after a change; undefined when the change was made to another form. */
export function changed(since: Form, change: FormChange): Form | undefined {
  if (since.revision !== change.since) return undefined;
  const next = { ...since, revision: change.revision, format: change.format ?? since.format };
  for (const field of TextField.options) {
    const splice = change.texts[field];
    if (splice === undefined) continue;
    const { at, removed, text } = splice;
    const before = since[field];
    if (at + removed > before.length) return undefined;
    next[field] = before.slice(0, at) + text + before.slice(at + removed);
  }
  return Form.safeParse(next).data;
}

/** The piece in which a text differs from an earlier one. */
export function spliceOf(text: string, before: string): { at: number; removed: number; text: string } {
  const most = Math.min(text.length, before.length);
  let head = 0;
  while (head < most && text[head] === before[head]) head++;
  // Never between the two halves of a surrogate pair.
  if (/[\ud800-\udbff]/.test(text[head - 1] ?? "")) head--;
  let tail = 0;
  while (tail < most - head && text.at(-1 - tail) === before.at(-1 - tail)) tail++;
  if (/[\udc00-\udfff]/.test(text.at(-tail) ?? "") && tail > 0) tail--;
  return { at: head, removed: before.length - head - tail, text: text.slice(head, text.length - tail) };
}
