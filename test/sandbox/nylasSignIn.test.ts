import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import Nylas from "nylas";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Folder } from "../support/files.ts";
import { answerPage, press } from "../support/nylasPage.ts";
import { grantsOf, send } from "./support.ts";

const HOUR = 3_600_000;
const verifier = "a-verifier-that-is-long-enough-to-be-one-0123456789";
const sha256 = (text: string) => createHash("sha256").update(text);
/** As this service wants it, and as RFC 7636 does. */
const OWN = Buffer.from(sha256(verifier).digest("hex")).toString("base64").replace(/=+$/, "");
const RFC = sha256(verifier).digest("base64url");

describe("Signing in at the mail API", () => {
  let sandbox: Sandbox;
  let callback: string;
  before(async () => {
    sandbox = await startSandbox();
    callback = sandbox.nylas.callbackUris[0] ?? "";
  });
  after(() => sandbox.close());
  afterEach(() => {
    sandbox.clock.offsetMs = 0;
  });

  const page = (change: Record<string, string | undefined> = {}) => {
    const query = {
      client_id: sandbox.nylas.clientId,
      redirect_uri: callback,
      response_type: "code",
      provider: "microsoft",
      access_type: "online",
      state: "s-1",
      code_challenge: OWN,
      code_challenge_method: "S256",
      ...change,
    };
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return `${sandbox.nylas.apiUri}/v3/connect/auth?${new URLSearchParams(given)}`;
  };
  const post = (path: string, body: unknown) =>
    send(`${sandbox.nylas.apiUri}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const exchange = (code: string | null, change: Record<string, string> = {}) =>
    post("/v3/connect/token", {
      grant_type: "authorization_code",
      client_id: sandbox.nylas.clientId,
      code,
      redirect_uri: callback,
      code_verifier: verifier,
      ...change,
    });
  const codeOf = async (change = {}) => (await answerPage(page(change))).searchParams.get("code");
  const info = (token: string) => send(`${sandbox.nylas.apiUri}/v3/connect/tokeninfo?access_token=${token}`);
  const me = (token: string) =>
    send(`${sandbox.nylas.apiUri}/v3/grants/me`, { headers: { Authorization: `Bearer ${token}` } });

  it("gives a code on the page, and a token of an hour for it", async () => {
    const back = await answerPage(page());
    assert.equal(`${back.origin}${back.pathname}`, callback);
    assert.equal(back.searchParams.get("state"), "s-1");
    const { status, json } = await exchange(back.searchParams.get("code"));
    assert.equal(status, 200, JSON.stringify(json));
    const { microsoft } = grantsOf(sandbox);
    assert.deepEqual(
      [json.expires_in, json.token_type, json.grant_id, json.email, json.provider, json.refresh_token],
      [3600, "Bearer", microsoft.id, microsoft.email, "microsoft", undefined],
    );
    assert.equal((await me(json.access_token)).json.data.id, microsoft.id);
    const { data } = (await info(json.access_token)).json;
    assert.deepEqual([data.sub, data.email, data.exp - data.iat], [microsoft.id, microsoft.email, 3600]);
    sandbox.clock.advance(HOUR);
    assert.deepEqual(
      [(await me(json.access_token)).status, (await info(json.access_token)).status],
      [401, 400],
    );
  });

  it("takes a code once, and a page", async () => {
    const address = page();
    const shown = await send(address);
    const first = await press(address, shown, "allow");
    assert.equal((await press(address, shown, "allow")).status, 400);
    const code = new URL(first.headers.location ?? "").searchParams.get("code");
    assert.equal((await exchange(code)).status, 200);
    const again = await exchange(code);
    assert.deepEqual([again.status, again.json.error.type], [400, "token.exchange_failed"]);
  });

  it("takes a code for ten minutes", async () => {
    const code = await codeOf();
    sandbox.clock.advance(600_000);
    assert.equal((await exchange(code)).json.error.type, "token.exchange_failed");
  });

  it("wants the challenge in its own form: that of RFC 7636 fails", async () => {
    assert.equal((await exchange(await codeOf({ code_challenge: RFC }))).status, 400);
    // Without a method a challenge is the verifier itself.
    assert.equal((await exchange(await codeOf({ code_challenge_method: undefined }))).status, 400);
    const plain = await codeOf({ code_challenge_method: undefined, code_challenge: verifier });
    assert.equal((await exchange(plain)).status, 200);
    assert.equal((await exchange(await codeOf(), { code_verifier: "another" })).status, 400);
    assert.equal((await exchange(await codeOf({ code_challenge: undefined }))).status, 400);
  });

  it("sends nobody to an address that is not exactly on the list", async () => {
    for (const redirect_uri of [
      "http://localhost:51740/callback",
      "http://localhost:51739/callback/",
      "http://127.0.0.1:51739/callback",
      "https://evil.example/callback",
      undefined,
    ]) {
      const { status, json } = await send(page({ redirect_uri }));
      assert.deepEqual([status, json.error.type], [400, "grant.callback_uri_not_allowed"]);
    }
    assert.equal((await exchange(await codeOf(), { redirect_uri: "http://localhost/" })).status, 400);
    assert.equal((await send(page({ client_id: "another" }))).status, 400);
    assert.equal((await exchange(await codeOf(), { client_id: "another" })).status, 401);
  });

  it("comes back with why not, when the person or the organization does not want it", async () => {
    const denied = await answerPage(page(), "deny");
    assert.deepEqual(
      [denied.searchParams.get("error"), denied.searchParams.get("state")],
      ["access_denied", "s-1"],
    );
    const managed = await answerPage(page(), "administrator");
    assert.match(managed.searchParams.get("error_description") ?? "", /AADSTS90094/);
    assert.equal(managed.searchParams.get("code"), null);
  });

  it("suggests whoever is hinted at, and takes another all the same", async () => {
    const hint = { login_hint: "send.only@freight-mail.example" };
    assert.equal((await exchange(await codeOf(hint))).json.email, "send.only@freight-mail.example");
    const back = await answerPage(page(hint), "allow", "practice@freight-mail.example");
    assert.equal((await exchange(back.searchParams.get("code"))).json.email, "practice@freight-mail.example");
  });

  it("refreshes for the application alone", async () => {
    const { json } = await exchange(await codeOf({ access_type: "offline" }));
    const refresh = {
      grant_type: "refresh_token",
      client_id: sandbox.nylas.clientId,
      refresh_token: json.refresh_token,
    };
    assert.equal((await post("/v3/connect/token", refresh)).status, 401);
    const renewed = await post("/v3/connect/token", { ...refresh, client_secret: sandbox.nylas.apiKey });
    assert.equal((await me(renewed.json.access_token)).status, 200);
  });

  const revoke = (token: string, by = token) =>
    send(`${sandbox.nylas.apiUri}/v3/connect/revoke?token=${token}`, {
      method: "POST",
      headers: { authorization: `Bearer ${by}` },
    });

  it("revokes with a token what comes of the same refresh token, but not the grant", async () => {
    const first = await exchange(await codeOf({ access_type: "offline" }));
    const refresh = {
      grant_type: "refresh_token",
      client_id: sandbox.nylas.clientId,
      client_secret: sandbox.nylas.apiKey,
      refresh_token: first.json.refresh_token,
    };
    const second = await post("/v3/connect/token", refresh);
    assert.equal((await revoke(second.json.access_token)).status, 200);
    assert.equal((await me(first.json.access_token)).status, 401);
    assert.equal((await post("/v3/connect/token", refresh)).status, 400);
    assert.equal((await me((await exchange(await codeOf())).json.access_token)).status, 200);
  });

  it("revokes a token, and no other", async () => {
    const [one, two] = [await exchange(await codeOf()), await exchange(await codeOf())];
    const token = one.json.access_token;
    assert.equal((await revoke(token, "somebody")).status, 401);
    assert.equal((await revoke(token)).status, 200);
    assert.deepEqual(
      [(await me(one.json.access_token)).status, (await me(two.json.access_token)).status],
      [401, 200],
    );
    assert.equal((await revoke(token, sandbox.nylas.apiKey)).status, 400);
  });

  it("knows its tokens again after a restart", async () => {
    const folder = await Folder.make();
    try {
      const first = await startSandbox({ dataDir: folder.path });
      const token = first.signInAt(grantsOf(first).microsoft);
      await first.close();
      const second = await startSandbox({ dataDir: folder.path });
      const asked = { headers: { Authorization: `Bearer ${token}` } };
      const { status } = await send(`${second.nylas.apiUri}/v3/grants/me`, asked);
      await second.close();
      assert.equal(status, 200);
    } finally {
      await folder.remove();
    }
  });

  it("takes no token that was written by somebody else", async () => {
    const { json } = await exchange(await codeOf());
    const [, body, signature = ""] = /^nyt_([\w-]+)\.([\w-]+)$/.exec(json.access_token) ?? [];
    const other = Buffer.from(JSON.stringify({ sub: "x", email: "x", iat: 0, exp: 9e9, jti: "x" })).toString(
      "base64url",
    );
    for (const token of [
      `nyt_${other}.${signature}`,
      `nyt_${body}.${signature.slice(0, -1)}`,
      `nyt_${body}.`,
      "nyt_",
    ])
      assert.equal((await me(token)).status, 401, token);
  });

  it("shows the code to whoever has to carry it over", async () => {
    const [, shows = ""] = sandbox.nylas.callbackUris;
    const back = await answerPage(page({ redirect_uri: shows }));
    const shown = await send(back.href);
    const code = back.searchParams.get("code") ?? "";
    assert.ok(code.length > 20 && shown.text.includes(`>${code}</code>`), shown.text);
    assert.equal(shown.headers["cache-control"], "no-store");
    assert.equal((await exchange(code, { redirect_uri: shows })).status, 200);
  });

  it("lets the official SDK sign in with PKCE, look at the token and revoke it", async () => {
    const { apiKey, apiUri, clientId } = sandbox.nylas;
    const nylas = new Nylas({ apiKey, apiUri });
    const config = { clientId, redirectUri: callback, provider: "microsoft" as const, state: "s" };
    const { secret, url } = nylas.auth.urlForOAuth2PKCE(config);
    const back = await answerPage(url);
    const code = back.searchParams.get("code") ?? "";
    const token = await nylas.auth.exchangeCodeForToken({
      clientId,
      redirectUri: callback,
      code,
      codeVerifier: secret,
    });
    assert.equal(token.grantId, grantsOf(sandbox).microsoft.id);
    assert.equal((await nylas.auth.accessTokenInfo(token.accessToken)).data.email, token.email);
    assert.equal(await nylas.auth.revoke(token.accessToken), true);
    assert.equal((await me(token.accessToken)).status, 401);
  });
});
