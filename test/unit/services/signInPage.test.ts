/** A network's sign-in page says 200 to whatever it is asked: that is nothing that a service has said. */
import assert from "node:assert/strict";
import { FreightError } from "../../../src/base/errors.ts";
import { Slots } from "../../../src/net/slots.ts";
import { DriveFiles } from "../../../src/services/drive/driveFiles.ts";
import { DriveSharing } from "../../../src/services/drive/driveSharing.ts";
import type { LinkAccess } from "../../../src/services/fileLinks.ts";
import { GraphService } from "../../../src/services/graph/graph.ts";
import { accountError } from "../../../src/services/nylas/nylasErrors.ts";
import { checkGrant, whyRejected } from "../../../src/services/nylas/nylasGrants.ts";
import { NylasSessions } from "../../../src/services/nylas/nylasSessions.ts";
import { GcsResumable } from "../../../src/transfer/gcsResumable.ts";
import { answer, type Line, ScriptedHttp } from "../../support/scriptedHttp.ts";

const { signal } = new AbortController();
const page = answer(200, "<!doctype html><title>Please sign in</title>", { "content-type": "text/html" });
const words = answer(200, "Please sign in to use this network.");
/** Of a key. */
const refused = answer(401, { error: { type: "unauthorized" } });
const endpoint = { apiUri: "https://api.eu.nylas.com", credential: "nyk_secret" };
const draft = { kind: "message", id: "d-1", internetMessageId: null } as const;

const nylas = (http: ScriptedHttp) => new NylasSessions(endpoint, "g1", http);
const microsoft = {
  baseUrl: "https://graph.microsoft.com",
  mailbox: "me",
  token: async () => "token",
  turns: new Slots(),
};
const graph = (http: ScriptedHttp) => new GraphService(microsoft, http);
const sharing = (http: ScriptedHttp) => new DriveSharing(new DriveFiles(microsoft, http));
const item = { id: "f", name: "a.bin", webUrl: "https://example.com/f" };
const forAda: LinkAccess = { audience: "recipients", people: ["ada@example.com"], until: null };
/** Who may open a file. */
const open = (...people: readonly string[]) =>
  answer(200, { value: people.map((email, id) => ({ id: `p${id}`, invitation: { email } })) });
const storage = (http: ScriptedHttp) =>
  new GcsResumable(http, { url: "https://storage.googleapis.com/u", headers: {}, total: 1_000 });

describe("A sign-in page of the network, 200, is not", () => {
  const text = answer(200, { body: { content: "<p>Agenda</p>" } });
  for (const [title, ask, before, own, after = []] of [
    [
      "a draft that is there",
      (http) => nylas(http).savedDrafts.assertUnsent(draft, signal),
      [],
      answer(200, '{"request_id":"r","data":{"id":"d-1","body":"it breaks o'),
    ],
    [
      "a draft that was deleted",
      (http) => nylas(http).savedDrafts.remove("d-1", signal),
      [],
      answer(200, { request_id: "r" }),
    ],
    [
      "a scheduled mail that was cancelled",
      (http) => nylas(http).schedules.cancel({ id: "s", sendAt: 0, keeper: "service" }, null, null, signal),
      [],
      answer(200, { Value: "requested cancelation for workflow" }),
    ],
    [
      "a text that an event has",
      (http) => graph(http).eventText.change("e", (html) => `${html}<p>More</p>`, signal),
      [text],
      answer(200, { id: "e" }),
    ],
    [
      "an invitation that was made",
      (http) => sharing(http).open(item, forAda, signal),
      [open()],
      answer(200, { value: [] }),
      [open("ada@example.com")],
    ],
    ["an upload that the storage has ended", (http) => storage(http).cancel(signal), [], answer(204)],
  ] satisfies readonly (readonly [
    string,
    (http: ScriptedHttp) => Promise<unknown>,
    Line[],
    Line,
    Line[]?,
  ])[]) {
    for (const [what, instead] of [
      ["HTML", page],
      ["plain words", words],
    ] as const)
      it(`${title} (${what})`, () => assert.rejects(ask(new ScriptedHttp(...before, instead, ...after))));

    it(`${title}: its own answer is`, async () => {
      await ask(new ScriptedHttp(...before, own, ...after));
    });
  }

  for (const instead of [page, words])
    it(`an upload that is complete (${instead.text})`, () =>
      assert.rejects(storage(new ScriptedHttp(instead)).locate(signal), /sign-in page answered/));

  for (const instead of [page, words]) {
    it(`an inbox (${instead.text})`, () =>
      assert.rejects(
        graph(new ScriptedHttp(answer(200, { id: "ada", mail: "ada@example.com" }), instead)).check(signal),
        /sign-in page may be in the way/,
      ));

    it(`the other region's word that a key is its own (${instead.text})`, () =>
      assert.rejects(checkGrant(endpoint, "g1", new ScriptedHttp(refused, instead), signal), {
        code: "credential-rejected",
      }));

    // The mailbox's own refusals first, and no other region's word.
    it(`an application that a key still opens (${instead.text})`, async () => {
      const reason = accountError(refused);
      const http = new ScriptedHttp(refused, refused, instead);
      assert.equal(await whyRejected(reason, endpoint, "g1", http, signal), reason);
      assert.ok(http.isDone);
    });
  }

  it("their own answers are", async () => {
    const own = answer(200, { data: [] });
    await assert.rejects(checkGrant(endpoint, "g1", new ScriptedHttp(refused, own), signal), {
      code: "wrong-region",
    });
    const why = await whyRejected(
      accountError(refused),
      endpoint,
      "g1",
      new ScriptedHttp(refused, refused, own),
      signal,
    );
    assert.ok(why instanceof FreightError && why.is("grant-invalid"));
  });
});
