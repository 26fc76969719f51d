import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { readFile, rm, utimes, writeFile } from "node:fs/promises";
import { simpleParser } from "mailparser";
import { FreightError } from "../../src/base/errors.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { READ_BYTES } from "../../src/files/fileReader.ts";
import type { Http } from "../../src/net/http.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { type Engine, MemorySecrets } from "../support/engine.ts";
import { Folder } from "../support/files.ts";
import { compose, eventually, filesOf, pressSend, Shipping, settled, ship } from "../support/shipping.ts";
import { send, sha256 } from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const minute = 60_000;
const SMALL = 100 * KiB + 1;
/** Too much for JSON, and no multiple of what is read at once. */
const LARGE = 5 * MiB + 7;

describe("From a Google mailbox", () => {
  let shipping: Shipping;
  let engine: Engine;
  let small: string;
  let large: string;

  beforeEach(async () => {
    shipping = await Shipping.start();
    engine = await google();
    small = await shipping.file("small.bin", SMALL);
    large = await shipping.file("large.bin", LARGE);
  });
  afterEach(() => shipping.close());

  const grantAt = (at: number) => shipping.sandbox.nylas.grants[at]?.id ?? "";

  function google(change: Parameters<Shipping["engine"]>[0] = {}): Promise<Engine> {
    return shipping.engine({ grantId: grantAt(1), provider: "google", ...change });
  }

  const contentTypes = () =>
    shipping.requests("send").map(({ headers }) => headers["content-type"]?.replace(/;.*/, ""));

  /** One mail, of as many tries as it took: each with the same bytes under the same key. */
  async function assertArrivedOnce(...paths: readonly string[]): Promise<void> {
    await shipping.assertArrived(paths);
    for (const name of ["idempotency-key", "content-length", "content-type"])
      assert.equal(new Set(shipping.requests("send").map(({ headers }) => headers[name])).size, 1, name);
  }

  it("a small file travels as JSON, and nothing of it leaves before Send", async () => {
    const id = await compose(engine, small);
    const { attachments } = await settled(engine, id);
    assert.deepEqual([attachments[0]?.status, attachments[0]?.accepted], ["ready", SMALL]);
    assert.deepEqual(shipping.sandbox.requests, []);
    assert.deepEqual([...engine.secrets.values.keys()], [], "there is no upload address to keep");
    await pressSend(engine, id);
    assert.equal((await settled(engine, id)).phase, "sent");
    await assertArrivedOnce(small);
    assert.deepEqual(contentTypes(), ["application/json"]);
  });

  it("several files, and those that are large, travel as a form", async () => {
    assert.equal((await ship(engine, small, large)).phase, "sent");
    await assertArrivedOnce(small, large);
    assert.deepEqual(contentTypes(), ["multipart/form-data"]);
    const [request] = shipping.requests("send");
    assert.equal(Number(request?.headers["content-length"]), request?.bytesReceived);
  });

  it("a mail without a file travels as JSON", async () => {
    const id = await compose(engine);
    await pressSend(engine, id);
    assert.equal((await settled(engine, id)).phase, "sent");
    assert.equal(shipping.sandbox.deliveries, 1);
  });

  it("goes as a form from the byte on that JSON cannot take, and as JSON up to it", async () => {
    const overhead = await frameBytes();
    const most = Math.floor((3 * MiB - overhead) / 4) * 3;
    for (const [bytes, type] of [
      [most, "application/json"],
      [most + 1, "multipart/form-data"],
    ] as const) {
      const path = await shipping.file("edge.bin", bytes);
      assert.equal((await ship(engine, path)).phase, "sent");
      assert.equal(contentTypes().at(-1), type, `${bytes} bytes`);
    }
  });

  /** What a request has beside the base64 of a file that is called edge.bin. */
  async function frameBytes(): Promise<number> {
    const path = await shipping.file("edge.bin", 3);
    assert.equal((await ship(engine, path)).phase, "sent");
    return Number(shipping.requests("send").at(-1)?.headers["content-length"]) - 4;
  }

  it("arrives as other mail programs read it, whatever the files are called", async () => {
    const names = ["quo_ted 100%.bin", "größe 📦.bin", "semi;colon=.bin"];
    const paths = await Promise.all(names.map((name) => shipping.file(name, 2 * MiB)));
    assert.equal((await ship(engine, ...paths)).phase, "sent");
    await assertArrivedOnce(...paths);
    const [mail] = shipping.sandbox.mails;
    const parsed = await simpleParser((await send(mail?.eml ?? "")).text);
    assert.deepEqual(
      await Promise.all(parsed.attachments.map(({ filename, content }) => [filename, sha256(content)])),
      await Promise.all(paths.map(async (path, at) => [names[at], sha256(await readFile(path))])),
    );
  });

  describe("is sent once", () => {
    const faults: readonly Fault[] = [
      { step: "send", fault: "resetBeforeBody" },
      { step: "send", fault: "resetMidBody", afterBytes: MiB },
      { step: "send", fault: "dropReplyAfterCommit" },
      { step: "send", fault: "truncatedBody" },
      { step: "send", fault: "htmlBody", status: 200 },
      { step: "send", fault: "emptyBody" },
      { step: "send", fault: "refuse", status: 429, retryAfter: 7 },
      { step: "send", fault: "refuse", status: 408 },
      { step: "send", fault: "refuse", status: 500 },
      { step: "send", fault: "refuse", status: 500, afterBytes: MiB },
      { step: "send", fault: "refuse", status: 502, body: "html" },
      { step: "send", fault: "refuse", status: 503, retryAfter: 3 },
      { step: "send", fault: "refuse", status: 504, body: "empty" },
      { step: "send", fault: "refuse", status: 504, afterCommit: true },
    ];
    for (const fault of faults)
      it(`past ${JSON.stringify({ ...fault, step: undefined })}`, async () => {
        shipping.sandbox.faults.arm({ ...fault, times: 2 });
        assert.equal((await ship(engine, small, large)).phase, "sent");
        await assertArrivedOnce(small, large);
        // The second answer of these is kept under the key: the mail is out, however little of it can be read.
        const isKnown = fault.fault === "truncatedBody" || fault.fault === "emptyBody";
        assert.equal(shipping.requests("send").length, isKnown ? 2 : 3);
      });

    it("when the first try is still under way as the second comes", async () => {
      shipping.sandbox.faults.arm({ step: "send", fault: "hold", atWork: true, times: 1 });
      let tries = 0;
      /** Gives up on a request that the service has and is still at work on. */
      const impatient = (http: Http): Http => ({
        send: async (request) => {
          const answer = http.send(request);
          if (tries++ > 0) return answer;
          answer.catch(() => {});
          const length = typeof request.body === "object" ? request.body.length : 0;
          await eventually(() => shipping.requests("send")[0]?.bytesReceived === length);
          throw new FreightError("timeout", "Not answered.", { mayHaveActed: true });
        },
      });
      const other = await google({ between: impatient, backoffMs: 50 });
      const shipped = ship(other, large);
      await eventually(() => shipping.requests("send").some(({ status }) => status === 409));
      shipping.sandbox.faults.release();
      assert.equal((await shipped).phase, "sent");
      await assertArrivedOnce(large);
    });

    it("and not again when the service's own error is replayed: a person looks first", async () => {
      shipping.sandbox.faults.arm({ step: "send", fault: "refuse", status: 500, by: "service" });
      const { phase, error } = await ship(engine, large);
      assert.deepEqual([phase, error?.code], ["unconfirmed", "send-unconfirmed"]);
      assert.equal(shipping.sandbox.deliveries, 0);
    });

    it("and not again after the hour of its key", async () => {
      shipping.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
      const late = await google({
        between: (http) => ({
          send: async (request) => {
            try {
              return await http.send(request);
            } finally {
              late.clock.aheadMs += 56 * minute;
            }
          },
        }),
      });
      const { phase } = await ship(late, large);
      assert.equal(phase, "unconfirmed");
      assert.equal(shipping.sandbox.deliveries, 1);
      assert.equal(shipping.requests("send").length, 1);
    });
  });

  describe("a window that ends while it sends", () => {
    let state: Folder;
    const secrets = new MemorySecrets();
    let second: Engine;
    beforeEach(async () => {
      state = await Folder.make();
    });
    afterEach(async () => {
      await second.close();
      await state.remove();
    });

    /** The same window after it was opened again. */
    async function reopen(): Promise<void> {
      second = await google({ folder: state.path, secrets });
      await second.store.load();
      await second.runner.recover();
    }

    for (const [what, fault] of [
      ["in the middle of the files", { step: "send", fault: "stall", afterBytes: 2 * MiB }],
      ["before the mail went out", { step: "send", fault: "stall" }],
      ["after the mail went out", { step: "send", fault: "stall", afterCommit: true }],
    ] as const)
      it(`${what} leaves it to the next, which sends the same bytes`, async () => {
        shipping.sandbox.faults.arm(fault);
        const first = await google({ folder: state.path, secrets });
        const id = await compose(first, large, small);
        await pressSend(first, id);
        await eventually(() => shipping.sandbox.faults.unmet.length === 0);
        await first.close();
        await reopen();
        assert.equal((await settled(second, id)).phase, "sent");
        await assertArrivedOnce(large, small);
      });

    for (const [what, spoil] of [
      ["is another one", () => writeFile(large, Buffer.alloc(LARGE, 1))],
      ["is gone", () => rm(large)],
    ] as const)
      it(`and whose file ${what} by then is not repeated: nobody can tell whether it is out`, async () => {
        shipping.sandbox.faults.arm({ step: "send", fault: "stall", afterCommit: true });
        const first = await google({ folder: state.path, secrets });
        const id = await compose(first, large);
        await pressSend(first, id);
        await eventually(() => shipping.sandbox.faults.unmet.length === 0);
        await first.close();
        await spoil();
        await reopen();
        const { phase, error } = await settled(second, id);
        assert.deepEqual([phase, error?.remedy], ["unconfirmed", "sendAgain"]);
        assert.equal(shipping.sandbox.deliveries, 1);
      });
  });

  describe("a file that is another one when the mail is sent", () => {
    /** Composes, spoils the file, and presses Send. */
    async function spoilt(spoil: () => Promise<unknown>): Promise<string> {
      const id = await compose(engine, small, large);
      await settled(engine, id);
      await spoil();
      await pressSend(engine, id);
      const { phase } = await settled(engine, id);
      assert.equal(phase, "waiting");
      assert.equal(shipping.sandbox.deliveries, 0);
      return id;
    }

    async function assertMended(id: string): Promise<void> {
      const [, file] = filesOf(engine, id);
      await engine.runner.uploadNewVersion(id, file?.id ?? "");
      assert.equal((await settled(engine, id)).phase, "sent");
      await shipping.assertArrived([small, large]);
    }

    it("is found before anything leaves; its new version goes by itself", async () => {
      const id = await spoilt(() => writeFile(large, Buffer.alloc(LARGE, 1)));
      const [first, second] = filesOf(engine, id);
      assert.deepEqual(
        [first.status, second?.status, second?.error?.code],
        ["ready", "failed", "file-changed"],
      );
      assert.equal(second?.error?.remedy, "uploadNewVersion");
      assert.deepEqual(shipping.requests("send"), []);
      const delivery = engine.store.get(id);
      const view = panelSnapshot(delivery, { accounts: [], notice: null, now: Date.now() }).attachments[1];
      assert.ok(!view?.actions.includes("keepVersion"), "the old version is nowhere any more");
      await assertMended(id);
    });

    it("is found although its time and its size are the same", async () => {
      const instant = new Date(Date.now() - minute);
      await utimes(large, instant, instant);
      const id = await spoilt(async () => {
        await writeFile(large, Buffer.alloc(LARGE, 1));
        await utimes(large, instant, instant);
      });
      assert.equal(filesOf(engine, id)[1]?.error?.code, "file-changed");
      assert.deepEqual(shipping.requests("send"), []);
      await assertMended(id);
    });

    it("is found when it becomes another one as the mail leaves, and the service never has the whole", async () => {
      let isDone = false;
      const id = await spoilt(async () => {
        engine.store.onDidChange(({ delivery }) => {
          if (isDone || delivery?.phase !== "sending") return;
          isDone = true;
          writeFileSync(large, Buffer.alloc(LARGE, 1));
        });
      });
      const [, second] = filesOf(engine, id);
      assert.deepEqual([second?.status, second?.error?.code], ["failed", "file-changed"]);
      const [request] = shipping.requests("send");
      assert.ok(Number(request?.headers["content-length"]) > (request?.bytesReceived ?? 0));
      await assertMended(id);
      const keys = shipping.requests("send").map(({ headers }) => headers["idempotency-key"]);
      assert.equal(new Set(keys).size, 2, "other bytes, another key");
    });

    it("is missed when it is gone; once it is back it goes by itself", async () => {
      const bytes = await readFile(large);
      const id = await spoilt(() => rm(large));
      const [, second] = filesOf(engine, id);
      assert.deepEqual([second?.error?.code, second?.error?.remedy], ["file-missing", "retry"]);
      await writeFile(large, bytes);
      await engine.runner.resume(id, second?.id ?? "");
      assert.equal((await settled(engine, id)).phase, "sent");
      await shipping.assertArrived([small, large]);
    });

    it("is no other one when it was only touched", async () => {
      const id = await compose(engine, large);
      await settled(engine, id);
      await utimes(large, new Date(), new Date());
      await pressSend(engine, id);
      assert.equal((await settled(engine, id)).phase, "sent");
      await assertArrivedOnce(large);
    });
  });

  describe("what is too large", () => {
    it("is named with both sizes and whose limit it is, before anything leaves", async () => {
      const { phase, attachments } = await ship(engine, await shipping.file("huge.bin", 25 * MiB + 1));
      assert.equal(phase, "waiting");
      assert.equal(attachments[0]?.error?.code, "file-too-large");
      assert.equal(
        attachments[0]?.error?.message,
        "“huge.bin” is 25 MB (26,214,401 bytes); the limit for Google mailboxes is 25 MB (26,214,400 bytes).",
      );
      assert.deepEqual(shipping.sandbox.requests, []);
    });

    it("is named as a total where only the files together are", async () => {
      const paths = await Promise.all(["a", "b", "c"].map((name) => shipping.file(name, 9 * MiB)));
      const { id, phase, error } = await ship(engine, ...paths);
      assert.deepEqual([phase, error?.code], ["failed", "message-too-large"]);
      assert.match(
        error?.message ?? "",
        /^The mail is 27 MB \([\d,]+ bytes\) .* the limit for Google mailboxes is 25 MB \(26,214,400 bytes\)/,
      );
      assert.deepEqual(shipping.sandbox.requests, []);
      await engine.runner.detach(id, filesOf(engine, id)[0].id);
      await pressSend(engine, id);
      assert.equal((await settled(engine, id)).phase, "sent");
      await assertArrivedOnce(...paths.slice(1));
    });

    it("goes up to the last byte of the limit", async () => {
      const probe = await shipping.file("most.bin", 4 * MiB);
      assert.equal((await ship(engine, probe)).phase, "sent");
      const frame = Number(shipping.requests("send")[0]?.headers["content-length"]) - 4 * MiB;
      const path = await shipping.file("most.bin", 25 * MiB - frame);
      assert.equal((await ship(engine, path)).phase, "sent");
      assert.equal(shipping.requests("send")[1]?.headers["content-length"], String(25 * MiB));
      await writeFile(path, Buffer.alloc(25 * MiB - frame + 1));
      assert.equal((await ship(engine, path)).error?.code, "message-too-large");
    });

    it("is said in the mailbox's words when the service says it", async () => {
      shipping.sandbox.faults.arm({ step: "send", fault: "refuse", status: 413 });
      const { error } = await ship(engine, large);
      assert.deepEqual(
        [error?.code, error?.message, error?.remedy],
        ["message-too-large", "The mail is larger than the limit for Google mailboxes.", null],
      );
    });
  });

  it("and back: another account takes the files its own way", async () => {
    const microsoft = { id: "microsoft", apiKey: shipping.sandbox.nylas.apiKey, grantId: grantAt(0) };
    const both = await google({ others: [microsoft] });
    const huge = await shipping.file("huge.bin", 26 * MiB);
    const id = await compose(both, large, huge);
    await settled(both, id);
    assert.deepEqual(
      filesOf(both, id).map(({ status }) => status),
      ["ready", "failed"],
    );

    await both.runner.chooseAccount(id, "microsoft");
    await settled(both, id);
    assert.deepEqual(
      filesOf(both, id).map(({ status }) => status),
      ["ready", "ready"],
    );
    assert.equal(shipping.requests("complete").length, 2);
    const method = () =>
      panelSnapshot(both.store.get(id), { accounts: [], notice: null, now: Date.now() }).method;
    assert.equal(method()?.label, "Upload session");

    await both.runner.chooseAccount(id, both.account.id);
    await settled(both, id);
    assert.deepEqual(
      filesOf(both, id).map(({ status }) => status),
      ["ready", "failed"],
    );
    await both.runner.detach(id, filesOf(both, id)[1]?.id ?? "");
    assert.equal(method()?.label, "In the message");
    await pressSend(both, id);
    assert.equal((await settled(both, id)).phase, "sent");
    await shipping.assertArrived([large]);
    assert.deepEqual(contentTypes(), ["multipart/form-data"]);
  });

  it("holds no file in memory: it is read in pieces while it leaves, and only named in the record", async () => {
    let largest = 0;
    async function* measured(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        largest = Math.max(largest, chunk.length);
        yield chunk;
      }
    }
    const streaming = await google({
      between: (http) => ({
        send: ({ body, ...request }) => {
          assert.ok(typeof body === "object");
          return http.send({ ...request, body: { ...body, chunks: measured(body.chunks) } });
        },
      }),
    });
    const path = await shipping.file("most.bin", 24 * MiB);
    const { phase, send } = await ship(streaming, path);
    assert.equal(phase, "sent");
    assert.equal(largest, READ_BYTES);
    assert.ok((send?.body.length ?? 0) < 2 * KiB);
    await assertArrivedOnce(path);
  });
});
