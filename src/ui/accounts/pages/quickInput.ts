/** The wizard's pages in VS Code's quick input, with a way back. */
import * as vscode from "vscode";
import { plain, withoutIcons } from "../../notices/plain.ts";
import {
  type Answer,
  BACK,
  type Choice,
  firstSentence,
  isJudged,
  type Question,
  type StepFrame,
} from "./pageInput.ts";

export function choose<T>(
  frame: StepFrame,
  placeholder: string,
  choices: readonly Choice<T>[],
  meanwhile?: Promise<T>,
): Promise<Answer<T>> {
  const input = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly value?: T }>();
  input.placeholder = placeholder;
  const rows = choices.map((row) =>
    row.icon === undefined ? row : { ...row, iconPath: new vscode.ThemeIcon(row.icon) },
  );
  // A list can show a refusal only as a row, which has no value, so Enter does nothing there.
  input.items = frame.refused === undefined ? rows : [refusalRow(frame.refused), ...rows];
  input.activeItems = rows.slice(0, 1);
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
  const { help, problem } = question;
  const say = (words: string | undefined) => {
    input.validationMessage = words === undefined ? undefined : plain(words);
  };
  say(frame.refused);
  let before = input.value;
  let wasRefused = false;
  input.onDidChangeValue((text) => {
    say(isJudged(before, text, wasRefused) ? problem(text.trim()) : undefined);
    before = text;
  });
  if (help !== undefined) {
    const button = { iconPath: new vscode.ThemeIcon("question"), tooltip: help.label };
    input.buttons = [button];
    input.onDidTriggerButton((pressed) => pressed === button && help.open());
  }
  return show(frame, input, () => {
    const text = input.value.trim();
    const words = problem(text);
    say(words);
    wasRefused = words !== undefined;
    return wasRefused ? undefined : text;
  });
}

function refusalRow(words: string): vscode.QuickPickItem {
  const { first, rest } = firstSentence(plain(words));
  return {
    label: withoutIcons(first),
    detail: withoutIcons(rest),
    iconPath: new vscode.ThemeIcon("error", new vscode.ThemeColor("errorForeground")),
    alwaysShow: true,
  };
}

/** Shows an input until `accept` returns an answer, or the person goes back or cancels. */
function show<T>(
  frame: StepFrame,
  input: vscode.QuickPick<vscode.QuickPickItem & { readonly value?: T }> | vscode.InputBox,
  accept: () => T | undefined,
  meanwhile?: Promise<T>,
): Promise<Answer<T>> {
  input.title = frame.title;
  input.ignoreFocusOut = true;
  if (frame.canGoBack) input.buttons = [vscode.QuickInputButtons.Back, ...input.buttons];
  return new Promise<Answer<T>>((resolve) => {
    input.onDidAccept(() => {
      const answer = accept();
      if (answer !== undefined) resolve(answer);
    });
    input.onDidTriggerButton((pressed) => pressed === vscode.QuickInputButtons.Back && resolve(BACK));
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
