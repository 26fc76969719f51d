import assert from "node:assert/strict";
import { FreightError } from "../../../src/base/errors.ts";
import { sentBytes } from "../../../src/delivery/compose/learnedLimits.ts";
import { OwnLimits } from "../../../src/delivery/compose/ownLimits.ts";
import { graphError } from "../../../src/services/graph/graphErrors.ts";
import { sendError } from "../../../src/services/nylas/nylasErrors.ts";
import { MemoryLog } from "../../support/memory.ts";
import { account, attachment, delivery } from "../../support/records.ts";

const MB = 1024 * 1024;

/** @param kept what an earlier window has left */
function setUp(change: Partial<ReturnType<typeof account>> = {}, kept: unknown = undefined) {
  let value = kept;
  const memory = {
    get: () => value,
    // As VS Code keeps it.
    update: async (_: string, next: unknown) => {
      value = JSON.parse(JSON.stringify(next));
    },
  };
  const own = { ...account(), ...change };
  const open = () => new OwnLimits({ memory, accounts: { find: () => own }, log: new MemoryLog() });
  return { limits: open(), shown: () => open().of({ email: own.email.toUpperCase() }) };
}

const mail = (megabytes: number, change = {}) =>
  delivery({ accountId: account().id, attachments: [attachment({ size: megabytes * MB })], ...change });
const bytes = (megabytes: number) => sentBytes(mail(megabytes));
const answer = (status: number, body: unknown) => ({
  status,
  text: typeof body === "string" ? body : JSON.stringify(body),
  headers: () => undefined,
  header: () => undefined,
  requestId: "r1",
});

describe("What a mailbox that sends has shown", () => {
  const size = "The message exceeds the maximum supported size.";
  const graph = (status: number, code: string, message = size) =>
    graphError(answer(status, { error: { code, message } }) as never, "send the mail", "message");
  const nylas = (status: number, provider: unknown, replayed = false) => {
    const error = { type: "provider_error", message: "no", provider_error: provider };
    return sendError(answer(status, { request_id: "20261128-41943040", error }) as never, replayed);
  };
  const flat = { code: "ErrorMessageSizeExceeded", message: size };
  for (const [what, reason, told] of [
    ["Graph's 413", graph(413, "ErrorMessageSizeExceeded"), undefined],
    ["Graph's 400", graph(400, "ErrorMessageSizeExceeded"), undefined],
    ["Graph's word of a file", graph(413, "ErrorAttachmentSizeLimitExceeded", ""), undefined],
    [
      "Graph, with the limit",
      graph(413, "ErrorMessageSizeExceeded", "exceeds the maximum size of 25 MB"),
      25,
    ],
    ["Nylas, flat", nylas(400, flat), undefined],
    ["Nylas, nested", nylas(400, { error: flat }), undefined],
    ["Nylas, as text", nylas(400, size), undefined],
    ["Nylas, as JSON in a text", nylas(400, JSON.stringify({ error: flat })), undefined],
    ["Nylas, as a fault", nylas(500, { error: flat }), undefined],
    ["Nylas, said again", nylas(500, flat, true), undefined],
    ["Nylas with a server's words", nylas(422, "552 5.3.4 size exceeds fixed limit (20971520)"), 20],
  ] as const)
    it(`is a refusal: ${what}`, () => {
      const { limits, shown } = setUp();
      limits.failed(mail(60), reason);
      assert.deepEqual(shown(), { refused: bytes(60), ...(told === undefined ? {} : { told: told * MB }) });
    });

  for (const [what, reason] of [
    [
      "a gateway's 413",
      graphError(answer(413, "<html>Too Large</html>") as never, "send the mail", "message"),
    ],
    ["a proxy's 413 before Nylas", sendError(answer(413, "Request Entity Too Large") as never, false)],
    ["a full mailbox", graph(400, "ErrorQuotaExceeded", "The mailbox is full.")],
    ["our own limit of a request", new FreightError("message-too-large", "too large")],
    ["a lost line", new FreightError("network", "lost")],
    ["a bug", new Error("bug")],
  ] as const)
    it(`is nothing by ${what}`, () => {
      const { limits, shown } = setUp();
      limits.failed(mail(60), reason);
      assert.deepEqual(shown(), {});
    });

  it("is nothing by the place of links, which has limits of its own", () => {
    const { limits, shown } = setUp();
    limits.refused(mail(60), "");
    limits.refused(mail(0, { attachments: [attachment({ asLink: true })] }), size);
    assert.deepEqual(shown(), { refused: bytes(60) });
  });

  it("is corrected by what was sent, and by what is refused later", () => {
    const { limits, shown } = setUp();
    limits.refused(mail(60), "limit 25 MB");
    limits.sent(mail(10));
    assert.deepEqual(shown(), { refused: bytes(60), told: 25 * MB, taken: bytes(10) });
    limits.sent(mail(30));
    assert.deepEqual(shown(), { taken: bytes(30) });
    limits.refused(mail(80), "");
    limits.refused(mail(90), "");
    assert.deepEqual(shown(), { refused: bytes(80), taken: bytes(30) });
    limits.refused(mail(20), "");
    assert.deepEqual(shown(), { refused: bytes(20) });
    limits.sent(mail(80));
    assert.deepEqual(shown(), { taken: bytes(80) });
  });

  it("is not noted of small mails, the practice mailbox, events and mailboxes that are gone", () => {
    const { limits, shown } = setUp();
    limits.sent(mail(1));
    limits.refused(mail(60, { event: { id: "e", subject: "", startsAt: 0 } }), "");
    assert.deepEqual(shown(), {});
    const practice = setUp({ service: "practice" });
    practice.limits.refused(mail(60), "");
    assert.deepEqual(practice.shown(), {});
  });

  it("is kept by mailbox, not without end, and survives a memory that somebody has spoilt", () => {
    const many = Object.fromEntries(
      Array.from({ length: 80 }, (_, at) => [`m${at}@x.example`, { refused: 9 }]),
    );
    for (const kept of ["no", null, { "kim@x.example": { refused: "much" } }, many]) {
      const { limits, shown } = setUp({}, kept);
      assert.deepEqual(shown(), {});
      limits.refused(mail(60), "");
      assert.deepEqual(shown(), { refused: bytes(60) });
    }
    const other = setUp({ email: "other@x.example" }, many);
    assert.deepEqual(other.shown(), {});
  });
});
