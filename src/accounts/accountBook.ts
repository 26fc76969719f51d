/** The accounts that mail is sent from. Their secrets are in secret storage, the rest is in a memento. */
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { type Disposable, Emitter } from "../base/lifecycle.ts";
import { described } from "../shared/format.ts";
import { listOf, sentences, t } from "../shared/l10n.ts";
import { addressKey, isMailAddress } from "../shared/recipients.ts";

export const Account = z.object({
  id: z.string(),
  /** The key of its service. */
  service: z.string(),
  /** The service's name for people. */
  serviceName: z.string().default(""),
  /** Address of the mailbox, or what the person called it. */
  email: z.string(),
  provider: z.string(),
  /** Origin of the service's API, without a trailing slash; the practice mailbox names its own when it starts. */
  apiUri: z.string(),
  /** The service's id of the mailbox; "me" with an access token. */
  grantId: z.string(),
  /** Files can be attached to events of its calendar. */
  hasCalendar: z.boolean().default(false),
  /** It can only send mail: no drafts, and files only in the mail itself. */
  sendOnly: z.boolean().optional(),
  /** Files can be sent as links. */
  hasLinks: z.boolean().optional(),
  /** When the key expires, if it does, in milliseconds since the epoch. */
  credentialExpiresAt: z.number().optional(),
  /** Where an expired access token is replaced: by signing in at Nylas's page, or at a company's broker. */
  renewal: z.enum(["signIn", "broker"]).optional(),
  /** Of the Nylas application that the person signed in to. */
  clientId: z.string().optional(),
  /** The VS Code sign-in that is used instead of a stored key. */
  signIn: z.object({ provider: z.string(), scopes: z.array(z.string()), accountId: z.string() }).optional(),
});
export type Account = z.infer<typeof Account>;

/** The service of the practice mailbox, and the id of its only account. */
export const PRACTICE_ID = "practice";

/** The name of an account's service for people. */
export function serviceNameOf(account: Pick<Account, "service" | "serviceName">): string {
  return isPractice(account) ? t("Practice mailbox") : account.serviceName;
}

/** Mail sent from it reaches nobody. */
export function isPractice(account: Pick<Account, "service">): boolean {
  return account.service === PRACTICE_ID;
}

/**
 * What tells an account from others with the same address; undefined when there are none. The practice
 * mailbox always has such a note.
 */
export function accountNote(account: Account, all: readonly Account[]): string | undefined {
  if (isPractice(account)) return t("practice mailbox");
  const same = all.filter(({ email }) => addressKey(email) === addressKey(account.email));
  if (same.length < 2) return undefined;
  const ways = [
    ({ serviceName }: Account) => serviceName,
    ({ serviceName, apiUri }: Account) => described(serviceName, URL.parse(apiUri)?.host ?? apiUri),
  ];
  const isUnique = (note: (account: Account) => string) =>
    same.filter((other) => note(other) === note(account)).length === 1;
  const note = ways.find(isUnique);
  return (
    note?.(account) ??
    t("{0}, no. {1}", account.serviceName, same.findIndex(({ id }) => id === account.id) + 1)
  );
}

/** Microsoft's mailboxes take a person's own headers only if their names start with "x-". */
export function takesXHeadersOnly(account: Account | undefined): boolean {
  return account === undefined || account.provider === "microsoft";
}

/** Whether the person can choose between uploading its files and sending them in the mail itself. */
export function hasMethodChoice({ service, provider }: Account): boolean {
  return service !== "graph" && provider === "microsoft";
}

/** Whether files of an account could go as links if the person allowed it. */
export function couldHaveLinks({
  service,
  hasLinks = false,
}: Pick<Account, "service" | "hasLinks">): boolean {
  return service === "graph" && !hasLinks;
}

/** Nylas sends no mail without a recipient in To, such as one with only Bcc. */
export function wantsTo({ service }: Account): boolean {
  return service !== "graph";
}

/** Entries are read one by one: one written by another version of the extension must not spoil the rest. */
const SavedBook = z.object({ accounts: z.array(z.unknown()), defaultId: z.string().nullable() });

interface Book {
  readonly accounts: readonly Account[];
  /** Entries that this version cannot read; kept as they are. */
  readonly unread: readonly unknown[];
  readonly defaultId: string | null;
}

/** The part of `vscode.SecretStorage` we use; `context.secrets` fits as it is. */
export interface SecretShelf {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

/** The part of `vscode.Memento` we use; `context.globalState` fits as it is. */
export interface Memento {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** What stands in for the address when a service gives none: its own id of the mailbox. */
const SERVICE_ID = /^[\w.-]{1,200}$/;

const BOOK_KEY = "freightMail.accounts";

function credentialKey(accountId: string): string {
  return `freightMail.credential.${accountId}`;
}

export class AccountBook implements Disposable {
  readonly #memento: Memento;
  readonly #secrets: SecretShelf;
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(memento: Memento, secrets: SecretShelf) {
    this.#memento = memento;
    this.#secrets = secrets;
  }

