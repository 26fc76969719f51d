import type { Frame, Locator, Page } from "playwright-core";
import { PATIENCE_MS, succeeds, until } from "./until.ts";

/** VS Code's window as a person uses it: palette, Explorer, menus, messages, views, webviews. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The window stands. Extensions are still starting: wait for something of theirs. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench .statusbar").waitFor({ timeout: 2 * PATIENCE_MS });
  }

  // Palette and quick input

  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget");
  }

  get quickText(): Locator {
    return this.quickInput.locator(".quick-input-box input");
  }

  /** Rows of the quick pick that is open. */
  quickRows(text?: string | RegExp): Locator {
    const rows = this.quickInput.locator(".monaco-list-row");
    return text === undefined ? rows : rows.filter({ hasText: text });
  }

  /** Opens the palette with a text in it. The first keystrokes after a start may come before the key bindings do. */
  async palette(text: string): Promise<void> {
    await until("the palette opens", async (attemptMs) => {
      if (!(await this.quickText.isVisible())) await this.page.keyboard.press("F1");
      // What was begun before may still take the focus, and the palette goes with it.
      return succeeds(this.quickText.fill(`>${text}`, { timeout: attemptMs }));
    });
  }

  /**
   * Opens the palette and finds the command that is called exactly so ("Category: Title"). A palette that was opened
   * before VS Code knew the extension never lists it; like a person we open it again.
   */
  findCommand(title: string): Promise<Locator> {
    const name = this.page.locator(".label-name", { hasText: exactly(title) });
    const row = this.quickRows().filter({ has: name }).first();
    return until(`the palette lists "${title}"`, async (attemptMs) => {
      await this.palette(title);
      if (await appears(row, attemptMs)) return row;
      await this.closeQuickInput();
      return undefined;
    });
  }

  /** Runs a command from the palette by its full name. */
  async command(title: string): Promise<void> {
    await until(`"${title}" is run`, async (attemptMs) => {
      // Not Enter: the first row is often another command whose name is alike.
      const row = await this.findCommand(title);
      await row.evaluate(noteEvent, "click" as const);
      // One that is not answered in time may have been heard: once more, it would answer what the command asks.
      return (await succeeds(row.click({ timeout: attemptMs }))) || this.page.evaluate(wasNoted);
    });
  }

  /**
   * Clicks something in a question, which goes away with the answer. It may be drawn anew meanwhile, and not hear the click.
   * Once it has heard one, there is no hurry to click again: on a slow machine the next question comes late, and has a row
   * of its own in the same place.
   */
  async clickAway(what: string, target: Locator, question: Locator): Promise<void> {
    await until(`${what} takes the click`, async (attemptMs) => {
      const isNoted = await succeeds(target.evaluate(noteEvent, "click" as const, { timeout: attemptMs }));
      if (isNoted) await succeeds(target.click({ timeout: attemptMs }));
      const isHeard = isNoted && (await this.page.evaluate(wasNoted));
      return disappears(question, isHeard ? PATIENCE_MS / 4 : attemptMs);
    });
  }

  async closeQuickInput(): Promise<void> {
    await this.page.keyboard.press("Escape");
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** Answers the input box that is titled so. */
  async answer(title: string | RegExp, text: string): Promise<void> {
    await this.quickInput.locator(".quick-input-title", { hasText: title }).waitFor();
    await this.quickText.fill(text);
    await this.page.keyboard.press("Enter");
  }

  // Explorer, menus, views

  /** A file or folder in the Explorer. */
  file(name: string): Locator {
    return this.page.locator(".explorer-folders-view").getByRole("treeitem", { name });
  }

  /** Opens the context menu of one item, or selects several and opens theirs. */
  async openContextMenu(...items: [Locator, ...Locator[]]): Promise<void> {
    await until("the context menu opens on all items", async () => {
      const [first, ...others] = items;
      // The pointer may rest on a row, whose tooltip comes to cover the next one.
      await this.page.mouse.move(0, 0);
      // A plain click opens the file as well, which is no small thing with a large one.
      if (others.length > 0) await first.click();
      for (const other of others) await other.click({ modifiers: ["ControlOrMeta"] });
      await (others.at(-1) ?? first).click({ button: "right" });
      await this.menuItem(/./).first().waitFor();
      // Source Control draws its list anew when Git has told of a change, and may lose what was selected.
      if (others.length === 0 || (await allSelected(items))) return true;
      await this.closeMenu();
      return false;
    });
  }

  async closeMenu(): Promise<void> {
    await this.page.keyboard.press("Escape");
    await this.menuItem(/./).first().waitFor({ state: "hidden" });
  }

  /** An entry of the open context menu. The application's menu button is a menuitem too, but in no menu. */
  menuItem(name: string | RegExp): Locator {
    return this.page.locator(".monaco-menu").getByRole("menuitem", { name });
  }

  /** Opens the context menu of one item or of several and finds an entry; as with the palette, more than once if need be. */
  findMenuItem(entry: string | RegExp, ...items: [Locator, ...Locator[]]): Promise<Locator> {
    const item = this.menuItem(entry);
    return until(`the context menu has the entry ${entry}`, async (attemptMs) => {
      await this.openContextMenu(...items);
      if (await appears(item, attemptMs)) return item;
      await this.closeMenu();
      return undefined;
    });
  }

  /** Picks an entry from the context menu of one item or of several. */
  async contextMenu(entry: string | RegExp, ...items: [Locator, ...Locator[]]): Promise<void> {
    await until(`the context menu takes the click on ${entry}`, async (attemptMs) => {
      if (!(await this.menuItem(entry).isVisible())) await this.findMenuItem(entry, ...items);
      return this.#press(entry, attemptMs);
    });
    // Where the entry was, there may be a row now whose tooltip would cover others.
    await this.page.mouse.move(0, 0);
  }

  /** Picks an entry of the menu that is open. */
  async pick(entry: string | RegExp): Promise<void> {
    await this.menuItem(entry).waitFor();
    await until(`the menu takes the click on ${entry}`, (attemptMs) => this.#press(entry, attemptMs));
  }

  /** True when the entry was clicked and the menu is gone. It takes no clicks in its first 100 ms, and may close by itself. */
  async #press(entry: string | RegExp, attemptMs: number): Promise<boolean> {
    const item = this.menuItem(entry);
    const isNoted = await succeeds(item.evaluate(noteEvent, "mouseup" as const, { timeout: attemptMs }));
    if (!isNoted) return false;
    await succeeds(item.click({ timeout: attemptMs })); // it closes under the click
    return (await disappears(item, attemptMs)) && this.page.evaluate(wasNoted);
  }

  /** Shows the view container of the activity bar that is called so. */
  async view(title: string): Promise<void> {
    const tabs = this.page.locator(".activitybar");
    const open = tabs.getByRole("tab", { name: title, selected: true });
    const sideBar = this.page.locator(".part.sidebar");
    await until(`the side bar shows ${title}`, async (attemptMs) => {
      if ((await open.isVisible()) && (await sideBar.isVisible())) return true;
      // A click on the tab of the open view closes it again, also where a window that starts had just opened it.
      await tabs.getByRole("tab", { name: title }).click();
      return (await appears(open, attemptMs)) && sideBar.isVisible();
    });
  }

  treeItems(view: string): Locator {
    return this.page.getByRole("tree", { name: view }).getByRole("treeitem");
  }

  editorTab(name: string | RegExp): Locator {
    return this.page.locator(".tabs-container").getByRole("tab", { name });
  }

  // Messages and status bar

  /** A status bar item by its whole id, "<publisher>.<name>.<item>". */
  statusItem(id: string): Locator {
    return this.page.locator(`.statusbar-item[id="${id}"]`);
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast", { hasText: text });
  }

  /** A modal message. */
  get dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  /** The frame of the webview that shows what the selector finds; the frames themselves have no telling names. */
  webviewFrame(selector: string): Promise<Frame> {
    return until(`a webview shows ${selector}`, async () => {
      for (const frame of this.page.frames()) {
        // A frame may go away while it is asked.
        if (
          await frame
            .locator(selector)
            .first()
            .isVisible()
            .catch(() => false)
        )
          return frame;
      }
      return undefined;
    });
  }

  /** What an output channel says at present. */
  async output(channel: string): Promise<string> {
    await this.command("Output: Focus on Output View");
    await this.page.locator(".panel .action-item select").selectOption({ label: channel });
    const lines = await this.page.locator(".panel .view-line").allInnerTexts();
    return lines.join("\n").replaceAll("\u00a0", " "); // the editor pads with no-break spaces
  }
}

function appears(locator: Locator, timeout: number): Promise<boolean> {
  return succeeds(locator.waitFor({ timeout }));
}

export function disappears(locator: Locator, timeout: number): Promise<boolean> {
  return succeeds(locator.waitFor({ state: "hidden", timeout }));
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}

/** Run in the page: whether an element hears a click is to be seen later, when it shows something else or is gone. */
function noteEvent(element: Element, type: "click" | "mouseup"): void {
  document.body.removeAttribute("data-noted");
  element.addEventListener(type, () => document.body.setAttribute("data-noted", ""), { once: true });
}

function wasNoted(): boolean {
  return document.body.hasAttribute("data-noted");
}

async function allSelected(rows: readonly Locator[]): Promise<boolean> {
  const selected = await Promise.all(rows.map((row) => row.getAttribute("aria-selected")));
  return selected.every((value) => value === "true");
}
