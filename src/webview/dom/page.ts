import type { FromPanel } from "../../shared/contract/messages.ts";

/** What every part of the page may do. */
export interface Page {
  /** Asks something of the host. */
  post(intent: FromPanel): void;
  /** Tells something to screen readers. */
  say(sentence: string): void;
}
