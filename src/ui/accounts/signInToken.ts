/** The token of a sign-in that VS Code keeps. */
import type * as vscode from "vscode";
import type { Account } from "../../accounts/accountBook.ts";
import { FreightError } from "../../base/errors.ts";

/** The part of `vscode.authentication` that we use. */
export type Authentication = Pick<typeof vscode.authentication, "getAccounts" | "getSession">;

export type SignIn = NonNullable<Account["signIn"]>;

/** The token of a session that is there, renewed by VS Code where that is due. @throws FreightError `credential-missing` */
export async function silentToken(
  authentication: Authentication,
  known: SignIn | undefined,
  email: string,
): Promise<string> {
  const account = known === undefined ? undefined : await signedIn(authentication, known);
  // Without the account VS Code would give the token of another one, and the mail would leave from there.
  const session =
    known === undefined || account === undefined
      ? undefined
      : await authentication.getSession(known.provider, known.scopes, { silent: true, account });
  if (session !== undefined) return session.accessToken;
  throw new FreightError("credential-missing", `${email} is signed out of Microsoft in VS Code.`, {
    remedy: "updateKey",
  });
}

/** The account of VS Code that a sign-in is of; undefined when it is signed out. */
export async function signedIn(authentication: Authentication, { provider, accountId }: SignIn) {
  const accounts = await authentication.getAccounts(provider);
  return accounts.find(({ id }) => id === accountId);
}
