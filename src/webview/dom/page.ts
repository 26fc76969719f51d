/** What every part of the page may do: ask something of the host, and tell screen readers something. */
import type { FromPanel } from "../../shared/contract/messages.ts";

export interface Page {
  /** Asks something of the host. */
  post(intent: FromPanel): void;
  /** Tells something to screen readers. */
  say(sentence: string): void;
}
