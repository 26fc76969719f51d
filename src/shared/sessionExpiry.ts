/** A service keeps an uploaded file for a limited time: when to warn of its end, and how to word it. */
import { formatCountdown, formatDuration } from "./format.ts";
import { t } from "./l10n.ts";

/** Long enough to finish a letter, short enough to be true. */
export const EXPIRY_WARNING_MS = 10 * 60_000;
/** Above this, the seconds of a countdown do not matter. */
const COUNTDOWN_MS = 100 * 60_000;

/** "expires in 42:07", and in hours or days where it is long; "expired" */
export function describeExpiry(leftMs: number): string {
  if (leftMs <= 0) return t("expired");
  return t("expires in {0}", leftMs > COUNTDOWN_MS ? formatDuration(leftMs) : formatCountdown(leftMs));
}
