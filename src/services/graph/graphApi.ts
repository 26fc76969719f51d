/** What every request to Microsoft Graph has in common. https://learn.microsoft.com/graph/api/overview */
import { randomUUID } from "node:crypto";
import type { Http, HttpAnswer, ServiceCall } from "../../net/http.ts";
import type { Slots } from "../../net/slots.ts";
import { t } from "../../shared/l10n.ts";

/** The base URL of each cloud; the others refuse its tokens. https://learn.microsoft.com/graph/deployments */
export const GRAPH_CLOUDS = [
  {
    label: t("Global"),
    detail: t("Microsoft 365, also US Government GCC"),
    baseUrl: "https://graph.microsoft.com",
  },
  { label: "US Government L4", detail: "GCC High", baseUrl: "https://graph.microsoft.us" },
  { label: "US Government L5", detail: "DoD", baseUrl: "https://dod-graph.microsoft.us" },
  {
    label: t("China"),
    detail: t("operated by 21Vianet"),
    baseUrl: "https://microsoftgraph.chinacloudapi.cn",
  },
] as const;

/**
 * The least that a sign-in must allow; most organizations let people consent to it themselves.
 * https://learn.microsoft.com/graph/permissions-reference
 */
export const GRAPH_LEAST_SCOPES = ["Mail.Send", "User.Read"] as const;

/** For drafts, and so for large files; often only an administrator can consent to it. */
export const DRAFTS_SCOPE = "Mail.ReadWrite";

/** Everything that mail needs. */
export const GRAPH_SCOPES = [DRAFTS_SCOPE, ...GRAPH_LEAST_SCOPES] as const;

/** For files sent as links; people can consent to it themselves. */
export const GRAPH_FILES_SCOPE = "Files.ReadWrite";

/** To attach files to events. */
export const GRAPH_CALENDAR_SCOPE = "Calendars.ReadWrite";

/** "150 MB" per file; decimal or binary is not documented, and Graph itself says when a file is too large. */
export const GRAPH_MAX_FILE_BYTES = 157_286_400;

export interface GraphEndpoint {
  /** Without a version and a trailing slash. */
  readonly baseUrl: string;
  /** "me", or the address of a shared mailbox. */
  readonly mailbox: string;
  /**
   * An access token.
   * @param isRefused true when the last one was refused: only a new one helps
   * @param challenge what the new one has to prove, in Graph's words
   */
  readonly token: (isRefused: boolean, challenge?: string) => Promise<string>;
  /** Shared by all requests to the mailbox. */
  readonly turns: Slots;
}

/**
 * Outlook accepts four requests at a time for a mailbox; one of them is left to the upload.
 * https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
 */
const CALLS_AT_A_TIME = 3;

export interface GraphCall extends ServiceCall {
  /** The answer need not repeat what was sent. https://learn.microsoft.com/graph/best-practices-concept */
  readonly isMinimal?: boolean;
  /** The request is refused with 412 unless this is still the current version. */
  readonly ifMatch?: string | undefined;
}

const TIMEOUT_MS = 30_000;
/** Characters; real challenges have a few hundred. */
const MAX_CHALLENGE = 8_192;

/** The URL of something in the mailbox. @param path without a leading slash; a query alone is the user's */
export function graphUrl({ baseUrl, mailbox }: GraphEndpoint, path: string): string {
  const owner = mailbox === "me" ? "me" : `users/${encodeURIComponent(mailbox)}`;
  return `${baseUrl}/v1.0/${owner}${path.startsWith("?") ? path : `/${path}`}`;
}

/**
 * Sends a request to Graph, after a 401 once more with a new token unless the body can be sent only once.
 * @throws FreightError when no answer came; any status counts as an answer
 */
export async function callGraph(
  http: Http,
  endpoint: GraphEndpoint,
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  signal: AbortSignal,
  { body, timeoutMs = TIMEOUT_MS, isMinimal = false, ifMatch, ...more }: GraphCall = {},
): Promise<HttpAnswer> {
  const ask = async (isRefused: boolean, challenge?: string) =>
    http.send({
      ...more,
      method,
      url: graphUrl(endpoint, path),
      headers: {
        authorization: `Bearer ${await endpoint.token(isRefused, challenge)}`,
        accept: "application/json",
        // Ids that survive the move to Sent Items; needed on every request.
        prefer: `IdType="ImmutableId"${isMinimal ? ", return=minimal" : ""}`,
        "client-request-id": randomUUID(),
        ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
        ...(body === undefined
          ? method === "POST" || method === "PUT"
            ? { "content-length": "0" }
            : {}
          : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      timeoutMs,
      signal,
    });
  const giveBack = await endpoint.turns.take(endpoint.mailbox, CALLS_AT_A_TIME, signal);
  try {
    const answer = await ask(false);
    return answer.status === 401 && typeof body !== "object" ? await ask(true, challengeOf(answer)) : answer;
  } finally {
    giveBack();
  }
}

/**
 * A claims challenge: what a new token must prove besides identity, such as a second factor.
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function challengeOf({ headers }: HttpAnswer): string | undefined {
  const asked = headers["www-authenticate"];
  return asked !== undefined && asked.length <= MAX_CHALLENGE && /\bclaims="/i.test(asked)
    ? asked
    : undefined;
}

export interface TokenClaims {
  /** In milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
  readonly scopes: readonly string[] | undefined;
  /** The person who signed in; the same in all their tokens. */
  readonly userId: string | undefined;
  /** The app registration that the token was issued to. */
  readonly clientId: string | undefined;
  /** The directory (tenant) that the token belongs to. */
  readonly tenant: string | undefined;
}

/** The claims of a token that we use; undefined when it is opaque, as for personal accounts. */
export function readToken(token: string): TokenClaims | undefined {
  const [, payload] = token.split(".");
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null) return undefined;
    const { exp, scp, oid, appid, azp, tid } = claims as Readonly<Record<string, unknown>>;
    const clientId = appid ?? azp;
    return {
      // A number beyond the range of a date is ignored.
      expiresAt: typeof exp === "number" && Math.abs(exp) <= 8.64e12 ? exp * 1000 : undefined,
      scopes: typeof scp === "string" ? scp.split(" ") : undefined,
      userId: typeof oid === "string" ? oid : undefined,
      clientId: typeof clientId === "string" ? clientId : undefined,
      tenant: typeof tid === "string" ? tid : undefined,
    };
  } catch {
    return undefined; // The token is opaque; Graph itself says whether it is valid.
  }
}
