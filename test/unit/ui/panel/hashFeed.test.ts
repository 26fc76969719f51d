import assert from "node:assert/strict";
import { FreightError } from "../../../../src/base/errors.ts";
import type { DeliveryRecord } from "../../../../src/delivery/record/delivery.ts";
import type { HashedFile } from "../../../../src/files/fileHash.ts";
import { HashFeed } from "../../../../src/ui/panel/hashFeed.ts";
import { MemoryLog } from "../../../support/memory.ts";
import { attachment as attachmentRecord, delivery as deliveryRecord } from "../../../support/records.ts";

describe("The hashes of a mail's files", () => {
  type Message = Parameters<ConstructorParameters<typeof HashFeed>[0]["post"]>[0];
  const uploaded = attachmentRecord({
    id: "a",
    name: "a.bin",
    size: 5,
    checkpoint: { bytes: 5, sha256: "aa" },
  });
  const waiting = attachmentRecord({ id: "b", path: "/b.bin", name: "b.bin", size: 7, checkpoint: null });

  function setUp(hash: (path: string, signal: AbortSignal) => Promise<HashedFile>) {
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
    const { feed, posted } = setUp(async () => ({ sha256: "bb", size: 7, mtimeMs: waiting.mtimeMs }));
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

  for (const [what, change] of [
    ["has another size", { size: 9 }],
    ["was written again", { mtimeMs: waiting.mtimeMs + 1 }],
  ] as const)
    it(`say of a file that ${what} that it has changed`, async () => {
      const found = { sha256: "cc", size: 7, mtimeMs: waiting.mtimeMs, ...change };
      const { feed, posted } = setUp(async () => found);
      feed.show(true);
      await settled();
      const [, last] = posted.at(-1) ?? [];
      assert.deepEqual(last, { name: "b.bin", sha256: "cc", note: "changed since it was added" });
    });

  it("are read anew when the mail takes a newer version, and the old one is told of no more", async () => {
    const hashes = ["b1", "b2"];
    const { feed, posted, become } = setUp(async () => {
      const sha256 = hashes.shift() ?? "";
      return { sha256, size: 7, mtimeMs: waiting.mtimeMs + (sha256 === "b2" ? 1 : 0) };
    });
    feed.show(true);
    await settled();
    assert.equal(feed.lines, "aa  a.bin\nb1  b.bin\n");
    become({ attachments: [uploaded, { ...waiting, mtimeMs: waiting.mtimeMs + 1 }] });
    assert.equal(feed.lines, "aa  a.bin\n");
    feed.update();
    await settled();
    assert.equal(feed.lines, "aa  a.bin\nb2  b.bin\n");
    assert.deepEqual(posted.at(-1)?.at(1), { name: "b.bin", sha256: "b2", note: "" });
  });

  it("have the names that the readers see", async () => {
    const { feed, posted, become } = setUp(async () => ({ sha256: "bb", size: 7, mtimeMs: waiting.mtimeMs }));
    feed.show(true);
    await settled();
    become({ attachments: [uploaded, { ...waiting, name: "c.bin" }] });
    feed.update();
    await settled();
    assert.deepEqual(posted.at(-1)?.[1], { name: "c.bin", sha256: "bb", note: "" });
    assert.equal(feed.lines, "aa  a.bin\nbb  c.bin\n");
  });

  it("are missing where a file cannot be read, or does not hold still", async () => {
    const broken = setUp(() => Promise.reject(new Error("EACCES")));
    broken.feed.show(true);
    await settled();
    assert.deepEqual(broken.posted.at(-1)?.[1], { name: "b.bin", sha256: null, note: "cannot be read" });
    assert.equal(broken.feed.lines, "aa  a.bin\n");
    const moving = setUp(() => Promise.reject(new FreightError("file-changed", "It was changed.")));
    moving.feed.show(true);
    await settled();
    assert.equal(moving.posted.at(-1)?.[1]?.note, "changed while it was read");
  });

  it("are not read again while bytes move, nor after nobody wants them", async () => {
    let readings = 0;
    const { feed, posted, become } = setUp(async (_, signal) => {
      readings++;
      await settled();
      signal.throwIfAborted();
      return { sha256: "bb", size: 7, mtimeMs: waiting.mtimeMs };
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
