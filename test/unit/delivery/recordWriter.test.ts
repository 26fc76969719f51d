import assert from "node:assert/strict";
import { RecordWriter } from "../../../src/delivery/store/disk/recordWriter.ts";

const full = new Error("full");
const elsewhere = new Error("elsewhere");
const settle = () => new Promise(setImmediate);

describe("The writer of a record", () => {
  /** What the next writes fail with; then they succeed. */
  let failures: Error[];
  let isHeld: boolean;
  let release: () => void;
  let log: string[];
  let waits: number[];
  let state: number;
  let writer: RecordWriter;

  beforeEach(() => {
    [failures, log, waits, state, isHeld] = [[], [], [], 0, false];
    release = () => {};
    writer = new RecordWriter({
      confirm: async () => {},
      write: async () => {
        const written = state;
        if (isHeld)
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        const failure = failures.shift();
        if (failure !== undefined) throw failure;
        log.push(`wrote ${written}`);
      },
      isFinal: (reason) => reason === elsewhere,
      onFailed: (reason) => log.push(`failed: ${reason instanceof Error ? reason.message : reason}`),
      onSaved: () => log.push("saved"),
      retryMs: (count) => {
        waits.push(count);
        return 1;
      },
    });
  });
  const save = () => {
    state++;
    writer.save();
  };

  it("repeats a write that failed until it succeeds, without anybody asking", async () => {
    failures = [full, full, full];
    save();
    await writer.settled();
    assert.deepEqual(log, ["failed: full", "failed: full", "failed: full", "wrote 1", "saved"]);
    assert.deepEqual(waits, [1, 2, 3], "and waits longer each time");
    assert.equal(writer.isDirty, false);
  });

  it("tells whoever waits when the attempt fails that carried it, and goes on", async () => {
    failures = [full];
    save();
    await assert.rejects(writer.flushed(), full);
    assert.equal(writer.isDirty, true);
    await writer.settled();
    assert.equal(log.at(-1), "saved");
  });

  it("tries at once for whoever asks while it waits for the next try", async () => {
    failures = [full];
    save();
    await assert.rejects(writer.flushed(), full);
    await writer.flushed();
    assert.equal(writer.isDirty, false);
  });

  it("is saved only when the newest state is", async () => {
    isHeld = true;
    save();
    await settle();
    save();
    let isSaved = false;
    const settled = writer.settled().then(() => {
      isSaved = true;
    });
    release();
    await settle();
    assert.deepEqual([log, isSaved], [["wrote 1"], false]);
    isHeld = false;
    release();
    await settled;
    assert.deepEqual(log, ["wrote 1", "wrote 2", "saved"]);
  });

  it("begins to count again after a success", async () => {
    failures = [full, full];
    save();
    await writer.settled();
    failures = [full];
    save();
    await writer.settled();
    assert.deepEqual(waits, [1, 2, 1]);
  });

  it("gives up what no repetition mends, and says so to all who ask", async () => {
    failures = [elsewhere];
    save();
    await assert.rejects(writer.flushed(), elsewhere);
    await writer.settled();
    assert.deepEqual([writer.isDirty, waits], [false, []]);
    await assert.rejects(writer.flushed(), elsewhere);
  });

  it("repeats nothing after it was stopped, and stops when what is under way is over", async () => {
    failures = [full];
    isHeld = true;
    save();
    await settle();
    const stopping = writer.stop();
    release();
    await stopping;
    await settle();
    assert.deepEqual([log, waits, writer.isDirty], [[], [], false]);
  });

  it("has nothing to do where nothing was said", async () => {
    await writer.flushed();
    await writer.settled();
    await writer.stop();
    assert.deepEqual(log, []);
  });
});
