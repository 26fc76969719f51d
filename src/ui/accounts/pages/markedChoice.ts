/** What the policy of this machine forbids, shown where it would be chosen. */
import { FreightError } from "../../../base/errors.ts";
import { type AccountFacts, permit } from "../../../policy/accountRules.ts";
import { t } from "../../../shared/l10n.ts";
import type { Choice } from "./pageInput.ts";

/** A choice that says before it is taken that the organization does not allow it. */
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
