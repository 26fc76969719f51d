import assert from "node:assert/strict";
import { mock } from "node:test";
import { FreightError } from "../../../src/base/errors.ts";
import type { DeliveryEvent } from "../../../src/delivery/record/advance.ts";
import { toSaved } from "../../../src/delivery/record/delivery.ts";
import { type DeliveryChange, DeliveryStore } from "../../../src/delivery/store/store.ts";
import { MemorySecrets } from "../../support/engine.ts";
import { MemoryJournal, MemoryLog } from "../../support/memory.ts";
import { attachment, delivery, emptyForm, now, session } from "../../support/records.ts";

const settle = () => new Promise(setImmediate);
const rename = (name: string): DeliveryEvent => ({
  type: "attachment",
  attachmentId: "file-1",
  event: { type: "renamed", name, contentType: "text/plain" },
});
const progress = (accepted: number, handed = accepted): DeliveryEvent => ({
  type: "attachment",
  attachmentId: "file-1",
  event: { type: "progressed", accepted, handed, bytesPerSecond: 1, checkpoint: undefined },
});

describe("The store", () => {
  let journal: MemoryJournal;
  let secrets: MemorySecrets;
  let log: MemoryLog;
  let store: DeliveryStore;
  let changes: DeliveryChange[];

  beforeEach(() => {
    journal = new MemoryJournal();
    secrets = new MemorySecrets();
    log = new MemoryLog();
    store = new DeliveryStore({ journal, secrets, log });
    changes = [];
    store.onDidChange((change) => changes.push(change));
  });

  const savedName = () => {
    const record = journal.records.get("mail-1");
    return JSON.stringify(record).match(/"name":"([^"]*)"/)?.[1];
  };

  it("shows a fact at once, and saves it soon", async () => {
    store.add(delivery());
    store.apply("mail-1", rename("b.txt"));
    assert.equal(store.get("mail-1").attachments[0]?.name, "b.txt");
    assert.equal(changes.at(-1)?.delivery?.attachments[0]?.name, "b.txt");
    await store.flushed("mail-1");
    assert.equal(savedName(), "b.txt");
  });

  it("lists the newest first", () => {
    store.add(delivery({ id: "old", createdAt: now - 1 }));
    store.add(delivery({ id: "new", createdAt: now }));
    assert.deepEqual(
      store.list().map(({ id }) => id),
      ["new", "old"],
    );
  });

  it("knows what it does not know", () => {
    assert.equal(store.find("nobody"), undefined);
    assert.throws(() => store.get("nobody"), /No delivery nobody/);
  });

  it("is silent about a fact that changes nothing", async () => {
    store.add(delivery());
    await store.flushed("mail-1");
    const [heard, written] = [changes.length, journal.writes];
    store.apply("mail-1", { type: "edited", form: emptyForm });
    await store.flushed("mail-1");
    assert.deepEqual([changes.length, journal.writes], [heard, written]);
  });

  it("lets facts that come during a write share the next one", async () => {
    journal.hold = true;
    store.add(delivery());
    await settle();
    for (let at = 0; at < 100; at++) store.apply("mail-1", rename(`${at}.txt`));
    journal.hold = false;
    journal.release();
    await store.flushed("mail-1");
    assert.equal(savedName(), "99.txt");
    assert.equal(journal.writes, 2);
  });

  it("never writes one record twice at the same time", async () => {
    journal.hold = true;
    store.add(delivery());
    await settle();
    store.apply("mail-1", rename("b.txt"));
    await settle();
    assert.equal(journal.held, 1);
    journal.release();
    await settle();
    assert.equal(journal.held, 1);
    journal.release();
    await store.flushed("mail-1");
  });

  it("writes different records side by side", async () => {
    journal.hold = true;
    store.add(delivery({ id: "a" }));
    store.add(delivery({ id: "b" }));
    await settle();
    assert.equal(journal.held, 2);
    journal.release();
    await Promise.all([store.flushed("a"), store.flushed("b")]);
  });

  it("is flushed only when everything said before is on disk", async () => {
    journal.hold = true;
    store.add(delivery());
    await settle();
    store.apply("mail-1", rename("b.txt"));
    let flushed = false;
    const flushing = store.flushed("mail-1").then(() => {
      flushed = true;
    });
    journal.release();
    await settle();
    assert.equal(flushed, false, "the first write does not have it yet");
    journal.release();
    await flushing;
    assert.equal(savedName(), "b.txt");
  });

  it("is flushed at once when nothing was said", () => store.flushed("nobody"));

  it("tells whoever waits when a write failed, and the log", async () => {
    const failure = new FreightError("journal-unwritable", "The disk is full.");
    journal.failure = failure;
    store.add(delivery());
    await assert.rejects(store.flushed("mail-1"), failure);
    assert.ok(log.lines.some((line) => line.startsWith("error") && line.includes("The disk is full.")));
  });

  describe("on a disk that is full for a moment", () => {
    const full = new FreightError("journal-unwritable", "The disk is full.");
    let stumbles: FreightError[];

    beforeEach(() => {
      stumbles = [];
      store = new DeliveryStore({ journal, secrets, log, retryMs: () => 1 });
      store.onDidStumble((error) => stumbles.push(error));
      journal.failure = full;
    });

    it("saves what it has as soon as there is room, without another fact", async () => {
      store.add(delivery());
      await assert.rejects(store.flushed("mail-1"), full);
      assert.ok(store.isUnsaved("mail-1"));
      store.apply("mail-1", rename("b.txt"));
      await assert.rejects(store.flushed("mail-1"), full);
      journal.failure = undefined;
      await store.saved("mail-1");
      assert.deepEqual([savedName(), store.isUnsaved("mail-1")], ["b.txt", false]);
    });

    it("shows it on the mail, and says it once for all mails, until everything is saved", async () => {
      store.add(delivery());
      store.add(delivery({ id: "mail-2" }));
      for (let tries = 0; tries < 5; tries++)
        for (const id of ["mail-1", "mail-2"]) await assert.rejects(store.flushed(id), full);
      assert.equal(store.get("mail-1").trouble?.message, "The disk is full.");
      assert.deepEqual(stumbles, [full]);
      journal.failure = undefined;
      await Promise.all([store.saved("mail-1"), store.saved("mail-2")]);
      assert.deepEqual([store.get("mail-1").trouble, store.get("mail-2").trouble], [undefined, undefined]);
      assert.doesNotMatch(JSON.stringify([...journal.records]), /trouble/);
      journal.failure = full;
      store.apply("mail-1", rename("c.txt"));
      await assert.rejects(store.flushed("mail-1"), full);
      assert.equal(stumbles.length, 2, "the next time is another one");
    });

    it("logs it once for a mail, however often it is tried", async () => {
      store.add(delivery());
      for (let tries = 0; tries < 5; tries++) await assert.rejects(store.flushed("mail-1"), full);
      assert.equal(log.lines.filter((line) => line.includes("The disk is full.")).length, 1);
    });

    it("tries until the window has no time left", async () => {
      store.add(delivery());
      const late = new AbortController();
      const persisting = store.persist("mail-1", late.signal);
      await assert.rejects(store.flushed("mail-1"), full);
      journal.failure = undefined;
      assert.equal(await persisting, true);
      journal.failure = full;
      store.apply("mail-1", rename("c.txt"));
      late.abort();
      assert.equal(await store.persist("mail-1", late.signal), false);
    });

    it("has a text on disk only when it is there", async () => {
      assert.equal(store.savedRevision("mail-1"), -1);
      journal.failure = undefined;
      store.add(delivery());
      await store.flushed("mail-1");
      assert.equal(store.savedRevision("mail-1"), 0);
      journal.failure = full;
      store.apply("mail-1", { type: "edited", form: { ...emptyForm, revision: 3, body: "typed" } });
      await assert.rejects(store.flushed("mail-1"));
      assert.equal(store.savedRevision("mail-1"), 0);
      const told = new Promise<number>((resolve) => {
        store.onDidChange(() => store.savedRevision("mail-1") === 3 && resolve(3));
      });
      journal.failure = undefined;
      assert.equal(await told, 3, "and whoever shows it hears of it");
    });
  });

  it("goes on saving once the disk has room again", async () => {
    journal.failure = new FreightError("journal-unwritable", "The disk is full.");
    store.add(delivery());
    await assert.rejects(store.flushed("mail-1"));
    journal.failure = undefined;
    store.apply("mail-1", rename("b.txt"));
    await store.flushed("mail-1");
    assert.equal(savedName(), "b.txt");
  });

  it("saves what the service confirmed, not what is on its way", async () => {
    store.add(delivery({ attachments: [attachment({ status: "uploading", session: session() })] }));
    await store.flushed("mail-1");
    const written = journal.writes;
    store.apply("mail-1", progress(0, 500));
    store.apply("mail-1", {
      type: "attachment",
      attachmentId: "file-1",
      event: { type: "waited", until: now, reason: "network" },
    });
    await store.flushed("mail-1");
    assert.equal(journal.writes, written);
    store.apply("mail-1", progress(500));
    await store.flushed("mail-1");
    assert.equal(journal.writes, written + 1);
    assert.ok(!JSON.stringify(journal.records.get("mail-1")).includes("flight"));
  });

  it("lets a listener fail without harm to the others", () => {
    const shaky = new DeliveryStore({ journal, secrets, log });
    const heard: string[] = [];
    shaky.onDidChange(() => {
      throw new TypeError("a bug in a view");
    });
    shaky.onDidChange(({ id }) => heard.push(id));
    shaky.add(delivery());
    assert.deepEqual(heard, ["mail-1"]);
    assert.ok(log.lines.some((line) => line.includes("a bug in a view")));
  });

  describe("starts", () => {
    it("with what earlier windows left", async () => {
      const saved = toSaved(delivery({ phase: "sent" }));
      journal.records.set("mail-1", saved);
      assert.equal(await store.load(), 0);
      assert.deepEqual(store.get("mail-1"), saved);
      assert.deepEqual(
        changes.map(({ id }) => id),
        ["mail-1"],
      );
    });

    describe("with a long history", () => {
      const subjectOf = (id: string) => store.find(id)?.form.subject;
      const saved = (id: string, subject = "") => toSaved(delivery({ id, form: { ...emptyForm, subject } }));
      beforeEach(() => {
        for (let at = 0; at < 1_000; at++) journal.records.set(`m${at}`, saved(`m${at}`));
      });

      it("whose newest mails can be shown before the others are read", async () => {
        const shown: number[] = [];
        await store.load(() => shown.push(store.list().length, changes.length));
        assert.deepEqual(shown, [200, 0]);
        assert.equal(store.list().length, 1_000);
        assert.equal(changes.length, 1_000);
      });

      it("as it is once all is read: what changed or went meanwhile is taken so", async () => {
        await store.load(() => {
          journal.records.set("m0", saved("m0", "of another window"));
          journal.records.set("m1", saved("m1", "of another window"));
          journal.records.delete("m2");
          const { form } = store.get("m1");
          store.apply("m1", { type: "edited", form: { ...form, revision: 1, subject: "ours" } });
        });
        assert.deepEqual([subjectOf("m0"), subjectOf("m1")], ["of another window", "ours"]);
        assert.equal(store.has("m2"), false);
        assert.equal(store.list().length, 999);
      });

      it("and holds nobody else up while it reads it", async () => {
        let turns = 0;
        let isOver = false;
        const turn = () => {
          turns++;
          if (!isOver) setImmediate(turn);
        };
        turn();
        await store.load();
        isOver = true;
        assert.ok(turns >= 5, `${turns} turns`);
      });

      it("sets aside what nobody can read, once", async () => {
        journal.records.set("m3", { hello: 1 });
        assert.equal(await store.load(() => {}), 1);
        assert.deepEqual(journal.aside, ["m3"]);
      });
    });

    it("with all at once where there are few", async () => {
      journal.records.set("mail-1", toSaved(delivery()));
      await store.load(() => assert.fail("nothing comes first"));
      assert.equal(store.list().length, 1);
    });

    for (const [what, id, value] of [
      ["that is torn", "mail-1", undefined],
      ["that is none", "mail-1", { hello: 1 }],
      ["under another's name", "copy", toSaved(delivery())],
    ] as const)
      it(`without a record ${what}, which is set aside, and with the others`, async () => {
        journal.records.set(id, value);
        journal.records.set("good", toSaved(delivery({ id: "good" })));
        assert.equal(await store.load(), 1);
        assert.deepEqual(journal.aside, [id]);
        assert.deepEqual(
          store.list().map((record) => record.id),
          ["good"],
        );
        assert.ok(log.lines.some((line) => line.includes(id)));
      });

    it("without a record that cannot be read at the moment, which stays where it is", async () => {
      journal.readAll = async () => [{ id: "busy", value: undefined, failure: new Error("EMFILE") }];
      assert.equal(await store.load(), 0);
      assert.deepEqual([store.list(), journal.aside], [[], []]);
      assert.match(log.lines.join(), /error .*busy.*EMFILE/);
    });

    describe("beside a newer version of Freight Mail", () => {
      const saved = toSaved(delivery());
      const foreign = {
        "another version": { ...saved, version: 2 },
        "a purpose that is not known here": { ...saved, purpose: { type: "reply", to: "x" } },
        "a remedy that is not known here": {
          ...saved,
          error: { code: "network", message: "m", remedy: "reconnect", requestId: null },
        },
      };
      for (const [what, value] of Object.entries(foreign)) {
        it(`and leaves its record with ${what} alone`, async () => {
          journal.records.set("mail-1", value);
          assert.equal(await store.load(), 0);
          assert.deepEqual([store.list(), journal.aside, journal.writes], [[], [], 0]);
          assert.ok(store.isForeign("mail-1") && store.isComplete);
          assert.ok(store.mentions("report.pdf"), "and knows what it is about");
        });

        it(`and shows a mail as it was before it got ${what}`, async () => {
          store.add(delivery());
          await store.flushed("mail-1");
          journal.records.set("mail-1", value);
          await store.reload("mail-1");
          assert.match(store.get("mail-1").trouble?.message ?? "", /newer version/);
          journal.records.set("mail-1", saved);
          await store.reload("mail-1");
          assert.deepEqual(
            [store.get("mail-1").trouble, store.isForeign("mail-1"), store.mentions("report.pdf")],
            [undefined, false, false],
          );
        });
      }

      it("and keeps what that has written beside what is known here, wherever it stands", async () => {
        const more = { labels: ["kept"] };
        const file = { ...attachment({ session: session() }), ...more };
        const value = {
          ...saved,
          ...more,
          form: { ...saved.form, ...more },
          purpose: { type: "later", at: 1, ...more },
          attachments: [{ ...file, session: { ...session(), ...more } }],
          error: { code: "network", message: "m", remedy: null, requestId: null, ...more },
          message: {
            to: [{ name: null, email: "a@example.com", ...more }],
            cc: [],
            bcc: [],
            replyTo: [],
            headers: [{ name: "X-A", value: "b", ...more }],
            subject: "",
            body: "",
            format: "text",
            ...more,
          },
          draft: { kind: "message", id: "d", internetMessageId: null, ...more },
          schedule: { id: null, sendAt: 1, keeper: "service", ...more },
        };
        journal.records.set("mail-1", value);
        await store.load();
        store.apply("mail-1", { type: "edited", form: { ...emptyForm, revision: 5, body: "typed" } });
        store.apply("mail-1", rename("b.txt"));
        await store.flushed("mail-1");
        const written = JSON.stringify(journal.records.get("mail-1"));
        assert.equal(written.match(/"labels":\["kept"\]/g)?.length, 11);
        assert.match(written, /typed.*b\.txt/);
      });
    });

    it("and believes no record that says what only a process can know", async () => {
      const lie = { ...attachment(), flight: "up" };
      journal.records.set("mail-1", { ...toSaved(delivery()), attachments: [lie], leavesAt: 1, trouble: 2 });
      await store.load();
      const { leavesAt, trouble, attachments } = store.get("mail-1");
      assert.deepEqual([leavesAt, trouble, attachments[0]?.flight], [undefined, undefined, undefined]);
    });

    describe("and deletes nothing by", () => {
      for (const [what, spoil] of [
        [
          "a record that cannot be read at the moment",
          () => {
            journal.readAll = async () => [{ id: "busy", value: undefined, failure: new Error("EMFILE") }];
          },
        ],
        [
          "a record that is torn",
          () => {
            journal.readAll = async () => [
              { id: "torn", value: undefined, text: '{"path":"/archives/1-x/a' },
            ];
          },
        ],
        ["one that was torn and set aside before", () => void journal.earlier.push("{")],
      ] as const)
        it(`${what}: nobody knows what it wants`, async () => {
          spoil();
          await store.load();
          assert.equal(store.isComplete, false);
        });

      it("one that is whole, is no record, and names its files", async () => {
        journal.records.set("odd", { hello: "/archives/1-x/a.zip" });
        journal.earlier.push('{"hello":"/archives/2-x/a.zip"}');
        await store.load();
        assert.ok(store.isComplete);
        assert.deepEqual(
          ["1-x", "2-x", "3-x"].map((name) => store.mentions(name)),
          [true, true, false],
        );
      });
    });

    it("although a bad record cannot be set aside", async () => {
      journal.records.set("mail-1", undefined);
      journal.setAside = async () => {
        throw new Error("read-only");
      };
      assert.equal(await store.load(), 1);
      assert.ok(log.lines.some((line) => line.includes("read-only")));
    });

    it("without forgetting what it knows already", async () => {
      store.add(delivery());
      store.apply("mail-1", rename("newer.txt"));
      journal.records.set("mail-1", toSaved(delivery()));
      await store.load();
      assert.equal(store.get("mail-1").attachments[0]?.name, "newer.txt");
    });
  });

  describe("looks again at a record of another window", () => {
    it("and takes it as that left it", async () => {
      journal.records.set("mail-1", toSaved(delivery({ phase: "sending" })));
      await store.reload("mail-1");
      assert.equal(store.get("mail-1").phase, "sending");
      assert.equal(changes.at(-1)?.delivery?.phase, "sending");
    });

    it("and forgets it when it is gone", async () => {
      store.add(delivery());
      await store.flushed("mail-1");
      journal.records.delete("mail-1");
      await store.reload("mail-1");
      assert.equal(store.find("mail-1"), undefined);
      assert.deepEqual(changes.at(-1), { id: "mail-1", delivery: undefined });
    });

    it("and says nothing of what it never knew", async () => {
      await store.reload("nobody");
      assert.deepEqual(changes, []);
    });

    describe("and lets nothing that is read late count more than what is known by then", () => {
      /** Lets what is being read come. */
      let come: () => void;
      beforeEach(async () => {
        store.add(delivery());
        await store.flushed("mail-1");
        const read = journal.read.bind(journal);
        let isFirst = true;
        journal.read = async (id) => {
          const value = structuredClone(await read(id));
          if (!isFirst) return value;
          isFirst = false;
          await new Promise<void>((resolve) => {
            come = resolve;
          });
          return value;
        };
      });

      it("when a fact was noted meanwhile", async () => {
        const reading = store.reload("mail-1");
        await settle();
        store.apply("mail-1", rename("b.txt"));
        await store.flushed("mail-1");
        come();
        await reading;
        assert.equal(store.get("mail-1").attachments[0]?.name, "b.txt");
      });

      it("when this window has come to drive the mail meanwhile", async () => {
        let isOurs = false;
        store.fence(
          async () => true,
          () => isOurs,
        );
        const reading = store.reload("mail-1");
        await settle();
        journal.records.set("mail-1", toSaved(delivery({ phase: "sending" })));
        isOurs = true;
        const adopting = store.adopt("mail-1");
        come();
        await Promise.all([reading, adopting]);
        assert.equal(store.get("mail-1").phase, "sending");
      });

      it("when a fact that was noted before is not on disk yet", async () => {
        journal.hold = true;
        store.apply("mail-1", rename("b.txt"));
        const reading = store.reload("mail-1");
        await settle();
        come();
        await reading;
        assert.equal(store.get("mail-1").attachments[0]?.name, "b.txt");
        journal.hold = false;
        journal.release();
        await store.flushed("mail-1");
      });

      it("when this window drives the mail", async () => {
        store.fence(
          async () => true,
          () => true,
        );
        journal.records.set("mail-1", toSaved(delivery({ phase: "sending" })));
        const reading = store.reload("mail-1");
        await settle();
        come();
        await reading;
        assert.equal(store.get("mail-1").phase, "composing");
      });

      it("when it is read again meanwhile", async () => {
        const [first, second] = [store.reload("mail-1"), store.reload("mail-1")];
        await settle();
        journal.records.set("mail-1", toSaved(delivery({ phase: "sent" })));
        come();
        await Promise.all([first, second]);
        assert.equal(store.get("mail-1").phase, "sent");
      });
    });

    it("and takes no copy under another name", async () => {
      journal.records.set("copy", toSaved(delivery()));
      await store.reload("copy");
      assert.deepEqual(store.list(), []);
    });
  });

  describe("keeps where the bytes go", () => {
    const target = { url: "https://storage.example/o?upload_id=SECRET", headers: { "Content-Type": "a/b" } };

    it("in secret storage and nowhere else", async () => {
      store.add(delivery());
      await store.targets.keep("file-1", target);
      await store.flushed("mail-1");
      assert.deepEqual(await store.targets.find("file-1"), target);
      assert.ok(JSON.stringify([...secrets.values]).includes("SECRET"));
      assert.ok(!JSON.stringify([...journal.records, ...changes, ...log.lines]).includes("SECRET"));
    });

    it("until it is dropped", async () => {
      await store.targets.keep("file-1", target);
      await store.targets.drop("file-1");
      assert.equal(await store.targets.find("file-1"), undefined);
      assert.equal(secrets.values.size, 0);
    });

    it("of a new session, although what an earlier one left is being dropped", async () => {
      const ready = { status: "ready", session: session() } as const;
      store.add(delivery({ attachments: [attachment(ready), attachment({ ...ready, id: "file-2" })] }));
      await store.flushed("mail-1");
      for (const name of ["file-1", "file-2"]) await store.targets.keep(name, target);
      let goOn = () => {};
      mock.method(secrets, "delete", () => new Promise<void>((resolve) => (goOn = resolve)), { times: 1 });
      const dropping = store.dropSpentTargets("mail-1");
      store.apply("mail-1", {
        type: "attachment",
        attachmentId: "file-2",
        event: { type: "sessionDropped" },
      });
      store.apply("mail-1", { type: "attachment", attachmentId: "file-2", event: { type: "queued" } });
      await store.targets.keep("file-2", { ...target, url: "https://storage.example/o?upload_id=NEW" });
      goOn();
      await dropping;
      assert.match((await store.targets.find("file-2"))?.url ?? "", /NEW/);
    });

    for (const text of ["", "{", "null", '{"url":7,"headers":{}}', '{"url":"x"}'])
      it(`and has forgotten it when the secret reads ${JSON.stringify(text)}`, async () => {
        await store.targets.keep("file-1", target);
        for (const key of secrets.values.keys()) secrets.values.set(key, text);
        assert.equal(await store.targets.find("file-1"), undefined);
      });
  });

  describe("forgets a mail", () => {
    it("with its record and its secrets, and tells", async () => {
      store.add(delivery({ attachments: [attachment(), attachment({ id: "file-2" })] }));
      await store.targets.keep("file-1", { url: "x", headers: {} });
      await store.targets.keep("file-2", { url: "y", headers: {} });
      await store.remove("mail-1");
      assert.equal(store.find("mail-1"), undefined);
      assert.deepEqual([journal.records.size, secrets.values.size], [0, 0]);
      assert.deepEqual(changes.at(-1), { id: "mail-1", delivery: undefined });
    });

    it("for good, although a write of it was under way", async () => {
      journal.hold = true;
      store.add(delivery());
      await settle();
      store.apply("mail-1", rename("b.txt"));
      const removing = store.remove("mail-1");
      journal.hold = false;
      journal.release();
      await removing;
      await settle();
      assert.equal(journal.records.size, 0);
    });

    it("although the disk was full", async () => {
      journal.failure = new Error("full");
      store.add(delivery());
      await store.remove("mail-1");
      assert.equal(store.find("mail-1"), undefined);
    });

    it("that it does not know, without a word", async () => {
      await store.remove("nobody");
      assert.deepEqual(changes, []);
    });
  });

  it("is silent after it was disposed", () => {
    store.dispose();
    store.add(delivery());
    assert.deepEqual(changes, []);
  });
});
