/** The tree "Sessions": one row for each attachment, and for each unsent mail without any; newest mail first. */
import * as vscode from "vscode";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import type { DeliveryStore } from "../../delivery/record/store.ts";
import { RowCommands } from "./mailCommand.ts";
import type { SessionRow } from "./sessionItem.ts";

/** Rows are redrawn at most this often while bytes move. */
const REDRAW_MS = 500;
/** Countdowns say minutes, and seconds near the end. */
const TICK_MS = 10_000;
const LAST_MINUTES_MS = 2 * 60_000;
const LAST_MINUTES_TICK_MS = 1_000;
/** Rows that are worded in one go: a long history must not hold up other extensions. */
const ROWS_IN_ONE_GO = 500;

const known = new WeakSet<object>();

/** Whether a command was started from a row of this tree: VS Code hands it the very object, which nobody else has. */
export function isSessionRow(argument: unknown): boolean {
  return typeof argument === "object" && argument !== null && known.has(argument);
}

export class SessionsTree implements vscode.TreeDataProvider<SessionRow>, vscode.Disposable {
  readonly #store: () => Promise<DeliveryStore>;
  readonly #didChange = new vscode.EventEmitter<SessionRow[] | undefined>();
  readonly onDidChangeTreeData = this.#didChange.event;
  readonly #view: vscode.TreeView<SessionRow>;
  readonly #rows = new Map<string, SessionRow>();
  /** The rows that VS Code was told of, and the looks of each that was drawn. */
  #listed: readonly SessionRow[] = [];
  readonly #drawn = new Map<string, string>();
  readonly #commands = new RowCommands(
    (command, run) => vscode.commands.registerCommand(command, run),
    (deliveryId) => void vscode.commands.executeCommand("freightMail.showSession", { deliveryId }),
  );
  /** The mails that have changed since the last look. */
  readonly #touched = new Set<string>();
  /** Time has passed: rows that say how long may say something else now. */
  #isLate = false;
  #redraw: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  #listening: { dispose(): void } | undefined;

  /** @param store loads the deliveries when the tree is first looked at */
  constructor(
    store: () => Promise<DeliveryStore>,
    dragAndDropController: vscode.TreeDragAndDropController<SessionRow>,
  ) {
    this.#store = store;
    this.#view = vscode.window.createTreeView("freightMail.sessions", {
      treeDataProvider: this,
      dragAndDropController,
    });
    this.#view.onDidChangeVisibility(({ visible }) => {
      if (visible) this.#refreshAllSoon();
      else clearTimeout(this.#tick);
    });
  }

  async getChildren(row?: SessionRow): Promise<SessionRow[]> {
    if (row !== undefined) return [];
    const store = await this.#store();
    this.#listening ??= store.onDidChange(({ id }) => {
      this.#touched.add(id);
      this.#refreshSoon();
    });
    this.#tickOn(store);
    this.#listed = this.#list(store);
    return [...this.#listed];
  }

  async getTreeItem(row: SessionRow): Promise<vscode.TreeItem> {
    const item = await this.#item(row);
    this.#drawn.set(keyOf(row), looks(item));
    return item;
  }

  async resolveTreeItem(item: vscode.TreeItem, row: SessionRow): Promise<vscode.TreeItem> {
    const { sessionTooltip } = await import("./sessionItem.ts");
    item.tooltip = sessionTooltip(await this.#store(), row, Date.now());
    return item;
  }

  dispose(): void {
    clearTimeout(this.#redraw);
    clearTimeout(this.#tick);
    this.#listening?.dispose();
    this.#view.dispose();
    this.#commands.dispose();
    this.#didChange.dispose();
  }

  /** The same object for the same row: VS Code tells rows apart by it. */
  #row(row: SessionRow): SessionRow {
    const same = this.#rows.get(keyOf(row)) ?? row;
    this.#rows.set(keyOf(row), same);
    known.add(same);
    return same;
  }

  #list(store: DeliveryStore): SessionRow[] {
    return store
      .list()
      .flatMap(rowsOf)
      .map((row) => this.#row(row));
  }

  async #item(row: SessionRow): Promise<vscode.TreeItem> {
    // Loaded with the first row, not with the extension.
    const { sessionItem } = await import("./sessionItem.ts");
    const store = await this.#store();
    const item = sessionItem(store, row, Date.now());
    const delivery = store.find(row.deliveryId);
    if (delivery !== undefined) item.command = this.#commandOf(delivery);
    return item;
  }

  #commandOf(delivery: DeliveryRecord): vscode.Command {
    if (isUnsent(delivery)) return this.#commands.of(delivery.id);
    const row = { deliveryId: delivery.id };
    return { command: "freightMail.showSession", title: "Show Session", arguments: [row] };
  }

  #refreshAllSoon(): void {
    this.#isLate = true;
    this.#refreshSoon();
  }

  #refreshSoon(): void {
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      void this.#refresh();
    }, REDRAW_MS);
  }

  /** Draws what changed and nothing else: a row that is drawn anew takes its tooltip away from under the pointer. */
  async #refresh(): Promise<void> {
    const store = await this.#store();
    const rows = this.#list(store);
    if (rows.length !== this.#listed.length || rows.some((row, index) => row !== this.#listed[index])) {
      this.#didChange.fire(undefined);
      return;
    }
    this.#tickOn(store);
    const isDue = ({ deliveryId }: SessionRow) => this.#isLate || this.#touched.has(deliveryId);
    const due = rows.filter(isDue);
    this.#isLate = false;
    this.#touched.clear();
    const changed: SessionRow[] = [];
    for (let at = 0; at < due.length; at += ROWS_IN_ONE_GO) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve));
      for (const row of due.slice(at, at + ROWS_IN_ONE_GO))
        if (looks(await this.#item(row)) !== this.#drawn.get(keyOf(row))) changed.push(row);
    }
    if (changed.length > 0) this.#didChange.fire(changed);
  }

  /** Looks at the countdowns again in a while; each look arranges the next. */
  #tickOn(store: DeliveryStore): void {
    clearTimeout(this.#tick);
    if (!this.#view.visible) return;
    const tickMs = isNearAnEnd(store, Date.now()) ? LAST_MINUTES_TICK_MS : TICK_MS;
    this.#tick = setTimeout(() => this.#refreshAllSoon(), tickMs);
  }
}

function isUnsent({ phase }: DeliveryRecord): boolean {
  return phase !== "sent" && phase !== "saved";
}

function rowsOf(delivery: DeliveryRecord): SessionRow[] {
  const { id: deliveryId, attachments, event } = delivery;
  if (attachments.length === 0 && event === null && isUnsent(delivery))
    return [{ deliveryId, attachmentId: null }];
  return attachments.map(({ id: attachmentId }) => ({ deliveryId, attachmentId }));
}

function keyOf({ deliveryId, attachmentId }: SessionRow): string {
  return attachmentId ?? deliveryId;
}

/** All of a row that can change. */
function looks({ label, description, contextValue }: vscode.TreeItem): string {
  return JSON.stringify([label, description, contextValue]);
}

function isNearAnEnd(store: DeliveryStore, now: number): boolean {
  const open = store.list().filter(isUnsent);
  return open.some(({ attachments }) =>
    attachments.some(({ session }) => {
      const leftMs = (session?.expiresAt ?? 0) - now;
      return leftMs > 0 && leftMs < LAST_MINUTES_MS;
    }),
  );
}
