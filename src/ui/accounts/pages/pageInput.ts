/** What the wizard's pages ask with, independent of the editor: tests implement it themselves. */
import type { QuickPickItem } from "vscode";

/** The person pressed Back. */
export const BACK = Symbol("back");
export type Answer<T> = T | typeof BACK | undefined;

export interface StepFrame {
  readonly title: string;
  /** Whether to show Back. Pages are not numbered, as how many there are depends on the answers. */
  readonly canGoBack: boolean;
  /** Why the page is asked again. */
  readonly refused?: string | undefined;
}

export interface Choice<T> extends QuickPickItem {
  /** A codicon. */
  readonly icon?: string;
  readonly value: T;
}

export interface Question {
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  readonly password?: boolean;
  /** Why a text is not acceptable; undefined when it is. */
  readonly problem: (text: string) => string | undefined;
  /** Shows where to find what is asked for. */
  readonly help?: { readonly label: string; readonly open: () => Promise<void> };
}

/** Whether to check a text as it changes: at once if it was pasted, else only after a refusal. */
export function isJudged(before: string, text: string, wasRefused: boolean): boolean {
  return text.trim() !== "" && (wasRefused || text.length > before.length + 1);
}

/** Splits a text for a row of two lines. Chinese and Japanese have no space after a sentence. */
export function firstSentence(text: string): { readonly first: string; readonly rest: string } {
  const [, first = text, rest = ""] = /^(.+?(?:[.!?](?=\s)|[。！？]))\s*(.+)$/s.exec(text) ?? [];
  return { first, rest };
}

export interface PageInput {
  /**
   * @param meanwhile answers for the person once it resolves
   * @returns the chosen value; undefined when the person cancelled
   */
  choose<T>(
    frame: StepFrame,
    placeholder: string,
    choices: readonly Choice<T>[],
    meanwhile?: Promise<T>,
  ): Promise<Answer<T>>;
  /** @returns the text, trimmed; undefined when the person cancelled */
  ask(frame: StepFrame, question: Question): Promise<Answer<string>>;
  /** Shows in the wizard's place that a service is being asked; Escape cancels. */
  busy<T>(title: string, text: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}
