/** What the acts of a person ask and tell, without an editor: tests answer in its place. */

export type Weight = "info" | "warning" | "error";

export interface PickRow<T> {
  readonly label: string;
  readonly value: T;
}

export interface Dialogs {
  /** A message in the corner, which stands in nobody's way. @returns the button; undefined when it was closed */
  tell(weight: Weight, text: string, ...buttons: readonly string[]): Promise<string | undefined>;
  /**
   * A question that has to be answered before anything else.
   * @param buttons the first has the focus: Enter presses it @returns the button; undefined on Cancel
   */
  ask(question: string, detail: string, ...buttons: readonly string[]): Promise<string | undefined>;
  /** @returns the value of the row that was chosen; undefined when the person left */
  pick<T>(title: string, placeholder: string, rows: readonly PickRow<T>[]): Promise<T | undefined>;
  /** Says for a few seconds, at the bottom, that something small is done. */
  note(text: string, ms: number): void;
}
