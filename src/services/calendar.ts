/** The part of a calendar that files are attached in. */

/** An event that files can be attached to. */
export interface CalendarEvent {
  readonly id: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
}

/** Reads and writes events of a calendar. */
export interface EventText {
  /** The addresses of those who are invited, without the account's own where it invites them. */
  people(eventId: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Changes the text of an event, and nothing where it stays the same.
   * @param write called with what it is now, once more for each try
   * @throws FreightError also when somebody has changed it meanwhile: then a repetition helps
   */
  change(eventId: string, write: (html: string) => string, signal: AbortSignal): Promise<void>;
}
