/** What a person is asked and told, independent of the editor: tests implement it themselves. */

export type Weight = "info" | "warning" | "error";

export interface PickRow<T> {
  readonly label: string;
  readonly description?: string;
  /** A second line. */
  readonly detail?: string;
  readonly value: T;
  /** For `keep`: whether the row starts ticked (default: true). */
  readonly isTicked?: boolean;
}

/** A remark on a text while it is being typed. */
export type Remark = { readonly problem: string } | { readonly note: string };

export interface Dialogs {
  /** A notification, which blocks nothing. @returns the button pressed; undefined when it was closed */
  tell(weight: Weight, text: string, ...buttons: readonly string[]): Promise<string | undefined>;
  /**
   * A modal question.
   * @param buttons Enter presses the first, which has the focus
   * @returns the button; undefined on Cancel
   */
  ask(
    weight: Weight,
    question: string,
    detail: string,
    ...buttons: readonly string[]
  ): Promise<string | undefined>;
  /** @returns the value of the chosen row; undefined when the person cancelled */
  pick<T>(title: string, placeholder: string, rows: readonly PickRow<T>[]): Promise<T | undefined>;
  /** Like `pick`, with ticks. @returns the values of the ticked rows; undefined when the person cancelled */
  keep<T>(title: string, placeholder: string, rows: readonly PickRow<T>[]): Promise<readonly T[] | undefined>;
  /**
   * Asks for a line of text.
   * @param look remarks on the text as it is typed; one with a problem is not accepted
   * @returns the text; undefined when the person cancelled
   */
  type(
    title: string,
    prompt: string,
    placeholder: string,
    look: (text: string) => Remark | undefined,
  ): Promise<string | undefined>;
  /** Shows in the status bar for `ms` that something small is done. */
  note(text: string, ms: number): void;
  /** Copies a text to the clipboard, and shows `noted` in the status bar for `ms`. */
  copy(text: string, noted: string, ms: number): Promise<void>;
}
