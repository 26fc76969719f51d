import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFile, chmod, open, truncate, utimes } from "node:fs/promises";
import { mock } from "node:test";
import fc from "fast-check";
import { FreightError, isCancellation } from "../../../src/base/errors.ts";
import { ContentHash, type HashCheckpoint } from "../../../src/files/contentHash.ts";
import { crc32c } from "../../../src/files/crc32c.ts";
import { FileSource } from "../../../src/files/fileSource.ts";
import { MAX_FAILURES } from "../../../src/net/retry.ts";
import {
  type Position,
  type Range,
  type UploadOptions,
  type UploadProgress,
  type UploadProtocol,
  upload,
} from "../../../src/transfer/upload.ts";
import { Folder, sample } from "../../support/files.ts";
import { sha256 } from "../../support/sha256.ts";

const KB = 1024;
const SIZE = 700 * KB + 1;
const CHUNK = 256 * KB;

/** What the storage does with one request; without a line it does what it should. */
type Line =
  /** Stores so many bytes of a put and says so. */
  | { readonly keep: number }
  /** Stores so many bytes of a put, then the connection breaks. */
  | { readonly breakAfter: number }
  /** Fails before it takes a byte. */
  | { readonly fail: Error }
  /** Answers with a position of its own making. */
  | { readonly say: Position }
  /** Forgets what it had but for so many bytes, and fails. */
  | { readonly forgetTo: number };

const lost = () => new FreightError("network", "The connection was lost.");

/** A storage that keeps what it is given, and follows a script. */
class FakeStorage implements UploadProtocol {
  readonly calls: string[] = [];
  readonly tellsCrc32c = true;
  stored: Buffer = Buffer.alloc(0);
  readonly #total: number;
  readonly #script: Line[];
  chunk = CHUNK;
  /** Called at the start of each request. */
  onCall: (call: string) => void | Promise<void> = () => {};
  /** How many bodies are being read. */
  open = 0;
  /** What it was told that it had confirmed, each time that it was asked. */
  readonly believed: number[] = [];

  constructor(total: number, ...script: readonly Line[]) {
    this.#total = total;
    this.#script = [...script];
  }

  get done(): boolean {
    return this.stored.length === this.#total;
  }

  chunkBytes(): number {
    return this.chunk;
  }

  async locate(signal: AbortSignal, believed: number): Promise<Position> {
    this.believed.push(believed);
    await this.#begin("locate", signal);
    const line = this.#script.shift();
    if (line !== undefined && "fail" in line) throw line.fail;
    if (line !== undefined && "say" in line) return line.say;
    return { next: this.stored.length, done: this.done };
  }

  async put(range: Range, signal: AbortSignal): Promise<Position> {
    await this.#begin(`put ${range.offset}+${range.length}`, signal);
    assert.equal(range.total, this.#total);
    const line = this.#script.shift();
    if (line !== undefined && "fail" in line) throw line.fail;
    const keep = line !== undefined && "keep" in line ? line.keep : undefined;
    const breakAfter = line !== undefined && "breakAfter" in line ? line.breakAfter : undefined;
    await this.#take(range, keep ?? breakAfter ?? range.length, signal);
    if (breakAfter !== undefined) throw lost();
    if (line !== undefined && "forgetTo" in line) {
      this.stored = this.stored.subarray(0, line.forgetTo);
      throw lost();
    }
    if (line !== undefined && "say" in line) return line.say;
    return { next: this.stored.length, done: this.done };
  }

  async #begin(call: string, signal: AbortSignal): Promise<void> {
    this.calls.push(call);
    await this.onCall(call);
    signal.throwIfAborted();
  }

  async #take(range: Range, most: number, signal: AbortSignal): Promise<void> {
    let position = range.offset;
    const end = range.offset + most;
    this.open++;
    try {
      for await (const chunk of range.chunks) {
        signal.throwIfAborted();
        const from = Math.max(0, this.stored.length - position);
        const until = Math.min(chunk.length, end - position);
        if (until > from) this.stored = Buffer.concat([this.stored, chunk.subarray(from, until)]);
        position += chunk.length;
        if (position >= end) break;
      }
    } finally {
      this.open--;
    }
  }
}

