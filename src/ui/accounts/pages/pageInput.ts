/** What a page of the wizard asks with, without an editor: tests answer in its place. */
import type { QuickPickItem } from "vscode";

/** The person pressed Back. */
export const BACK = Symbol("back");
export type Answer<T> = T | typeof BACK | undefined;

export interface StepFrame {
  readonly title: string;
  /** Whether it has Back. How many pages there are depends on the answers, so none is numbered. */
  readonly canGoBack: boolean;
  /** Why the page is asked once more. */
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
  /** Why a text cannot be taken; undefined when it can. */
  readonly problem: (text: string) => string | undefined;
  /** Where what is asked for can be found. */
  readonly help?: { readonly label: string; readonly open: () => Promise<void> };
}

/** Whether a text is judged while it is typed: one that was pasted is at once, any other once one was refused. */
export function isJudged(before: string, text: string, wasRefused: boolean): boolean {
  return text.trim() !== "" && (wasRefused || text.length > before.length + 1);
}

/** For a row that is a line and a smaller one below it. Chinese and Japanese have no space after a sentence. */
export function firstSentence(text: string): { readonly first: string; readonly rest: string } {
  const [, first = text, rest = ""] = /^(.+?(?:[.!?](?=\s)|[。！？]))\s*(.+)$/s.exec(text) ?? [];
  return { first, rest };
}

export interface PageInput {
  /**
   * @param meanwhile answers in the person's place as soon as it is there
   * @returns what was chosen; undefined when the person left
   */
  choose<T>(
    frame: StepFrame,
    placeholder: string,
    choices: readonly Choice<T>[],
    meanwhile?: Promise<T>,
  ): Promise<Answer<T>>;
  /** @returns the text, trimmed; undefined when the person left */
  ask(frame: StepFrame, question: Question): Promise<Answer<string>>;
  /** Shows in the wizard's place that something is being asked of a service; Escape cancels it. */
  busy<T>(title: string, text: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}
