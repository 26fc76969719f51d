import assert from "node:assert/strict";
import { Slots } from "../../../../../src/net/slots.ts";
import { callGraph, challengeOf } from "../../../../../src/services/graph/graphApi.ts";
import { type Authentication, silentToken } from "../../../../../src/ui/accounts/pages/signInToken.ts";
import { answer, ScriptedHttp } from "../../../../support/scriptedHttp.ts";

const challenge =
  'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWV9fX0="';
const known = { provider: "microsoft", scopes: ["Mail.Send"], accountId: "ada" };
const ada = { id: "ada", label: "ada@example.com" };

/** VS Code, which answers each call in turn with whose session it has, or why not. */
function editor(...answers: readonly (string | Error | undefined)[]) {
  const script = [...answers];
  const asked: unknown[] = [];
  const authentication = {
    getAccounts: async () => [ada],
    getSession: async (_: string, wanted: unknown, options: { silent?: boolean }) => {
      asked.push([wanted, options.silent === true ? "silent" : "asks"]);
      const next = script.shift();
      if (next instanceof Error) throw next;
      return next === undefined ? undefined : { accessToken: `token of ${next}`, account: { id: next } };
    },
  };
  return { authentication: authentication as unknown as Authentication, asked };
}

const request = { wwwAuthenticate: challenge, fallbackScopes: known.scopes };

describe("The token of a sign-in with Microsoft", () => {
  it("is fetched without a question", async () => {
    const { authentication, asked } = editor("ada");
    assert.equal(await silentToken(authentication, known, "ada@example.com"), "token of ada");
    assert.deepEqual(asked, [[known.scopes, "silent"]]);
  });

  it("proves what Graph asks for, with a question only where that is needed", async () => {
    const quiet = editor("ada");
    assert.equal(await silentToken(quiet.authentication, known, "a", challenge), "token of ada");
    assert.deepEqual(quiet.asked, [[request, "silent"]]);
    const loud = editor(undefined, "ada");
    assert.equal(await silentToken(loud.authentication, known, "a", challenge), "token of ada");
    assert.deepEqual(loud.asked.at(-1), [request, "asks"]);
  });

  it("is the ordinary one where nobody can prove that, and never another account's", async () => {
    for (const answers of [[new Error("no challenges")], [undefined, new Error("cancelled")], ["eve"]]) {
      const { authentication, asked } = editor(...answers, "ada");
      assert.equal(await silentToken(authentication, known, "a", challenge), "token of ada");
      assert.deepEqual(asked.at(-1), [known.scopes, "silent"]);
    }
    const signedOut = { ...known, accountId: "eve" };
    await assert.rejects(silentToken(editor("eve").authentication, signedOut, "eve@example.com", challenge), {
      code: "credential-missing",
    });
  });

  it("is asked for with Graph's challenge, once", async () => {
    const refused = answer(401, {}, { "www-authenticate": challenge });
    const http = new ScriptedHttp(refused, refused);
    const given: unknown[] = [];
    const endpoint = {
      baseUrl: "https://graph.example",
      mailbox: "me",
      turns: new Slots(),
      token: async (...how: readonly unknown[]) => {
        given.push(how);
        return "t";
      },
    };
    const { status } = await callGraph(http, endpoint, "GET", "messages", new AbortController().signal);
    assert.equal(status, 401);
    assert.deepEqual(given, [
      [false, undefined],
      [true, challenge],
    ]);
  });

  it("has no challenge to meet where the header asks for none", () => {
    for (const header of [
      undefined,
      "",
      'Bearer realm=""',
      "Bearer claims",
      `Bearer claims="${"x".repeat(9_000)}"`,
    ])
      assert.equal(
        challengeOf(answer(401, "", header === undefined ? {} : { "www-authenticate": header })),
        undefined,
      );
  });
});
