/** What a person is asked and told, without an editor: tests answer in its place. */

export type Weight = "info" | "warning" | "error";

export interface PickRow<T> {
  readonly label: string;
  readonly description?: string;
  /** A second line. */
  readonly detail?: string;
  readonly value: T;
  /** Where several can be ticked: whether it begins with its tick; unset: it does. */
  readonly isTicked?: boolean;
}

/** What is said of a text that is being typed. */
export type Remark = { readonly problem: string } | { readonly note: string };

export interface Dialogs {
  /** A message in the corner, which stands in nobody's way. @returns the button; undefined when it was closed */
  tell(weight: Weight, text: string, ...buttons: readonly string[]): Promise<string | undefined>;
  /**
   * A question that has to be answered before anything else.
   * @param buttons the first has the focus: Enter presses it @returns the button; undefined on Cancel
   */
  ask(
    weight: Weight,
    question: string,
    detail: string,
    ...buttons: readonly string[]
  ): Promise<string | undefined>;
  /** @returns the value of the row that was chosen; undefined when the person left */
  pick<T>(title: string, placeholder: string, rows: readonly PickRow<T>[]): Promise<T | undefined>;
  /** The same with ticks. @returns the rows that have one in the end; undefined when the person left */
  keep<T>(title: string, placeholder: string, rows: readonly PickRow<T>[]): Promise<readonly T[] | undefined>;
  /**
   * A line of text.
   * @param look what is said of it while it is typed; one with a problem is not taken
   * @returns the text; undefined when the person left
   */
  type(
    title: string,
    prompt: string,
    placeholder: string,
    look: (text: string) => Remark | undefined,
  ): Promise<string | undefined>;
  /** Says for a few seconds, at the bottom, that something small is done. */
  note(text: string, ms: number): void;
  /** Puts a text into the clipboard, and notes that. */
  copy(text: string, noted: string, ms: number): Promise<void>;
}
