/**
 * Signing in at Nylas: Hosted OAuth with PKCE, for a program without a secret.
 * https://developer.nylas.com/docs/v3/auth/
 * No error contains codes, verifiers or tokens: of a refusal it has the type alone.
 */
import { createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { parseAnswer } from "../../net/answers.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { t } from "../../shared/l10n.ts";
import { ServiceId } from "../mailService.ts";
import { isLoopback } from "../uploadUrl.ts";
import { commonError, readRefusal } from "./nylasErrors.ts";

/** Registered by an administrator exactly like this, with the port: addresses are compared to the letter. */
export const CALLBACK_PORT = 51739;
export const CALLBACK = `http://localhost:${CALLBACK_PORT}/callback`;

const TIMEOUT_MS = 30_000;
/** A day: a token that claims to last longer is renewed by then. */
const LONGEST_SECONDS = 86_400;

export interface Application {
  /** Origin of the API. */
  readonly apiUri: string;
  readonly clientId: string;
}

/** A sign-in in progress; `state` and `verifier` belong to this one alone. */
export interface SignInAttempt extends Application {
  /** The address of the page that the person has to open. */
  readonly page: string;
  readonly state: string;
  readonly verifier: string;
}

/** A token of one mailbox. */
export interface MailboxToken {
  readonly accessToken: string;
  /** Milliseconds since the epoch, by our clock. */
  readonly expiresAt: number;
  readonly grantId: string;
  /** The application that the person signed in to. */
  readonly clientId?: string;
}

const Token = z.string().regex(/^[\x21-\x7e]{1,8192}$/);
const TokenAnswer = z.object({
  access_token: Token,
  /** Some servers send the number as text. */
  expires_in: z.coerce
    .number()
    .positive()
    .transform((seconds) => Math.min(seconds, LONGEST_SECONDS)),
  grant_id: ServiceId,
});

/** @param loginHint the address of the mailbox that is expected to sign in */
export function beginSignIn(application: Application, loginHint?: string): SignInAttempt {
  const [state, verifier] = [randomBytes(24).toString("base64url"), randomBytes(48).toString("base64url")];
  const page = new URL("/v3/connect/auth", application.apiUri);
  const query = {
    client_id: application.clientId,
    redirect_uri: CALLBACK,
    response_type: "code",
    provider: "microsoft",
    access_type: "online",
    state,
    code_challenge: challengeOf(verifier),
    // Without it the challenge would count as the verifier itself.
    code_challenge_method: "S256",
    // VS Code re-encodes addresses: other characters might be changed on the way.
    ...(loginHint !== undefined && /^[\w.@-]+$/.test(loginHint) ? { login_hint: loginHint } : {}),
  };
  for (const [name, value] of Object.entries(query)) page.searchParams.set(name, value);
  return { ...application, page: page.href, state, verifier };
}

/** Not as in RFC 7636: it encodes the hash's hexadecimal text, as Nylas' own SDK does. */
function challengeOf(verifier: string): string {
  return Buffer.from(createHash("sha256").update(verifier).digest("hex")).toString("base64url");
}

/** Whether an answer belongs to this sign-in. */
export function isAnswerTo({ state }: SignInAttempt, answer: URLSearchParams): boolean {
  return answer.get("state") === state;
}

/**
 * The code in an answer that belongs to the sign-in.
 * @throws FreightError `credential-missing` when the person, the organization or Nylas refused; its cause is
 * what the provider said
 */
export function codeOf(answer: URLSearchParams): string {
  const code = answer.get("code");
  if (code !== null && code !== "") return code;
  const said = [answer.get("error"), answer.get("error_description")]
    .filter(Boolean)
    .join(": ")
    .slice(0, 500);
  // AADSTS65004: the person declined at Microsoft.
  const isDeclined = answer.get("error") === "access_denied" && !/AADSTS(?!65004\b)\d/.test(said);
  throw new FreightError(
    "credential-missing",
    isDeclined ? t("You declined, so nobody was signed in.") : t("Nobody was signed in at Nylas."),
    { cause: new Error(said === "" ? "no code" : said) },
  );
}

/**
 * Reads what a person copied by hand: the code, or the address that the browser ended at.
 * @returns undefined when it is neither, or belongs to another sign-in
 */
export function pastedAnswer(attempt: SignInAttempt, text: string): URLSearchParams | undefined {
  const typed = text.trim().replace(/^["'<]+|["'>]+$/g, "");
  // Browsers omit "http://", and people omit what is before the question mark.
  const query = /^(?:[^?\s]*\?)?((?:[a-z_]+=[^&\s]*&)*(?:code|error)=[^#\s]*)/i.exec(typed)?.[1];
  if (query !== undefined) {
    const answer = new URLSearchParams(query);
    return isAnswerTo(attempt, answer) ? answer : undefined;
  }
  return /^(?!https?:)[\w.~+/=-]{8,2048}$/i.test(typed) ? new URLSearchParams({ code: typed }) : undefined;
}

/** Exchanges a code for a token; works once. @throws FreightError `credential-missing` when it is refused */
export async function exchangeCode(
  http: Http,
  attempt: SignInAttempt,
  code: string,
  signal: AbortSignal,
): Promise<MailboxToken> {
  const answer = await http.send({
    method: "POST",
    url: `${attempt.apiUri}/v3/connect/token`,
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "authorization_code",
      client_id: attempt.clientId,
      code,
      redirect_uri: CALLBACK,
      code_verifier: attempt.verifier,
    }),
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (answer.status !== 200) throw exchangeError(answer);
  return { ...tokenOf(answer, "sign-in"), clientId: attempt.clientId };
}

/**
 * Gets a token from a company's broker, which recognizes the person by their network or machine.
 * @param address https, or on this machine
 */
export async function askBroker(http: Http, address: string, signal: AbortSignal): Promise<MailboxToken> {
  const url = URL.parse(address);
  if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))))
    throw new FreightError(
      "address-refused",
      t(
        "The address in “freightMail.nylas.tokenUrl” cannot be used: it must use https, or be on this machine.",
      ),
    );
  const answer = await http.send({
    method: "GET",
    url: address,
    headers: { accept: "application/json" },
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (answer.status !== 200)
    throw new FreightError(
      "credential-missing",
      t("Your company's sign-in service gave no access to a mailbox (status {0}).", String(answer.status)),
      { status: answer.status, requestId: answer.requestId, remedy: "updateKey" },
    );
  return tokenOf(answer, "company's sign-in");
}

/** When a token expires, in milliseconds since the epoch; undefined where that cannot be found out. */
export async function tokenEnd(
  http: Http,
  apiUri: string,
  token: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const answer = await http
    .send({
      method: "GET",
      url: `${apiUri}/v3/connect/tokeninfo?access_token=${encodeURIComponent(token)}`,
      headers: { accept: "application/json" },
      timeoutMs: TIMEOUT_MS,
      signal,
    })
    .catch(() => undefined);
  signal.throwIfAborted();
  if (answer?.status !== 200) return undefined;
  const Info = z.object({ exp: z.number().positive().max(8.64e12) });
  const read = z
    .union([z.object({ data: Info }).transform(({ data }) => data), Info])
    .safeParse(parseJson(answer.text));
  return read.success ? read.data.exp * 1000 : undefined;
}

/**
 * Signs out: nobody can use the token any more. The mailbox stays connected, for others who send from it.
 * Best effort: the token expires within the hour anyway.
 * https://developer.nylas.com/docs/reference/api/authentication-apis/revoke_oauth2_token_and_grant/
 */
export async function revokeToken(
  http: Http,
  apiUri: string,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  await http.send({
    method: "POST",
    url: `${apiUri}/v3/connect/revoke?token=${encodeURIComponent(token)}`,
    headers: { accept: "application/json", authorization: `Bearer ${token}`, "content-length": "0" },
    timeoutMs: 5_000,
    signal,
  });
}

function tokenOf(answer: HttpAnswer, what: string): MailboxToken {
  const { access_token, expires_in, grant_id } = parseAnswer(TokenAnswer, answer, what);
  return {
    accessToken: access_token,
    expiresAt: answer.receivedAt + expires_in * 1000,
    grantId: grant_id,
  };
}

/** Takes only the error's type from the body: a gateway may repeat the code and the verifier in it. */
function exchangeError(answer: HttpAnswer): FreightError {
  const { status, requestId } = answer;
  const { type } = readRefusal(answer);
  const word = /^[a-z_]{1,60}$/.test(type) ? type : "in other words";
  const details = { status, requestId, cause: new Error(`status ${status}: ${word}`) };
  const common = answer.status === 401 ? undefined : commonError(answer);
  if (common !== undefined && !common.is("credential-rejected"))
    return new FreightError(common.code, common.message, { ...details, retryAfterMs: common.retryAfterMs });
  return new FreightError(
    "credential-missing",
    /invalid_client/.test(type)
      ? t("Nylas does not know this client ID. It must be the ID of an application in this region.")
      : t("Nylas did not accept the sign-in: a code works only once, for a few minutes."),
    details,
  );
}