/** As long as nothing takes that does not wait. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

describe("The upload", () => {
  const content = sample(SIZE);
  let folder: Folder;
  let path: string;
  let source: FileSource;
  let readers: number;
  let progress: UploadProgress[];
  let waits: number[];
  let clock: number;

  before(async () => {
    folder = await Folder.make();
  });
  after(() => folder.remove());

  beforeEach(async () => {
    path = await folder.file("big.bin", content);
    source = await FileSource.open(path, SIZE);
    readers = 0;
    progress = [];
    waits = [];
    clock = 0;
  });
  afterEach(() => source.close());

  function run(storage: UploadProtocol, change: Partial<UploadOptions> = {}): Promise<HashCheckpoint> {
    return upload({
      source: {
        path,
        version: source.version,
        reader: () => {
          readers++;
          return source.reader();
        },
        assertVersion: (expected) => source.assertVersion(expected),
        assertStill: (...look) => source.assertStill(...look),
      },
      protocol: storage,
      resume: false,
      signal: new AbortController().signal,
      onProgress: (seen) => progress.push(seen),
      onWait: (_, ms) => waits.push(ms),
      sleep: async (ms) => {
        clock += ms;
      },
      random: () => 0,
      monotonicNow: () => clock,
      ...change,
    });
  }

  /** A storage from which an earlier try has left the first bytes. */
  function begun(bytes: number, ...script: readonly Line[]): FakeStorage {
    const storage = new FakeStorage(SIZE, ...script);
    storage.stored = content.subarray(0, bytes);
    return storage;
  }

  for (const [what, storage, options, calls] of [
    [
      "puts one chunk after the other into a fresh session, without asking",
      () => new FakeStorage(SIZE),
      {},
      [`put 0+${CHUNK}`, `put ${CHUNK}+${CHUNK}`, `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`],
    ],
    [
      "asks first when the session may hold bytes, and goes on from there",
      () => begun(CHUNK),
      { resume: true },
      ["locate", `put ${CHUNK}+${CHUNK}`, `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`],
    ],
    [
      "starts at 0 when the storage has nothing yet",
      () => begun(0),
      { resume: true },
      ["locate", `put 0+${CHUNK}`, `put ${CHUNK}+${CHUNK}`, `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`],
    ],
    ["sends nothing when everything is there", () => begun(SIZE), { resume: true }, ["locate"]],
    [
      "goes on where the storage says when it kept less than was sent",
      () => new FakeStorage(SIZE, { keep: 100 * KB }, { keep: CHUNK }, { keep: SIZE }),
      {},
      [
        `put 0+${CHUNK}`,
        `put ${100 * KB}+${CHUNK}`,
        `put ${100 * KB + CHUNK}+${CHUNK}`,
        `put ${100 * KB + 2 * CHUNK}+${SIZE - 100 * KB - 2 * CHUNK}`,
      ],
    ],
    [
      "asks after a failure before it sends again",
      () => new FakeStorage(SIZE, { keep: CHUNK }, { breakAfter: 64 * KB }),
      {},
      [
        `put 0+${CHUNK}`,
        `put ${CHUNK}+${CHUNK}`,
        "locate",
        `put ${CHUNK + 64 * KB}+${CHUNK}`,
        `put ${2 * CHUNK + 64 * KB}+${SIZE - 2 * CHUNK - 64 * KB}`,
      ],
    ],
    [
      "asks again when the asking failed",
      () => begun(2 * CHUNK, { fail: lost() }, { fail: lost() }),
      { resume: true },
      ["locate", "locate", "locate", `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`],
    ],
    [
      "is through when the last answer was lost but everything arrived",
      () => begun(2 * CHUNK, { say: { next: 2 * CHUNK, done: false } }, { breakAfter: SIZE }),
      { resume: true },
      ["locate", `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`, "locate"],
    ],
    [
      "goes back when the storage has less than it said before",
      () => new FakeStorage(SIZE, { keep: CHUNK }, { keep: CHUNK }, { forgetTo: CHUNK }),
      {},
      [
        `put 0+${CHUNK}`,
        `put ${CHUNK}+${CHUNK}`,
        `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`,
        "locate",
        `put ${CHUNK}+${CHUNK}`,
        `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`,
      ],
    ],
    [
      "asks instead of sending nothing when all bytes are there and the file is not finished",
      () => begun(2 * CHUNK, { say: { next: 2 * CHUNK, done: false } }, { say: { next: SIZE, done: false } }),
      { resume: true },
      ["locate", `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`, "locate"],
    ],
  ] as const)
    it(what, async () => {
      const made = storage();
      await run(made, options);
      assert.deepEqual(made.calls, calls);
      assert.ok(made.stored.equals(content), "every byte, once");
    });

  it("reads with fresh buffers after a failure, for the old ones may still be on their way", async () => {
    await run(new FakeStorage(SIZE, { breakAfter: 64 * KB }));
    assert.equal(readers, 2);
  });

  it("reads with fresh buffers when the storage answered before it took everything", async () => {
    await run(new FakeStorage(SIZE, { keep: 100 * KB }));
    assert.equal(readers, 2);
  });

  it("tells how long it waits, longer each time, and starts over after progress", async () => {
    const broken = { breakAfter: 0 } as const;
    const answered = { say: { next: 0, done: false } } as const;
    const storage = new FakeStorage(SIZE, broken, answered, broken, answered, { breakAfter: CHUNK });
    const slept: number[] = [];
    await run(storage, {
      sleep: async (ms) => {
        const asked = storage.calls.length;
        await turns();
        assert.equal(storage.calls.length, asked, "nobody is asked before it is over");
        slept.push(ms);
      },
    });
    assert.deepEqual(waits, [500, 1_000, 2_000]);
    assert.deepEqual(slept, waits);
    waits = [];
    await run(new FakeStorage(SIZE, { breakAfter: CHUNK }, { keep: 0 }, { breakAfter: CHUNK }));
    assert.deepEqual(waits, [500, 500], "each failure came after new bytes");
  });

  it("survives any number of failures as long as bytes advance", async () => {
    const script = Array.from({ length: 20 }, () => [{ breakAfter: 20 * KB }, { keep: 0 }] as const).flat();
    const storage = new FakeStorage(SIZE, ...script);
    await run(storage);
    assert.ok(storage.stored.equals(content));
    assert.equal(waits.length, 20);
  });

  for (const [what, line] of [
    ["the connection breaks each time", { fail: lost() }],
    ["the storage takes none of the bytes", { keep: 0 }],
  ] as const)
    it(`gives up after ${MAX_FAILURES} failures without progress: ${what}`, async () => {
      // After a failed put comes a question, which is answered.
      const script = Array.from({ length: 20 }, () => [line, { say: { next: 0, done: false } }] as const);
      const storage = new FakeStorage(SIZE, ...script.flat());
      await assert.rejects(run(storage), FreightError);
      assert.equal(storage.calls.filter((call) => call.startsWith("put")).length, MAX_FAILURES);
      assert.equal(waits.length, MAX_FAILURES - 1);
    });

  it("gives up on a storage that forgets what it has confirmed, again and again", async () => {
    const script = Array.from({ length: 30 }, () => [{ keep: CHUNK }, { forgetTo: 0 }, { keep: 0 }] as const);
    const storage = new FakeStorage(SIZE, ...script.flat());
    await assert.rejects(run(storage), { code: "network" });
    assert.equal(waits.length, MAX_FAILURES - 1);
  });

  for (const code of ["session-lost", "upload-refused", "bad-answer"] as const)
    it(`stops at once at “${code}”`, async () => {
      const storage = new FakeStorage(SIZE, { fail: new FreightError(code, "No.") });
      await assert.rejects(run(storage), { code });
      assert.deepEqual([storage.calls.length, waits.length], [1, 0]);
    });

  it("stops at once at a bug", async () => {
    await assert.rejects(run(new FakeStorage(SIZE, { fail: new TypeError("x") })), TypeError);
  });

  it("follows a storage that is ahead, as far as the file goes", async () => {
    const storage = new FakeStorage(SIZE, { say: { next: 2 * CHUNK, done: false } });
    const rest = `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`;
    storage.onCall = (call) => {
      if (call === rest) storage.stored = content.subarray(0, 2 * CHUNK);
    };
    await run(storage);
    assert.deepEqual(storage.calls, [`put 0+${CHUNK}`, rest]);
  });

  it("refuses a storage that claims more than the file has", async () => {
    const storage = new FakeStorage(SIZE, { say: { next: SIZE + 1, done: false } });
    await assert.rejects(run(storage), { code: "upload-mismatch" });
  });

  it("tells the storage what it has confirmed, now or to an earlier process", async () => {
    const storage = new FakeStorage(
      SIZE,
      { say: { next: 0, done: false } },
      { keep: CHUNK },
      { fail: lost() },
    );
    await run(storage, { resume: true });
    assert.deepEqual(storage.believed, [0, CHUNK]);
    const resumed = begun(CHUNK);
    await run(resumed, {
      resume: true,
      checkpoint: { bytes: CHUNK, sha256: sha256(content.subarray(0, CHUNK)) },
    });
    assert.deepEqual(resumed.believed, [CHUNK]);
  });

  it("counts nothing as confirmed where the storage does not tell", async () => {
    await run(begun(CHUNK, { say: { next: CHUNK, done: false, isGuess: true } }), { resume: true });
    assert.deepEqual([...new Set(progress.map(({ accepted }) => accepted))], [2 * CHUNK, SIZE]);
  });

  it("tells how fast it goes", async () => {
    const storage = new FakeStorage(SIZE);
    storage.onCall = () => {
      clock += 1_000;
    };
    await run(storage);
    assert.ok((progress.at(-1)?.bytesPerSecond ?? 0) > 0);
  });

  it("tells what the storage calls it, where only the end brings that", async () => {
    const stored: string[] = [];
    const onStored = (id: string) => stored.push(id);
    await run(new FakeStorage(SIZE), { onStored });
    assert.deepEqual(stored, []);
    await run(begun(SIZE, { say: { next: SIZE, done: true, attachmentId: "AAMk" } }), {
      resume: true,
      onStored,
    });
    assert.deepEqual(stored, ["AAMk"]);
  });

  it("tells what the storage has confirmed, and what has left", async () => {
    await run(new FakeStorage(SIZE, { keep: CHUNK }, { breakAfter: 64 * KB }, { keep: 0 }));
    assert.equal(progress.at(-1)?.accepted, SIZE);
    for (const { accepted, handed } of progress) {
      assert.ok(accepted <= handed && handed <= SIZE, `${accepted} of ${handed}`);
      assert.ok([0, CHUNK, CHUNK + 64 * KB, 2 * CHUNK + 64 * KB, SIZE].includes(accepted), String(accepted));
    }
  });

  describe("compares what it read", () => {
    const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("base64");

    it("and says in the end what the file was", async () => {
      const whole = { bytes: SIZE, sha256: sha256(content) };
      assert.deepEqual(
        await run(new FakeStorage(SIZE, { breakAfter: 10 }, { keep: 0 }, { keep: 100 })),
        whole,
      );
      assert.deepEqual(await run(begun(SIZE), { resume: true }), whole);
    });

    it("with what the storage says it has", async () => {
      const good = begun(SIZE, { say: { next: SIZE, done: true, md5: md5(content) } });
      await run(good, { resume: true });
      const bad = begun(SIZE, { say: { next: SIZE, done: true, md5: md5(sample(SIZE, 2)) } });
      await assert.rejects(run(bad, { resume: true }), { code: "upload-mismatch" });
    });

    const crcOf = (bytes: Uint8Array) => {
      const sum = crc32c();
      sum.update(bytes);
      return sum.digest();
    };

    it("with the CRC-32C that the storage tells, and with no other sum then", async () => {
      const good = begun(SIZE, { say: { next: SIZE, done: true, crc32c: crcOf(content), md5: "none" } });
      await run(good, { resume: true });
      const bad = begun(SIZE, {
        say: { next: SIZE, done: true, crc32c: crcOf(sample(SIZE, 2)), md5: md5(content) },
      });
      await assert.rejects(run(bad, { resume: true }), { code: "upload-mismatch" });
    });

    it("with what the storage says it has of a large file, which threads hash", async () => {
      const size = 16 * KB * KB + 1;
      const large = sample(size);
      const big = await FileSource.open(await folder.file("large.bin", large), size);
      try {
        for (const [told, code] of [
          [{ crc32c: crcOf(large) }, undefined],
          [{ crc32c: crcOf(content) }, "upload-mismatch"],
          [{ md5: md5(large) }, undefined],
          [{ md5: md5(content) }, "upload-mismatch"],
        ] as const) {
          const storage = new FakeStorage(size, { say: { next: size, done: true, ...told } });
          storage.chunk = size;
          const moved = run(storage, { source: big });
          if (code === undefined) assert.deepEqual(await moved, { bytes: size, sha256: sha256(large) });
          else await assert.rejects(moved, { code });
        }
      } finally {
        await big.close();
      }
    });

    it("with what an earlier process has sent", async () => {
      const known = { bytes: CHUNK, sha256: sha256(content.subarray(0, CHUNK)) };
      await run(begun(CHUNK), { resume: true, checkpoint: known });
      const other = { bytes: CHUNK, sha256: sha256(sample(CHUNK, 2)) };
      const storage = begun(CHUNK);
      await assert.rejects(run(storage, { resume: true, checkpoint: other }), { code: "file-changed" });
      assert.deepEqual(storage.calls, ["locate"], "nothing of the new version follows the old one");
    });

    it("also when the storage kept less than that process had read", async () => {
      const known = { bytes: 2 * CHUNK, sha256: sha256(content.subarray(0, 2 * CHUNK)) };
      await run(begun(100), { resume: true, checkpoint: known });
      const other = { bytes: 2 * CHUNK, sha256: sha256(sample(2 * CHUNK, 2)) };
      await assert.rejects(run(begun(100), { resume: true, checkpoint: other }), { code: "file-changed" });
    });

    it("with nothing where the storage has nothing of it, or more than was known", async () => {
      const other = { bytes: CHUNK, sha256: sha256(sample(CHUNK, 2)) };
      const empty = { say: { next: 0, done: false } } as const;
      const storage = new FakeStorage(SIZE, empty, { keep: CHUNK }, { fail: lost() });
      await run(storage, { resume: true, checkpoint: other });
      assert.deepEqual(storage.calls.filter((call) => call === "locate").length, 2);
      assert.ok(storage.stored.equals(content));
    });

    it("before the next piece leaves", async () => {
      const { take } = ContentHash.prototype;
      let taking = 0;
      let most = 0;
      const taken = mock.method(
        ContentHash.prototype,
        "take",
        async function (this: ContentHash, ...piece: [number, Uint8Array]) {
          most = Math.max(most, ++taking);
          await turns();
          taking--;
          return take.apply(this, piece);
        },
      );
      try {
        const storage = new FakeStorage(SIZE);
        storage.onCall = () => assert.equal(taking, 0);
        await run(storage);
      } finally {
        taken.mock.restore();
      }
      assert.equal(most, 1);
    });

    it("and notes how far it is known each time more is confirmed", async () => {
      await run(new FakeStorage(SIZE));
      const confirmed = progress.filter(({ accepted }, at) => accepted > (progress[at - 1]?.accepted ?? 0));
      assert.deepEqual(
        confirmed.map(({ checkpoint }) => checkpoint),
        [CHUNK, 2 * CHUNK, SIZE].map((bytes) => ({ bytes, sha256: sha256(content.subarray(0, bytes)) })),
      );
    });
  });

  describe("when the file changes", () => {
    /** Does something to the file at the start of a request, and makes sure that its time shows it. */
    async function changing(storage: FakeStorage, at: string, change: () => Promise<void>): Promise<void> {
      storage.onCall = async (call) => {
        if (call !== at) return;
        await change();
        const later = new Date(Date.now() + 5_000);
        await utimes(path, later, later);
      };
      await assert.rejects(run(storage), { code: "file-changed", remedy: "uploadNewVersion" });
      assert.equal(storage.open, 0);
    }
    const last = `put ${2 * CHUNK}+${SIZE - 2 * CHUNK}`;

    for (const at of [`put 0+${CHUNK}`, `put ${CHUNK}+${CHUNK}`, last])
      it(`stops although the size is the same (during ${at})`, async () => {
        const storage = new FakeStorage(SIZE);
        await changing(storage, at, () => folder.file("big.bin", sample(SIZE, 2)).then(() => {}));
        assert.equal(storage.calls.at(-1), at, "nothing is sent after it was noticed");
      });

    describe("by a program that has it in its memory, where no time tells", () => {
      /** Writes one byte at the start of a request; size and times stay what they were, as far as anybody can see. */
      async function mapped(storage: FakeStorage, at: string, offset: number, change = {}): Promise<void> {
        storage.onCall = async (call) => {
          if (call !== at) return;
          const handle = await open(path, "r+");
          await handle.write(Buffer.from([(content[offset] ?? 0) ^ 1]), 0, 1, offset);
          await handle.close();
        };
        const blind = {
          path,
          version: source.version,
          reader: () => source.reader(),
          assertVersion: async () => "same" as const,
          assertStill: source.assertStill.bind(source),
        };
        await run(storage, { source: blind, ...change });
      }
      const stops = { code: "file-changed", remedy: "uploadNewVersion" };

      for (const [what, storage, at, offset] of [
        ["in what has left", new FakeStorage(SIZE), last, 0],
        ["in the last piece that has left", new FakeStorage(SIZE), last, 2 * CHUNK - 1],
        [
          "in what is sent again",
          new FakeStorage(SIZE, { keep: CHUNK }, { breakAfter: 0 }),
          "locate",
          CHUNK + 5,
        ],
        [
          "in what is sent again in other pieces",
          new FakeStorage(SIZE, { keep: CHUNK }, { breakAfter: 64 * KB }),
          "locate",
          CHUNK + 70 * KB,
        ],
      ] as const)
        it(`stops before the last bytes leave: ${what}`, async () => {
          await assert.rejects(mapped(storage, at, offset), stops);
          assert.ok(!storage.done, "the storage never had a whole file");
        });

      it("stops when everything was there already", async () => {
        const storage = begun(SIZE);
        const known = { bytes: SIZE, sha256: sha256(content) };
        const sampled = { resume: true, checkpoint: known };
        await assert.rejects(mapped(storage, "locate", 7, sampled), stops);
      });

      it("sends what was written before it was read", async () => {
        const storage = new FakeStorage(SIZE);
        await mapped(storage, `put ${CHUNK}+${CHUNK}`, SIZE - 1);
        assert.equal(storage.stored.at(-1), (content.at(-1) ?? 0) ^ 1);
      });
    });

    it("goes on when other permissions were given to it", async () => {
      const storage = new FakeStorage(SIZE);
      storage.onCall = () => chmod(path, 0o600);
      await run(storage);
      assert.ok(storage.stored.equals(content));
    });

    it("asks whoever sent it before the last bytes leave", async () => {
      const storage = new FakeStorage(SIZE);
      const asked: HashCheckpoint[] = [];
      const refused = new FreightError("file-changed", "No.");
      const assertMayEnd = (whole: HashCheckpoint) => {
        asked.push(whole);
        throw refused;
      };
      await assert.rejects(run(storage, { assertMayEnd }), { message: "No." });
      assert.deepEqual(asked, [{ bytes: SIZE, sha256: sha256(content) }]);
      assert.ok(!storage.done);
    });

    it("stops when it grows", () => changing(new FakeStorage(SIZE), last, () => appendFile(path, "more")));

    it("stops when it is cut", async () => {
      const storage = new FakeStorage(SIZE);
      await changing(storage, `put ${CHUNK}+${CHUNK}`, () => truncate(path, CHUNK + 10));
      assert.ok(storage.stored.length <= CHUNK + 10);
    });

    it("stops when the storage has everything but the file is no longer the one it came from", async () => {
      const storage = begun(SIZE);
      storage.onCall = () => folder.file("big.bin", sample(SIZE - 1)).then(() => {});
      await assert.rejects(run(storage, { resume: true }), { code: "file-changed" });
    });
  });

  describe("when it is cancelled", () => {
    it("does not begin", async () => {
      const storage = new FakeStorage(SIZE);
      await assert.rejects(run(storage, { signal: AbortSignal.abort() }), { name: "AbortError" });
      assert.deepEqual(storage.calls, []);
    });

    it("says so, and waits for nothing, when that breaks a connection", async () => {
      const controller = new AbortController();
      const storage = new FakeStorage(SIZE);
      storage.put = async () => {
        controller.abort();
        throw lost();
      };
      await assert.rejects(run(storage, { signal: controller.signal }), { name: "AbortError" });
      assert.deepEqual(waits, []);
    });

    it("reads no further in what the storage has", async () => {
      const controller = new AbortController();
      let read = 0;
      async function* pieces() {
        for (; read < 5; read++) {
          controller.abort();
          yield content.subarray(read * 10, read * 10 + 10);
        }
      }
      const endless = { path, version: source.version, reader: () => ({ read: pieces }) as never };
      const { assertVersion, assertStill } = source;
      const watched = { ...endless, assertVersion, assertStill };
      const running = run(begun(CHUNK), { source: watched, resume: true, signal: controller.signal });
      await assert.rejects(running, { name: "AbortError" });
      assert.equal(read, 0);
    });

    it("ends when nothing reads or hashes any more", async () => {
      const controller = new AbortController();
      const events: string[] = [];
      const later = async (event: string) => {
        await turns();
        events.push(event);
      };
      const storage = new FakeStorage(SIZE);
      storage.chunk = SIZE;
      let look: () => void = () => {};
      const looks = new Promise<void>((resolve) => {
        look = resolve;
      });
      storage.put = async ({ chunks }, signal) => {
        const reading = chunks[Symbol.asyncIterator]();
        reading.next().catch(() => {}); // It is not waited for: the connection is broken.
        await looks;
        controller.abort();
        throw signal.reason;
      };
      const watched = {
        path,
        version: source.version,
        reader: () => source.reader(),
        assertVersion: async () => "same" as const,
        assertStill: async () => {
          look();
          await turns(); // It takes longer than to end the hashing.
          await later("looked");
        },
      };
      const ending = mock.method(ContentHash.prototype, "end", () => later("hashed"));
      try {
        await run(storage, { source: watched, signal: controller.signal }).catch(() => events.push("ended"));
      } finally {
        ending.mock.restore();
      }
      assert.deepEqual(events, ["looked", "hashed", "ended"]);
    });

    it("ends at any point, and nothing goes on", async () => {
      const script = (): Line[] => [{ keep: CHUNK }, { breakAfter: 64 * KB }, { keep: 0 }, { keep: 50 * KB }];
      // Every request, progress and wait of this upload is a moment at which somebody may cancel.
      const moments = async (cancelAt: number) => {
        const controller = new AbortController();
        let moment = 0;
        const pass = () => {
          if (moment++ === cancelAt) controller.abort();
        };
        const storage = new FakeStorage(SIZE, ...script());
        storage.onCall = pass;
        let calls = 0;
        const running = run(storage, {
          signal: controller.signal,
          onProgress: pass,
          onWait: pass,
          sleep: async (_, signal) => signal.throwIfAborted(),
        }).finally(() => {
          calls = storage.calls.length;
        });
        // Cancelled in its last moments it may still be through.
        await running.catch((reason: unknown) => assert.ok(isCancellation(reason), String(reason)));
        await new Promise(setImmediate);
        assert.deepEqual([storage.open, storage.calls.length], [0, calls], `cancelled at ${cancelAt}`);
        return moment;
      };
      const all = await moments(Number.POSITIVE_INFINITY);
      assert.ok(all > 10, String(all));
      for (let at = 0; at < all; at++) await moments(at);
    });
  });

  it("brings the file over byte for byte, whatever goes wrong on the way", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.record({ keep: fc.nat(CHUNK) }),
            fc.record({ breakAfter: fc.nat(CHUNK) }),
            fc.record({ forgetTo: fc.nat(CHUNK) }),
            fc.constant({ fail: lost() }),
          ),
          { maxLength: 6 },
        ),
        fc.constantFrom(CHUNK, 300 * KB, SIZE),
        async (script, chunk) => {
          const storage = new FakeStorage(SIZE, ...script);
          storage.chunk = chunk;
          await run(storage);
          assert.ok(storage.stored.equals(content));
        },
      ),
      { numRuns: 25 },
    ));
});
