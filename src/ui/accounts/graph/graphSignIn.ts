/** Signing in with Microsoft through VS Code's own accounts. https://code.visualstudio.com/api/references/vscode-api#authentication */
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

  /** What to ask VS Code's Microsoft accounts for at first. @param mailbox "me", or the address of a shared mailbox */
  wanted(baseUrl: string, mailbox: string, app: App): SignIn {
    const cloud = cloudOf(baseUrl);
    const signIn = {
      // National clouds have a provider of their own, which the person sets up with its settings.
      provider: cloud === GRAPH_CLOUDS[0] ? "microsoft" : "microsoft-sovereign-cloud",
      scopes: [
        // All of one resource: others cannot be asked for together with it.
        ...leastPermissionsFor(mailbox).map((scope) => `${cloud.baseUrl}/${scope}`),
        "offline_access",
      ],
      accountId: "",
    };
    return ofApp(signIn, app);
  }

  /** Lets the person sign in, as one of the accounts that VS Code knows or as another. */
  signIn(wanted: SignIn): Promise<SignIn> {
    // Otherwise VS Code gives the account that it gave last, and there could never be a second one.
    return this.#signInWith(wanted, { createIfNone: true, clearSessionPreference: true });
  }

  /** Has the same account allow more. @throws FreightError when it was another account */
  forMore(known: SignIn, scopes: readonly string[], account: Account): Promise<SignIn> {
    return this.#asSameAccount({ ...known, scopes: [...known.scopes, ...scopes] }, account, {
      createIfNone: true,
    });
  }

  /** Lets the person sign in again as the account that they chose. @throws FreightError when it is another one */
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
      // Otherwise VS Code holds whoever signed in last for the one that is wanted.
      clearSessionPreference: true,
      ...(account === undefined ? {} : { account }),
    });
    // Into a shared mailbox several people may have a way.
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

/** With which app registration somebody signed in; empty where VS Code's own counted. */
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

/** What sending alone takes, by the short names: what a person can allow in most organizations. */
function leastPermissionsFor(mailbox: string): readonly string[] {
  return mailbox === "me" ? GRAPH_LEAST_SCOPES : [...GRAPH_LEAST_SCOPES, "Mail.Send.Shared"];
}

/** All that mails can need, by the short names. @param mailbox "me", or the address of a shared mailbox */
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
