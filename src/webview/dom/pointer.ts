/**
 * Waits for the click in progress before the page changes: pressing a button takes the focus from a field, and a
 * problem line that appeared then would move the button from under the pointer, and the click would be lost.
 */

let pressed = false;
window.addEventListener("pointerdown", () => setPressed(true), true);
window.addEventListener("pointerup", () => setPressed(false), true);
window.addEventListener("pointercancel", () => setPressed(false), true);

const waiting: (() => void)[] = [];

function setPressed(value: boolean): void {
  pressed = value;
  // A timeout, because the click follows `pointerup`.
  if (!value) for (const action of waiting.splice(0)) setTimeout(action);
}

/** Runs the action now, or after the click in progress. */
export function whenPointerRests(action: () => void): void {
  if (pressed) waiting.push(action);
  else action();
}
