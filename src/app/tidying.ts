/** When a window tidies what earlier ones left behind. */
import type { Disposable } from "../base/lifecycle.ts";

const DAY_MS = 24 * 3_600_000;
/** In milliseconds; less than the two minutes for which holderWatch.ts listens to a lease that was wanted. */
const SECOND_LOOK_MS = 60_000;

/**
 * Tidies at once, after a minute, and daily. After a power cut a lease may not say whose it is: a window can tell only
 * after listening for a while.
 * @returns ends it
 */
export function tidyRegularly(tidy: () => void): Disposable {
  const secondLook = setTimeout(tidy, SECOND_LOOK_MS).unref();
  const daily = setInterval(tidy, DAY_MS).unref();
  tidy();
  return {
    dispose: () => {
      clearTimeout(secondLook);
      clearInterval(daily);
    },
  };
}