  /** In the order they were added. */
  get accounts(): readonly Account[] {
    return this.#book.accounts;
  }

  /** The one chosen as default, else the first; undefined without any. The practice mailbox never outranks a real one. */
  get defaultAccount(): Account | undefined {
    const { accounts, defaultId } = this.#book;
    const real = accounts.filter((account) => !isPractice(account));
    const candidates = real.length > 0 ? real : accounts;
    return candidates.find((account) => account.id === defaultId) ?? candidates[0];
  }

  find(id: string | null): Account | undefined {
    return this.accounts.find((account) => account.id === id);
  }

  /** The account with this address or id. @throws FreightError `no-account`, which lists those there are */
  named(name: string): Account {
    const found =
      this.find(name) ?? this.accounts.find(({ email }) => addressKey(email) === addressKey(name));
    if (found !== undefined) return found;
    const known = listOf(this.accounts.map(({ email }) => email));
    throw new FreightError(
      "no-account",
      sentences(
        t("There is no account “{0}”.", name),
        known === "" ? t("Add one first.") : t("Available accounts: {0}.", known),
      ),
      { remedy: "addAccount" },
    );
  }

  /**
   * Adds an account, or replaces the one with the same id.
   * @throws FreightError `secrets-unavailable` when the credential does not come back from secret storage,
   * `bad-answer` when the service names no address that mail can be sent from
   */
  async save(account: Account, credential: string | undefined): Promise<void> {
    if (!isMailAddress(account.email) && !SERVICE_ID.test(account.email)) throw noAddress(account);
    if (credential !== undefined) await this.#keep(account.id, credential);
    const book = this.#book;
    const accounts = book.accounts.some((known) => known.id === account.id)
      ? book.accounts.map((known) => (known.id === account.id ? account : known))
      : [...book.accounts, account];
    const replaces = book.defaultId === null || (book.defaultId === PRACTICE_ID && !isPractice(account));
    await this.#update({ ...book, accounts, defaultId: replaces ? account.id : book.defaultId });
  }

  async setDefault(accountId: string): Promise<void> {
    await this.#update({ ...this.#book, defaultId: accountId });
  }

  /** Forgets an account and its credential. */
  async remove(accountId: string): Promise<void> {
    await this.#secrets.delete(credentialKey(accountId));
    const book = this.#book;
    await this.#update({
      ...book,
      accounts: book.accounts.filter((account) => account.id !== accountId),
      defaultId: book.defaultId === accountId ? null : book.defaultId,
    });
  }

  /** @throws FreightError `credential-missing` */
  async credential(account: Account): Promise<string> {
    const credential = await this.#secrets.get(credentialKey(account.id));
    if (credential === undefined)
      throw new FreightError(
        "credential-missing",
        t("The key of {0} is no longer stored on this machine.", account.email),
        { remedy: "updateKey" },
      );
    return credential;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  get #book(): Book {
    const saved = SavedBook.safeParse(this.#memento.get(BOOK_KEY));
    const { accounts: entries, defaultId } = saved.data ?? { accounts: [], defaultId: null };
    const accounts: Account[] = [];
    const unread: unknown[] = [];
    for (const entry of entries) {
      const account = Account.safeParse(entry);
      if (account.success) accounts.push(account.data);
      else unread.push(entry);
    }
    return { accounts, unread, defaultId };
  }

  async #update({ accounts, unread, defaultId }: Book): Promise<void> {
    await this.#memento.update(BOOK_KEY, { accounts: [...accounts, ...unread], defaultId });
    this.#changed.fire();
  }

  async #keep(accountId: string, credential: string): Promise<void> {
    // Some Linux machines without a keyring accept a secret and lose it: it must be possible to read it back.
    const key = credentialKey(accountId);
    try {
      await this.#secrets.store(key, credential);
      if ((await this.#secrets.get(key)) === credential) return;
    } catch (reason) {
      throw secretsUnavailable(reason);
    }
    throw secretsUnavailable(undefined);
  }
}

function noAddress({ email, serviceName }: Account): FreightError {
  const address = email.slice(0, 100);
  return new FreightError(
    "bad-answer",
    serviceName === ""
      ? t(
          "The service says that this mailbox is “{0}”, which is not an e-mail address. The account was not added.",
          address,
        )
      : t(
          "{0} says that this mailbox is “{1}”, which is not an e-mail address. The account was not added.",
          serviceName,
          address,
        ),
  );
}

function secretsUnavailable(cause: unknown): FreightError {
  return new FreightError(
    "secrets-unavailable",
    t(
      "VS Code could not keep the key in its secret storage. On Linux this needs a keyring such as gnome-keyring.",
    ),
    { cause, remedy: "showLog" },
  );
}
