import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Account } from "../../../src/accounts/accountBook.ts";
import { MailServices } from "../../../src/accounts/mailServices.ts";
import { FreightError } from "../../../src/base/errors.ts";
import type { HttpAnswer } from "../../../src/net/http.ts";
import type { AccountFacts } from "../../../src/policy/accountRules.ts";
import { answer, type Line, ScriptedHttp } from "../../support/scriptedHttp.ts";

const { signal } = new AbortController();

const nylas: Account = {
  id: "n",
  service: "nylas",
  serviceName: "Nylas",
  hasCalendar: false,
  email: "ada@example.com",
  provider: "microsoft",
  apiUri: "https://nylas.example",
  grantId: "grant-1",
};
const graph: Account = {
  ...nylas,
  id: "g",
  service: "graph",
  serviceName: "Microsoft 365",
  apiUri: "https://graph.example",
  grantId: "me",
};
const signIn = {
  provider: "microsoft",
  scopes: ["VSCODE_CLIENT_ID:app", "VSCODE_TENANT:company.example", "Mail.Send"],
  accountId: "ada",
};
const practice: Account = { ...nylas, id: "practice", service: "practice", apiUri: "" };

/** A token as Microsoft makes them. */
const token = `e30.${Buffer.from(JSON.stringify({ appid: "app", tid: "company" })).toString("base64url")}.c2ln`;
const me = answer(200, { id: "u", mail: "ada@example.com" });
const inbox = answer(200, { id: "i" });
const noLinks = answer(403, { error: { code: "accessDenied", message: "no" } });

function setUp({ script = [], refuses }: { script?: readonly Line[]; refuses?: FreightError } = {}) {
  const http = new ScriptedHttp(...script);
  const permitted: AccountFacts[] = [];
  const asked: string[] = [];
  const services = new MailServices({
    http,
    practice: {
      addresses: async () => {
        asked.push("practice");
        return {
          nylas: { apiUri: "http://127.0.0.1:1", apiKey: "its-own", clientId: "its-own-client", grants: [] },
          outbox: "http://127.0.0.1:2",
        };
      },
    },
    permit: (facts) => {
      permitted.push(facts);
      if (refuses !== undefined) throw refuses;
    },
    credential: async ({ id }) => {
      asked.push(`credential ${id}`);
      return token;
    },
    nylasToken: async (id) => {
      asked.push(`renewed ${id}`);
      return `token-${asked.length}`;
    },
    signInToken: async ({ id }) => {
      asked.push(`sign-in ${id}`);
      return `session-${asked.length}`;
    },
  });
  return { http, services, permitted, asked };
}

describe("The services of accounts", () => {
  it("tell an account of a service that this version does not know, with a remedy", async () => {
    const { services, permitted } = setUp();
    await assert.rejects(services.serviceOf({ ...nylas, service: "pigeon" }), {
      code: "no-account",
      remedy: "addAccount",
      message: /^The account ada@example\.com belongs to a service/,
    });
    assert.deepEqual(permitted, []);
  });

  it("are asked of the policy each time, by what is known of the account", async () => {
    const { services, permitted } = setUp();
    const all = [nylas, { ...nylas, grantId: "me" }, graph, { ...graph, signIn }, practice, nylas];
    for (const account of all) await services.serviceOf(account);
    const ofNylas = { service: "nylas", serviceName: "Nylas", apiUri: "https://nylas.example" };
    const ofGraph = { service: "graph", serviceName: "Microsoft 365", apiUri: "https://graph.example" };
    assert.deepEqual(permitted, [
      { ...ofNylas, hasApiKey: true },
      { ...ofNylas, hasApiKey: false },
      { ...ofGraph, signIn: { clientId: "app", tenant: "company" } },
      { ...ofGraph, signIn: { clientId: "app", tenant: "company.example" } },
      { service: "practice", serviceName: "Practice mailbox" },
      { ...ofNylas, hasApiKey: true },
    ]);
  });

  it("are not made, and their keys not touched, where the policy forbids it", async () => {
    const { services, asked, http } = setUp({ refuses: new FreightError("policy-refused", "no") });
    for (const account of [nylas, { ...graph, signIn }, practice])
      await assert.rejects(services.serviceOf(account), { code: "policy-refused" });
    assert.deepEqual(asked, []);
    assert.deepEqual(http.seen, []);
  });

  it("ask where the account says, with its own key", async () => {
    const refused = answer(401, {});
    const { services, http } = setUp({ script: [refused, me, inbox, noLinks, refused] });
    await assert.rejects((await services.serviceOf(nylas)).check(signal));
    await (await services.serviceOf(graph)).check(signal);
    await assert.rejects((await services.serviceOf(practice)).check(signal));
    assert.deepEqual(
      http.seen.map(({ url, headers }) => [new URL(url).origin, headers["authorization"]]),
      [
        ["https://nylas.example", `Bearer ${token}`],
        ["https://graph.example", `Bearer ${token}`],
        ["https://graph.example", `Bearer ${token}`],
        ["https://graph.example", `Bearer ${token}`],
        ["http://127.0.0.1:1", "Bearer its-own"],
      ],
    );
  });

  it("take a sign-in's token in place of a key, keep it, and ask anew when it is refused", async () => {
    const refused = answer(401, { error: { code: "InvalidAuthenticationToken", message: "no" } });
    const { services, http, asked } = setUp({ script: [me, inbox, noLinks, refused, me, inbox, noLinks] });
    const service = await services.serviceOf({ ...graph, signIn });
    await service.check(signal);
    await service.check(signal);
    assert.deepEqual(asked, ["sign-in g", "sign-in g"]);
    assert.deepEqual(
      http.seen.map(({ headers }) => headers["authorization"]),
      [1, 1, 1, 1, 2, 2, 2].map((count) => `Bearer session-${count}`),
    );
  });

  it("have a token that is renewed asked for with each call, and not before", async () => {
    const renewed = { ...nylas, renewal: "signIn" as const };
    const { services, http, asked } = setUp({ script: [answer(500), answer(500)] });
    const service = await services.serviceOf(renewed);
    assert.deepEqual(asked, []);
    for (let count = 0; count < 2; count++) await assert.rejects(service.check(signal));
    assert.deepEqual(asked, ["renewed n", "renewed n"]);
    assert.deepEqual(
      http.seen.map(({ headers }) => headers["authorization"]),
      ["Bearer token-1", "Bearer token-2"],
    );
  });

  it("share the few requests that one mailbox answers at once, and no other's", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: string[] = [];
    const held = new MailServices({
      http: {
        send: async ({ headers }): Promise<HttpAnswer> => {
          seen.push(String(headers?.["authorization"]));
          await gate;
          return me;
        },
      },
      practice: { addresses: () => Promise.reject(new Error("not asked for")) },
      permit: () => {},
      credential: async ({ id }) => id,
      nylasToken: async () => "",
      signInToken: async () => "",
    });
    const checks = [];
    for (let count = 0; count < 3; count++)
      for (const id of ["g", "other"]) {
        const account = { ...graph, id };
        // Two services of one account, as of two mails.
        for (const service of [await held.serviceOf(account), await held.serviceOf(account)])
          checks.push(service.check(signal));
      }
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    assert.deepEqual([...seen].sort(), [...Array(3).fill("Bearer g"), ...Array(3).fill("Bearer other")]);
    release();
    await Promise.all(checks);
    // The mailbox, its inbox, and whether its files can go as links.
    assert.equal(seen.length, 36);
  });
});
