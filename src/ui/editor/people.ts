/**
 * Suggests recipients: people written to before, and, in a trusted workspace, authors of open repositories.
 */
import type * as vscode from "vscode";
import type { AccountBook } from "../../accounts/accountBook.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import { explain, type Log } from "../../base/log.ts";
import { rankPeople, type Sighting, writtenTo } from "../../delivery/compose/correspondents.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { recentAuthors } from "../../files/git/gitAuthors.ts";
import type { Person } from "../../shared/contract/messages.ts";
import { type GitExtension, openGit } from "./gitExtension.ts";

const MAX_COMMITS = 1000;

export interface PeopleOptions {
  readonly store: Pick<DeliveryStore, "list">;
  readonly book: Pick<AccountBook, "accounts">;
  /** Undefined if there is no Git extension, or it is disabled. */
  readonly git: () => vscode.Extension<GitExtension> | undefined;
  readonly isTrusted: () => boolean;
  readonly now: () => number;
  readonly log: Log;
}

export class People implements Disposable {
  readonly #options: PeopleOptions;
  readonly #closing = new AbortController();

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Stops Git. */
  dispose(): void {
    this.#closing.abort();
  }

  /**
   * Shows the people written to from this machine at once, then adds the repositories' authors.
   * @param places files of a mail, or folders
   */
  async find(places: readonly vscode.Uri[], show: (people: Person[]) => void): Promise<void> {
    show(this.#rank([]));
    const commits = await this.#commits(places);
    if (commits.length > 0) show(this.#rank(commits));
  }

  #rank(commits: readonly Sighting[]): Person[] {
    const { store, book, now } = this.#options;
    const own = book.accounts.map(({ email }) => email);
    return rankPeople(writtenTo(store.list()), commits, { now: now(), own });
  }

  /** Empty if Git fails for whatever reason: one suggestion fewer is not an error. */
  async #commits(places: readonly vscode.Uri[]): Promise<Sighting[]> {
    const { git, isTrusted, log } = this.#options;
    const extension = git();
    if (places.length === 0 || extension === undefined || !isTrusted()) return [];
    try {
      const api = await openGit(extension);
      const roots = new Set(places.map((place) => api.getRepository(place)?.rootUri.fsPath));
      const authors = await Promise.all(
        [...roots].map((root) =>
          root === undefined ? [] : recentAuthors(api.git.path, root, MAX_COMMITS, this.#closing.signal),
        ),
      );
      return authors.flat();
    } catch (reason) {
      log.info(`The authors of the repository are not suggested: ${explain(reason)}`);
      return [];
    }
  }
}
