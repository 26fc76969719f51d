/**
 * The result of some work, unless `signal` is aborted first: for work that does not stop at once when it is
 * told to.
 * @throws the signal's reason, or what the work throws
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let end = () => {};
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason);
  });
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
