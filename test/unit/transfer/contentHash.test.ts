import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { ContentHash } from "../../../src/files/contentHash.ts";
import { sample } from "../../support/files.ts";
import { sha256 } from "../../support/sha256.ts";

describe("The hash of a file", () => {
  const content = sample(5000);

  it("is that of the bytes, in both spellings", () => {
    const hash = new ContentHash({ withMd5: true });
    hash.take(0, content);
    assert.deepEqual(hash.checkpoint(), { bytes: 5000, sha256: sha256(content) });
    assert.equal(hash.md5(), createHash("md5").update(content).digest("base64"));
  });

  it("counts each byte once, whatever is sent again", () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5000), fc.nat(1500))), (pieces) => {
        const hash = new ContentHash();
        for (const [offset, length] of pieces)
          if (offset <= hash.bytes) hash.take(offset, content.subarray(offset, offset + length));
        assert.deepEqual(hash.checkpoint(), {
          bytes: hash.bytes,
          sha256: sha256(content.subarray(0, hash.bytes)),
        });
      }),
    ));

  it("can be asked on the way", () => {
    const hash = new ContentHash({ withMd5: true });
    hash.take(0, content.subarray(0, 100));
    assert.deepEqual(hash.checkpoint(), { bytes: 100, sha256: sha256(content.subarray(0, 100)) });
    hash.md5();
    hash.take(100, content.subarray(100));
    assert.equal(hash.checkpoint().sha256, sha256(content));
  });

  it("has no MD5 where no storage tells one", () => {
    assert.equal(new ContentHash().md5(), undefined);
  });

  it("refuses to skip bytes", () => {
    assert.throws(() => new ContentHash().take(1, content), /never hashed/);
  });
});
