import assert from "node:assert/strict";
import fc from "fast-check";
import { Meter } from "../../../src/transfer/meter.ts";

/** A meter that has seen these totals at these milliseconds. */
function meter(...samples: readonly (readonly [at: number, bytes: number])[]): Meter {
  let now = 0;
  const made = new Meter(() => now);
  for (const [at, bytes] of samples) {
    now = at;
    made.note(bytes);
  }
  return made;
}

describe("The meter", () => {
  for (const [samples, expected] of [
    [[], undefined],
    [[[0, 0]], undefined],
    [
      [
        [0, 0],
        [249, 100],
      ],
      undefined,
    ],
    [
      [
        [0, 0],
        [250, 100],
      ],
      400,
    ],
    [
      [
        [0, 0],
        [1000, 1000],
      ],
      1000,
    ],
    [
      [
        [0, 5000],
        [1000, 6000],
      ],
      1000,
    ],
    [
      [
        [0, 0],
        [1000, 0],
      ],
      0,
    ],
  ] as const)
    it(`says ${expected} after ${JSON.stringify(samples)}`, () =>
      assert.equal(meter(...samples).bytesPerSecond, expected));

  it("forgets what is more than five seconds ago", () => {
    assert.equal(meter([0, 0], [1000, 100_000], [9000, 100_000], [10_000, 101_000]).bytesPerSecond, 1000);
  });

  it("starts over when the total goes back", () => {
    const measured = meter([0, 0], [1000, 9000], [2000, 3000]);
    assert.equal(measured.bytesPerSecond, undefined);
    assert.equal(meter([0, 0], [1000, 9000], [2000, 3000], [3000, 4000]).bytesPerSecond, 1000);
  });

  it("never says a negative or an impossible rate", () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3000), fc.nat(1e9)), { maxLength: 30 }), (steps) => {
        let at = 0;
        const samples = steps.map(([ms, bytes]) => {
          at += ms;
          return [at, bytes] as const;
        });
        const rate = meter(...samples).bytesPerSecond;
        assert.ok(rate === undefined || (rate >= 0 && Number.isFinite(rate)));
      }),
    ));

  it("keeps no more than it needs, however long it runs", () => {
    let now = 0;
    const measured = new Meter(() => now);
    for (let i = 0; i < 100_000; i++) {
      now += 10;
      measured.note(i * 100);
    }
    assert.ok(Math.abs((measured.bytesPerSecond ?? 0) - 10_000) < 1);
  });
});
