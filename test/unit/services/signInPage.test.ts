/** A network's sign-in page says 200 to whatever it is asked: that is nothing that a service has said. */
import assert from "node:assert/strict";
import { Slots } from "../../../src/net/slots.ts";
import { GraphService } from "../../../src/services/graph/graph.ts";
import { NylasSessions } from "../../../src/services/nylas/nylasSessions.ts";
import { GcsResumable } from "../../../src/transfer/gcsResumable.ts";
import { answer, type Line, ScriptedHttp } from "../../support/scriptedHttp.ts";

const { signal } = new AbortController();
const page = answer(200, "<!doctype html><title>Please sign in</title>", { "content-type": "text/html" });
const words = answer(200, "Please sign in to use this network.");
const draft = { kind: "message", id: "d-1", internetMessageId: null } as const;

const nylas = (http: ScriptedHttp) =>
  new NylasSessions({ apiUri: "https://api.eu.nylas.com", credential: "nyk_secret" }, "g1", http);
const graph = (http: ScriptedHttp) =>
  new GraphService(
    {
      baseUrl: "https://graph.microsoft.com",
      mailbox: "me",
      token: async () => "token",
      turns: new Slots(),
    },
    http,
  );
const storage = (http: ScriptedHttp) =>
  new GcsResumable(http, { url: "https://storage.googleapis.com/u", headers: {}, total: 1_000 });

describe("A sign-in page of the network, 200, is not", () => {
  const text = answer(200, { body: { content: "<p>Agenda</p>" } });
  for (const [title, ask, before, own] of [
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
    ["an upload that the storage has ended", (http) => storage(http).cancel(signal), [], answer(204)],
  ] satisfies readonly (readonly [string, (http: ScriptedHttp) => Promise<unknown>, Line[], Line])[]) {
    for (const [what, instead] of [
      ["HTML", page],
      ["plain words", words],
    ] as const)
      it(`${title} (${what})`, () => assert.rejects(ask(new ScriptedHttp(...before, instead))));

    it(`${title}: its own answer is`, async () => {
      await ask(new ScriptedHttp(...before, own));
    });
  }

  for (const instead of [page, words])
    it(`an upload that is complete (${instead.text})`, () =>
      assert.rejects(storage(new ScriptedHttp(instead)).locate(signal), /sign-in page answered/));

  it("an inbox", () =>
    assert.rejects(
      graph(new ScriptedHttp(answer(200, { id: "ada", mail: "ada@example.com" }), page)).check(signal),
      /sign-in page may be in the way/,
    ));
});
