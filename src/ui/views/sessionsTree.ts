/**
 * The "Sessions" tree: mails in groups, newest first, with a mail's files below it if it has several. Which group a
 * mail belongs to, and the groups' names: `delivery/words/mailRow.ts`.
 */
import * as vscode from "vscode";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { lookAgainMs } from "../../delivery/record/expiry.ts";
import { isFinished, rowFiles } from "../../delivery/record/queries.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import type { MailGroup } from "../../delivery/words/mailRow.ts";
import { plural, t } from "../../shared/l10n.ts";
import { RowCommands } from "./mailCommand.ts";
import type { SessionRow } from "./sessionItem.ts";

/** Rows are redrawn at most this often while bytes move. */
const REDRAW_MS = 500;
/** Rows described in one go: a long history must not block other extensions. */
const ROWS_IN_ONE_GO = 500;

/** The heading of a group of mails. */
interface GroupRow {
  readonly group: MailGroup;
}
type Row = GroupRow | SessionRow;

/** A group and the rows of its mails; the rows of files follow from the mail. */
interface Listed {
  readonly heading: GroupRow;
  readonly mails: readonly SessionRow[];
}

const known = new WeakSet<object>();

/** Whether a command came from a row of this tree: VS Code passes the very object, which nobody else has. */
export function isSessionRow(argument: unknown): boolean {
  return typeof argument === "object" && argument !== null && known.has(argument);
}

let selected: () => readonly Row[] = () => [];

/** The selected rows: a keybinding passes none to its command. */
export function selectedSessions(): readonly SessionRow[] {
  return selected().flatMap((row) => ("group" in row ? [] : [row]));
}

