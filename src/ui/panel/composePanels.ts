/** All open compose panels, and their tabs. */
import * as vscode from "vscode";
import { PanelState } from "../../shared/contract/form.ts";
import { t } from "../../shared/l10n.ts";
import { ComposePanel, type ComposePanelOptions } from "./composePanel.ts";
import { type MailTab, matchTabs } from "./openTabs.ts";

export const PANEL_TYPE = "freightMail.compose";

export interface PanelsOptions extends Omit<ComposePanelOptions, "onTitle" | "onClosed"> {
  /** Called with the tabs that show mails when these change. */
  readonly noteTabs: (tabs: readonly MailTab[]) => void;
  /** Called when the person has closed a mail's panel, once everything typed there is saved. */
  readonly onClosed: (deliveryId: string) => void;
}

/** All open panels, at most one per delivery. */
export class ComposePanels implements vscode.Disposable {
  readonly #options: PanelsOptions;
  readonly #open = new Map<string, ComposePanel>();
  #windowCloses = false;

  constructor(options: PanelsOptions) {
    this.#options = options;
  }

  show(deliveryId: string): void {
    const open = this.#open.get(deliveryId);
    if (open !== undefined) open.reveal();
    else this.#create(deliveryId, vscode.ViewColumn.Active);
  }

  /**
   * Replaces tabs that an earlier extension host left behind, whose pages get no answers. What was typed
   * there is not lost: each page keeps it until a host has it.
   */
  async replace(mails: readonly MailTab[]): Promise<void> {
    const { tabGroups } = vscode.window;
    const left = tabGroups.all.flatMap(({ tabs }) => tabs).filter(hasPanel);
    // An opened tab comes to the front, so the tab that was in front is opened last.
    const inFront = (tab: vscode.Tab) => Number(tab.isActive) + Number(tab.isActive && tab.group.isActive);
    const found = matchTabs(mails, left).toSorted((a, b) => inFront(a.tab) - inFront(b.tab));
    for (const { deliveryId, tab } of found) {
      const place = { viewColumn: tab.group.viewColumn, preserveFocus: inFront(tab) < 2 };
      // Close it first, because somebody may still be typing in it.
      await tabGroups.close(tab);
      if (this.#options.store.find(deliveryId) === undefined) continue;
      const notice = t(
        "Freight Mail was restarted. Your text is safe. If you pressed a button just before, check below whether it took effect.",
      );
      this.#create(deliveryId, place, notice);
    }
  }

  /** Takes over a panel that VS Code restored after a reload. */
  revive(panel: vscode.WebviewPanel, state: unknown): void {
    const parsed = PanelState.safeParse(state);
    const open = parsed.success ? this.#open.get(parsed.data.deliveryId) : undefined;
    // The mail was opened before VS Code restored this tab: two panels would overwrite each other.
    if (open !== undefined) {
      panel.dispose();
      open.reveal();
    } else if (parsed.success && this.#options.store.find(parsed.data.deliveryId) !== undefined)
      this.#adopt(panel, parsed.data.deliveryId);
    else panel.dispose(); // The mail was removed meanwhile.
  }

  /** True when the mail's panel is visible. */
  isVisible(deliveryId: string): boolean {
    return this.#open.get(deliveryId)?.isVisible ?? false;
  }

  isOpen(deliveryId: string): boolean {
    return this.#open.has(deliveryId);
  }

  /** From now on, panels close with the window, not because the person closed them. */
  windowCloses(): void {
    this.#windowCloses = true;
  }

  dispose(): void {
    this.windowCloses();
    for (const panel of [...this.#open.values()]) panel.dispose();
  }

  #create(
    deliveryId: string,
    place: Parameters<typeof vscode.window.createWebviewPanel>[2],
    notice?: string,
  ): void {
    this.#adopt(vscode.window.createWebviewPanel(PANEL_TYPE, t("Mail"), place, {}), deliveryId, notice);
  }

  #adopt(panel: vscode.WebviewPanel, deliveryId: string, notice: string | null = null): void {
    const opened = new ComposePanel(panel, deliveryId, notice, {
      ...this.#options,
      onTitle: () => this.#note(),
      onClosed: async (noted) => {
        this.#open.delete(deliveryId);
        this.#note();
        await noted;
        if (!this.#windowCloses) this.#options.onClosed(deliveryId);
      },
    });
    this.#open.set(deliveryId, opened);
    this.#note();
  }

  #note(): void {
    if (this.#windowCloses) return;
    this.#options.noteTabs([...this.#open].map(([deliveryId, { title }]) => ({ deliveryId, title })));
  }
}

function hasPanel({ input }: vscode.Tab): boolean {
  // VS Code adds a prefix of its own to the type.
  return input instanceof vscode.TabInputWebview && input.viewType.endsWith(PANEL_TYPE);
}
