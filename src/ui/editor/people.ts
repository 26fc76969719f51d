/** Suggestions for recipients. The authors come from VS Code's own Git extension, and only in folders that are trusted. */
import type * as vscode from "vscode";
import * as z from "zod";
import type { AccountBook } from "../../accounts/accountBook.ts";
import { explain, type Log } from "../../base/log.ts";
import { rankPeople, type Sighting, writtenTo } from "../../delivery/compose/correspondents.ts";
import type { DeliveryStore } from "../../delivery/record/store.ts";
import type { Person } from "../../shared/contract.ts";
import { next } from "./nextEvent.ts";

const MAX_COMMITS = 1000;

/** The part of the Git extension's API that we use, version 1. */
export interface GitExtension {
  getAPI(version: 1): {
    readonly state: "uninitialized" | "initialized";
    readonly onDidChangeState: vscode.Event<unknown>;
    /** Null when the extension has not opened the repository of this file. */
    getRepository(
      uri: vscode.Uri,
    ): { log(options: { readonly maxEntries: number }): Promise<unknown> } | null;
  };
}

const Commits = z.array(
  z.object({
    authorName: z.string().optional(),
    authorEmail: z.string().optional(),
    authorDate: z.date().optional(),
  }),
);

export interface PeopleOptions {
  readonly store: Pick<DeliveryStore, "list">;
  readonly book: Pick<AccountBook, "accounts">;
  /** Undefined where there is no Git extension, or it is disabled. */
  readonly git: () => vscode.Extension<GitExtension> | undefined;
  readonly isTrusted: () => boolean;
  readonly now: () => number;
  readonly log: Log;
}

export class People {
  readonly #options: PeopleOptions;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /**
   * Shows at once whom this machine has written to, and once more with the authors of the repositories.
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

  /** Empty when Git cannot tell, whyever: a suggestion less is no error. */
  async #commits(places: readonly vscode.Uri[]): Promise<Sighting[]> {
    const { git, isTrusted, log } = this.#options;
    const extension = git();
    if (places.length === 0 || extension === undefined || !isTrusted()) return [];
    try {
      const api = (await extension.activate()).getAPI(1); // throws while git.enabled is off
      // Just after the start it still looks for repositories.
      if (api.state === "uninitialized") await next(api.onDidChangeState);
      const repositories = new Set(places.map((place) => api.getRepository(place)));
      const logs = await Promise.all(
        [...repositories].map((repository) => repository?.log({ maxEntries: MAX_COMMITS }) ?? []),
      );
      return logs.flatMap((commits) => Commits.parse(commits)).flatMap(toSighting);
    } catch (reason) {
      log.info(`The authors of the repository are not suggested: ${explain(reason)}`);
      return [];
    }
  }
}

function toSighting({ authorName, authorEmail, authorDate }: z.infer<typeof Commits>[number]): Sighting[] {
  if (authorEmail === undefined) return [];
  return [{ name: authorName ?? null, email: authorEmail, at: authorDate?.getTime() ?? 0 }];
}
