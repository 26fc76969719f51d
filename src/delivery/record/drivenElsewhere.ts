/** Why this window leaves a mail alone: another one works on it, or a newer version has. */
import { FreightError } from "../../base/errors.ts";

export function ofAnotherVersion(): FreightError {
  return new FreightError(
    "driven-elsewhere",
    "A newer version of Freight Mail has worked on this mail. Reload the window to continue with it here.",
  );
}

/** @param where what people call the other window */
export function drivenElsewhere(where?: string): FreightError {
  const who = where === undefined ? "Another window" : `Another window (“${where}”)`;
  return new FreightError(
    "driven-elsewhere",
    `${who} is working on this mail. Continue there, or close that window first.`,
  );
}
