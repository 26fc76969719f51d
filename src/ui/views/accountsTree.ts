/** The tree "Accounts". */
import * as vscode from "vscode";
import {
  type Account,
  type AccountBook,
  accountNote,
  couldHaveLinks,
  isPractice,
  serviceNameOf,
} from "../../accounts/accountBook.ts";
import { policyWords } from "../../policy/managedSettings.ts";
import { machinePolicy } from "../../policy/policyFile.ts";
import { described, formatTime } from "../../shared/format.ts";
import { locale, t } from "../../shared/l10n.ts";

const rows = new WeakSet<object>();

/** Whether a command came from a row of this tree: VS Code passes the very object, which nobody else has. */
export function isAccountRow(argument: unknown): boolean {
  return typeof argument === "object" && argument !== null && rows.has(argument);
}

export class AccountsTree implements vscode.TreeDataProvider<Account>, vscode.Disposable {
  readonly #book: () => Promise<AccountBook>;
  readonly #didChange = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#didChange.event;
  readonly #view: vscode.TreeView<Account>;
  #listening: { dispose(): void } | undefined;

  constructor(book: () => Promise<AccountBook>) {
    this.#book = book;
    this.#view = vscode.window.createTreeView("freightMail.accounts", { treeDataProvider: this });
    // What is shown of expiry and policy may have changed while the view was hidden.
    this.#view.onDidChangeVisibility(({ visible }) => {
      if (visible) this.#didChange.fire(undefined);
    });
  }

  async getChildren(account?: Account): Promise<Account[]> {
    if (account !== undefined) return [];
    this.#view.message = policyWords(machinePolicy.read()) ?? "";
    const book = await this.#book();
    this.#listening ??= book.onDidChange(() => this.#didChange.fire(undefined));
    const accounts = [...book.accounts];
    for (const row of accounts) rows.add(row);
    return accounts;
  }

  async getTreeItem(account: Account): Promise<vscode.TreeItem> {
    const { accounts, defaultAccount } = await this.#book();
    const isDefault = defaultAccount?.id === account.id;
    // A narrow view cuts off the end of a row: what distinguishes two accounts of one address comes first.
    const note = isPractice(account) ? serviceNameOf(account) : accountNote(account, accounts);
    const label = note ?? account.email;
    const item = new vscode.TreeItem(label);
    item.id = account.id;
    const token = tokenWords(account, Date.now());
    const mark = isDefault ? t("default") : "";
    const parts = note === undefined ? [serviceNameOf(account), mark] : [mark, account.email];
    item.description = [...parts, token].filter((part) => part !== "").join(" · ");
    item.iconPath = new vscode.ThemeIcon(isPractice(account) ? "beaker" : "account");
    item.contextValue = [
      "account",
      isDefault ? "default" : "other",
      ...(isPractice(account) ? [] : ["keyed"]),
      ...(couldHaveLinks(account) ? ["linkable"] : []),
    ].join(" ");
    item.accessibilityInformation = { label: described(label, item.description) };
    item.tooltip = [account.email, account.provider, account.apiUri, token]
      .filter((line) => line !== "")
      .join("\n");
    return item;
  }

  dispose(): void {
    this.#listening?.dispose();
    this.#view.dispose();
    this.#didChange.dispose();
  }
}

/** Until when an expiring key can be used; empty for one that does not expire. */
function tokenWords({ credentialExpiresAt }: Account, now: number): string {
  if (credentialExpiresAt === undefined) return "";
  if (credentialExpiresAt <= now) return t("token has expired");
  const until = new Date(credentialExpiresAt);
  const sameDay = until.toDateString() === new Date(now).toDateString();
  const day = () => until.toLocaleDateString(locale(), { dateStyle: "medium" });
  return t("token until {0}", sameDay ? formatTime(credentialExpiresAt) : day());
}
