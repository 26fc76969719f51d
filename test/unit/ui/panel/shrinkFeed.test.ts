import assert from "node:assert/strict";
import { FreightError } from "../../../../src/base/errors.ts";
import type { DeliveryRecord } from "../../../../src/delivery/record/delivery.ts";
import type { Estimate } from "../../../../src/files/zip/zipEstimate.ts";
import { ShrinkFeed } from "../../../../src/ui/panel/shrinkFeed.ts";
import { MemoryLog } from "../../../support/memory.ts";
import { attachment, delivery } from "../../../support/records.ts";

const MB = 1024 * 1024;
const trace = attachment({ id: "a", path: "/trace.log", size: 90 * MB });
const film = attachment({ id: "b", path: "/film.mp4", size: 80 * MB });
const note = attachment({ id: "c", path: "/note.txt", size: MB });

describe("What compressing would save", () => {
  function setUp(mail: DeliveryRecord, fails = false) {
    const sampled: string[] = [];
    let changes = 0;
    let now = mail;
    const feed = new ShrinkFeed({
      find: () => now,
      sample: async (path): Promise<Estimate | null> => {
        sampled.push(path);
        if (fails) throw new FreightError("file-missing", "gone");
        return path.endsWith(".mp4") ? null : { size: 90 * MB, likely: 6 * MB, margin: 0.1 };
      },
      changed: () => void changes++,
      log: new MemoryLog(),
    });
    const settled = async () => {
      feed.update();
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    return { feed, sampled, settled, changes: () => changes, become: (next: DeliveryRecord) => (now = next) };
  }

  it("is told of a file below every limit, once it was sampled", async () => {
    const { feed, settled, changes, sampled } = setUp(delivery({ attachments: [trace, film, note] }));
    assert.equal(feed.offer, undefined);
    await settled();
    await settled();
    assert.deepEqual(sampled, ["/trace.log", "/film.mp4"]);
    assert.equal(changes(), 1);
    assert.deepEqual(feed.offer, {
      words: "Compressed, the file would be about 6 MB instead of 90 MB (estimate).",
    });
  });

  it("is told of several files together, and of another version anew", async () => {
    const other = attachment({ id: "d", path: "/other.log", size: 90 * MB });
    const { feed, settled, sampled, become } = setUp(delivery({ attachments: [trace, other] }));
    await settled();
    assert.deepEqual(feed.offer, {
      words: "Compressed, 2 files would be about 12 MB instead of 180 MB (estimate).",
    });
    become(delivery({ attachments: [{ ...trace, mtimeMs: trace.mtimeMs + 1 }] }));
    assert.equal(feed.offer, undefined);
    await settled();
    assert.equal(sampled.length, 3);
    assert.ok(feed.offer);
  });

  for (const [what, mail] of [
    ["does not become smaller", delivery({ attachments: [film] })],
    ["is small anyway", delivery({ attachments: [note] })],
    ["is a zip of ours", delivery({ attachments: [{ ...trace, madeFrom: "/folder" }] })],
    ["was sent", delivery({ phase: "sent", attachments: [trace] })],
    ["is for an event", delivery({ event: { id: "e", subject: "x", startsAt: 0 }, attachments: [trace] })],
  ] as const)
    it(`is nothing of what ${what}`, async () => {
      const { feed, settled } = setUp(mail);
      await settled();
      assert.equal(feed.offer, undefined);
    });

  it("is nothing of a file that cannot be read, which is tried once", async () => {
    const { feed, settled, sampled } = setUp(delivery({ attachments: [trace] }), true);
    await settled();
    await settled();
    assert.deepEqual([feed.offer, sampled.length], [undefined, 1]);
  });

  it("is not looked for any more when the panel is gone", async () => {
    const { feed, settled, sampled } = setUp(delivery({ attachments: [trace] }));
    feed.dispose();
    await settled();
    assert.deepEqual(sampled, []);
  });
});
