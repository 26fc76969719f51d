/**
 * The one way to undici. Loading it replaces the process-wide dispatcher, which the built-in `fetch` of every other
 * extension in this process uses (on Node 22 each of their requests with a `content-length` then fails). So what
 * stood there before is put back immediately, and undici loads only when the first request needs it.
 */
const GLOBAL_DISPATCHERS = ["undici.globalDispatcher.1", "undici.globalDispatcher.2"].map((name) =>
  Symbol.for(name),
);

export type Undici = typeof import("./agent.ts");

let loading: Promise<Undici> | undefined;

export function loadUndici(): Promise<Undici> {
  loading ??= loadWithoutTrace();
  return loading;
}

async function loadWithoutTrace(): Promise<Undici> {
  const before = GLOBAL_DISPATCHERS.map((key) => [key, Reflect.get(globalThis, key)] as const);
  const undici = await import("./agent.ts");
  for (const [key, value] of before) Reflect.set(globalThis, key, value);
  return undici;
}
