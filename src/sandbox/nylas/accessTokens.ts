/**
 * Access tokens of Nylas for one mailbox each, signed with the sandbox's secret: they survive a restart, but which of
 * them are revoked does not. How people get them: `hostedAuth.ts`.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";

const Claims = z.object({
  /** The id of the grant. */
  sub: z.string(),
  email: z.string(),
  /** Seconds since 1970, as `exp`. */
  iat: z.number(),
  exp: z.number(),
  /** Distinguishes tokens of the same second. */
  jti: z.string(),
  /** Shared by a refresh token and all tokens that came from it; absent without one. */
  family: z.string().optional(),
});
export type TokenClaims = z.infer<typeof Claims>;

export class AccessTokens {
  readonly #secret: string;
  readonly #clock: Clock;
  readonly #revoked = new Set<string>();

  constructor(secret: string, clock: Clock) {
    this.#secret = secret;
    this.#clock = clock;
  }

  issue(
    { id, email }: { readonly id: string; readonly email: string },
    lifeSeconds = 3600,
    family?: string,
  ): string {
    const iat = this.#clock.nowSeconds();
    const claims: TokenClaims = {
      sub: id,
      email,
      iat,
      exp: iat + lifeSeconds,
      jti: randomBytes(9).toString("base64url"),
      ...(family === undefined ? {} : { family }),
    };
    const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
    return `nyt_${body}.${this.#sign(body).toString("base64url")}`;
  }

  /** Undefined for a token that is not ours, has expired or was revoked. */
  read(token: string): TokenClaims | undefined {
    const [, body = "", signature = ""] = /^nyt_([\w-]+)\.([\w-]+)$/.exec(token) ?? [];
    const [given, wanted] = [Buffer.from(signature, "base64url"), this.#sign(body)];
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const claims = Claims.parse(JSON.parse(Buffer.from(body, "base64url").toString()));
    const isRevoked = [claims.jti, claims.family ?? ""].some((name) => this.#revoked.has(name));
    return claims.exp <= this.#clock.nowSeconds() || isRevoked ? undefined : claims;
  }

  /**
   * Revokes a token, with the refresh token that it came from and all others from that; the grant stays.
   * https://developer.nylas.com/docs/reference/api/authentication-apis/revoke_oauth2_token_and_grant/
   */
  revoke({ jti, family }: TokenClaims): void {
    this.#revoked.add(family ?? jti);
  }

  isRevoked(family: string): boolean {
    return this.#revoked.has(family);
  }

  #sign(body: string): Buffer {
    return createHmac("sha256", this.#secret).update(`nylas ${body}`).digest();
  }
}
