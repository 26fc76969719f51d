import assert from "node:assert/strict";
import { withoutEcho } from "../../../src/net/echo.ts";

/** Letters, digits and what has several spellings; nowhere the same as itself moved on. */
const secret = (length: number) => "aB3/dE+5fG7hI9jK1lM_nO-pQrStUvWxYz".repeat(4).slice(0, length);
const upload = "https://storage.example/b/o";

/** As a gateway may repeat it. */
const spelled = [
  ["as it is", (text: string) => text],
  ["in JSON with its slashes escaped", (text: string) => text.replaceAll("/", "\\/")],
  ["encoded", encodeURIComponent],
  ["in base64", (text: string) => Buffer.from(text).toString("base64").replace(/=+$/, "")],
] as const;

const places = [
  ["the key", (text: string) => ({ url: upload, headers: { authorization: `Bearer ${text}` } })],
  ["a value in an upload's address", (text: string) => ({ url: `${upload}?id=${encodeURIComponent(text)}` })],
  [
    "a part of an upload's path",
    (text: string) => ({ url: `https://storage.example/${encodeURIComponent(text)}/o` }),
  ],
] as const;

describe("An answer that quotes its request", () => {
  for (const length of [16, 17, 24, 32, 40, 63, 64, 128])
    for (const [where, request] of places)
      for (const [how, spell] of spelled) {
        // An address is encoded as it was given; its parts are not known by another name.
        if (where === "a part of an upload's path" && how !== "encoded") continue;
        it(`says nothing of ${where} with ${length} characters, quoted ${how}`, () => {
          const quoted = spell(secret(length));
          for (const text of [
            quoted,
            `{"message":"refused: ${quoted}."}`,
            `x${quoted}y`,
            `${quoted} ${quoted}`,
            `<p>${quoted}</p>`,
          ]) {
            const clean = withoutEcho(text, request(secret(length)));
            assert.ok(!clean.includes(quoted), clean);
            assert.ok(clean.includes("***"));
          }
        });
      }

  it("keeps what is shorter: words of an address are no secrets", () => {
    const text = "the object uploads of storage.example was not found, 0123456789abcde";
    assert.equal(
      withoutEcho(text, { url: "https://storage.example/uploads/object?x=0123456789abcde" }),
      text,
    );
  });

  it("keeps the ids that a very short key stands in by chance, and loses the key itself", () => {
    for (const key of ["k", "a1", "s3cret", "p+(", "gateway-key"]) {
      const request = { url: upload, headers: { authorization: `Bearer ${key}` } };
      const id = `msg_${key}x-${key}`;
      const text = JSON.stringify({ id, error: `no such key: ${key}`, quoted: `${key}` });
      const clean = withoutEcho(text, request);
      assert.deepEqual(JSON.parse(clean), { id, error: "no such key: ***", quoted: "***" });
    }
  });

  it("may quote where the addresses are no secrets", () => {
    const url = `${upload}?page=${secret(40)}`;
    assert.equal(withoutEcho(url, { url, mayQuote: true }), url);
  });
});
