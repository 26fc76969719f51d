/** What every request to Microsoft Graph has in common. https://learn.microsoft.com/graph/api/overview */
import { randomUUID } from "node:crypto";
import type { Http, HttpAnswer, StreamBody } from "../net/http.ts";

/** The roots of the clouds; tokens of one are refused by the others. https://learn.microsoft.com/graph/deployments */
export const GRAPH_CLOUDS = [
  {
    label: "Global",
    detail: "Microsoft 365, also US Government GCC",
    baseUrl: "https://graph.microsoft.com",
  },
  { label: "US Government L4", detail: "GCC High", baseUrl: "https://graph.microsoft.us" },
  { label: "US Government L5", detail: "DoD", baseUrl: "https://dod-graph.microsoft.us" },
  { label: "China", detail: "operated by 21Vianet", baseUrl: "https://microsoftgraph.chinacloudapi.cn" },
] as const;

/** What a delegated token must allow. https://learn.microsoft.com/graph/permissions-reference */
export const GRAPH_SCOPES = ["Mail.ReadWrite", "Mail.Send", "User.Read"] as const;

export interface GraphEndpoint {
  /** Without a version and a trailing slash. */
  readonly baseUrl: string;
  /** "me", or the address of a shared mailbox. */
  readonly mailbox: string;
  /** An access token. @param isRefused true when the last one was refused: only a new one helps */
  readonly token: (isRefused: boolean) => Promise<string>;
}

export interface GraphCall {
  /** JSON. */
  readonly body?: string | StreamBody;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

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
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  signal: AbortSignal,
  { body, timeoutMs = TIMEOUT_MS }: GraphCall = {},
): Promise<HttpAnswer> {
  const ask = async (isRefused: boolean) =>
    http.send({
      method,
      url: graphUrl(endpoint, path),
      headers: {
        authorization: `Bearer ${await endpoint.token(isRefused)}`,
        accept: "application/json",
        // Ids that survive the move into Sent Items; asked for with each request.
        prefer: 'IdType="ImmutableId"',
        "client-request-id": randomUUID(),
        ...(body === undefined
          ? method === "POST"
            ? { "content-length": "0" }
            : {}
          : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body }),
      timeoutMs,
      signal,
    });
  const answer = await ask(false);
  return answer.status === 401 && typeof body !== "object" ? ask(true) : answer;
}

/** The claims of a token that concern us; undefined when it is opaque, as personal accounts' are. */
export function readToken(
  token: string,
): { readonly expiresAt: number | undefined; readonly scopes: readonly string[] | undefined } | undefined {
  const [, payload] = token.split(".");
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null) return undefined;
    const { exp, scp } = claims as { exp?: unknown; scp?: unknown };
    return {
      // Beyond what a date can say it is none.
      expiresAt: typeof exp === "number" && Math.abs(exp) <= 8.64e12 ? exp * 1000 : undefined,
      scopes: typeof scp === "string" ? scp.split(" ") : undefined,
    };
  } catch {
    return undefined; // Not a token that can be read; Graph itself says whether it is good.
  }
}
