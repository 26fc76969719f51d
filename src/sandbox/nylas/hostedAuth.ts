/**
 * Hosted OAuth at Nylas: the steps of signing in, and requests about tokens. The page that people see: `signInPage.ts`;
 * the tokens themselves: `accessTokens.ts`. https://developer.nylas.com/docs/v3/auth/
 */
import { createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import type { Step } from "../http/faultRules.ts";
import type { AccessTokens } from "./accessTokens.ts";
import type { Grant } from "./grants.ts";
import type { NylasBehaviour } from "./nylasBehaviour.ts";
import { dataReply, errorReply, NylasError } from "./nylasErrors.ts";
import { codePage, signInPage } from "./signInPage.ts";

/** A code that is not exchanged expires after ten minutes. */
const CODE_SECONDS = 600;
/** How many sign-ins are kept: nobody begins more than this and then finishes the first. */
const KEPT = 100;

/** A sign-in in progress, from the page to the exchange of its code. */
interface Attempt {
  readonly redirectUri: string;
  readonly state: string | null;
  readonly challenge: string | null;
  readonly method: "plain" | "s256";
  readonly isOffline: boolean;
  readonly until: number;
}

const TokenRequest = z.object({
  grant_type: z.string(),
  client_id: z.string(),
  client_secret: z.string().optional(),
  code: z.string().optional(),
  redirect_uri: z.string().optional(),
  code_verifier: z.string().optional(),
  refresh_token: z.string().optional(),
});
type TokenRequest = z.infer<typeof TokenRequest>;

export class HostedAuth {
  readonly name = "auth";
  /** A callback must be exactly one of these, port and path included. */
  readonly callbackUris: string[];
  /** What was exchanged, for tests that check that it appears nowhere else. */
  readonly exchanges: { readonly code: string; readonly verifier: string; readonly token: string }[] = [];
  readonly #behaviour: Pick<NylasBehaviour, "tokenSeconds">;
  readonly #clientId: string;
  readonly #clock: Clock;
  readonly #grants: readonly Grant[];
  readonly #apiKey: string;
  readonly #tokens: AccessTokens;
  readonly #pages = new Map<string, Attempt>();
  readonly #codes = new Map<string, Attempt & { readonly grant: Grant }>();
  readonly #refreshTokens = new Map<string, { readonly grant: Grant; readonly family: string }>();

  constructor(parts: {
    /** The id of the one application that people can sign in to. */
    clientId: string;
    clock: Clock;
    grants: readonly Grant[];
    apiKey: string;
    tokens: AccessTokens;
    callbackUris: readonly string[];
    behaviour: Pick<NylasBehaviour, "tokenSeconds">;
  }) {
    this.#behaviour = parts.behaviour;
    this.#clientId = parts.clientId;
    this.#clock = parts.clock;
    this.#grants = parts.grants;
    this.#apiKey = parts.apiKey;
    this.#tokens = parts.tokens;
    this.callbackUris = [...parts.callbackUris];
  }

  static serves(path: string): boolean {
    return path.startsWith("/v3/connect/");
  }

  stepOf({ method, url }: Exchange): Step | undefined {
    return method === "GET" && url.pathname === "/v3/connect/auth" ? undefined : "signIn";
  }

  refusal(status: number, message: string, type?: string): Reply {
    return errorReply(new NylasError(status, message, type), false);
  }

  async handle(exchange: Exchange): Promise<Reply> {
    try {
      return await this.#route(exchange);
    } catch (reason) {
      if (reason instanceof NylasError) return errorReply(reason, false);
      throw reason;
    }
  }

  async #route(exchange: Exchange): Promise<Reply> {
    const query = exchange.url.searchParams;
    switch (`${exchange.method} ${exchange.url.pathname}`) {
      case "GET /v3/connect/auth":
        return this.#begin(query);
      case "POST /v3/connect/auth":
        return exchange.act(async () => this.#decide(new URLSearchParams(await bodyOf(exchange))));
      case "GET /v3/connect/auth/code":
        return html(codePage(query.get("code") ?? query.get("error") ?? ""));
      case "POST /v3/connect/token": {
        const asked = TokenRequest.safeParse(jsonOf(await bodyOf(exchange)));
        if (!asked.success) throw new NylasError(400, z.prettifyError(asked.error));
        return exchange.act(async () => this.#exchange(asked.data));
      }
      case "GET /v3/connect/tokeninfo":
        return this.#tell(query.get("access_token") ?? "");
      case "POST /v3/connect/revoke":
        return exchange.act(async () => {
          const [, key = ""] = /^Bearer\s+(\S+)$/i.exec(exchange.header("authorization") ?? "") ?? [];
          if (key !== this.#apiKey && this.#tokens.read(key) === undefined)
            throw new NylasError(401, "The key or token is not valid", "token.unauthorized_access");
          return this.#revoke(query.get("token") ?? "");
        });
      default:
        throw new NylasError(404, `no such endpoint: ${exchange.method} ${exchange.url.pathname}`);
    }
  }

  /** Nothing is sent to an address that is not on the list: the browser shows the refusal instead. */
  #begin(query: URLSearchParams): Reply {
    const redirectUri = query.get("redirect_uri") ?? "";
    const provider = query.get("provider");
    if (query.get("client_id") !== this.#clientId)
      throw new NylasError(400, "The client_id is unknown", "api.invalid_client");
    if (!this.callbackUris.includes(redirectUri))
      throw new NylasError(
        400,
        `701: The callback URI ${redirectUri} is not allowed for this application`,
        "grant.callback_uri_not_allowed",
      );
    if (query.get("response_type") !== "code") throw new NylasError(400, "response_type must be code");
    const challenge = query.get("code_challenge");
    const method = z
      .enum(["plain", "s256"])
      .safeParse((query.get("code_challenge_method") ?? "plain").toLowerCase());
    if (!method.success) throw new NylasError(400, "code_challenge_method must be plain or S256");
    const grants = this.#grants.filter((grant) => provider === null || grant.provider === provider);
    const hint = query.get("login_hint")?.toLowerCase();
    const ticket = randomBytes(16).toString("base64url");
    this.#keep(this.#pages, ticket, {
      redirectUri,
      state: query.get("state"),
      challenge,
      method: method.data,
      isOffline: query.get("access_type") === "offline",
      until: this.#clock.nowSeconds() + CODE_SECONDS,
    });
    return html(signInPage(ticket, grants, grants.find(({ email }) => email === hint) ?? grants[0]));
  }

  #decide(form: URLSearchParams): Reply {
    const attempt = this.#take(this.#pages, form.get("ticket") ?? "");
    if (attempt === undefined) throw new NylasError(400, "This page is over: begin the sign-in again");
    const back = new URL(attempt.redirectUri);
    if (attempt.state !== null) back.searchParams.set("state", attempt.state);
    const grant = this.#grants.find(({ id }) => id === form.get("grant"));
    switch (form.get("answer")) {
      case "allow": {
        if (grant === undefined) throw new NylasError(400, "No such mailbox");
        const code = randomBytes(24).toString("base64url");
        this.#keep(this.#codes, code, { ...attempt, grant });
        back.searchParams.set("code", code);
        break;
      }
      case "administrator":
        back.searchParams.set("error", "provider_error");
        back.searchParams.set(
          "error_description",
          "AADSTS90094: An administrator of Practice has set a policy that prevents you from granting Freight Mail the permissions it is requesting.",
        );
        break;
      default:
        back.searchParams.set("error", "access_denied");
        back.searchParams.set("error_description", "The user denied the request");
    }
    return { status: 303, headers: { ...GUARD, Location: back.href } };
  }

  #exchange(asked: TokenRequest): Reply {
    const { client_id, client_secret } = asked;
    if (client_id !== this.#clientId || (client_secret !== undefined && client_secret !== this.#apiKey))
      throw new NylasError(401, "The client is unknown, or its secret is wrong", "api.invalid_client");
    if (asked.grant_type === "refresh_token") return this.#refresh(asked);
    if (asked.grant_type !== "authorization_code") throw failed("The grant_type is not supported");
    const attempt = this.#take(this.#codes, asked.code ?? "");
    if (attempt === undefined) throw failed("The code is unknown, was used, or is over");
    if (attempt.redirectUri !== asked.redirect_uri)
      throw failed("The redirect_uri is not the one of the code");
    if (!isProven(attempt, asked)) throw failed("The code_verifier does not fit the code_challenge");
    return this.#tokenFor(attempt.grant, attempt.isOffline, asked);
  }

  #refresh({ refresh_token = "", client_secret }: TokenRequest): Reply {
    if (client_secret === undefined) throw new NylasError(401, "Refreshing needs the client_secret");
    const known = this.#refreshTokens.get(refresh_token);
    if (known === undefined || this.#tokens.isRevoked(known.family))
      throw failed("The refresh token is unknown, or was revoked");
    return this.#tokenFor(known.grant, false, {}, known.family);
  }

  #tokenFor(
    grant: Grant,
    isOffline: boolean,
    { code = "", code_verifier: verifier = "" }: Pick<TokenRequest, "code" | "code_verifier">,
    family = isOffline ? randomBytes(9).toString("base64url") : undefined,
  ): Reply {
    const { tokenSeconds } = this.#behaviour;
    const access_token = this.#tokens.issue(grant, tokenSeconds, family);
    this.exchanges.push({ code, verifier, token: access_token });
    if (this.exchanges.length > KEPT) this.exchanges.shift();
    const refresh_token = `nyr_${randomBytes(24).toString("base64url")}`;
    if (isOffline && family !== undefined) this.#refreshTokens.set(refresh_token, { grant, family });
    const { id, email, provider, scope } = grant;
    const [, body = ""] = /^nyt_([\w-]+)/.exec(access_token) ?? [];
    return dataReply(200, {
      access_token,
      expires_in: tokenSeconds,
      token_type: "Bearer",
      grant_id: id,
      email,
      provider,
      scope: scope.join(" "),
      id_token: `eyJhbGciOiJub25lIn0.${body}.`,
      ...(isOffline ? { refresh_token } : {}),
    });
  }

  #tell(token: string): Reply {
    const claims = this.#tokens.read(token);
    if (claims === undefined)
      throw new NylasError(400, "The token is not valid", "token.unauthorized_access");
    const { sub, email, iat, exp } = claims;
    return dataReply(200, { data: { iss: "practice", aud: this.#clientId, sub, email, iat, exp } });
  }

  #revoke(token: string): Reply {
    const claims = this.#tokens.read(token);
    if (claims === undefined)
      throw new NylasError(400, "The token is not valid", "token.unauthorized_access");
    this.#tokens.revoke(claims);
    return dataReply(200, {});
  }

  #keep<T>(kept: Map<string, T>, key: string, value: T): void {
    kept.set(key, value);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  }

  /** Removes what it returns: a page is answered, and a code exchanged, only once. */
  #take<T extends Attempt>(kept: Map<string, T>, key: string): T | undefined {
    const found = kept.get(key);
    kept.delete(key);
    return found !== undefined && found.until > this.#clock.nowSeconds() ? found : undefined;
  }
}

/** The addresses contain codes, which must not be passed on. */
const GUARD = {
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

function html(text: string): Reply {
  return {
    status: 200,
    headers: {
      ...GUARD,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    },
    text,
  };
}

/**
 * Whether the one who asks for the token began the sign-in: shown by the verifier of its challenge, or by
 * being the application itself. This service's S256 is not RFC 7636's: it is base64url of the hash as
 * hexadecimal text.
 */
function isProven(
  { challenge, method }: Attempt,
  { code_verifier = "", client_secret }: TokenRequest,
): boolean {
  if (challenge === null) return client_secret !== undefined;
  if (method === "plain") return challenge === code_verifier;
  const hex = createHash("sha256").update(code_verifier).digest("hex");
  return challenge === Buffer.from(hex).toString("base64url");
}

function failed(message: string): NylasError {
  return new NylasError(400, message, "token.exchange_failed");
}

async function bodyOf(exchange: Exchange): Promise<string> {
  const bytes = await exchange.bytes(64 * 1024);
  if (bytes === undefined) throw new NylasError(413, "the request is too large");
  return bytes.toString();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Refused for what it is: not an object with these fields.
  }
}
