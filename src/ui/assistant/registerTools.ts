/** Registers the tools for language models. Loaded at activation; the tools themselves load on first use. */

import * as vscode from "vscode";
import { refusal } from "../../policy/accountRules.ts";
import { machinePolicy } from "../../policy/policyFile.ts";
import { t } from "../../shared/l10n.ts";
import type { AssistantTools } from "./assistantTools.ts";
import { TOOL_NAMES } from "./toolNames.ts";

/** @returns nothing if the editor has no such API, as some builds of VS Code's sources */
export function registerTools(tools: () => Promise<AssistantTools>): vscode.Disposable[] {
  const { lm }: { lm?: Partial<typeof vscode.lm> } = vscode;
  if (lm?.registerTool === undefined) return [];
  const { registerTool } = lm;
  return TOOL_NAMES.map((name) =>
    registerTool<unknown>(name, {
      prepareInvocation: async ({ input }) => {
        assertAllowed();
        return (await tools()).prepare(name, input);
      },
      invoke: async ({ input }, token) => {
        assertAllowed();
        const text = await (await tools()).invoke(name, input, token);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
      },
    }),
  );
}

/** @throws FreightError in words for the model, which passes them on to the person */
function assertAllowed(): void {
  if (machinePolicy.rules.assistants === false)
    throw refusal(t("AI assistants cannot use Freight Mail here."));
}
