import type { Form } from "./contract.ts";

/** Whether two forms read the same, whichever is newer. */
export function isSameText({ revision: _, ...one }: Form, { revision: __, ...other }: Form): boolean {
  const theirs = new Map<string, string>(Object.entries(other));
  return Object.entries(one).every(([field, text]) => theirs.get(field) === text);
}

/** True for a form that was written after one that is known, or beside it: whoever knows that one must see this one. */
export function overtakes(form: Form, known: Form): boolean {
  return form.revision > known.revision || (form.revision === known.revision && !isSameText(known, form));
}
