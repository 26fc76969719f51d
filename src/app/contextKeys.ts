/**
 * Keeps up to date the context keys that menus and welcome views depend on. Those of a row in "Sessions":
 * `delivery/words/rowMenuKeys.ts`.
 */
import * as vscode from "vscode";
import type { AccountBook } from "../accounts/accountBook.ts";
import { DisposableStore } from "../base/lifecycle.ts";
import { isFinished } from "../delivery/record/queries.ts";
import type { DeliveryStore } from "../delivery/store/store.ts";

export function publishContext(store: DeliveryStore, book: AccountBook): DisposableStore {
  const owner = new DisposableStore();
  const known = new Map<string, boolean>();
  const publish = () => {
    const keys = {
      "freightMail.hasAccount": book.accounts.length > 0,
      "freightMail.hasCalendar": book.accounts.some(({ hasCalendar }) => hasCalendar),
      "freightMail.hasMail": store.list().length > 0,
      "freightMail.hasSent": store.list().some(({ phase }) => phase === "sent"),
      "freightMail.hasHistory": store.list().some(isFinished),
      "freightMail.isLeaving": store.list().some(({ leavesAt }) => leavesAt !== undefined),
    };
    for (const [key, value] of Object.entries(keys)) {
      if (known.get(key) === value) continue;
      known.set(key, value);
      void vscode.commands.executeCommand("setContext", key, value);
    }
  };
  owner.add(store.onDidChange(publish));
  owner.add(book.onDidChange(publish));
  publish();
  return owner;
}
