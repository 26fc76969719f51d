/** What a page of the wizard asks with, without an editor: tests answer in its place. */
import type { QuickPickItem } from "vscode";

/** The person pressed Back. */
export const BACK = Symbol("back");
export type Answer<T> = T | typeof BACK | undefined;

export interface StepFrame {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
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
