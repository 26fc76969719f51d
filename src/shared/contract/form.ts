/** How two forms differ, and which counts. Pure. */
import { Form, type FormChange, TextField } from "./snapshot.ts";

/** Of a mail in which nobody has typed anything. */
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

/** True for a form that was written after one that is known, or beside it: whoever knows that one must see this one. */
export function overtakes(form: Form, known: Form): boolean {
  return form.revision > known.revision || (form.revision === known.revision && !isSameText(known, form));
}

/** What has changed: a key in a long text travels without the text. @param since a form that the other side knows */
export function changeOf(form: Form, since: Form): FormChange {
  const changed = TextField.options.filter((field) => form[field] !== since[field]);
  const texts = Object.fromEntries(changed.map((field) => [field, spliceOf(form[field], since[field])]));
  const { revision, format } = form;
  return { since: since.revision, revision, texts, ...(format === since.format ? {} : { format }) };
}

/** The form that a change leads to; undefined where it was made from another one. */
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

/** The piece of a text that is another one than before. */
export function spliceOf(text: string, before: string): { at: number; removed: number; text: string } {
  const most = Math.min(text.length, before.length);
  let head = 0;
  while (head < most && text[head] === before[head]) head++;
  // Characters outside the basic plane have two units, and travel whole.
  if (/[\ud800-\udbff]/.test(text[head - 1] ?? "")) head--;
  let tail = 0;
  while (tail < most - head && text.at(-1 - tail) === before.at(-1 - tail)) tail++;
  if (/[\udc00-\udfff]/.test(text.at(-tail) ?? "") && tail > 0) tail--;
  return { at: head, removed: before.length - head - tail, text: text.slice(head, text.length - tail) };
}
