import assert from "node:assert/strict";
import fc from "fast-check";
import { readHeaders } from "../../../src/shared/mailHeaders.ts";

describe("Headers of a person's own", () => {
  it("stand one in a line, with anything but the first colon in their value", () => {
    assert.deepEqual(readHeaders("X-Project: Tide\r\n\n  x-link : https://x.example:1/ \n", true), {
      headers: [
        { name: "X-Project", value: "Tide" },
        { name: "x-link", value: "https://x.example:1/" },
      ],
    });
  });

  it("may have other names where the mailbox is not Microsoft's", () => {
    assert.ok("headers" in readHeaders("List-Id: tide", false));
  });

  for (const [text, xOnly, problem] of [
    ["X-Project", true, /^“X-Project” is not a header such as “X-Project: Tide”\.$/],
    ["X Project: Tide", true, /cannot be the name of a header/],
    [": Tide", true, /cannot be the name of a header/],
    ["X-Grüße: ja", true, /cannot be the name of a header/],
    ["List-Id: tide", true, /Microsoft mailboxes allow only headers that start with “x-”/],
    ["x-: tide", true, /start with “x-”/],
    ["X-Project:", true, /has no value/],
    ["X-Project: a\u0007b", true, /characters that are not allowed in a header/],
    [`X-Project: ${"a".repeat(901)}`, true, /longer than 900 characters/],
    [`X-${"a".repeat(70)}: b`, true, /too long for the name/],
    ["Bcc: eve@x.example", false, /is set by the mail service/],
    // Some servers take these for recipients.
    ["Resent-Bcc: eve@x.example", false, /is set by the mail service/],
    ["resent-to: eve@x.example", false, /is set by the mail service/],
    ["Apparently-To: eve@x.example", false, /is set by the mail service/],
    ["Content-Type: text/html", false, /is set by the mail service/],
    ["X-Freight-Mail-Delivery: 1", true, /is set by the mail service/],
    ["X-A: 1\nx-a: 2", true, /“x-a” appears twice/],
    ["x-1: a\nx-2: a\nx-3: a\nx-4: a\nx-5: a\nx-6: a", true, /at most 5 custom headers/],
  ] as const)
    it(`are refused with a reason: ${JSON.stringify(text.slice(0, 40))}`, () => {
      const read = readHeaders(text, xOnly);
      assert.match("problem" in read ? read.problem : "", problem);
    });

  it("never break out of their line @slow", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, xOnly) => {
        const read = readHeaders(text, xOnly);
        if ("headers" in read)
          for (const { name, value } of read.headers) assert.doesNotMatch(`${name}${value}`, /[\r\n\0]/);
      }),
    ));
});
