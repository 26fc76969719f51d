/**
 * Works on many files a few at a time, as when all records are read. How many uploads run at once:
 * `delivery/upload/uploadQueue.ts`.
 */

/** How many run at once: far fewer than the files a process may have open, on some systems only 256. */
const LANES = 16;

/** Does some work for each item, a few at a time. @returns the results, in the same order */
export async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  const left = items.entries();
  const lane = async () => {
    for (const [at, item] of left) done[at] = await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return done;
}
