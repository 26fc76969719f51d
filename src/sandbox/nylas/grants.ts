/**
 * The practice mailboxes at Nylas (grants): providers, scopes, and which of them an API key or a token gives access to.
 * Those at Graph: `sandbox/graph/graphUsers.ts`.
 */
import type { Exchange } from "../http/exchange.ts";
import type { AccessTokens } from "./accessTokens.ts";
import { NylasError } from "./nylasErrors.ts";

/** A connected mailbox, as the service describes it. */
export interface Grant {
  readonly id: string;
  readonly provider: string;
  readonly email: string;
  readonly name: string;
  readonly grant_status: "valid" | "invalid";
  readonly scope: readonly string[];
  readonly created_at: number;
}

const graph = (...scopes: readonly string[]) => scopes.map((scope) => `https://graph.microsoft.com/${scope}`);

/** The mailboxes of the practice account. The ids never change, so that an account survives a restart. */
export const practiceGrants: readonly Grant[] = [
  {
    id: "6f3d1b52-8c1e-4f0a-9a53-2b7d54c0e611",
    provider: "microsoft",
    email: "practice@freight-mail.example",
    name: "Practice Mailbox",
    grant_status: "valid",
    scope: [...graph("Mail.ReadWrite", "Mail.Send", "User.Read"), "offline_access"],
    created_at: 1_760_000_000,
  },
  {
    id: "b1c9a7e4-35d2-4c8b-8f6e-90d1f2a3b4c5",
    provider: "google",
    email: "mila.brandt@gmail.example",
    name: "Mila Brandt (Google)",
    grant_status: "valid",
    scope: ["https://www.googleapis.com/auth/gmail.modify", "https://www.googleapis.com/auth/gmail.send"],
    created_at: 1_760_000_100,
  },
  {
    id: "d27e8f90-1a2b-4c3d-8e4f-5a6b7c8d9e0f",
    provider: "microsoft",
    email: "send.only@freight-mail.example",
    name: "Send Only",
    grant_status: "valid",
    // Enough to open an upload session, not enough to send.
    scope: ["Mail.Send", "offline_access"],
    created_at: 1_760_000_200,
  },
  {
    id: "e8a4c6d2-7b5f-4e3a-9c1d-0f2e4d6c8b1a",
    provider: "microsoft",
    email: "signed.out@freight-mail.example",
    name: "Signed Out",
    grant_status: "invalid",
    scope: ["Mail.ReadWrite", "Mail.Send", "offline_access"],
    created_at: 1_760_000_300,
  },
];

/** The whole object that the API returns for a grant. */
export function describeGrant(grant: Grant): Record<string, unknown> {
  return {
    ...grant,
    blocked: false,
    updated_at: grant.created_at,
    provider_user_id: `user-${grant.id.slice(0, 8)}`,
    settings: {},
    state: "",
    ip: "",
    user_agent: "",
    workspace_id: "practice-workspace",
    credential_id: "practice-credential",
  };
}

export function hasScope(grant: Grant, ...wanted: readonly string[]): boolean {
  const names = grant.scope.map((scope) =>
    scope.replace(/^https:\/\/graph\.microsoft\.com\//i, "").toLowerCase(),
  );
  return wanted.some((scope) => names.includes(scope.toLowerCase()));
}

/** Who is asking: the whole application, or one of its mailboxes. */
export interface Caller {
  /** Undefined for an API key. */
  readonly grant?: Grant;
}

/** Knows the credentials, and which mailboxes each gives access to. */
export class Directory {
  readonly grants: readonly Grant[];
  readonly #apiKey: string;
  readonly #accessToken: string;
  readonly #tokens: AccessTokens;

  constructor(options: {
    grants: readonly Grant[];
    apiKey: string;
    /** Never expires. */
    accessToken: string;
    /** The tokens of people who have signed in. */
    tokens: AccessTokens;
  }) {
    this.#tokens = options.tokens;
    this.grants = options.grants;
    this.#apiKey = options.apiKey;
    this.#accessToken = options.accessToken;
  }

  authenticate(exchange: Exchange): Caller {
    const [, credential] = /^Bearer\s+(\S+)$/i.exec(exchange.header("authorization") ?? "") ?? [];
    if (credential === undefined) throw new NylasError(401, "Missing or malformed Authorization header");
    if (credential === this.#apiKey) return {};
    const [first] = this.grants;
    if (credential === this.#accessToken && first) return { grant: first };
    const signedIn = this.grants.find(({ id }) => id === this.#tokens.read(credential)?.sub);
    if (signedIn) return { grant: signedIn };
    // A key of the other region is as unknown here as an invented one.
    throw new NylasError(401, "The API key or access token is not valid in this region");
  }

  /** Only the application's own key may read what belongs to the application. */
  requireApplication(caller: Caller): void {
    if (caller.grant) throw new NylasError(401, "This endpoint needs an API key");
  }

  /** The grant with this identifier; undefined when there is none. */
  find(caller: Caller, identifier: string): Grant | undefined {
    if (identifier === "me") {
      if (caller.grant) return caller.grant;
      throw new NylasError(401, "The identifier `me` needs an access token");
    }
    const [, kind, bare] = /^(grant|email|external):(.*)$/.exec(identifier) ?? [];
    const value = bare ?? identifier;
    const grant = this.grants.find(
      ({ id, email }) =>
        (kind !== "email" && kind !== "external" && id === value) ||
        ((kind === undefined ? value.includes("@") : kind === "email") && email === value.toLowerCase()),
    );
    if (caller.grant && grant !== caller.grant)
      throw new NylasError(401, "The access token does not speak for this grant");
    return grant;
  }
}
