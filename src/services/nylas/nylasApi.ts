/** Calls to the Nylas API: its hosts, and the one function that makes them. */
import type { Http, HttpAnswer, HttpRequest, ServiceCall } from "../../net/http.ts";
import { orAborted } from "../../net/orAborted.ts";
import { t } from "../../shared/l10n.ts";

/** The regions share nothing: a key or grant of one is unknown in the other. */
export const NYLAS_REGIONS = {
  us: { label: t("United States"), apiUri: "https://api.us.nylas.com" },
  eu: { label: t("Europe"), apiUri: "https://api.eu.nylas.com" },
} as const;

const CALL_TIMEOUT_MS = 30_000;
export interface NylasEndpoint {
  /** Origin of the API, without a trailing slash. */
  readonly apiUri: string;
  /** An application's API key, or one grant's access token; a function, called each time, if renewed. */
  readonly credential: string | (() => Promise<string>);
}

export type CallOptions = ServiceCall & Pick<HttpRequest, "headers">;

export type NylasMethod = "GET" | "POST" | "PUT" | "DELETE";

/** Sends a request about one mailbox; any status is an answer. @param path below the grant, with its slash */
export type AskNylas = (
  method: NylasMethod,
  path: string,
  signal: AbortSignal,
  options?: CallOptions,
) => Promise<HttpAnswer>;

/** Calls the API. The credential goes to the endpoint's own origin and nowhere else. */
export async function call(
  http: Http,
  endpoint: NylasEndpoint,
  method: NylasMethod,
  path: string,
  signal: AbortSignal,
  { body, headers, timeoutMs = CALL_TIMEOUT_MS, ...more }: CallOptions = {},
): Promise<HttpAnswer> {
  const { credential } = endpoint;
  const key = typeof credential === "string" ? credential : await orAborted(credential(), signal);
  return http.send({
    ...more,
    method,
    url: endpoint.apiUri + path,
    headers: {
      accept: "application/json",
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
    timeoutMs,
    signal,
  });
}

/** @param grantId a grant's id, or "me" with an access token */
export function grantPath(grantId: string, rest: string): string {
  return `/v3/grants/${encodeURIComponent(grantId)}${rest}`;
}
