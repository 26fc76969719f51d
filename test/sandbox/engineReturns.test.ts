import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { Answer, House } from "../../src/sandbox/inbox/recipients.ts";
import { compose, Desk } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import type { Window, WindowOptions } from "../support/window.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const doors = [nylas, google, graph];

for (const door of doors)
  describe(`What comes back of a mail through ${door.name}`, () => {
    let desk: Desk;
    let window: Window;
    let aheadMs: number;
    let isFocused: boolean;
    const watching = (): Partial<WindowOptions> => ({
      clockOffsetMs: () => aheadMs,
      watch: { isOn: () => true, isFocused: () => isFocused },
    });
    beforeEach(async () => {
      aheadMs = 0;
      isFocused = true;
      desk = await Desk.set(door);
      window = await desk.open(watching());
    });
    afterEach(() => desk.clear());

    const pass = (ms: number) => {
      aheadMs += ms;
      desk.sandbox.clock.advance(ms);
    };
    const answering = (answers: Answer, house: House = "exchange") => {
      desk.sandbox.recipients.rules = [{ at: "ann@x.example", answers, house, afterMs: 5 * second }];
    };
    const sendTo = async (to: string, subject = "A build"): Promise<string> => {
      const id = await compose(window, await desk.file(`${subject}.bin`, 50_000));
      const { form } = window.store.get(id);
      await window.runner.send(id, {
        ...form,
        to,
        subject: `${subject} (${id})`,
        revision: form.revision + 1,
      });
      assert.equal((await window.until(id, ({ phase }) => phase === "sent"))?.phase, "sent");
      return id;
    };
    /** Requests that looked at the inbox, and how many mails were read there. */
    const looks = () => {
      const asked = desk.sandbox.requests.filter(
        ({ method, path }) =>
          method === "GET" && /\/messages(\?|\/)/.test(path) && !/drafts|sentitems/.test(path),
      );
      const reads = asked.filter(({ path }) => /\$value|raw_mime/.test(path)).length;
      const lists = asked.filter(({ path }) => /receivedDateTime|received_after/.test(path)).length;
      return { lists, reads };
    };
    /** A look around, as a window takes one every few seconds. */
    const look = (at = window) => at.runner.recover();
    const returnsOf = (id: string, at = window) =>
      (at.store.get(id).arrival?.returns ?? []).map(({ email, action, reason }) => [email, action, reason]);

    for (const [answers, wanted] of [
      ["tooLarge", "tooLarge"],
      ["ownLimit", "ownLimit"],
      ["blockedFile", "blockedFile"],
      ["unknownAddress", "noAddress"],
      ["mailboxFull", "mailboxFull"],
      ["refused", "refused"],
      ["gaveUp", "gaveUp"],
    ] as const)
      it(`is noted when it is “${answers}”`, async () => {
        answering(answers);
        const id = await sendTo("Ann <ann@x.example>, bob@y.example");
        pass(16 * second);
        await look();
        assert.deepEqual(returnsOf(id), [["ann@x.example", "failed", wanted]]);
        assert.deepEqual(looks(), { lists: 1, reads: 1 });
      });

    for (const house of ["german", "japanese", "gmail", "postfix", "qmail"] as const)
      it(`is noted when ${house} writes it`, async () => {
        answering("tooLarge", house);
        const id = await sendTo("ann@x.example, bob@y.example");
        const other = await sendTo("ann@x.example", "Another build");
        pass(16 * second);
        await look();
        assert.deepEqual(returnsOf(id), [["ann@x.example", "failed", "tooLarge"]]);
        assert.deepEqual(returnsOf(other), [["ann@x.example", "failed", "tooLarge"]]);
        assert.deepEqual(looks(), { lists: 1, reads: 2 });
      });

    for (const [answers, action] of [
      ["delayed", "delayed"],
      ["relayed", "relayed"],
      ["delivered", "delivered"],
    ] as const)
      it(`is no bounce when it says “${answers}”`, async () => {
        answering(answers);
        const id = await sendTo("ann@x.example");
        pass(16 * second);
        await look();
        assert.deepEqual(
          returnsOf(id).map(([email, is]) => [email, is]),
          [["ann@x.example", action]],
        );
      });

    for (const answers of ["outOfOffice", "newsletter", "answer"] as const)
      it(`is nothing when it is “${answers}”`, async () => {
        answering(answers);
        const id = await sendTo("ann@x.example");
        pass(16 * second);
        await look();
        assert.deepEqual(returnsOf(id), []);
        assert.notEqual(window.store.get(id).arrival?.lookedAt, null);
      });

    it("is looked for seldom, and no longer than two days", async () => {
      await sendTo("ann@x.example");
      const seen: number[] = [];
      let before = 0;
      const from = aheadMs;
      for (const until of [
        15,
        60,
        180,
        600,
        1_800,
        5_400,
        9_000,
        40 * 3_600,
        47 * 3_600,
        49 * 3_600,
        80 * 3_600,
      ]) {
        pass(from + until * second + second - aheadMs);
        await look();
        await look();
        const { lists } = looks();
        seen.push(lists - before);
        before = lists;
      }
      assert.deepEqual(seen, [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
    });

    it("is looked for seldom only where somebody sits at the window", async () => {
      await sendTo("ann@x.example");
      isFocused = false;
      pass(hour);
      await look(); // The one that was due meanwhile.
      pass(2 * hour);
      await look();
      assert.equal(looks().lists, 1);
      isFocused = true;
      await look();
      assert.equal(looks().lists, 2);
    });

    it("is not looked for where nothing was sent, or all is known, or nobody wants it", async () => {
      pass(minute);
      await look();
      assert.equal(looks().lists, 0);
      answering("tooLarge");
      await sendTo("ann@x.example");
      pass(16 * second);
      await look();
      pass(hour);
      await look();
      assert.equal(looks().lists, 1);
      const quiet = await desk.open({ ...watching(), watch: { isOn: () => false, isFocused: () => true } });
      desk.sandbox.recipients.rules = [];
      await sendTo("bob@y.example", "For Bob");
      await window.close();
      pass(hour);
      await look(quiet);
      assert.equal(looks().lists, 1);
    });

    it("is looked for after a restart, from where it was", async () => {
      answering("tooLarge");
      desk.sandbox.recipients.rules = [
        { at: "ann@x.example", answers: "tooLarge", house: "gmail", afterMs: 2 * minute },
      ];
      const id = await sendTo("ann@x.example");
      pass(16 * second);
      await look();
      assert.deepEqual(returnsOf(id), []);
      await window.close();
      const next = await desk.open(watching());
      await look(next);
      assert.equal(looks().lists, 1); // Nothing is due.
      pass(5 * minute);
      await look(next);
      assert.deepEqual(returnsOf(id, next), [["ann@x.example", "failed", "tooLarge"]]);
      assert.equal(looks().lists, 2);
    });

    it("is looked for by one of two windows", async () => {
      answering("tooLarge");
      const id = await sendTo("ann@x.example");
      const other = await desk.open(watching());
      pass(16 * second);
      await Promise.all([look(), look(other)]);
      assert.equal(looks().lists, 1);
      await look(other);
      await look();
      assert.equal(looks().lists, 1);
      for (const each of [window, other]) {
        await each.runner.noticed(id);
        assert.deepEqual(returnsOf(id, each), [["ann@x.example", "failed", "tooLarge"]]);
      }
    });

    it("is looked for again when the inbox could not be read", async () => {
      answering("tooLarge");
      const id = await sendTo("ann@x.example");
      pass(16 * second);
      desk.sandbox.faults.arm({ step: "look", fault: "refuse", status: 503, times: 1 });
      await look();
      await look();
      const isUnseen = ({ arrival }: DeliveryRecord) => arrival?.lookedAt === null;
      assert.ok(isUnseen(window.store.get(id)));
      assert.equal(looks().lists, 1);
      pass(2 * minute);
      await look();
      assert.deepEqual(returnsOf(id), [["ann@x.example", "failed", "tooLarge"]]);
    });

    it("cannot be seen in a mailbox that may not be read, which is asked once", async () => {
      answering("tooLarge");
      const id = await sendTo("ann@x.example");
      pass(16 * second);
      desk.sandbox.faults.arm({
        step: "look",
        fault: "refuse",
        status: 403,
        times: 9,
        by: "service",
      });
      await look();
      pass(hour);
      await look();
      assert.equal(looks().lists, 1);
      assert.equal(window.store.get(id).arrival?.barred, true);
      desk.sandbox.faults.clear();
    });
  });
