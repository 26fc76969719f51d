import assert from "node:assert/strict";
import { FreightError } from "../../../src/base/errors.ts";
import type { HttpAnswer } from "../../../src/net/http.ts";
import { isTransient } from "../../../src/net/retry.ts";
import { Slots } from "../../../src/net/slots.ts";
import { GraphService } from "../../../src/services/graph/graph.ts";
import { readToken } from "../../../src/services/graph/graphApi.ts";
import { graphError } from "../../../src/services/graph/graphErrors.ts";
import { answer, type Line, ScriptedHttp, type SeenRequest } from "../../support/scriptedHttp.ts";
import { until } from "../../support/until.ts";

const { signal } = new AbortController();
const baseUrl = "https://graph.microsoft.com";

/** A token as Microsoft makes them, with these claims and a signature that nobody checks here. */
function jwt(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.c2lnbmF0dXJl`;
}

function service(token: string, mailbox: string, ...script: readonly Line[]) {
  const http = new ScriptedHttp(...script);
  const asked: boolean[] = [];
  const give = async (isRefused: boolean) => {
    asked.push(isRefused);
    return isRefused ? `${token}-new` : token;
  };
  return {
    http,
    asked,
    graph: new GraphService({ baseUrl, mailbox, token: give, turns: new Slots() }, http, () => 0),
  };
}

const refusal = (status: number, code: string) => answer(status, { error: { code, message: "no" } });
const denied = (code: string) =>
  answer(403, { error: { code, message: "Access is denied. Check credentials and try again." } });
const inbox = answer(200, { id: "f-1" });
const me = answer(200, { id: "u-1", mail: null, userPrincipalName: "ada@contoso.example" });
const told = ({ method, url }: SeenRequest) => `${method} ${url.slice(baseUrl.length).split("?")[0]}`;

describe("Microsoft Graph refuses", () => {
  for (const [given, inside, code, again] of [
    [refusal(401, "InvalidAuthenticationToken"), undefined, "credential-rejected", false],
    [denied("ErrorAccessDenied"), undefined, "scope-missing", false],
    [denied("Authorization_RequestDenied"), undefined, "scope-missing", false],
    [refusal(403, "ErrorAccessDenied"), undefined, "provider-refused", false],
    [refusal(403, "ErrorAccountSuspend"), undefined, "provider-refused", false],
    [refusal(403, "ErrorMessageSubmissionBlocked"), "message", "provider-refused", false],
    [answer(403, "<html>"), undefined, "request-refused", false],
    [answer(404, "<html>"), undefined, "request-refused", false],
    [refusal(404, "MailboxNotEnabledForRESTAPI"), "message", "provider-unsupported", false],
    [refusal(404, "MailboxNotHostedInExchangeOnline"), undefined, "provider-unsupported", false],
    [refusal(404, "ResourceNotFound"), undefined, "provider-unsupported", false],
    [refusal(423, "ErrorMailboxMoveInProgress"), "message", "service-fault", true],
    [refusal(400, "ErrorMailboxStoreUnavailable"), "message", "service-fault", true],
    [refusal(400, "ErrorSendAsDenied"), "message", "provider-refused", false],
    [refusal(409, "ErrorIrresolvableConflict"), "message", "service-fault", true],
    [answer(412), "message", "service-fault", true],
    [refusal(403, "ErrorSendAsDenied"), "message", "provider-refused", false],
    [refusal(404, "ErrorItemNotFound"), "message", "draft-lost", false],
    [refusal(404, "ErrorItemNotFound"), "event", "request-refused", false],
    [refusal(404, "ErrorInvalidUser"), undefined, "grant-unknown", false],
    [answer(413, "<html>"), undefined, "message-too-large", false],
    [refusal(400, "ErrorMessageSizeExceeded"), "message", "message-too-large", false],
    [refusal(413, "ErrorAttachmentSizeLimitExceeded"), "message", "message-too-large", false],
    [refusal(429, "ErrorExceededMessageLimit"), "message", "provider-refused", false],
    [answer(507), undefined, "provider-refused", false],
    [refusal(400, "ErrorInvalidRecipients"), "message", "request-refused", false],
    [answer(400), undefined, "request-refused", false],
    [answer(429), undefined, "rate-limited", true],
    [answer(509), undefined, "service-fault", true],
    [answer(500), undefined, "service-fault", true],
  ] as const)
    it(`with ${given.status} ${given.text.slice(18, 60)}, ${inside}: ${code}`, () => {
      const error = graphError(given, "send the mail", inside);
      assert.deepEqual([error.code, isTransient(error)], [code, again]);
      assert.notEqual(error.remedy, undefined);
    });
});

describe("An account of Microsoft 365", () => {
  const scp = "Mail.ReadWrite Mail.Send User.Read";

  it("is the mailbox that the token speaks for", async () => {
    const { graph, http } = service(jwt({ scp }), "me", me, inbox);
    assert.deepEqual(await graph.check(signal), {
      id: "u-1",
      email: "ada@contoso.example",
      provider: "microsoft",
    });
    const { authorization, prefer } = http.seen[0]?.headers ?? {};
    assert.equal(authorization, `Bearer ${jwt({ scp })}`);
    assert.equal(prefer, 'IdType="ImmutableId"');
  });

  it("is told which permissions its token lacks", async () => {
    const { graph } = service(jwt({ scp: "openid" }), "me", me);
    await assert.rejects(graph.check(signal), {
      code: "scope-missing",
      message: "The sign-in does not allow Mail.Send and User.Read.",
    });
  });

  const noRight = denied("ErrorAccessDenied");
  const none = refusal(404, "MailboxNotEnabledForRESTAPI");
  for (const [what, token, folder] of [
    ["as its token says", jwt({ scp: "Mail.Send User.Read" }), noRight],
    ["as its token says, whatever else may be read", jwt({ scp: "Mail.Send User.Read Mail.Read" }), inbox],
    ["as a token that cannot be read shows", "opaque", noRight],
  ] as const)
    it(`may only send, ${what}`, async () => {
      assert.equal((await service(token, "me", me, folder).graph.check(signal)).sendOnly, true);
    });

  it("may do everything where nothing tells otherwise", async () => {
    assert.equal((await service("opaque", "me", me, inbox).graph.check(signal)).sendOnly, undefined);
  });

  it("that may only send and has no mailbox says so", async () => {
    const { graph } = service(jwt({ scp: "Mail.Send User.Read" }), "me", me, none);
    await assert.rejects(graph.check(signal), { code: "provider-unsupported" });
  });

  it("of somebody else is not tried with a draft where it may only send", async () => {
    const scopes = "Mail.Send Mail.Send.Shared User.Read";
    const { graph, http } = service(jwt({ scp: scopes }), "team@contoso.example", me, noRight);
    assert.equal((await graph.check(signal)).sendOnly, true);
    assert.equal(http.seen.length, 2);
  });

  for (const scopes of [
    "https://graph.microsoft.com/Mail.ReadWrite https://graph.microsoft.com/Mail.Send User.ReadWrite",
    "Mail.ReadWrite.Shared Mail.Send.Shared User.Read",
  ])
    it(`may have its permissions as ${scopes}`, async () => {
      await service(jwt({ scp: scopes }), "me", me, inbox).graph.check(signal);
    });

  it("asks for a new token once when the old one is refused", async () => {
    const { graph, http, asked } = service(jwt({ scp }), "me", answer(401), me, inbox);
    await graph.check(signal);
    assert.deepEqual(asked.slice(0, 2), [false, true]);
    assert.equal(http.seen[1]?.headers["authorization"], `Bearer ${jwt({ scp })}-new`);
    const refused = service(jwt({ scp }), "me", answer(401), answer(401));
    await assert.rejects(refused.graph.check(signal), { code: "credential-rejected" });
  });

  it("for somebody else's mailbox is tried before it is promised, and the draft goes again", async () => {
    const draft = answer(201, { id: "d/1", internetMessageId: "<m@x>" });
    const { graph, http } = service(
      jwt({ scp }),
      "team@contoso.example",
      me,
      inbox,
      draft,
      answer(200, { value: [] }),
      refusal(403, "ErrorAccessDenied"),
      answer(200, { id: "d/1", isDraft: true }),
      answer(204),
    );
    const reason = await graph.check(signal).catch((thrown: unknown) => thrown);
    assert.ok(reason instanceof FreightError && reason.is("provider-unsupported"));
    assert.match(reason.message, /does not accept large files in team@contoso\.example/);
    const owner = "/v1.0/users/team%40contoso.example";
    assert.deepEqual(http.seen.map(told), [
      `GET ${owner}`,
      `GET ${owner}/mailFolders/inbox`,
      `POST ${owner}/messages`,
      `GET ${owner}/messages/d%2F1/attachments`,
      `POST ${owner}/messages/d%2F1/attachments/createUploadSession`,
      `GET ${owner}/messages/d%2F1`,
      `DELETE ${owner}/messages/d%2F1`,
    ]);
    assert.ok(http.isDone);
  });

  it("never deletes a mail that is out, although it was its draft", async () => {
    const { graph, http } = service("opaque", "me", answer(200, { id: "d-1", isDraft: false }));
    await graph.drafts.discard({ kind: "message", id: "d-1", internetMessageId: null }, signal);
    assert.ok(http.isDone);
  });
});

describe("A mailbox of Microsoft 365", () => {
  it("is asked three things at a time beside its upload, and the others in their turn", async () => {
    const ends: (() => void)[] = [];
    const http = {
      send: () =>
        new Promise<HttpAnswer>((resolve) => ends.push(() => resolve(refusal(404, "ErrorItemNotFound")))),
    };
    const endpoint = { baseUrl, mailbox: "me", token: async () => "t", turns: new Slots() };
    const draft = { kind: "message", id: "d-1", internetMessageId: null } as const;
    const graph = new GraphService(endpoint, http, () => 0);
    const all = Promise.all(Array.from({ length: 5 }, () => graph.drafts.discard(draft, signal)));
    await until("three are asked", () => ends.length === 3);
    await new Promise(setImmediate);
    assert.equal(ends.length, 3);
    for (let asked = 0; asked < 5; asked++) {
      await until("the next is asked", () => ends.length > asked);
      ends[asked]?.();
    }
    await all;
  });
});

describe("A token", () => {
  it("tells when it ends and what it allows", () => {
    assert.deepEqual(readToken(jwt({ exp: 1_800_000_000, scp: "A B" })), {
      expiresAt: 1_800_000_000_000,
      scopes: ["A", "B"],
      userId: undefined,
      clientId: undefined,
      tenant: undefined,
    });
  });
  it("tells for which app registration and directory it is", () => {
    const { clientId, tenant } = readToken(jwt({ appid: "app", tid: "tenant" })) ?? {};
    assert.deepEqual([clientId, tenant], ["app", "tenant"]);
    assert.equal(readToken(jwt({ azp: "app" }))?.clientId, "app");
  });
  for (const [what, token, expected] of [
    ["opaque, as a personal account's", "EwBwA8l6BAAU", undefined],
    ["damaged", "a.b.c", undefined],
    [
      "of another kind",
      jwt({ exp: "soon", scp: ["A"] }),
      {
        expiresAt: undefined,
        scopes: undefined,
        userId: undefined,
        clientId: undefined,
        tenant: undefined,
      },
    ],
  ] as const)
    it(`may be ${what}`, () => assert.deepEqual(readToken(token), expected));
});
