import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";

/** A window that hangs says nothing, and must not keep the next test waiting. */
const LIMIT_MS = 10_000;

/**
 * What a picture of the window would show, in words, a line each: what asks or tells something, what is open, what our
 * pages say. It is asked for at once, so that whatever is done in the window next comes later.
 */
export async function inSight(page: Page): Promise<string[]> {
  const read = Promise.all([page.evaluate(readWorkbench), readPanels(page)]).then((lines) => lines.flat());
  const limit = delay(LIMIT_MS, ["The window does not answer."], { ref: false });
  return Promise.race([read, limit]).catch((error: unknown) => [`The window cannot be read: ${error}`]);
}

/** Runs in the page of VS Code. */
function readWorkbench(): string[] {
  const inOneLine = (element: HTMLElement) => element.innerText.trim().replace(/\s*\n\s*/g, " | ");
  const seen = (selector: string) =>
    [...document.querySelectorAll<HTMLElement>(selector)].filter((element) => element.checkVisibility());
  const box = ".quick-input-widget .quick-input-box input";
  const typed = [...document.querySelectorAll<HTMLInputElement>(box)].filter((input) =>
    input.checkVisibility(),
  );
  return [
    ...seen(".monaco-dialog-box").map((dialog) => `dialog: ${inOneLine(dialog)}`),
    ...typed.map(({ value, placeholder }) => `quick input: “${value}” (${placeholder})`),
    ...seen(".quick-input-widget").map((input) => `quick input says: ${inOneLine(input)}`),
    ...seen(".monaco-menu").map((menu) => `menu: ${inOneLine(menu)}`),
    ...seen(".notification-toast").map((toast) => `notification: ${inOneLine(toast)}`),
    ...seen(".tabs-container .tab").map(
      (tab) => `tab: ${tab.textContent.trim()}${tab.matches(".active") ? " (in front)" : ""}`,
    ),
    `focus: ${document.activeElement?.tagName.toLowerCase()} ${document.activeElement?.className}`,
  ];
}

/** Reads the pages of our panels; a frame may go away meanwhile. */
async function readPanels(page: Page): Promise<string[]> {
  const texts = page.frames().map((frame) => frame.evaluate(readPanel).catch(() => undefined));
  return (await Promise.all(texts)).flatMap((text) => (text === undefined ? [] : [`panel: ${text}`]));
}

/** Runs in each frame. */
function readPanel(): string | undefined {
  const panel = document.querySelector<HTMLElement>("#app .panel");
  return panel?.innerText.trim().replace(/\s*\n\s*/g, " | ");
}
