/** The changes between two JSON values: for a small change to a large record, few bytes. */

/**
 * With a value: sets it at the path. Without one: removes the property. With a number: removes that many
 * elements of a list, from the path's last step on, and inserts others there.
 */
export type Change =
  | readonly [path: Path]
  | readonly [path: Path, value: unknown]
  | readonly [path: Path, removed: number, added: readonly unknown[]];
type Path = readonly (string | number)[];

/** The changes that turn `before` into `after`; both hold only what `JSON.stringify` would write. */
export function changesBetween(before: unknown, after: unknown, path: Path = []): Change[] {
  if (isSame(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return changesOfList(before, after, path);
  if (!isObject(before) || !isObject(after)) return [[path, after]];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [from, to] = [own(before, name), own(after, name)];
    if (to === undefined) return from === undefined ? [] : [[[...path, name]] as const];
    return changesBetween(from, to, [...path, name]);
  });
}

/**
 * Applies changes, in place where possible.
 * @throws Error when they are not changes, or do not fit this value
 */
export function withChanges(value: unknown, changes: unknown): unknown {
  if (!Array.isArray(changes)) throw noChange();
  // The value itself is a property of this, so that it can be replaced as well.
  const whole = { value };
  for (const change of changes) {
    if (!Array.isArray(change) || !isPath(change[0]) || change.length > 3) throw noChange();
    const path = ["value", ...change[0]];
    let holder: unknown = whole;
    for (const step of path.slice(0, -1)) holder = ownProperty(holder, step);
    const last = path.at(-1);
    if (last === undefined || typeof holder !== "object" || holder === null) throw noChange();
    if (change.length === 3) splice(holder, last, change[1], change[2]);
    else if (change.length === 1) Reflect.deleteProperty(holder, last);
    // As JSON.parse does: no name is special, not even `__proto__`.
    else
      Reflect.defineProperty(holder, last, {
        value: change[1],
        configurable: true,
        enumerable: true,
        writable: true,
      });
  }
  return whole.value;
}

/** When elements were added or removed, leaves out what is the same at both ends. */
function changesOfList(before: readonly unknown[], after: readonly unknown[], path: Path): Change[] {
  if (before.length === after.length)
    return after.flatMap((to, at) => changesBetween(before[at], to, [...path, at]));
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSame(before[start], after[start])) start++;
  let end = 0;
  while (end < shorter - start && isSame(before.at(-1 - end), after.at(-1 - end))) end++;
  return [[[...path, start], before.length - end - start, after.slice(start, after.length - end)]];
}

function splice(list: object, start: string | number, removed: unknown, added: unknown): void {
  const isOne = Array.isArray(list) && typeof start === "number" && start <= list.length;
  if (!isOne || typeof removed !== "number" || !Array.isArray(added)) throw noChange();
  const rest = list.splice(start).slice(removed);
  for (const each of [...added, ...rest]) list.push(each);
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((each, at) => isSame(each, other[at]));
  if (!isObject(one) || !isObject(other)) return false;
  return [...Object.keys(one), ...Object.keys(other)].every((name) =>
    isSame(own(one, name), own(other, name)),
  );
}

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** @throws Error when there is no property of this name */
function ownProperty(holder: unknown, name: string | number): unknown {
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, name)) throw noChange();
  return Reflect.get(holder, name);
}

function isPath(path: unknown): path is Path {
  return Array.isArray(path) && path.every((step) => typeof step === "string" || Number.isSafeInteger(step));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function noChange(): Error {
  return new Error("What was noted does not fit what it was noted of");
}
