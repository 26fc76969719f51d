import assert from "node:assert/strict";
import fc from "fast-check";
import { FreightError } from "../../../src/base/errors.ts";
import { assertUploadUrl, isLoopback } from "../../../src/services/uploadUrl.ts";

const nylas = "https://api.us.nylas.com";
const local = "http://127.0.0.1:8080";

describe("The address of this machine", () => {
  for (const [host, expected] of [
    ["localhost", true],
    ["127.0.0.1", true],
    ["127.255.0.3", true],
    ["[::1]", true],
    ["localhost.example.com", false],
    ["127.0.0.1.example.com", false],
    ["127.1", false],
    ["128.0.0.1", false],
    ["0.0.0.0", false],
    ["[::2]", false],
    ["", false],
  ] as const)
    it(`is ${expected ? "" : "not "}${host || "empty"}`, () => assert.equal(isLoopback(host), expected));
});

describe("An upload URL", () => {
  for (const [url, api] of [
    ["https://storage.googleapis.com/upload/storage/v1/b/B/o?uploadType=resumable&upload_id=U", nylas],
    ["https://storage.example:8443/x?upload_id=U", nylas],
    ["http://127.0.0.1:9090/upload?upload_id=U", local],
    ["http://localhost:9090/upload", "http://[::1]:8080"],
    ["https://storage.googleapis.com/x", local],
  ] as const)
    it(`is taken from ${api}: ${url}`, () => assertUploadUrl(url, api));

  for (const [url, api, why] of [
    ["http://storage.googleapis.com/x?upload_id=U", nylas, "does not use https"],
    ["http://127.0.0.1/x", nylas, "does not use https"],
    ["http://storage.example/x", local, "does not use https"],
    ["ftp://storage.example/x", nylas, "does not use https"],
    ["file:///etc/passwd", nylas, "does not use https"],
    ["javascript:alert(1)", nylas, "does not use https"],
    ["https://user@storage.example/x", nylas, "carries a user name"],
    ["https://:word@storage.example/x", nylas, "carries a user name"],
    ["https://storage.example/x?X-Goog-Signature=abc", nylas, "is a signed URL"],
  ] as const)
    it(`is refused from ${api}: ${url}`, () =>
      assert.throws(
        () => assertUploadUrl(url, api),
        (reason: unknown) => {
          assert.ok(reason instanceof FreightError && reason.code === "bad-answer");
          assert.ok(reason.message.includes(why), reason.message);
          return true;
        },
      ));

  it("is never quoted beyond its host when it is refused", () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ABCDEF0123456789"), minLength: 12 }), (secret) => {
        assert.throws(
          () => assertUploadUrl(`http://storage.example/${secret}?upload_id=${secret}`, nylas),
          (reason: unknown) => reason instanceof Error && !reason.message.includes(secret),
        );
      }),
    ));
});
