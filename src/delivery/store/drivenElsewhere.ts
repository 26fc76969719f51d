/** Why this window leaves a mail alone: another one works on it, or a newer version has. */
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";

export function ofAnotherVersion(): FreightError {
  return new FreightError(
    "driven-elsewhere",
    t("A newer version of Freight Mail has worked on this mail. Reload the window to continue with it here."),
  );
}

/** @param where what people call the other window */
export function drivenElsewhere(where?: string): FreightError {
  return new FreightError(
    "driven-elsewhere",
    where === undefined
      ? t("Another window is working on this mail. Continue there, or close that window first.")
      : t(
          "Another window (“{0}”) is working on this mail. Continue there, or close that window first.",
          where,
        ),
  );
}
