/** Access tokens of Nylas, which expire within the hour, and their renewal in time. */
import { FreightError, isCancellation } from "../base/errors.ts";
import type { MailboxToken } from "../services/nylas/nylasSignIn.ts";
import { t } from "../shared/l10n.ts";
import type { Account, AccountBook } from "./accountBook.ts";

/** With less than this left, using a token has a new one fetched. */
const RENEW_MS = 10 * 60_000;
/** With less than this left, a token may expire before the request arrives. */
const USABLE_MS = 30_000;

/**
 * Whether using a token of the account makes us ask the person to sign in again.
 * @param now milliseconds since the epoch
 */
export function asksPerson({ renewal, credentialExpiresAt = 0 }: Account, now: number): boolean {
  return renewal === "signIn" && credentialExpiresAt - now < RENEW_MS;
}

export interface NylasTokensOptions {
  readonly book: Pick<AccountBook, "credential" | "find" | "save">;
  readonly now: () => number;
  /**
   * Fetches a new token: from a broker, or by asking the person to sign in.
   * @returns undefined when the person does not want to
   */
  readonly renew: (account: Account) => Promise<MailboxToken | undefined>;
  /** When a token expires according to the service: another window may have renewed it. */
  readonly endOf: (account: Account, token: string) => Promise<number | undefined>;
  /** Called with the failure of a renewal that nothing waited for. */
  readonly failed: (reason: unknown) => void;
}

export class NylasTokens {
  readonly #options: NylasTokensOptions;
  /** By account: everything that needs a token waits for the same renewal. */
  readonly #renewals = new Map<string, Promise<string>>();
  /** By account: the expiry of the token for which an early renewal was declined, or failed. */
  readonly #declined = new Map<string, number>();

  constructor(options: NylasTokensOptions) {
    this.#options = options;
  }

  /**
   * A token that can be used now. One that expires soon is renewed in the background; for an expired one, the
   * renewal is awaited.
   * @throws FreightError `credential-missing` when the person does not sign in
   */
  async of(accountId: string): Promise<string> {
    const { book, now } = this.#options;
    const account = book.find(accountId);
    if (account === undefined)
      throw new FreightError("no-account", t("The account was removed."), { remedy: "addAccount" });
    const end = account.credentialExpiresAt ?? 0;
    const left = end - now();
    if (left >= RENEW_MS) return book.credential(account);
    if (left < USABLE_MS) return this.#renewed(account);
    // Nobody is asked twice while it can still be used.
    if (this.#declined.get(accountId) !== end)
      void this.#renewed(account).catch((reason: unknown) => {
        this.#declined.set(accountId, end);
        if (!isCancellation(reason) && !isDeclined(reason)) this.#options.failed(reason);
      });
    return book.credential(account);
  }

  #renewed(account: Account): Promise<string> {
    const running = this.#renewals.get(account.id);
    if (running !== undefined) return running;
    const renewal = this.#renew(account).finally(() => this.#renewals.delete(account.id));
    this.#renewals.set(account.id, renewal);
    return renewal;
  }

  async #renew(account: Account): Promise<string> {
    const { book, now, renew, endOf } = this.#options;
    const kept = await book.credential(account).catch(() => undefined);
    const keptUntil = kept === undefined ? undefined : await endOf(account, kept);
    if (kept !== undefined && keptUntil !== undefined && keptUntil - now() >= RENEW_MS) {
      await book.save({ ...account, credentialExpiresAt: keptUntil }, undefined);
      return kept;
    }
    const token = await renew(account);
    if (token === undefined)
      throw new FreightError("credential-missing", t("You are signed out of Nylas: {0}.", account.email), {
        remedy: "updateKey",
      });
    await keepToken(book, account, token);
    return token.accessToken;
  }
}

function isDeclined(reason: unknown): boolean {
  return reason instanceof FreightError && reason.is("credential-missing");
}

/** Saves a new token for the same mailbox. @throws FreightError when it is another mailbox's */
export async function keepToken(
  book: Pick<AccountBook, "save">,
  account: Account,
  { accessToken, expiresAt, grantId, clientId = account.clientId }: MailboxToken,
): Promise<void> {
  // Otherwise this account's mails would be sent from somebody else's mailbox.
  if (grantId !== account.grantId)
    throw new FreightError(
      "credential-rejected",
      t(
        "That was a different mailbox than {0}. Sign in as {0}, or add the other one with “Add Account…”.",
        account.email,
      ),
      { remedy: "updateKey" },
    );
  const renewed = { ...account, credentialExpiresAt: expiresAt };
  await book.save(clientId === undefined ? renewed : { ...renewed, clientId }, accessToken);
}
