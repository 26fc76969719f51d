/** Calls of the Nylas API: where it lives, and the one way to ask it. */
import type { Http, HttpAnswer, HttpRequest, ServiceCall } from "../../net/http.ts";
import { orAborted } from "../../net/orAborted.ts";
import { t } from "../../shared/l10n.ts";

/** The regions share nothing: a key or a grant of one is unknown in the other. */
export const NYLAS_REGIONS = {
  us: { label: t("United States"), apiUri: "https://api.us.nylas.com" },
  eu: { label: t("Europe"), apiUri: "https://api.eu.nylas.com" },
} as const;

const CALL_TIMEOUT_MS = 30_000;
export interface NylasEndpoint {
  /** Origin of the API, without a trailing slash. */
  readonly apiUri: string;
  /** An application's API key, or an access token, which speaks for one grant; asked for each call where it is renewed. */
  readonly credential: string | (() => Promise<string>);
}

export type CallOptions = ServiceCall & Pick<HttpRequest, "headers">;

export type NylasMethod = "GET" | "POST" | "PUT" | "DELETE";

/** Asks for something in one mailbox; every status is an answer. @param path below the grant, with its slash */
export type AskNylas = (
  method: NylasMethod,
  path: string,
  signal: AbortSignal,
  options?: CallOptions,
) => Promise<HttpAnswer>;

/** Asks the API. The credential goes to the endpoint's own origin and nowhere else. */
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
