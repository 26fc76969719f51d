import assert from "node:assert/strict";
import { mock } from "node:test";
import { compose, Desk, faultsMet } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import { cutting } from "../support/journals.ts";
import { until } from "../support/until.ts";
import type { Window, WindowOptions } from "../support/window.ts";

/** Three files, of which no two fit in a mail. */
const most = 2_000_000;
const size = 1_000_003;

for (const door of [nylas, google, graph])
  describe(`Files that go in several mails through ${door.name}`, () => {
    let desk: Desk;
    let window: Window;
    const options: Partial<WindowOptions> = { mostBoth: () => most };
    beforeEach(async () => {
      desk = await Desk.set(door);
      window = await desk.open(options);
    });
    afterEach(() => desk.clear());

    const begin = async (files = 3, at = window): Promise<string> => {
      const paths: string[] = [];
      for (let n = 1; n <= files; n++) paths.push(await desk.file(`${n}.bin`, size, n));
      const id = await compose(at, ...paths);
      const { form } = at.store.get(id);
      const text = { to: "Ann <ann@x.example>", subject: `Build (${id})`, body: "Here it is." };
      await at.runner.edit(id, { ...form, ...text, revision: form.revision + 1 });
      return id;
    };
    const press = (id: string, at = window, inMails = true) =>
      at.runner.send(id, at.store.get(id).form, { type: "send", inMails });
    const uploaded = (id: string) =>
      window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    const allSent = (at: Window, count = 3) =>
      new Promise<void>((resolve) => {
        const look = () => {
          const mails = at.store.list();
          if (mails.length !== count || mails.some(({ phase }) => phase !== "sent")) return;
          listening.dispose();
          resolve();
        };
        const listening = at.store.onDidChange(look);
        look();
      });
    /** What arrived, in its order: exactly these files, byte for byte (the desk's witness looks), in one thread. */
    const assertArrived = (files: readonly (readonly string[])[]) => {
      const mails = desk.sandbox.mails.toSorted((one, other) => Number(place(one)) - Number(place(other)));
      assert.deepEqual(
        mails.map(({ attachments }) => attachments.map(({ filename }) => filename)),
        files,
      );
      const [first, ...others] = mails;
      for (const mail of others) {
        assert.equal(mail.in_reply_to, first?.message_id);
        assert.equal(mail.thread_id, first?.thread_id);
        assert.equal(mail.subject, first?.subject);
      }
      for (const mail of mails) {
        assert.deepEqual(mail.taken_by, ["ann@x.example"]);
        assert.equal(mail.deliveries, 1);
        for (const [at, names] of files.entries())
          assert.match(mail.text, new RegExp(`${at + 1}\\. ${names.join(" \\(.*\\)(?:,| and) ")} \\(`));
      }
    };
    const place = ({ text }: { text: string }) => /\((\d+)\/\d+\) The files are in/.exec(text)?.[1];
    const ones = [["1.bin"], ["2.bin"], ["3.bin"]];

    it("arrive each once, in one thread, with the list of all", async () => {
      const id = await begin();
      await press(id);
      await allSent(window);
      assertArrived(ones);
      const [first, ...others] = desk.sandbox.mails.toReversed();
      assert.match(first?.text ?? "", /^Here it is\./);
      for (const { text } of others) assert.match(text, /^\([23]\/3\) /);
    });

    it("arrive when they were uploaded before Send", async () => {
      const id = await begin();
      await uploaded(id);
      await press(id);
      await allSent(window);
      assertArrived(ones);
    });

    it("fill mails with as many as fit", async () => {
      const paths = [];
      for (const [name, bytes] of [
        ["a.bin", 600_000],
        ["b.bin", 1_200_000],
        ["c.bin", 500_000],
        ["d.bin", 100_000],
      ] as const)
        paths.push(await desk.file(name, bytes));
      const id = await compose(window, ...paths);
      const { form } = window.store.get(id);
      const text = { to: "ann@x.example", subject: `Build (${id})`, revision: form.revision + 1 };
      await window.runner.send(id, { ...form, ...text }, { type: "send", inMails: true });
      await allSent(window, 2);
      assertArrived([
        ["b.bin", "d.bin"],
        ["a.bin", "c.bin"],
      ]);
    });

    it("are one mail where one is enough", async () => {
      const id = await begin(1);
      await press(id);
      await allSent(window, 1);
      assert.equal(window.store.get(id).set, null);
    });

    it("do not leave where a file alone is too large", async () => {
      const id = await compose(window, await desk.file("large.bin", 2_500_000));
      const { form } = window.store.get(id);
      const to = { ...form, to: "ann@x.example", revision: form.revision + 1 };
      await assert.rejects(window.runner.send(id, to, { type: "send", inMails: true }), /alone is larger/);
      assert.equal(window.store.get(id).phase, "composing");
    });

    it("arrive each once after a crash behind the first", async () => {
      desk.sandbox.faults.arm({ step: "send", fault: "hold", skip: 1 });
      const id = await begin();
      await press(id);
      await faultsMet(desk.sandbox);
      assert.equal(window.store.get(id).phase, "sent");
      await window.kill();
      desk.sandbox.faults.release();
      const next = await desk.open(options);
      await allSent(next);
      assertArrived(ones);
    });

    for (let written = 0; written < 9; written++)
      it(`arrive each once after a crash before write ${written} behind Send`, async () => {
        await window.close();
        let left = Number.POSITIVE_INFINITY;
        const mortal = await desk.open({
          ...options,
          journal: cutting({ when: "before", isMoment: () => left-- === 0 }),
        });
        const id = await begin(3, mortal);
        await mortal.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
        await mortal.store.saved(id);
        left = written;
        void press(id, mortal);
        await mortal.until(id, () => mortal.isDead);
        await mortal.kill(); // Resolves when it is dead for others, too.
        const next = await desk.open(options);
        // The click itself may be lost: then the mail is whole, and nothing has left.
        if (next.store.get(id).phase === "composing") {
          assert.equal(next.store.list().length, 1);
          await press(id, next);
        }
        await allSent(next);
        assertArrived(ones);
      });

    it("can be taken back once more where one is sent alone, because it did not leave", async () => {
      let undoSendMs = 0;
      await window.close();
      window = await desk.open({ ...options, undoSendMs: () => undoSendMs });
      desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400, skip: 1 });
      const id = await begin(2);
      await press(id);
      await window.until(id, ({ phase }) => phase === "sent");
      const other = window.store.list().find((mail) => mail.id !== id)?.id ?? "";
      await window.until(other, ({ phase }) => phase === "failed");
      undoSendMs = 3_600_000;
      await press(other);
      await window.until(other, ({ leavesAt }) => leavesAt !== undefined);
      await window.runner.withdraw(other);
      undoSendMs = 0;
      await press(other);
      await allSent(window, 2);
      assertArrived(ones.slice(0, 2));
    });

    it("are one mail again when they are taken back", async () => {
      desk.sandbox.faults.arm({ step: "upload", fault: "hold", times: 9 });
      const id = await begin();
      await press(id);
      await window.until(id, ({ set }) => set !== null && set.moving.length === 0);
      const other = window.store.list().find((mail) => mail.id !== id)?.id ?? "";
      await window.runner.withdraw(other);
      assert.deepEqual(
        window.store.list().map((mail) => [mail.id, mail.phase, mail.set]),
        [[id, "composing", null]],
      );
      assert.deepEqual(
        window.store
          .get(id)
          .attachments.map(({ name }) => name)
          .sort(),
        ["1.bin", "2.bin", "3.bin"],
      );
      desk.sandbox.faults.clear();
      desk.sandbox.faults.release();
      await window.runner.send(id, window.store.get(id).form);
      await allSent(window, 1);
      assert.equal(desk.sandbox.mails[0]?.attachments.length, 3);
    });

    /** The first mail leaves from this window, and the others are another one's. */
    const sharedOut = async (): Promise<{ id: string; other: Window; others: readonly string[] }> => {
      desk.sandbox.faults.arm({ step: "send", fault: "hold" });
      const id = await begin();
      await press(id);
      await faultsMet(desk.sandbox);
      const others = window.store.get(id).set?.mails.slice(1) ?? [];
      for (const each of others) await window.leases.release(each);
      const other = await desk.open(options);
      assert.deepEqual(
        [id, ...others].map((each) => other.drives(each)),
        [false, true, true],
      );
      return { id, other, others };
    };

    for (const [how, hear] of [
      ["by its record", (other: Window, id: string) => other.runner.noticed(id)],
      ["by looking around, where no file watcher tells", (other: Window) => other.runner.recover()],
    ] as const)
      it(`arrive each once where the first leaves from another window, which is heard of ${how}`, async () => {
        const { id, other } = await sharedOut();
        desk.sandbox.faults.release();
        await window.until(id, ({ phase }) => phase === "sent");
        await until("the first is nobody's", () => !window.drives(id));
        await hear(other, id);
        await allSent(other);
        assertArrived(ones);
      });

    it("stay as they are where somebody acts on them beside the window that has the first", async () => {
      const { id, other, others } = await sharedOut();
      await assert.rejects(other.runner.withdraw(others[0] ?? ""), { code: "driven-elsewhere" });
      await assert.rejects(other.runner.forget(others[1] ?? ""), { code: "driven-elsewhere" });
      desk.sandbox.faults.release();
      await window.until(id, ({ phase }) => phase === "sent");
      await until("the first is nobody's", () => !window.drives(id));
      await other.runner.noticed(id);
      await allSent(other);
      assertArrived(ones);
    });

    it("stay several when they are taken back before one of them is read", async () => {
      desk.sandbox.faults.arm({ step: "upload", fault: "hold", times: 9 });
      const id = await begin();
      await press(id);
      await window.until(id, ({ set }) => set !== null && set.moving.length === 0);
      const [, second = "", third = ""] = window.store.get(id).set?.mails ?? [];
      const { store } = window;
      const find = store.find.bind(store);
      const unread = mock.method(store, "find", (each: string) => (each === third ? undefined : find(each)));
      await window.runner.withdraw(id);
      unread.mock.restore();
      assert.deepEqual(
        [id, second, third].map((each) => store.get(each).set?.mails.length),
        [3, 3, 3],
      );
      desk.sandbox.faults.clear();
      desk.sandbox.faults.release();
      await press(id, window, false);
      // As one mail again, as soon as it is read.
      await allSent(window, 1);
      assert.deepEqual(
        desk.sandbox.mails[0]?.attachments.map(({ filename }) => filename).sort(),
        ones.flat(),
      );
    });
  });

