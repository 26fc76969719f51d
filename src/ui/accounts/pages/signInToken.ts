/** Gets the token of a sign-in that VS Code keeps. */
import type * as vscode from "vscode";
import type { Account } from "../../../accounts/accountBook.ts";
import { FreightError } from "../../../base/errors.ts";
import { t } from "../../../shared/l10n.ts";

/** The part of `vscode.authentication` that we use. */
export type Authentication = Pick<typeof vscode.authentication, "getAccounts" | "getSession">;

export type SignIn = NonNullable<Account["signIn"]>;

/**
 * The token of an existing session, which VS Code renews when due.
 * @param email of the account, if known
 * @param challenge a claims challenge that the token has to meet; tried once, and may prompt the person
 * @throws FreightError `credential-missing`
 */
export async function silentToken(
  authentication: Authentication,
  known: SignIn | undefined,
  email: string | undefined,
  challenge?: string,
): Promise<string> {
  const account = known === undefined ? undefined : await signedIn(authentication, known);
  // Without the account VS Code might return another one's token, and the mail would leave from there.
  if (known !== undefined && account !== undefined) {
    const session =
      (challenge === undefined ? undefined : await proven(authentication, known, account, challenge)) ??
      (await authentication.getSession(known.provider, known.scopes, { silent: true, account }));
    if (session !== undefined) return session.accessToken;
  }
  throw new FreightError(
    "credential-missing",
    email === undefined
      ? t("The account is signed out of Microsoft in VS Code.")
      : t("{0} is signed out of Microsoft in VS Code.", email),
    { remedy: "updateKey" },
  );
}

/** A session that meets a challenge; undefined if there is none: Graph then says again what it wants. */
async function proven(
  authentication: Authentication,
  { provider, scopes, accountId }: SignIn,
  account: vscode.AuthenticationSessionAccountInformation,
  challenge: string,
): Promise<vscode.AuthenticationSession | undefined> {
  const request = { wwwAuthenticate: challenge, fallbackScopes: scopes };
  try {
    const session =
      (await authentication.getSession(provider, request, { silent: true, account })) ??
      (await authentication.getSession(provider, request, { createIfNone: true, account }));
    return session.account.id === accountId ? session : undefined;
  } catch {
    return undefined; // An older provider does not support challenges, or the person cancelled.
  }
}

/** VS Code's account for a sign-in; undefined when it is signed out. */
export async function signedIn(authentication: Authentication, { provider, accountId }: SignIn) {
  const accounts = await authentication.getAccounts(provider);
  return accounts.find(({ id }) => id === accountId);
}
