/**
 * Signing in with Microsoft through VS Code's own accounts.
 * https://code.visualstudio.com/api/references/vscode-api#authentication
 */
import type * as vscode from "vscode";
import type { Account } from "../../../accounts/accountBook.ts";
import type { App } from "../../../accounts/appRegistration.ts";
import { FreightError } from "../../../base/errors.ts";
import { GRAPH_CLOUDS, GRAPH_LEAST_SCOPES, GRAPH_SCOPES } from "../../../services/graph/graphApi.ts";
import { t } from "../../../shared/l10n.ts";
import { type Authentication, type SignIn, signedIn } from "../pages/signInToken.ts";

export class GraphSignIn {
  readonly #authentication: Authentication;

  constructor(authentication: Authentication) {
    this.#authentication = authentication;
  }

  /** What to ask VS Code's Microsoft accounts for first. @param mailbox "me", or an address */
  wanted(baseUrl: string, mailbox: string, app: App): SignIn {
    const cloud = cloudOf(baseUrl);
    const signIn = {
      // National clouds have a provider of their own, which the person configures in its settings.
      provider: cloud === GRAPH_CLOUDS[0] ? "microsoft" : "microsoft-sovereign-cloud",
      scopes: [
        // All for one resource: scopes of another cannot be requested at the same time.
        ...leastPermissionsFor(mailbox).map((scope) => `${cloud.baseUrl}/${scope}`),
        "offline_access",
      ],
      accountId: "",
    };
    return ofApp(signIn, app);
  }

  /** Lets the person sign in with an account that VS Code knows, or with another. */
  signIn(wanted: SignIn): Promise<SignIn> {
    // Otherwise VS Code returns the account used last, and nobody could ever add a second one.
    return this.#signInWith(wanted, { createIfNone: true, clearSessionPreference: true });
  }

  /** Asks the same account for more permissions. @throws FreightError when it was another account */
  forMore(known: SignIn, scopes: readonly string[], account: Account): Promise<SignIn> {
    return this.#asSameAccount({ ...known, scopes: [...known.scopes, ...scopes] }, account, {
      createIfNone: true,
    });
  }

  /** Lets the person sign in again with the same account. @throws FreightError when it was another one */
  again(known: SignIn, account: Account): Promise<SignIn> {
    return this.#asSameAccount(known, account, { forceNewSession: true });
  }

  async #asSameAccount(
    known: SignIn,
    { email, grantId }: Account,
    how: vscode.AuthenticationGetSessionOptions,
  ): Promise<SignIn> {
    const account = await signedIn(this.#authentication, known);
    const found = await this.#signInWith(known, {
      ...how,
      // Otherwise VS Code takes the account that signed in last for the one wanted.
      clearSessionPreference: true,
      ...(account === undefined ? {} : { account }),
    });
    // For a shared mailbox another person's account may be right.
    if (grantId === "me" && found.accountId !== known.accountId)
      throw new FreightError(
        "credential-rejected",
        t(
          "That was a different account than {0}. Sign in as {0}, or add the other one with “Add Account…”.",
          email,
        ),
        { remedy: "updateKey" },
      );
    return found;
  }

  async #signInWith(wanted: SignIn, options: vscode.AuthenticationGetSessionOptions): Promise<SignIn> {
    try {
      const session = await this.#authentication.getSession(wanted.provider, wanted.scopes, options);
      if (session !== undefined) return { ...wanted, accountId: session.account.id };
    } catch (reason) {
      throw unfinished(reason);
    }
    throw unfinished(undefined);
  }
}

const CLIENT = "VSCODE_CLIENT_ID:";
const TENANT = "VSCODE_TENANT:";

/** The app registration of a sign-in; empty if VS Code's own was used. */
export function appOf({ scopes }: SignIn): App {
  const named = (prefix: string) =>
    scopes.find((scope) => scope.startsWith(prefix))?.slice(prefix.length) ?? "";
  return { clientId: named(CLIENT), tenant: named(TENANT) };
}

/** The same sign-in with another app registration. */
export function ofApp(signIn: SignIn, { clientId, tenant }: App): SignIn {
  const others = signIn.scopes.filter((scope) => !scope.startsWith("VSCODE_"));
  const app = [...(clientId === "" ? [] : [CLIENT + clientId]), ...(tenant === "" ? [] : [TENANT + tenant])];
  return { ...signIn, scopes: [...app, ...others] };
}

/** Short names of the permissions for sending only, which most organizations let a person grant. */
function leastPermissionsFor(mailbox: string): readonly string[] {
  return mailbox === "me" ? GRAPH_LEAST_SCOPES : [...GRAPH_LEAST_SCOPES, "Mail.Send.Shared"];
}

/** Short names of all permissions that mails can need. @param mailbox "me", or a shared mailbox's address */
export function permissionsFor(mailbox: string): readonly string[] {
  return mailbox === "me" ? GRAPH_SCOPES : [...GRAPH_SCOPES, "Mail.ReadWrite.Shared", "Mail.Send.Shared"];
}

/** A custom address is a gateway or a sandbox in front of the global cloud. */
export function cloudOf(baseUrl: string) {
  return GRAPH_CLOUDS.find((known) => known.baseUrl === baseUrl) ?? GRAPH_CLOUDS[0];
}

function unfinished(cause: unknown): FreightError {
  const why = cause instanceof Error ? cause.message : t("nobody signed in.");
  return new FreightError("credential-missing", t("The sign-in with Microsoft was not finished: {0}", why), {
    cause,
    remedy: "updateKey",
  });
}