export class SessionsTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #store: () => Promise<DeliveryStore>;
  readonly #didChange = new vscode.EventEmitter<Row[] | undefined>();
  readonly onDidChangeTreeData = this.#didChange.event;
  readonly #view: vscode.TreeView<Row>;
  readonly #rows = new Map<string, SessionRow>();
  readonly #groups = new Map<string, GroupRow>();
  /** The rows given to VS Code; below, how each looked when last drawn. */
  #listed: readonly Listed[] = [];
  readonly #drawn = new Map<string, string>();
  readonly #commands = new RowCommands(
    (command, run) => vscode.commands.registerCommand(command, run),
    (deliveryId) => void vscode.commands.executeCommand("freightMail.showSession", { deliveryId }),
  );
  /** Mails that have changed since the last refresh. */
  readonly #touched = new Set<string>();
  /** Time has passed, so rows that show times may read differently now. */
  #isLate = false;
  #redraw: NodeJS.Timeout | undefined;
  #tick: NodeJS.Timeout | undefined;
  #listening: { dispose(): void } | undefined;

  /** @param store loads the deliveries when the tree is first shown */
  constructor(store: () => Promise<DeliveryStore>, dropped: vscode.TreeDragAndDropController<SessionRow>) {
    this.#store = store;
    this.#view = vscode.window.createTreeView("freightMail.sessions", {
      treeDataProvider: this,
      dragAndDropController: {
        ...dropped,
        handleDrop: (target, ...rest) =>
          dropped.handleDrop?.(target !== undefined && "group" in target ? undefined : target, ...rest),
      },
      canSelectMany: true,
    });
    selected = () => this.#view.selection;
    this.#view.onDidChangeVisibility(({ visible }) => {
      if (visible) this.#refreshAllSoon();
      else clearTimeout(this.#tick);
    });
  }

  async getChildren(row?: Row): Promise<Row[]> {
    const store = await this.#store();
    if (row !== undefined && "group" in row)
      return [...(this.#listed.find(({ heading }) => heading === row)?.mails ?? [])];
    if (row !== undefined) return this.#files(store.find(row.deliveryId), row);
    this.#listening ??= store.onDidChange(({ id }) => {
      this.#touched.add(id);
      this.#refreshSoon();
    });
    this.#tickOn(store);
    this.#listed = await this.#list(store);
    return this.#listed.map(({ heading }) => heading);
  }

  async getTreeItem(row: Row): Promise<vscode.TreeItem> {
    if ("group" in row) return groupItem(row.group);
    const item = await this.#item(row);
    this.#drawn.set(keyOf(row), looks(item));
    return item;
  }

  async resolveTreeItem(item: vscode.TreeItem, row: Row): Promise<vscode.TreeItem> {
    if ("group" in row) return item;
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

  /** The same object for the same row: VS Code identifies rows by it. */
  #row(row: SessionRow): SessionRow {
    const same = this.#rows.get(keyOf(row)) ?? row;
    this.#rows.set(keyOf(row), same);
    known.add(same);
    return same;
  }

  async #list(store: DeliveryStore): Promise<Listed[]> {
    const { ATTENTION, groupOf } = await import("../../delivery/words/mailRow.ts");
    const now = Date.now();
    const groups = new Map<string, { heading: GroupRow; mails: SessionRow[] }>();
    for (const delivery of store.list().filter(hasRow)) {
      const group = groupOf(delivery, now);
      const known = groups.get(group.key) ?? { heading: this.#heading(group), mails: [] };
      known.mails.push(this.#row(mailRowOf(delivery)));
      groups.set(group.key, known);
    }
    const waiting = groups.get(ATTENTION)?.mails.length ?? 0;
    this.#view.badge =
      waiting === 0
        ? undefined
        : {
            value: waiting,
            tooltip: plural(waiting, "{0} mail needs your attention", "{0} mails need your attention"),
          };
    return [...groups.values()].sort((a, b) => a.heading.group.order - b.heading.group.order);
  }

  /** The files of a mail that has several; a single file is shown in its mail's row. */
  #files(delivery: DeliveryRecord | undefined, row: SessionRow): SessionRow[] {
    const files = delivery === undefined || !row.isMail ? [] : rowFiles(delivery);
    if (files.length < 2) return [];
    const { deliveryId } = row;
    return files.map(({ id: attachmentId }) => this.#row({ deliveryId, attachmentId, isMail: false }));
  }

  /** The same object for the same group; a new one when its label changes, as a day ends. */
  #heading(group: MailGroup): GroupRow {
    const same = this.#groups.get(group.key);
    if (same?.group.label === group.label) return same;
    const heading = { group };
    this.#groups.set(group.key, heading);
    return heading;
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
    return { command: "freightMail.showSession", title: t("Show Session"), arguments: [row] };
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

  /** Redraws only what changed: redrawing a row closes the tooltip that the pointer has opened. */
  async #refresh(): Promise<void> {
    const store = await this.#store();
    const listed = await this.#list(store);
    if (shapeOf(listed) !== shapeOf(this.#listed)) {
      this.#didChange.fire(undefined);
      return;
    }
    this.#tickOn(store);
    const isDue = ({ deliveryId }: SessionRow) => this.#isLate || this.#touched.has(deliveryId);
    const due = listed.flatMap(({ mails }) =>
      mails.filter(isDue).flatMap((row) => [row, ...this.#files(store.find(row.deliveryId), row)]),
    );
    this.#isLate = false;
    this.#touched.clear();
    const changed: SessionRow[] = [];
    for (let at = 0; at < due.length; at += ROWS_IN_ONE_GO) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve));
      for (const row of due.slice(at, at + ROWS_IN_ONE_GO)) {
        const before = this.#drawn.get(keyOf(row));
        // A row that was never drawn, such as one in a collapsed group, needs no redrawing.
        if (before === undefined && !row.isMail) for (const mail of this.#unseen(row)) changed.push(mail);
        else if (before !== undefined && looks(await this.#item(row)) !== before) changed.push(row);
      }
    }
    if (changed.length > 0) this.#didChange.fire(changed);
  }

  /** The file's mail, if it was drawn: its files have changed, so VS Code must ask for them again. */
  #unseen({ deliveryId }: SessionRow): SessionRow[] {
    const mail = this.#listed.flatMap(({ mails }) => mails).find((row) => row.deliveryId === deliveryId);
    return mail !== undefined && this.#drawn.has(keyOf(mail)) ? [mail] : [];
  }

  /** Refreshes the countdowns after a while; each refresh schedules the next. */
  #tickOn(store: DeliveryStore): void {
    clearTimeout(this.#tick);
    if (!this.#view.visible) return;
    const tickMs = lookAgainMs(store.list(), Date.now());
    this.#tick = setTimeout(() => this.#refreshAllSoon(), tickMs);
  }
}

function isUnsent(delivery: DeliveryRecord): boolean {
  return !isFinished(delivery);
}

/** A sent mail without files needs no row: it is in the mailbox. */
function hasRow(delivery: DeliveryRecord): boolean {
  return delivery.attachments.length > 0 || (delivery.event === null && isUnsent(delivery));
}

function mailRowOf(delivery: DeliveryRecord): SessionRow {
  const { id: deliveryId } = delivery;
  const [only, ...others] = rowFiles(delivery);
  return { deliveryId, attachmentId: others.length === 0 ? (only?.id ?? null) : null, isMail: true };
}

function shapeOf(listed: readonly Listed[]): string {
  return JSON.stringify(listed.map(({ heading, mails }) => [heading.group.label, mails.map(keyOf)]));
}

function groupItem({ key, label, isOpen }: MailGroup): vscode.TreeItem {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, isOpen ? Expanded : Collapsed);
  item.id = `group/${key}`;
  item.contextValue = "group";
  return item;
}

function keyOf({ deliveryId, attachmentId, isMail }: SessionRow): string {
  return `${deliveryId}/${attachmentId ?? ""}/${isMail}`;
}

/** Everything in a row that can change. */
function looks({ label, description, contextValue, collapsibleState }: vscode.TreeItem): string {
  return JSON.stringify([label, description, contextValue, collapsibleState === undefined]);
}
