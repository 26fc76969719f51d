import assert from "node:assert/strict";
import type { Engine } from "../support/engine.ts";
import { compose, eventually, filesOf, pressSend, Shipping, settled, ship } from "../support/shipping.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const minute = 60_000;

describe("The method of a mail", () => {
  let shipping: Shipping;
  let engine: Engine;

  beforeEach(async () => {
    shipping = await Shipping.start();
    engine = await shipping.engine();
  });
  afterEach(() => shipping.close());

  const steps = () => shipping.sandbox.requests.map(({ step }) => step);
  const statuses = (deliveryId: string) => filesOf(engine, deliveryId).map(({ status }) => status);

  it("goes the four steps, and the file arrives byte for byte", async () => {
    const path = await shipping.file("build.zip", 17 * MiB + 1);
    const { phase, messageId, requestId } = await ship(engine, path);
    assert.equal(phase, "sent");
    assert.ok(messageId !== null && requestId !== null);
    assert.deepEqual([...new Set(steps())], ["create", "upload", "complete", "send"]);
    await shipping.assertArrived([path], ["build.zip"]);
    assert.equal(shipping.bytesReceived, 17 * MiB + 1, "no byte was sent twice");
  });

  it("sends what was written, to whom it was written", async () => {
    const deliveryId = await compose(engine, await shipping.file("a.bin", 10));
    await engine.runner.send(deliveryId, {
      revision: 7,
      to: '"Lee, Ann" <ann@example.com>; bob@example.com',
      cc: "carl@example.com",
      bcc: "dora@example.com",
      replyTo: "",
      headers: "",
      subject: "Größe 📦",
      body: "<b>1 < 2</b>\n— Zoë",
      format: "text",
    });
    await settled(engine, deliveryId);
    const [mail] = shipping.sandbox.mails;
    assert.deepEqual(
      [mail?.to, mail?.cc, mail?.bcc].map((list) => list?.map(({ email }) => email)),
      [["ann@example.com", "bob@example.com"], ["carl@example.com"], ["dora@example.com"]],
    );
    assert.equal(mail?.to[0]?.name, "Lee, Ann");
    assert.deepEqual(
      [mail?.subject, mail?.body, mail?.is_plaintext],
      ["Größe 📦", "<b>1 < 2</b>\n— Zoë", true],
    );
  });

  describe("lets a mail wait a moment before it leaves", () => {
    let path: string;
    let deliveryId: string;
    let slow: Engine;
    let undoSendMs: number;

    beforeEach(async () => {
      path = await shipping.file("a.bin", 10);
      undoSendMs = 60_000;
      slow = await shipping.engine({ undoSendMs: () => undoSendMs });
      deliveryId = await compose(slow, path);
      await pressSend(slow, deliveryId);
      await slow.until(deliveryId, ({ leavesAt }) => leavesAt !== undefined);
    });

    it("in which it can be taken back", async () => {
      await slow.runner.withdraw(deliveryId);
      const { phase, leavesAt } = slow.store.get(deliveryId);
      assert.deepEqual([phase, leavesAt], ["composing", undefined]);
      undoSendMs = 0;
      await pressSend(slow, deliveryId);
      assert.equal((await settled(slow, deliveryId)).phase, "sent");
      assert.equal(shipping.sandbox.deliveries, 1);
    });

    it("and sends it then", async () => {
      await slow.runner.withdraw(deliveryId);
      undoSendMs = 5;
      await pressSend(slow, deliveryId);
      assert.equal((await settled(slow, deliveryId)).phase, "sent");
      assert.equal(shipping.sandbox.deliveries, 1);
    });

    it("which begins anew when a file is added", async () => {
      const before = slow.store.get(deliveryId).leavesAt ?? 0;
      slow.clock.aheadMs = 10_000;
      await slow.runner.attach(deliveryId, [await shipping.file("b.bin", 10)]);
      assert.equal(slow.store.get(deliveryId).leavesAt, undefined);
      const { leavesAt = 0 } = await slow.until(deliveryId, (mail) => mail.leavesAt !== undefined);
      assert.ok(leavesAt >= before + 10_000);
    });

    it("and begins anew in the next window, when this one closes", async () => {
      const { folder, secrets } = slow;
      await slow.runner.shutdown();
      const next = await shipping.engine({ folder, secrets, undoSendMs: () => 5 });
      await next.store.load();
      assert.equal(next.store.get(deliveryId).leavesAt, undefined);
      await next.runner.recover();
      assert.equal((await settled(next, deliveryId)).phase, "sent");
      assert.equal(shipping.sandbox.deliveries, 1);
    });
  });

  it("forgets what was sent long ago, and nothing that was not sent", async () => {
    const path = await shipping.file("a.bin", 10);
    const { id, finishedAt } = await ship(engine, path);
    const unsent = await compose(engine, path);
    await settled(engine, unsent);
    assert.ok(finishedAt !== null);
    await engine.runner.forgetOlder(finishedAt);
    assert.ok(engine.store.find(id));
    await engine.runner.forgetOlder(finishedAt + 1);
    assert.equal(engine.store.find(id), undefined);
    await engine.runner.forgetOlder(Number.MAX_SAFE_INTEGER);
    assert.ok(engine.store.find(unsent));
  });

  it("sends a mail without a file, too", async () => {
    const { deliveryId } = await engine.runner.compose([], engine.account.id);
    assert.ok(deliveryId);
    await pressSend(engine, deliveryId);
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
    assert.equal(shipping.sandbox.mails[0]?.attachment_count, 0);
  });

  for (const bytes of [1, 256 * KiB - 1, 256 * KiB, 8 * MiB, 8 * MiB + 1])
    it(`sends a file of ${bytes} bytes`, async () => {
      const path = await shipping.file("a.bin", bytes);
      assert.equal((await ship(engine, path)).phase, "sent");
      await shipping.assertArrived([path]);
    });

  it("gives the storage no key, and sends each chunk once", async () => {
    await ship(engine, await shipping.file("a.bin", 9 * MiB));
    for (const { headers } of shipping.requests("upload", "probe"))
      assert.equal(headers.authorization, undefined);
    const ranges = shipping.requests("upload").map(({ headers }) => headers["content-range"]);
    assert.equal(ranges[0], `bytes 0-${8 * MiB - 1}/${9 * MiB}`);
    assert.equal(new Set(ranges).size, ranges.length);
  });

  it("uploads while the person writes, and sends at once then", async () => {
    const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
    assert.deepEqual((await settled(engine, deliveryId)).phase, "composing");
    assert.deepEqual(statuses(deliveryId), ["ready"]);
    assert.equal(shipping.sandbox.deliveries, 0);
    await pressSend(engine, deliveryId);
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
  });

  it("sends by itself when Send was pressed early", async () => {
    shipping.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 300 * KiB });
    const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
    await pressSend(engine, deliveryId);
    assert.equal(engine.store.get(deliveryId).phase, "waiting");
    shipping.sandbox.faults.release();
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
  });

  it("does not send what was taken back in time", async () => {
    shipping.sandbox.faults.arm({ step: "complete", fault: "hold" });
    const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
    await pressSend(engine, deliveryId);
    await engine.runner.withdraw(deliveryId);
    shipping.sandbox.faults.release();
    assert.equal((await settled(engine, deliveryId)).phase, "composing");
    assert.deepEqual(statuses(deliveryId), ["ready"]);
    assert.equal(shipping.sandbox.deliveries, 0);
    await pressSend(engine, deliveryId);
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
    assert.equal(shipping.sandbox.deliveries, 1);
  });

  it("cannot take back what is being sent", async () => {
    shipping.sandbox.faults.arm({ step: "send", fault: "hold", atWork: true });
    const deliveryId = await compose(engine, await shipping.file("a.bin", 10));
    await pressSend(engine, deliveryId);
    await eventually(() => shipping.requests("send").length > 0);
    await assert.rejects(engine.runner.withdraw(deliveryId), { code: "send-late" });
    shipping.sandbox.faults.release();
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
  });

  it("does not send a mail whose form has a problem, and says where", async () => {
    const deliveryId = await compose(engine, await shipping.file("a.bin", 10));
    const { form } = engine.store.get(deliveryId);
    const problem = await engine.runner.send(deliveryId, { ...form, revision: 1, to: "nobody" });
    assert.equal(problem?.field, "to");
    assert.equal((await settled(engine, deliveryId)).phase, "composing");
    assert.equal(engine.store.get(deliveryId).form.to, "nobody", "what was typed is kept");
  });

  describe("with several files", () => {
    it("uploads side by side, but never more than the service likes", async () => {
      const paths = await Promise.all(["a", "b", "c", "d", "e"].map((name) => shipping.file(name, 2 * MiB)));
      let most = 0;
      engine.store.onDidChange(({ delivery }) => {
        const busy = delivery?.attachments.filter(({ status }) =>
          ["creating", "uploading", "completing"].includes(status),
        );
        most = Math.max(most, busy?.length ?? 0);
      });
      assert.equal((await ship(engine, ...paths)).phase, "sent");
      assert.equal(most, engine.service.limits.parallelUploads);
      await shipping.assertArrived(paths, ["a", "b", "c", "d", "e"]);
    });

    it("shares the places among all mails of an account", async () => {
      const mails = await Promise.all(
        ["a", "b", "c", "d"].map(async (name) => compose(engine, await shipping.file(name, MiB))),
      );
      let most = 0;
      engine.store.onDidChange(() => {
        const all = mails.flatMap((id) => statuses(id));
        most = Math.max(
          most,
          all.filter((status) => ["creating", "uploading", "completing"].includes(status)).length,
        );
      });
      await Promise.all(mails.map((id) => settled(engine, id)));
      assert.ok(most <= engine.service.limits.parallelUploads);
    });

    it("goes on with the others when one fails, and the mail waits for a decision", async () => {
      shipping.sandbox.faults.arm({ step: "create", fault: "refuse", status: 400, skip: 1 });
      const paths = await Promise.all(["a", "b", "c"].map((name) => shipping.file(name, MiB)));
      const { id, phase, attachments } = await ship(engine, ...paths);
      assert.equal(phase, "waiting");
      assert.deepEqual(attachments.map(({ status }) => status).sort(), ["failed", "ready", "ready"]);
      const failed = attachments.find(({ status }) => status === "failed");
      assert.equal(failed?.error?.code, "request-refused");
      assert.ok(failed?.error?.requestId);
      assert.equal(shipping.sandbox.deliveries, 0);

      await engine.runner.resume(id, failed?.id ?? "");
      assert.equal((await settled(engine, id)).phase, "sent");
      await shipping.assertArrived(paths);
    });

    it("sends without the one that failed when a person removes it", async () => {
      shipping.sandbox.faults.arm({ step: "create", fault: "refuse", status: 400 });
      const paths = await Promise.all(["a", "b"].map((name) => shipping.file(name, MiB)));
      const { id, attachments } = await ship(engine, ...paths);
      const failed = attachments.findIndex(({ status }) => status === "failed");
      await engine.runner.detach(id, attachments[failed]?.id ?? "");
      assert.equal((await settled(engine, id)).phase, "sent");
      await shipping.assertArrived(paths.filter((_, at) => at !== failed));
    });

    it("names the files that cannot be sent, and sends the others", async () => {
      const good = await shipping.file("good.bin", 10);
      const empty = await shipping.file("empty.bin", 0);
      const gone = `${shipping.folder.path}/gone.bin`;
      const { deliveryId, problems } = await engine.runner.compose(
        [empty, good, gone, shipping.folder.path, good],
        engine.account.id,
      );
      assert.deepEqual(
        problems.map(({ code }) => code),
        ["file-empty", "file-missing", "file-is-folder"],
      );
      assert.ok(deliveryId);
      await pressSend(engine, deliveryId);
      await settled(engine, deliveryId);
      await shipping.assertArrived([good]);
    });

    it("begins no mail when none can be sent", async () => {
      const { deliveryId, problems } = await engine.runner.compose([shipping.folder.path], engine.account.id);
      assert.equal(deliveryId, undefined);
      assert.equal(problems.length, 1);
      assert.deepEqual(engine.store.list(), []);
    });

    it("takes in more while others are on their way", async () => {
      shipping.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 300 * KiB });
      const [a, b] = [await shipping.file("a", MiB), await shipping.file("b", MiB)];
      const deliveryId = await compose(engine, a);
      assert.deepEqual(await engine.runner.attach(deliveryId, [b]), []);
      shipping.sandbox.faults.release();
      await pressSend(engine, deliveryId);
      await settled(engine, deliveryId);
      await shipping.assertArrived([a, b]);
    });
  });

  describe("pauses", () => {
    for (const afterBytes of [0, 300 * KiB, 900 * KiB])
      it(`after ${afterBytes} bytes and goes on from what the storage has`, async () => {
        shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes });
        const path = await shipping.file("a.bin", MiB + 5);
        const deliveryId = await compose(engine, path);
        const [{ id }] = filesOf(engine, deliveryId);
        await eventually(() => shipping.sandbox.faults.unmet.length === 0);
        await engine.runner.pause(deliveryId, id);
        assert.equal(filesOf(engine, deliveryId)[0].status, "paused");
        await eventually(() => shipping.uploadSockets.length === 0);
        assert.equal(await shipping.isOpen(path), false);
        const before = shipping.sandbox.requests.length;

        await engine.runner.resume(deliveryId, id);
        await pressSend(engine, deliveryId);
        assert.equal((await settled(engine, deliveryId)).phase, "sent");
        await shipping.assertArrived([path]);
        const [asked, put] = shipping.sandbox.requests.slice(before);
        assert.deepEqual([asked?.step, put?.step], ["probe", "upload"]);
        const next = Number(asked?.range?.split("-")[1] ?? -1) + 1;
        assert.ok(
          put?.headers["content-range"]?.startsWith(`bytes ${next}-`),
          "from the storage's own count",
        );
        assert.ok(next <= afterBytes && next > afterBytes - 256 * KiB);
        assert.equal(shipping.requests("create").length, 1, "the same session");
      });

    it("and a mail that was armed waits", async () => {
      shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 100 });
      const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
      const [{ id }] = filesOf(engine, deliveryId);
      await pressSend(engine, deliveryId);
      await eventually(() => shipping.sandbox.faults.unmet.length === 0);
      await engine.runner.pause(deliveryId, id);
      assert.equal((await settled(engine, deliveryId)).phase, "waiting");
      assert.equal(shipping.sandbox.deliveries, 0);
      await engine.runner.resume(deliveryId, id);
      assert.equal((await settled(engine, deliveryId)).phase, "sent");
    });

    it("and resumes at once, several times", async () => {
      const path = await shipping.file("a.bin", 2 * MiB);
      const deliveryId = await compose(engine, path);
      const [{ id }] = filesOf(engine, deliveryId);
      for (let round = 0; round < 5; round++) {
        await engine.runner.pause(deliveryId, id);
        await engine.runner.resume(deliveryId, id);
      }
      await pressSend(engine, deliveryId);
      assert.equal((await settled(engine, deliveryId)).phase, "sent");
      await shipping.assertArrived([path]);
    });
  });

  describe("shows a file under its name", () => {
    const long = `${"長".repeat(80)}.bin`;
    for (const name of [
      "größe 📦👩‍👩‍👧.bin",
      "café NFC.bin",
      "דוח שנתי.pdf",
      "تقرير.pdf",
      "a'bc;d%20e&f=g#h.txt",
      ".hidden",
      "no extension",
      long,
      // Other systems cannot have these.
      ["cafe\u0301 NFD.bin", "café NFD.bin"],
      ['a"b?.txt', "a_b_.txt"],
      ["back\\slash.txt", "back_slash.txt"],
      ["dots...", "dots"],
      ["100% <b>.html", "100% _b_.html"],
      [" leading and trailing ", "leading and trailing"],
      ["aux.c", "aux_.c"],
    ] as const) {
      const [own, sent] = typeof name === "string" ? [name, name] : name;
      it(`as recipients can have it: ${own.slice(0, 30)}`, async () => {
        const path = await shipping.file(own, 10);
        assert.equal((await ship(engine, path)).phase, "sent");
        await shipping.assertArrived([path], [sent]);
      });
    }

    it("that was given before anything was begun", async () => {
      const { deliveryId } = await engine.runner.compose([await shipping.file("a.bin", 10)], null);
      assert.ok(deliveryId);
      await engine.runner.rename(deliveryId, filesOf(engine, deliveryId)[0].id, "Ergebnis 📊.bin");
      await engine.runner.chooseAccount(deliveryId, engine.account.id);
      await pressSend(engine, deliveryId);
      await settled(engine, deliveryId);
      assert.equal(shipping.requests("create").length, 1);
      assert.equal(shipping.sandbox.mails[0]?.attachments[0]?.filename, "Ergebnis 📊.bin");
    });

    for (const [when, step] of [
      ["while its session is opened", "create"],
      ["while it uploads", "upload"],
      ["while it is completed", "complete"],
    ] as const)
      it(`that was given ${when}`, async () => {
        shipping.sandbox.faults.arm({ step, fault: "stall" });
        const path = await shipping.file("a.bin", MiB);
        const deliveryId = await compose(engine, path);
        await eventually(() => shipping.sandbox.faults.unmet.length === 0);
        await engine.runner.rename(deliveryId, filesOf(engine, deliveryId)[0].id, "b.bin");
        await pressSend(engine, deliveryId);
        assert.equal((await settled(engine, deliveryId)).phase, "sent");
        await shipping.assertArrived([path], ["b.bin"]);
      });

    it("that was given when it was ready", async () => {
      const path = await shipping.file("a.bin", MiB);
      const deliveryId = await compose(engine, path);
      await settled(engine, deliveryId);
      await engine.runner.rename(deliveryId, filesOf(engine, deliveryId)[0].id, "b.bin");
      await pressSend(engine, deliveryId);
      await settled(engine, deliveryId);
      await shipping.assertArrived([path], ["b.bin"]);
    });

    it("that was given while it was paused, and stays paused", async () => {
      shipping.sandbox.faults.arm({ step: "upload", fault: "stall" });
      const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
      const [{ id }] = filesOf(engine, deliveryId);
      await eventually(() => shipping.sandbox.faults.unmet.length === 0);
      await engine.runner.pause(deliveryId, id);
      await engine.runner.rename(deliveryId, id, "b.bin");
      assert.deepEqual(
        [filesOf(engine, deliveryId)[0].status, filesOf(engine, deliveryId)[0].name],
        ["paused", "b.bin"],
      );
      await engine.runner.resume(deliveryId, id);
      await settled(engine, deliveryId);
      assert.deepEqual(statuses(deliveryId), ["ready"]);
    });

    it("and takes no name that is none, or leads elsewhere", async () => {
      const deliveryId = await compose(engine, await shipping.file("a.bin", 10));
      const [{ id }] = filesOf(engine, deliveryId);
      await settled(engine, deliveryId);
      for (const [name, expected] of [
        ["", "a.bin"],
        ["  ", "a.bin"],
        ["\u0007", "a.bin"],
        ["../../etc/passwd", "passwd"],
      ] as const) {
        await engine.runner.rename(deliveryId, id, name);
        assert.equal(filesOf(engine, deliveryId)[0].name, expected);
      }
      await settled(engine, deliveryId);
    });
  });

  describe("when a session runs out", () => {
    for (const [what, ms] of [
      ["before the mail is sent", 61 * minute],
      ["so soon that the send would not make it", 58 * minute],
    ] as const)
      it(`${what}, it uploads again and sends then`, async () => {
        const path = await shipping.file("a.bin", MiB);
        const deliveryId = await compose(engine, path);
        await settled(engine, deliveryId);
        shipping.sandbox.clock.advance(ms);
        engine.clock.aheadMs += ms;
        await pressSend(engine, deliveryId);
        assert.equal((await settled(engine, deliveryId)).phase, "sent");
        await shipping.assertArrived([path]);
        assert.equal(shipping.requests("create").length, 2);
        assert.equal(shipping.bytesReceived, 2 * MiB);
      });

    it("while it is paused, it begins anew", async () => {
      shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 600 * KiB });
      const path = await shipping.file("a.bin", MiB);
      const deliveryId = await compose(engine, path);
      const [{ id }] = filesOf(engine, deliveryId);
      await eventually(() => shipping.sandbox.faults.unmet.length === 0);
      await engine.runner.pause(deliveryId, id);
      shipping.sandbox.clock.advance(61 * minute);
      engine.clock.aheadMs += 61 * minute;
      await engine.runner.resume(deliveryId, id);
      await pressSend(engine, deliveryId);
      assert.equal((await settled(engine, deliveryId)).phase, "sent");
      await shipping.assertArrived([path]);
    });

    it("by the service's clock alone, it learns so when it completes, and uploads again", async () => {
      shipping.sandbox.faults.arm({ step: "complete", fault: "hold" });
      const path = await shipping.file("a.bin", MiB);
      const deliveryId = await compose(engine, path);
      await eventually(() => shipping.sandbox.faults.unmet.length === 0);
      shipping.sandbox.clock.advance(61 * minute);
      shipping.sandbox.faults.release();
      await pressSend(engine, deliveryId);
      assert.equal((await settled(engine, deliveryId)).phase, "sent");
      await shipping.assertArrived([path]);
      assert.ok(shipping.requests("complete").some(({ status }) => status === 410));
    });

    it("it counts from the service's clock, however wrong ours is", async () => {
      engine.clock.aheadMs = -3 * 60 * minute;
      const deliveryId = await compose(engine, await shipping.file("a.bin", MiB));
      await settled(engine, deliveryId);
      const left =
        (filesOf(engine, deliveryId)[0].session?.expiresAt ?? 0) - (Date.now() + engine.clock.aheadMs);
      assert.ok(Math.abs(left - 60 * minute) < 5_000, String(left));
    });
  });
});