describe("Several mails, of which one has its troubles", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set(nylas);
    window = await desk.open({ mostBoth: () => most });
  });
  afterEach(() => desk.clear());

  const press = async (): Promise<string> => {
    const id = await compose(window, await desk.file("1.bin", size, 1), await desk.file("2.bin", size, 2));
    const form = { ...window.store.get(id).form, to: "ann@x.example", subject: `Build (${id})`, revision: 9 };
    await window.runner.send(id, form, { type: "send", inMails: true });
    return id;
  };
  const handedOn = async (id: string): Promise<string> => {
    const first = await window.until(id, ({ set }) => set !== null && set.moving.length === 0);
    return first?.set?.mails[1] ?? "";
  };
  const named = (id: string) => window.store.get(id).attachments.map(({ name }) => name);

  it("are one mail again when the first is refused", async () => {
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400 });
    const id = await press();
    await window.until(id, ({ phase, set }) => phase === "failed" && set === null);
    assert.deepEqual(named(id).sort(), ["1.bin", "2.bin"]);
    assert.equal(desk.sandbox.mails.length, 0);
  });

  it("wait for a person where nobody knows whether the first was sent, and go alone without it", async () => {
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 504, afterCommit: true, times: 99 });
    const id = await press();
    const other = await handedOn(id);
    await window.until(id, ({ phase }) => phase === "unconfirmed");
    assert.equal(window.store.get(other).phase, "waiting");
    desk.sandbox.faults.clear();
    await window.runner.forget(id);
    await window.until(other, ({ phase }) => phase === "composing");
    assert.deepEqual(named(other), ["2.bin"]);
    await window.runner.send(other, window.store.get(other).form);
    await window.until(other, ({ phase }) => phase === "sent");
    assert.equal(desk.sandbox.mails[0]?.attachments[0]?.filename, "2.bin");
  });

  it("keep their files while they wait, and say how to change them", async () => {
    desk.sandbox.faults.arm({ step: "send", fault: "hold" });
    await window.close();
    window = await desk.open({ mostBoth: () => most, undoSendMs: () => 3_600_000 });
    const id = await press();
    const other = await handedOn(id);
    const more = await desk.file("more.bin", 1000, 3);
    for (const mail of [id, other]) {
      const file = window.store.get(mail).attachments[0]?.id ?? "";
      for (const act of [
        window.runner.attach(mail, [more]),
        window.runner.detach(mail, file),
        window.runner.rename(mail, file, "x.bin"),
        window.runner.replace(mail, file, more),
      ])
        await assert.rejects(act, /shared out among 2 mails. Choose Keep Editing/);
    }
    assert.deepEqual([named(id), named(other)], [["1.bin"], ["2.bin"]]);
    await window.runner.withdraw(other);
    await window.runner.attach(id, [more]);
    assert.equal(named(id).length, 3);
  });

  it("lose one alone that is discarded after the first was sent", async () => {
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400, skip: 1 });
    const id = await press();
    const other = await handedOn(id);
    await window.until(other, ({ phase }) => phase === "failed");
    await window.runner.forget(other);
    assert.equal(window.store.find(other), undefined);
    assert.deepEqual([window.store.get(id).phase, desk.sandbox.mails.length], ["sent", 1]);
  });
});
