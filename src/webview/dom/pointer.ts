let pressed = false;
window.addEventListener("pointerdown", () => setPressed(true), true);
window.addEventListener("pointerup", () => setPressed(false), true);
window.addEventListener("pointercancel", () => setPressed(false), true);

const waiting: (() => void)[] = [];

function setPressed(value: boolean): void {
  pressed = value;
  // A timeout, so that the click which follows `pointerup` is over.
  if (!value) for (const action of waiting.splice(0)) setTimeout(action);
}

/**
 * Runs immediately, or after the click in progress. A field is left when the pointer goes down on a button; a problem
 * line that appeared right then would move the button away from under the pointer, and the click would be lost.
 */
export function whenPointerRests(action: () => void): void {
  if (pressed) waiting.push(action);
  else action();
}
