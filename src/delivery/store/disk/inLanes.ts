/** A process may open some thousand files at once, and some systems allow 256: what is read side by side stays far below. */
const LANES = 16;

/** Does some work for each, a few at a time. @returns what came of it, in the same order */
export async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  const left = items.entries();
  const lane = async () => {
    for (const [at, item] of left) done[at] = await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return done;
}
