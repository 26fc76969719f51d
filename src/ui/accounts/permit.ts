/** What the policy of this machine says of accounts, where they are added and where they are used. */
import * as vscode from "vscode";
import { FreightError } from "../../base/errors.ts";
import { type AccountFacts, assertAccount, MANAGED } from "../../policy/accountRules.ts";
import { machinePolicy } from "../../policy/policyFile.ts";
import type { Choice } from "./quickInput.ts";

/** @throws FreightError `policy-refused` or `policy-unusable` */
export function permit(facts: AccountFacts): void {
  assertAccount(machinePolicy.rules, facts);
}

/** A choice that says before it is taken that the organization does not allow it. */
export function marked<T>(choice: Choice<T>, facts: AccountFacts): Choice<T> {
  try {
    permit(facts);
    return choice;
  } catch (reason) {
    if (!(reason instanceof FreightError)) throw reason;
    return {
      ...choice,
      description: MANAGED,
      detail: reason.message,
      iconPath: new vscode.ThemeIcon("lock"),
    };
  }
}
