import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { FreightError } from "../../../src/base/errors.ts";
import { explain } from "../../../src/base/log.ts";
import {
  askBroker,
  beginSignIn,
  CALLBACK,
  codeOf,
  exchangeCode,
  isAnswerTo,
  pastedAnswer,
  tokenEnd,
} from "../../../src/services/nylas/nylasSignIn.ts";
import { answer, receivedAt, ScriptedHttp } from "../../support/scriptedHttp.ts";

const { signal } = new AbortController();
const application = { apiUri: "https://api.us.nylas.com", clientId: "client-1" };
const token = { access_token: "nyt_1", expires_in: 3600, grant_id: "g-1" };
const failure = async (work: Promise<unknown>): Promise<FreightError> => {
  const reason = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(reason instanceof FreightError, String(reason));
  return reason;
};

describe("A sign-in at Nylas", () => {
  it("asks for a code with a challenge in Nylas' own form", () => {
    const { page, state, verifier } = beginSignIn(application, "ada@example.com");
    const query = Object.fromEntries(new URL(page).searchParams);
    const hex = createHash("sha256").update(verifier).digest("hex");
    assert.deepEqual(query, {
      client_id: "client-1",
      redirect_uri: "http://localhost:51739/callback",
      response_type: "code",
      provider: "microsoft",
      access_type: "online",
      state,
      code_challenge: Buffer.from(hex).toString("base64").replace(/=+$/, ""),
      code_challenge_method: "S256",
      login_hint: "ada@example.com",
    });
    assert.notEqual(query["code_challenge"], createHash("sha256").update(verifier).digest("base64url"));
    assert.ok(verifier.length >= 43 && verifier.length <= 128);
  });

  it("is another one each time, and suggests nobody whose address would not arrive as it is", () => {
    const [one, two] = [beginSignIn(application), beginSignIn(application)];
    assert.equal(new Set([one.state, two.state, one.verifier, two.verifier]).size, 4);
    for (const hint of [undefined, "ada+x@example.com", "a&b@example.com", "ä@example.com"])
      assert.equal(new URL(beginSignIn(application, hint).page).searchParams.get("login_hint"), null);
  });

  it("knows its own answers by their state, to the letter", () => {
    const attempt = beginSignIn(application);
    for (const [state, isOwn] of [
      [attempt.state, true],
      [`${attempt.state} `, false],
      ["", false],
    ] as const)
      assert.equal(isAnswerTo(attempt, new URLSearchParams({ state, code: "c" })), isOwn);
    assert.equal(isAnswerTo(attempt, new URLSearchParams({ code: "c" })), false);
  });

  it("takes the code, or the address that the browser ended at, from a person", () => {
    const attempt = beginSignIn(application);
    const address = `${CALLBACK}?code=abc-123_4&state=${attempt.state}`;
    assert.equal(pastedAnswer(attempt, address)?.get("code"), "abc-123_4");
    for (const text of [
      "abc-123_4",
      ' "abc-123_4" ',
      `code=abc-123_4&state=${attempt.state}`,
      `?state=${attempt.state}&code=abc-123_4`,
      address.replace("http://", ""),
      `<${address}>`,
      `${address}#_=_`,
    ])
      assert.equal(pastedAnswer(attempt, text)?.get("code"), "abc-123_4", text);
    assert.match(
      pastedAnswer(attempt, `${CALLBACK}?error=access_denied&state=${attempt.state}`)?.get("error") ?? "",
      /denied/,
    );
    for (const text of [
      "",
      "abc",
      "two words of it",
      `${CALLBACK}?code=abc-123_4&state=other`,
      "code=abc-123_4&state=other",
      "code=abc-123_4",
      CALLBACK,
      "http://[",
    ])
      assert.equal(pastedAnswer(attempt, text), undefined, text);
  });

  it("says why there is no code", () => {
    assert.equal(codeOf(new URLSearchParams({ code: "c" })), "c");
    for (const [query, message, cause] of [
      [{ error: "access_denied" }, "You declined, so nobody was signed in.", "access_denied"],
      [
        { error: "access_denied", error_description: "AADSTS65004: declined" },
        "You declined, so nobody was signed in.",
        "access_denied: AADSTS65004: declined",
      ],
      [
        { error: "access_denied", error_description: "AADSTS90094: policy" },
        "Nobody was signed in at Nylas.",
        "access_denied: AADSTS90094: policy",
      ],
      [{ code: "" }, "Nobody was signed in at Nylas.", "no code"],
    ] as const)
      assert.throws(
        () => codeOf(new URLSearchParams(query)),
        (reason) =>
          reason instanceof FreightError &&
          reason.message === message &&
          reason.cause instanceof Error &&
          reason.cause.message === cause,
      );
  });

  it("exchanges the code with its verifier, and knows by our clock when the token ends", async () => {
    const attempt = beginSignIn(application);
    const http = new ScriptedHttp(answer(200, token));
    assert.deepEqual(await exchangeCode(http, attempt, "c-1", signal), {
      accessToken: "nyt_1",
      expiresAt: receivedAt + 3_600_000,
      grantId: "g-1",
      clientId: "client-1",
    });
    const [{ url, body, headers } = assert.fail()] = http.seen;
    assert.equal(url, "https://api.us.nylas.com/v3/connect/token");
    assert.equal(headers["authorization"], undefined);
    assert.deepEqual(JSON.parse(String(body)), {
      grant_type: "authorization_code",
      client_id: "client-1",
      code: "c-1",
      redirect_uri: CALLBACK,
      code_verifier: attempt.verifier,
    });
  });

  it("tells refusals apart, and repeats neither code nor verifier, whatever the answer repeats", async () => {
    const attempt = beginSignIn(application);
    const echo = `CODE-SECRET ${attempt.verifier}`;
    for (const [status, body, code, message] of [
      [
        400,
        { error: { type: "token.exchange_failed", message: echo } },
        "credential-missing",
        /a code works only once/,
      ],
      [
        401,
        { error: { type: "api.invalid_client", message: echo } },
        "credential-missing",
        /does not know this client ID/,
      ],
      [401, echo, "credential-missing", /did not accept the sign-in/],
      [500, { error: { type: echo, message: echo } }, "service-fault", /Nylas is having trouble/],
      [429, echo, "rate-limited", /slow down/],
      [302, echo, "bad-answer", /points to another address/],
      [200, echo, "bad-answer", /not what the service documents/],
      [200, { ...token, grant_id: 7 }, "bad-answer", /not what/],
      [200, { ...token, expires_in: -1 }, "bad-answer", /not what/],
      [200, { ...token, access_token: "two words" }, "bad-answer", /not what/],
    ] as const) {
      const error = await failure(
        exchangeCode(new ScriptedHttp(answer(status, body)), attempt, "CODE-SECRET", signal),
      );
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.ok(
        !explain(error).includes("CODE-SECRET") && !explain(error).includes(attempt.verifier),
        explain(error),
      );
    }
  });

  it("asks a company's broker over TLS or on this machine only", async () => {
    for (const address of [
      "https://tokens.company.example/freight?x=1",
      "http://127.0.0.1:8/t",
      "http://localhost:8/t",
    ]) {
      const http = new ScriptedHttp(answer(200, token));
      assert.equal((await askBroker(http, address, signal)).grantId, "g-1");
      assert.equal(http.seen[0]?.url, address);
    }
    for (const address of [
      "http://tokens.company.example/",
      "ftp://x.example/",
      "tokens",
      "",
      "file:///etc/passwd",
    ]) {
      const http = new ScriptedHttp();
      assert.equal((await failure(askBroker(http, address, signal))).code, "address-refused");
      assert.deepEqual(http.seen, []);
    }
    for (const [expires_in, seconds] of [
      ["1800", 1_800],
      [604_800, 86_400],
    ] as const) {
      const http = new ScriptedHttp(answer(200, { ...token, expires_in }));
      const { expiresAt } = await askBroker(http, "https://x.example/", signal);
      assert.equal(expiresAt, receivedAt + seconds * 1000);
    }
    for (const [status, body] of [
      [403, "no"],
      [302, ""],
      [200, "<html>"],
      [200, { ...token, grant_id: "" }],
    ] as const)
      await failure(askBroker(new ScriptedHttp(answer(status, body)), "https://x.example/", signal));
  });

  it("knows when a token ends, if it is told in either form", async () => {
    const end = (status: number, body: unknown) =>
      tokenEnd(new ScriptedHttp(answer(status, body)), application.apiUri, "nyt_1", signal);
    assert.equal(await end(200, { data: { exp: 1_800_000_000, sub: "g-1" } }), 1_800_000_000_000);
    assert.equal(await end(200, { exp: 1_800_000_000 }), 1_800_000_000_000);
    for (const body of [
      "",
      {},
      { data: {} },
      { data: { exp: "soon" } },
      { data: { exp: 1e300 } },
      { exp: -1 },
    ])
      assert.equal(await end(200, body), undefined, JSON.stringify(body));
    assert.equal(await end(404, { data: { exp: 1 } }), undefined);
    assert.equal(
      await tokenEnd(new ScriptedHttp(new Error("no network")), application.apiUri, "t", signal),
      undefined,
    );
  });
});