describe("The engine with two accounts", () => {
  it("uploads anew to the one that was chosen, and sends from it", async () => {
    const scope = ["Mail.ReadWrite", "Mail.Send"];
    const grant = { provider: "microsoft", name: "X", grant_status: "valid", scope, created_at: 1 } as const;
    const shipping = await Shipping.start({
      grants: [
        { ...grant, id: "grant-1", email: "one@example.com" },
        { ...grant, id: "grant-2", email: "two@example.com" },
      ],
    });
    const { apiKey } = shipping.sandbox.nylas;
    const engine = await shipping.engine({ others: [{ id: "other", apiKey, grantId: "grant-2" }] });
    shipping.sandbox.faults.arm({ step: "upload", fault: "stall", afterBytes: 300 * KiB, skip: 1 });
    const paths = [await shipping.file("a.bin", MiB), await shipping.file("b.bin", MiB)];
    const deliveryId = await compose(engine, ...paths);
    await eventually(() => shipping.sandbox.faults.unmet.length === 0);

    await engine.runner.chooseAccount(deliveryId, "other");
    await pressSend(engine, deliveryId);
    assert.equal((await settled(engine, deliveryId)).phase, "sent");
    await shipping.assertArrived(paths);
    assert.equal(shipping.sandbox.mails[0]?.grant_id, "grant-2");
    await eventually(() => shipping.requests("cancel").length >= 1);
    assert.deepEqual(
      shipping.requests("create").map(({ path }) => path.split("/")[3]),
      ["grant-1", "grant-1", "grant-2", "grant-2"],
    );
    await shipping.close();
  });
});
