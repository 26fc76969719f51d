import assert from "node:assert/strict";
import fc from "fast-check";
import { FreightError } from "../../src/base/errors.ts";
import { explain, redact, redactingLog } from "../../src/base/log.ts";
import { MemoryLog } from "../support/memory.ts";

/** Of one alphabet with the keys and upload ids of the services, and long enough not to be anywhere by accident. */
const secret = fc
  .string({
    unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
    minLength: 12,
    maxLength: 40,
  })
  .map((text) => `S${text}`);
const before = fc.constantFrom("", "see ", "PUT ", '{"url":"', "(", "<", "failed: ", "\n", "'");
const after = fc.constantFrom("", " failed", '"}', ")", ">", "\nnext line", ", again", "'");

describe("The log", () => {
  it("looks through the beginning of a line that is too long, and shows no more of it", () => {
    const line = redact(`nyk_v0_secret ${"eyJ-socks".repeat(100_000)} nyk_v0_secret`);
    assert.match(line, /^nyk_\*\*\* .*… \(900028 characters\)$/);
    assert.ok(line.length < 10_000);
  });

  for (const [text, expected] of [
    ["Authorization: Bearer nyt_abc.def-123", "Authorization: Bearer ***"],
    ["authorization: bearer abc", "authorization: bearer ***"],
    ['{"authorization":"Bearer abc","x":1}', '{"authorization":"Bearer ***","x":1}'],
    ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"],
    ["the key nyk_v0_abcDEF is wrong", "the key nyk_*** is wrong"],
    ["PUT https://h.example/o?upload_id=abc HTTP/1.1", "PUT https://h.example/o?*** HTTP/1.1"],
    ["HTTP://h.example/?a=b", "HTTP://h.example/?***"],
    ["PUT https://h.example/Users('a')/x('b')?sig=abc", "PUT https://h.example/Users('a')/x('b')?***"],
    ["https://h.example/page#token=abc", "https://h.example/page?***"],
    ["upload_id=abc&name=x", "upload_id=***&name=x"],
    ["to ann.lee+x@mail.example.com now", "to ***@mail.example.com now"],
    ["https://user:word@h.example/x", "https://***:***@h.example/x"],
    ["http.proxy is http://ann:word@proxy.test:3128 now", "http.proxy is http://***:***@proxy.test:3128 now"],
    ["socks5://ann@proxy.example", "socks5://***:***@proxy.example"],
  ] as const)
    it(`turns ${text} into ${expected}`, () => assert.equal(redact(text), expected));

  it("drops the path of a storage host, for a session may sit in it", () => {
    const text = redact("PUT https://storage.googleapis.com/upload/SESSION/o failed");
    assert.ok(!text.includes("SESSION"), text);
    assert.match(text, /storage\.googleapis\.com/);
  });

  for (const text of [
    "Uploading report.pdf, 43%",
    "https://api.us.nylas.com/v3/grants is slow",
    "3 < 4 @ noon, tokens: 12",
    "",
  ])
    it(`leaves “${text}” as it is`, () => assert.equal(redact(text), text));

  it("never shows a secret that stands in the query of a URL", () =>
    fc.assert(
      fc.property(
        before,
        fc.constantFrom(
          "https://h.example",
          "http://127.0.0.1:8080/upload/storage/v1/b/B/o",
          "https://h.example/Users('ann')/Messages('x=')/y",
          "HTTPS://H.EXAMPLE/%20;a,b",
        ),
        fc.constantFrom("?", "?a=b&", "?upload_id=", "?x&authtoken=", "?uploadType=resumable&upload_id="),
        secret,
        fc.constantFrom("", "&b=c", "%20x", "#f", "/d", "=="),
        after,
        (start, url, query, hidden, rest, end) =>
          !redact(`${start}${url}${query}${hidden}${rest}${end}`).includes(hidden),
      ),
    ));

  it("never shows a secret that follows Bearer", () =>
    fc.assert(
      fc.property(
        before,
        fc.constantFrom("Bearer ", "bearer ", "BEARER  ", "Bearer\t", "authorization: Bearer "),
        secret,
        fc.constantFrom("", ".x", "==", "/y+z"),
        after,
        (start, scheme, hidden, rest, end) =>
          !redact(`${start}${scheme}${hidden}${rest}${end}`).includes(hidden),
      ),
    ));

  it("never shows an API key, wherever it stands", () =>
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (start, hidden, end) => {
        const key = `nyk_${hidden}`;
        return !redact(`${start} ${key} ${end}`).includes(hidden);
      }),
    ));

  it("never shows who a mail goes to", () =>
    fc.assert(
      fc.property(before, fc.emailAddress(), after, (start, address, end) => {
        const [local = ""] = address.split("@");
        // What takes its place may be the same as a name of asterisks.
        if (/^\*{1,3}$/.test(local)) return true;
        return !redact(`${start}${address}${end}`).includes(`${local}@`);
      }),
    ));

  it("says the same when it is redacted twice", () =>
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."htps:/.?#&=@ Bearnyk_") })),
        (text) => {
          assert.equal(redact(redact(text)), redact(text));
        },
      ),
    ));

  it("redacts every line, of whatever level", () => {
    const sink = new MemoryLog();
    const log = redactingLog(sink);
    for (const level of ["trace", "info", "warn", "error"] as const) log[level]("Bearer abc");
    assert.deepEqual(
      sink.lines,
      ["trace", "info", "warn", "error"].map((level) => `${level} Bearer ***`),
    );
  });
});

describe("A reason in the log", () => {
  it("is told with its code, its request id and its causes", () => {
    const cause = new FreightError("network", "Lost.");
    const text = explain(new FreightError("service-fault", "Trouble.", { requestId: "r-1", cause }));
    assert.equal(text, "Trouble. [service-fault] (request r-1)\n  caused by: Lost. [network]");
  });

  it("has a stack when it is a bug", () => assert.match(explain(new TypeError("x")), /TypeError: x\n\s+at /));

  it("may be anything", () => {
    assert.equal(explain("a text"), "a text");
    assert.equal(explain(undefined), "");
    assert.equal(
      explain(new FreightError("network", "Lost.", { cause: "why" })),
      "Lost. [network]\n  caused by: why",
    );
  });

  it("ends although it is its own cause", () => {
    const circular = new FreightError("network", "Lost.");
    circular.cause = circular;
    assert.equal(explain(circular).split("caused by").length, 5);
  });
});
