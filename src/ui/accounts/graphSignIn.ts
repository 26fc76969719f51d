/** Signing in with Microsoft through VS Code's own accounts. https://code.visualstudio.com/api/references/vscode-api#authentication */
import type * as vscode from "vscode";
import * as z from "zod";
import type { Account } from "../../accounts/accountBook.ts";
import { FreightError } from "../../base/errors.ts";
import { machinePolicy } from "../../policy/policyFile.ts";
import { GRAPH_CLOUDS, GRAPH_SCOPES } from "../../services/graph/graphApi.ts";
import type { readSetting } from "../editor/settings.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { type Authentication, type SignIn, signedIn } from "./signInToken.ts";

export interface SignInOptions {
  readonly authentication: Authentication;
  readonly dialogs: Dialogs;
  readonly runCommand: (command: string, ...args: readonly string[]) => Promise<void>;
  readonly readSetting: typeof readSetting;
}

export class GraphSignIn {
  readonly #options: SignInOptions;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /**
   * What to ask VS Code's Microsoft accounts for; undefined when the person would rather prepare something first.
   * @param mailbox "me", or the address of a shared mailbox
   */
  async wanted(baseUrl: string, mailbox: string): Promise<SignIn | undefined> {
    const { readSetting } = this.#options;
    const { clientIds, tenants } = machinePolicy.rules;
    const clientId = theOne(clientIds) ?? readSetting("graph.clientId", z.string().trim().catch(""));
    const tenant = theOne(tenants) ?? readSetting("graph.tenant", z.string().trim().catch(""));
    if (clientId === "" && !(await this.#wantsDefaultClient())) return undefined;
    const cloud = cloudOf(baseUrl);
    const shared = mailbox === "me" ? [] : ["Mail.ReadWrite.Shared", "Mail.Send.Shared"];
    return {
      // National clouds have a provider of their own, which the person sets up with its settings.
      provider: cloud === GRAPH_CLOUDS[0] ? "microsoft" : "microsoft-sovereign-cloud",
      scopes: [
        ...(clientId === "" ? [] : [`VSCODE_CLIENT_ID:${clientId}`]),
        ...(tenant === "" ? [] : [`VSCODE_TENANT:${tenant}`]),
        // All of one resource: others cannot be asked for together with it.
        ...[...GRAPH_SCOPES, ...shared].map((scope) => `${cloud.baseUrl}/${scope}`),
        "offline_access",
      ],
      accountId: "",
    };
  }

  /** Modal: the wizard has made way, and a message in the corner would fade while the person waits for a page. */
  async #wantsDefaultClient(): Promise<boolean> {
    const [open, anyway] = ["Open Settings", "Sign In Anyway"];
    const { dialogs, runCommand } = this.#options;
    const chosen = await dialogs.ask(
      "warning",
      "Microsoft does not let VS Code itself send mail.",
      "Enter the ID of your organization's app registration in the setting “Graph: Client ID” first; Freight Mail's README says how to make one.",
      open,
      anyway,
    );
    if (chosen === open) await runCommand("workbench.action.openSettings", "freightMail.graph.clientId");
    return chosen === anyway;
  }

  /** Lets the person sign in, as one of the accounts that VS Code knows or as another. */
  signIn(wanted: SignIn): Promise<SignIn> {
    // Otherwise VS Code gives the account that it gave last, and there could never be a second one.
    return this.#signInWith(wanted, { createIfNone: true, clearSessionPreference: true });
  }

  /** Has the same account allow one more permission. @throws FreightError when it was another account */
  forMore(known: SignIn, scope: string, account: Account): Promise<SignIn> {
    return this.#asSameAccount({ ...known, scopes: [...known.scopes, scope] }, account, {
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
    const account = await signedIn(this.#options.authentication, known);
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
        `That was a different account than ${email}. Sign in as ${email}, or add the other one with “Add Account…”.`,
        { remedy: "updateKey" },
      );
    return found;
  }

  async #signInWith(wanted: SignIn, options: vscode.AuthenticationGetSessionOptions): Promise<SignIn> {
    try {
      const session = await this.#options.authentication.getSession(wanted.provider, wanted.scopes, options);
      if (session !== undefined) return { ...wanted, accountId: session.account.id };
    } catch (reason) {
      throw unfinished(reason);
    }
    throw unfinished(undefined);
  }
}

/** Where the policy allows one only, nobody has to set it. */
function theOne(allowed: readonly string[] = []): string | undefined {
  return allowed.length === 1 ? allowed[0] : undefined;
}

/** A custom address is a gateway or a sandbox in front of the global cloud. */
export function cloudOf(baseUrl: string) {
  return GRAPH_CLOUDS.find((known) => known.baseUrl === baseUrl) ?? GRAPH_CLOUDS[0];
}

function unfinished(cause: unknown): FreightError {
  const why = cause instanceof Error ? cause.message : "nobody signed in.";
  return new FreightError("credential-missing", `The sign-in with Microsoft was not finished: ${why}`, {
    cause,
    remedy: "updateKey",
  });
}
