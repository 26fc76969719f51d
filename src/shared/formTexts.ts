import type { Form } from "./contract.ts";

/** Whether two forms read the same, whichever is newer. */
export function isSameText({ revision: _, ...one }: Form, { revision: __, ...other }: Form): boolean {
  const theirs = new Map<string, string>(Object.entries(other));
  return Object.entries(one).every(([field, text]) => theirs.get(field) === text);
}
