/** undici as a whole. Loading it puts its dispatcher under the built-in `fetch` of everybody; that is put back. */
const keys = [1, 2].map((number) => Symbol.for(`undici.globalDispatcher.${number}`));
const before = keys.map((key): unknown => Reflect.get(globalThis, key));
export const undici = await import("undici");
for (const [at, key] of keys.entries()) Reflect.set(globalThis, key, before[at]);
