import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryRing } from "../../../src/files/zip/memoryRing.ts";

const BYTES = 1_000;
const LARGEST = 300;

describe("Memory that is used again and again", () => {
  it("gives no piece to two at a time, as long as no more is in use than was said", () =>
    fc.assert(
      fc.property(fc.array(fc.nat(LARGEST), { minLength: 1, maxLength: 200 }), (lengths) => {
        const ring = new MemoryRing(BYTES, LARGEST);
        const used: { piece: Uint8Array; mark: number }[] = [];
        const memories = new Set<ArrayBufferLike>();
        let bytes = 0;
        for (const [at, length] of lengths.entries()) {
          while (bytes + length > BYTES) {
            const first = used.shift();
            assert.ok(first?.piece.every((byte) => byte === first.mark));
            bytes -= first?.piece.length ?? 0;
          }
          const piece = ring.take(length);
          assert.equal(piece.length, length);
          piece.fill(at % 251);
          bytes += length;
          used.push({ piece, mark: at % 251 });
          memories.add(piece.buffer);
        }
        assert.ok(used.every(({ piece, mark }) => piece.every((byte) => byte === mark)));
        assert.deepEqual(
          [...memories].map(({ byteLength }) => byteLength),
          [BYTES + LARGEST],
        );
      }),
    ));
});
