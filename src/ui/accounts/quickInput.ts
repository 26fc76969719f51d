/** Steps of a wizard in VS Code's quick input, with a way back. */
import * as vscode from "vscode";
import { plain } from "../notices/plain.ts";
import { type Answer, BACK, type Choice, type Question, type StepFrame } from "./pageInput.ts";

export function choose<T>(
  frame: StepFrame,
  placeholder: string,
  choices: readonly Choice<T>[],
  meanwhile?: Promise<T>,
): Promise<Answer<T>> {
  const input = vscode.window.createQuickPick<Choice<T>>();
  input.placeholder = placeholder;
  input.items = choices.map((row) =>
    row.icon === undefined ? row : { ...row, iconPath: new vscode.ThemeIcon(row.icon) },
  );
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  input.busy = meanwhile !== undefined;
  return show(frame, input, () => input.selectedItems[0]?.value, meanwhile);
}

export function ask(frame: StepFrame, question: Question): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = plain(question.prompt);
  input.placeholder = question.placeholder;
  input.value = question.value ?? "";
  input.password = question.password ?? false;
  input.onDidChangeValue(() => {
    input.validationMessage = undefined;
  });
  return show(frame, input, () => {
    const text = input.value.trim();
    const problem = question.problem(text);
    input.validationMessage = problem === undefined ? undefined : plain(problem);
    return problem === undefined ? text : undefined;
  });
}

/** Shows an input until `accept` finds an answer, or the person goes back or leaves. */
function show<T>(
  frame: StepFrame,
  input: vscode.QuickPick<Choice<T>> | vscode.InputBox,
  accept: () => T | undefined,
  meanwhile?: Promise<T>,
): Promise<Answer<T>> {
  input.title = frame.title;
  // "(1/1)" says nothing.
  if (frame.totalSteps > 1) {
    input.step = frame.step;
    input.totalSteps = frame.totalSteps;
  }
  input.ignoreFocusOut = true;
  if (frame.step > 1) input.buttons = [vscode.QuickInputButtons.Back];
  return new Promise<Answer<T>>((resolve) => {
    input.onDidAccept(() => {
      const answer = accept();
      if (answer !== undefined) resolve(answer);
    });
    input.onDidTriggerButton(() => resolve(BACK));
    input.onDidHide(() => resolve(undefined));
    void meanwhile?.then(resolve);
    input.show();
  }).finally(() => input.dispose());
}

export async function busy<T>(
  title: string,
  text: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const input = vscode.window.createQuickPick();
  input.title = title;
  input.placeholder = text;
  input.busy = true;
  input.enabled = false;
  input.ignoreFocusOut = true;
  input.onDidHide(() => controller.abort());
  input.show();
  try {
    return await work(controller.signal);
  } finally {
    input.dispose();
  }
}
