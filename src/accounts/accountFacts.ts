/** The services that an account can belong to, and what a policy may want to know about one. */
import { FreightError } from "../base/errors.ts";
import type { AccountFacts } from "../policy/accountRules.ts";
import { readToken } from "../services/graph/graphApi.ts";
import { t } from "../shared/l10n.ts";
import { type Account, PRACTICE_ID } from "./accountBook.ts";

/** A service's key in saved accounts, and its name for people. */
export const NYLAS = { service: "nylas", serviceName: "Nylas" } as const;
export const GRAPH = { service: "graph", serviceName: "Microsoft 365" } as const;
export const PRACTICE = {
  service: PRACTICE_ID,
  get serviceName() {
    return t("Practice mailbox");
  },
} as const;

type SignIn = NonNullable<Account["signIn"]>;

/** An access token reaches one mailbox, an API key all of them. @param grantId "me" for a pasted token */
export function nylasFacts({
  apiUri,
  grantId,
  renewal,
}: Pick<Account, "apiUri" | "grantId" | "renewal">): AccountFacts {
  return { ...NYLAS, apiUri, hasApiKey: grantId !== "me" && renewal === undefined };
}

/** @param how the sign-in, or the token that was pasted instead */
export function graphFacts(apiUri: string, how: SignIn | string): AccountFacts {
  return { ...GRAPH, apiUri, signIn: typeof how === "string" ? tokenFacts(how) : signInFacts(how) };
}

/** What a sign-in says about the app registration and the directory. */
function signInFacts({ scopes }: SignIn) {
  const named = (prefix: string) =>
    scopes.find((scope) => scope.startsWith(prefix))?.slice(prefix.length) ?? null;
  return { clientId: named("VSCODE_CLIENT_ID:"), tenant: named("VSCODE_TENANT:") };
}

/** What a token itself says, which Microsoft has signed. */
function tokenFacts(token: string) {
  const claims = readToken(token);
  return { clientId: claims?.clientId ?? null, tenant: claims?.tenant ?? null };
}

/** For an account that a newer version of the extension has saved. */
export function unknownService({ email }: Pick<Account, "email">): FreightError {
  return new FreightError(
    "no-account",
    t(
      "The account {0} belongs to a service that this version of Freight Mail does not know. Choose another one.",
      email,
    ),
    { remedy: "addAccount" },
  );
}
