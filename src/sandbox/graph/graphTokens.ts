/**
 * Access tokens in the form of the real ones, signed with a secret of this sandbox, and the claims challenge of
 * Conditional Access. Which scopes one gets: `graphHalf.ts`; which a request needs: `graph.ts`.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { GraphError } from "./graphAnswers.ts";

const Claims = z.object({
  aud: z.string(),
  exp: z.number(),
  /** Scopes, separated by spaces. */
  scp: z.string(),
  /** Id of the user. */
  oid: z.string(),
  upn: z.string(),
  /** Authentication contexts that it fulfils, such as a second factor. */
  acrs: z.array(z.string()).optional(),
});
export type Claims = z.infer<typeof Claims>;

export const graphAudience = "https://graph.microsoft.com";

/** What tokens of personal accounts begin with. */
const opaquePrefix = "EwB";

export class GraphTokens {
  readonly #secret: string;
  readonly #clock: Clock;

  constructor(secret: string, clock: Clock) {
    this.#secret = secret;
    this.#clock = clock;
  }

  issue(claims: Omit<Claims, "exp"> & Readonly<Record<string, unknown>>, lifeMs: number): string {
    const issuedAt = this.#clock.nowSeconds();
    const exp = issuedAt + Math.floor(lifeMs / 1000);
    const body = [
      { typ: "JWT", alg: "HS256" },
      { ...claims, iat: issuedAt, nbf: issuedAt, exp, ver: "1.0" },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${body}.${this.#sign(body).toString("base64url")}`;
  }

  /** Turns a token into one as personal accounts have, which only the service can read. */
  opaque(token: string): string {
    return `${opaquePrefix}${Buffer.from(token).toString("base64url")}`;
  }

  /** The claims of a token. Throws the service's answer to one that is not valid. */
  read(given: string | undefined): Claims {
    if (given === undefined) throw invalid("Access token is empty.");
    const token = given.startsWith(opaquePrefix)
      ? Buffer.from(given.slice(opaquePrefix.length), "base64url").toString()
      : given;
    const [, body = "", payload = "", signature = ""] = /^([\w-]+\.([\w-]+))\.([\w-]+)$/.exec(token) ?? [];
    const signed = Buffer.from(signature, "base64url");
    const wanted = this.#sign(body);
    if (signed.length !== wanted.length || !timingSafeEqual(signed, wanted))
      throw invalid("CompactToken parsing failed or the signature is not of this service.");
    const claims = Claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    if (claims.aud !== graphAudience) throw invalid("Access token validation failure. Invalid audience.");
    if (claims.exp <= this.#clock.nowSeconds())
      throw invalid("Lifetime validation failed, the token is expired.");
    return claims;
  }

  #sign(body: string): Buffer {
    return createHmac("sha256", this.#secret).update(body).digest();
  }
}

/**
 * Throws a claims challenge, which says what the next token has to prove, unless this one proves the context.
 * https://learn.microsoft.com/entra/identity-platform/developer-guide-conditional-access-authentication-context
 */
export function assertProves({ acrs = [] }: Claims, context: string): void {
  if (acrs.includes(context)) return;
  const asked = { access_token: { acrs: { essential: true, value: context } } };
  const claims = Buffer.from(JSON.stringify(asked)).toString("base64");
  const authority = 'authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"';
  throw new GraphError(
    401,
    "InvalidAuthenticationToken",
    "Conditional Access requires more of the sign-in.",
    {
      "WWW-Authenticate": `Bearer realm="", ${authority}, client_id="", error="insufficient_claims", claims="${claims}"`,
    },
  );
}

function invalid(message: string): GraphError {
  return new GraphError(401, "InvalidAuthenticationToken", message, {
    "WWW-Authenticate": `Bearer realm="", authorization_uri="", client_id=""`,
  });
}
