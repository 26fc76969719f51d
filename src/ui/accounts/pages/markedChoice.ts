/** Marks, in a list of choices, those that this machine's policy forbids. */
import { FreightError } from "../../../base/errors.ts";
import { type AccountFacts, permit } from "../../../policy/accountRules.ts";
import { t } from "../../../shared/l10n.ts";
import type { Choice } from "./pageInput.ts";

/** The choice; one that the organization forbids says so before it is taken. */
export function marked<T>(choice: Choice<T>, facts: AccountFacts): Choice<T> {
  try {
    permit(facts);
    return choice;
  } catch (reason) {
    if (!(reason instanceof FreightError)) throw reason;
    return {
      ...choice,
      description: t("Managed by your organization"),
      detail: reason.message,
      icon: "lock",
    };
  }
}
