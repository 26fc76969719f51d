/** The part of a calendar that files are attached in. */

/** An event that files can be attached to. */
export interface CalendarEvent {
  readonly id: string;
  readonly subject: string;
  /** In milliseconds since the epoch. */
  readonly startsAt: number;
}

/** Reads and changes events in a calendar. */
export interface EventText {
  /** The addresses of everyone invited, without the account's own where the account is the organizer. */
  people(eventId: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Changes the text of an event; makes no request when the text stays the same.
   * @param write gets the current text, afresh on each try
   * @throws FreightError also when somebody has changed the event meanwhile: then trying again helps
   */
  change(eventId: string, write: (html: string) => string, signal: AbortSignal): Promise<void>;
}
