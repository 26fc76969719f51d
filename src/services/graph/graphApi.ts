/** What every request to Microsoft Graph has in common. https://learn.microsoft.com/graph/api/overview */
import { randomUUID } from "node:crypto";
import type { Http, HttpAnswer, ServiceCall } from "../../net/http.ts";
import type { Slots } from "../../net/slots.ts";
import { t } from "../../shared/l10n.ts";

/** The roots of the clouds; tokens of one are refused by the others. https://learn.microsoft.com/graph/deployments */
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

/** What a delegated token must allow: in most organizations a person can. https://learn.microsoft.com/graph/permissions-reference */
export const GRAPH_LEAST_SCOPES = ["Mail.Send", "User.Read"] as const;

/** For drafts, and with them large files: often only an administrator can allow it. */
export const DRAFTS_SCOPE = "Mail.ReadWrite";

/** For everything that mails need. */
export const GRAPH_SCOPES = [DRAFTS_SCOPE, ...GRAPH_LEAST_SCOPES] as const;

/** To have files go as links; a person can allow it alone. */
export const GRAPH_FILES_SCOPE = "Files.ReadWrite";

/** To attach files to events. */
export const GRAPH_CALENDAR_SCOPE = "Calendars.ReadWrite";

/** "150 MB" a file; whether decimal or not is not documented, and Graph itself says when it is too much. */
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
  /** Shared by all that goes into the mailbox. */
  readonly turns: Slots;
}

/**
 * Outlook takes four requests at a time into one mailbox; one of them is the upload's.
 * https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
 */
const CALLS_AT_A_TIME = 3;

export interface GraphCall extends ServiceCall {
  /** The answer need not repeat what was sent. https://learn.microsoft.com/graph/best-practices-concept */
  readonly isMinimal?: boolean;
  /** Refused with 412 when it is not this version any more. */
  readonly ifMatch?: string | undefined;
}

const TIMEOUT_MS = 30_000;
/** Characters; real ones have a few hundred. */
const MAX_CHALLENGE = 8_192;

/** The address of something in the endpoint's mailbox. @param path without a leading slash; a query alone is the user's */
export function graphUrl({ baseUrl, mailbox }: GraphEndpoint, path: string): string {
  const owner = mailbox === "me" ? "me" : `users/${encodeURIComponent(mailbox)}`;
  return `${baseUrl}/v1.0/${owner}${path.startsWith("?") ? path : `/${path}`}`;
}

/**
 * Asks Graph. A 401 is asked once more with a new token, unless the body can be sent only once.
 * @throws FreightError when no answer came; every status is an answer
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
        // Ids that survive the move into Sent Items; asked for with each request.
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
 * What a new token has to prove beside who it is of, such as a second factor: a claims challenge.
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
  /** Of whoever signed in, the same in every token of theirs. */
  readonly userId: string | undefined;
  /** The app registration that it was given to. */
  readonly clientId: string | undefined;
  /** The directory that it is of. */
  readonly tenant: string | undefined;
}

/** The claims of a token that concern us; undefined when it is opaque, as personal accounts' are. */
export function readToken(token: string): TokenClaims | undefined {
  const [, payload] = token.split(".");
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null) return undefined;
    const { exp, scp, oid, appid, azp, tid } = claims as Readonly<Record<string, unknown>>;
    const clientId = appid ?? azp;
    return {
      // Beyond what a date can say it is none.
      expiresAt: typeof exp === "number" && Math.abs(exp) <= 8.64e12 ? exp * 1000 : undefined,
      scopes: typeof scp === "string" ? scp.split(" ") : undefined,
      userId: typeof oid === "string" ? oid : undefined,
      clientId: typeof clientId === "string" ? clientId : undefined,
      tenant: typeof tid === "string" ? tid : undefined,
    };
  } catch {
    return undefined; // Not a token that can be read; Graph itself says whether it is good.
  }
}
