import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../../src/delivery/delivery.ts";
import { HashFeed } from "../../../src/ui/hashFeed.ts";
import { MemoryLog } from "../../support/memory.ts";
import { attachment as attachmentRecord, delivery as deliveryRecord } from "../../support/records.ts";

describe("The hashes of a mail's files", () => {
  type Message = Parameters<ConstructorParameters<typeof HashFeed>[0]["post"]>[0];
  const uploaded = attachmentRecord({
    id: "a",
    name: "a.bin",
    size: 5,
    checkpoint: { bytes: 5, sha256: "aa" },
  });
  const waiting = attachmentRecord({ id: "b", path: "/b.bin", name: "b.bin", size: 7, checkpoint: null });

  function setUp(hash: (path: string, signal: AbortSignal) => Promise<{ sha256: string; size: number }>) {
    const posted: Message["files"][] = [];
    let delivery: DeliveryRecord = deliveryRecord({ attachments: [uploaded, waiting] });
    const feed = new HashFeed({
      find: () => delivery,
      post: ({ files }) => posted.push(files),
      hash,
      log: new MemoryLog(),
    });
    return { feed, posted, become: (next: Partial<DeliveryRecord>) => (delivery = { ...delivery, ...next }) };
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it("are told at once where the upload knows them, and of the others when they are read", async () => {
    const { feed, posted } = setUp(async () => ({ sha256: "bb", size: 7 }));
    feed.show(true);
    await settled();
    assert.deepEqual(
      posted.map((files) => files.map(({ sha256, note }) => sha256 ?? note)),
      [
        ["aa", "being read…"],
        ["aa", "bb"],
      ],
    );
    assert.equal(feed.lines, "aa  a.bin\nbb  b.bin\n");
  });

  it("say that a file is another one by now, or cannot be read", async () => {
    const { feed, posted } = setUp(async () => ({ sha256: "cc", size: 9 }));
    feed.show(true);
    await settled();
    assert.equal(posted.at(-1)?.[1]?.note, "changed since it was added");
    const broken = setUp(() => Promise.reject(new Error("EACCES")));
    broken.feed.show(true);
    await settled();
    assert.deepEqual(broken.posted.at(-1)?.[1], { name: "b.bin", sha256: null, note: "cannot be read" });
    assert.equal(broken.feed.lines, "aa  a.bin\n");
  });

  it("are not read again while bytes move, nor after nobody wants them", async () => {
    let readings = 0;
    const { feed, posted, become } = setUp(async (_, signal) => {
      readings++;
      await settled();
      signal.throwIfAborted();
      return { sha256: "bb", size: 7 };
    });
    feed.show(true);
    become({ attachments: [uploaded, { ...waiting, accepted: 3 }] });
    feed.update();
    await settled();
    await settled();
    assert.equal(readings, 1);
    feed.show(false);
    const before = posted.length;
    become({ attachments: [uploaded] });
    feed.update();
    await settled();
    assert.deepEqual([readings, posted.length], [1, before]);
  });
});
