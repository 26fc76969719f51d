import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { compose, Desk, faultsMet, Hold } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import { until } from "../support/until.ts";
import { accountIds, type Window, type WindowOptions } from "../support/window.ts";
import { callGraph, immutable } from "./graphSupport.ts";
import { callApi } from "./support.ts";

const HOUR = 60 * 60_000;
const isReady = ({ attachments }: DeliveryRecord) => attachments.every(({ status }) => status === "ready");
const isOver = ({ phase }: DeliveryRecord) => !["composing", "waiting", "sending"].includes(phase);

for (const door of [nylas, google, graph])
  describe(`A mail through ${door.name} that a person goes on with after it was saved`, () => {
    let desk: Desk;
    let window: Window;
    let id: string;
    beforeEach(async () => {
      desk = await Desk.set(door);
      window = await desk.open();
      id = await compose(window, await desk.file("a.bin"));
      await window.until(id, isReady);
      await save("First");
    });
    afterEach(() => desk.clear());

    /** The mail's own name, by which the witness knows it. */
    const named = (words: string) => `${words} (${id})`;
    const type = async (words: string) => {
      const { form } = window.store.get(id);
      const subject = named(words);
      await window.runner.edit(id, { ...form, subject, to: "ada@x.example", revision: form.revision + 1 });
    };
    const press = async (purpose: "draft" | "send" | "later", words?: string) => {
      const { form } = window.store.get(id);
      const subject = words === undefined ? form.subject : named(words);
      const next = { ...form, to: "ada@x.example", subject, revision: form.revision + 1 };
      const problem = await window.runner.send(
        id,
        next,
        purpose === "later" ? { type: purpose, at: Date.now() + HOUR } : { type: purpose },
      );
      assert.equal(problem, undefined);
      return window.until(id, isOver);
    };
    const save = async (words: string) => {
      const record = await press("draft", words);
      assert.equal(record?.phase, "saved", record?.error?.message);
    };
    const plain = (subject: string) => subject.replace(/ \(.*\)$/, "");
    const grant = () => door.account(desk.sandbox).grantId;
    /** What is among the drafts of the mailbox. */
    const kept = async (): Promise<{ id: string; subject: string; files: string[] }[]> => {
      if (door !== graph) {
        const { json } = await callApi(desk.sandbox, "GET", `/v3/grants/${grant()}/drafts`);
        return json.data.map(
          (draft: { id: string; subject: string; attachments: { filename: string }[] }) => ({
            id: draft.id,
            subject: draft.subject,
            files: draft.attachments.map(({ filename }) => filename).sort(),
          }),
        );
      }
      const { json } = await callGraph(
        desk.sandbox,
        "GET",
        "/me/mailFolders/drafts/messages",
        undefined,
        immutable,
      );
      const drafts = [];
      for (const { id, subject } of json.value) {
        const path = `/me/messages/${encodeURIComponent(id)}/attachments`;
        const list = await callGraph(desk.sandbox, "GET", path, undefined, immutable);
        // It was deleted since the drafts were listed.
        if (list.json.value === undefined) continue;
        drafts.push({ id, subject, files: list.json.value.map(({ name }: { name: string }) => name).sort() });
      }
      return drafts;
    };
    const drafts = async () => (await kept()).map(({ subject, files }) => [plain(subject), ...files]);
    const ask = async (method: string, path: string, body?: object): Promise<number> =>
      door === graph
        ? (await callGraph(desk.sandbox, method, `/me/messages/${path}`, body, immutable)).status
        : (await callApi(desk.sandbox, method, `/v3/grants/${grant()}/drafts/${path}`, body)).status;
    /** What a look at the draft is for the service. */
    const lookStep = door === graph ? "look" : "draft";
    const openBoth = async (options?: Partial<WindowOptions>) => {
      await window.close();
      window = await desk.open({ otherDoor: door === graph ? nylas : graph, ...options });
    };
    /** Goes on from another account. */
    const leave = async (options?: Partial<WindowOptions>) => {
      await openBoth(options);
      await window.runner.chooseAccount(id, accountIds[1]);
      await window.until(id, isReady);
    };
    const assertDoubted = (record: DeliveryRecord | undefined) => {
      assert.deepEqual([record?.phase, record?.error?.code], ["failed", "saved-draft-lost"]);
      assert.match(record?.error?.message ?? "", /^We could not check/);
    };
    const assertDoubtedOnce = async () => {
      const before = desk.sandbox.deliveries;
      assertDoubted(await press("send", "Second"));
      assert.equal(desk.sandbox.deliveries, before);
      const record = await press("send", "Third");
      assert.equal(record?.phase, "sent", record?.error?.message);
      assert.equal(desk.sandbox.deliveries, before + 1);
    };
    /** What another mail program does with the draft. */
    const elsewhere = async (act: "deletes" | "sends") => {
      const [draft] = await kept();
      const name = encodeURIComponent(draft?.id ?? "");
      if (act === "deletes") return void (await ask("DELETE", name));
      // As a mail of its own, for the witness.
      await ask(door === graph ? "PATCH" : "PUT", name, { subject: "Theirs" });
      await ask("POST", door === graph ? `${name}/send` : name, door === graph ? undefined : {});
      assert.equal(desk.sandbox.deliveries, 1);
    };

    it("is saved into the same draft, with its text and its files as they are then", async () => {
      const [before] = await kept();
      await window.runner.attach(id, [await desk.file("b.bin")]);
      await type("Second");
      assert.equal(window.store.get(id).phase, "composing");
      await window.until(id, isReady);
      await save("Third");
      assert.deepEqual(await kept(), [
        { id: before?.id, subject: named("Third"), files: ["a.bin", "b.bin"] },
      ]);
      const [file] = window.store.get(id).attachments;
      await window.runner.detach(id, file?.id ?? "");
      await save("Fourth");
      assert.deepEqual(await drafts(), [["Fourth", "b.bin"]]);
      assert.equal(desk.sandbox.deliveries, 0);
    });

    it("stays saved when nothing is changed, whatever the page says once more", async () => {
      const { form } = window.store.get(id);
      await window.runner.edit(id, form);
      await window.runner.edit(id, { ...form, revision: form.revision + 1 });
      await window.runner.edit(id, { ...form, subject: "Stale", revision: form.revision - 1 });
      assert.equal(window.store.get(id).phase, "saved");
    });

    it("is sent once, as it is then, and leaves no draft behind", async () => {
      await window.runner.attach(id, [await desk.file("b.bin")]);
      await type("Second");
      assert.equal((await press("send"))?.phase, "sent");
      await until("the draft is gone", async () => (await kept()).length === 0);
      assert.deepEqual(
        desk.sandbox.mails.map(({ subject, attachments }) => [plain(subject), attachments.length]),
        [["Second", 2]],
      );
    });

    it("leaves no draft behind when its answer was lost, and once it was sent after a restart", async () => {
      const hold = new Hold();
      await window.close();
      window = await desk.open(hold.options);
      await type("Second");
      desk.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
      const { form } = window.store.get(id);
      await window.runner.send(id, { ...form, revision: form.revision + 1 });
      await hold.begun;
      await window.kill();
      window = await desk.open();
      assert.equal((await window.until(id, isOver))?.phase, "sent");
      await until("the draft is gone", async () => (await kept()).length === 0);
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("has its draft removed when the network comes back after it was sent, in another window too", async () => {
      await type("Second");
      desk.sandbox.faults.arm({
        step: "draft",
        fault: "refuse",
        status: 503,
        skip: 1,
        times: 3,
      });
      assert.equal((await press("send"))?.phase, "sent");
      await window.kill();
      desk.sandbox.faults.clear();
      window = await desk.open();
      await until("the draft is gone", async () => (await kept()).length === 0);
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("waits in the place of its draft when it is to be sent later", async () => {
      await type("Second");
      assert.equal((await press("later"))?.phase, "scheduled");
      const mine = () => kept().then((all) => all.filter(({ subject }) => plain(subject) === "First"));
      await until("what was saved is gone", async () => (await mine()).length === 0);
      await window.runner.cancelScheduled(id);
      assert.equal(window.store.get(id).phase, "composing");
      assert.equal(desk.sandbox.deliveries, 0);
    });

    for (const fault of ["dropReplyAfterCommit", "truncatedBody", "resetBeforeBody"] as const)
      it(`is in its draft as it is then after ${fault}`, async () => {
        await type("Second");
        desk.sandbox.faults.arm({ step: "draft", fault });
        await save("Third");
        await faultsMet(desk.sandbox);
        assert.deepEqual(await drafts(), [["Third", "a.bin"]]);
      });

    for (const status of [500, 503, 504])
      it(`is in its draft as it is then after a ${status} that lied`, async () => {
        desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status, afterCommit: true });
        await save("Second");
        assert.deepEqual(await drafts(), [["Second", "a.bin"]]);
      });

    it("is in its draft as it is then after a kill between the request and its answer", async () => {
      const hold = new Hold();
      await window.close();
      window = await desk.open(hold.options);
      desk.sandbox.faults.arm({ step: "draft", fault: "dropReplyAfterCommit" });
      const { form } = window.store.get(id);
      const next = { ...form, subject: named("Second"), revision: form.revision + 1 };
      await window.runner.send(id, next, { type: "draft" });
      await hold.begun;
      await window.kill();
      window = await desk.open();
      assert.equal((await window.until(id, isOver))?.phase, "saved");
      assert.deepEqual(await drafts(), [["Second", "a.bin"]]);
    });

    it("is what a person has typed after a kill, and its draft what they have saved", async () => {
      await type("Second");
      await window.store.flushed(id);
      await window.kill();
      window = await desk.open();
      assert.deepEqual(
        [window.store.get(id).phase, window.store.get(id).form.subject],
        ["composing", named("Second")],
      );
      assert.deepEqual(await drafts(), [["First", "a.bin"]]);
      await save("Third");
      assert.deepEqual(await drafts(), [["Third", "a.bin"]]);
    });

    it("is not saved, and nothing is in doubt, when the service refuses; then it is", async () => {
      desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status: 503, times: 30 });
      assert.equal((await press("draft", "Second"))?.phase, "failed");
      desk.sandbox.faults.clear();
      await save("Third");
      assert.deepEqual(await drafts(), [["Third", "a.bin"]]);
    });

    for (const act of ["deletes", "sends"] as const)
      it(`is saved as another draft when somebody ${act} the first elsewhere`, async () => {
        await elsewhere(act);
        await save("Second");
        assert.deepEqual(await drafts(), [["Second", "a.bin"]]);
        assert.equal(desk.sandbox.deliveries, act === "sends" ? 1 : 0);
      });

    it("is not sent a second time without a word when somebody has sent the draft elsewhere", async () => {
      await elsewhere("sends");
      const record = await press("send", "Second");
      assert.deepEqual([record?.phase, record?.error?.code], ["failed", "saved-draft-lost"]);
      assert.match(record?.error?.message ?? "", /Check Sent Items before you send it again/);
      assert.equal(desk.sandbox.deliveries, 1);
      assert.equal((await press("send", "Third"))?.phase, "sent");
      assert.deepEqual(desk.sandbox.mails.map(({ subject }) => plain(subject)).sort(), ["Theirs", "Third"]);
    });

    it("is not sent a second time without a word when its draft was sent elsewhere and a file is added", async () => {
      await elsewhere("sends");
      await window.runner.attach(id, [await desk.file("b.bin")]);
      const record = await press("send", "Second");
      assert.deepEqual([record?.phase, record?.error?.code], ["failed", "saved-draft-lost"]);
      assert.equal(desk.sandbox.deliveries, 1);
      assert.equal((await press("send", "Third"))?.phase, "sent");
      assert.equal(desk.sandbox.deliveries, 2);
    });

    it("is not sent a second time without a word from the account that was left and chosen again", async () => {
      await window.close();
      window = await desk.open({ otherDoor: door === graph ? nylas : graph });
      await elsewhere("sends");
      await window.runner.chooseAccount(id, accountIds[1]);
      await window.runner.chooseAccount(id, accountIds[0]);
      const record = await press("send", "Second");
      assert.deepEqual([record?.phase, record?.error?.code], ["failed", "saved-draft-lost"]);
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("is not sent a second time without a word from another account", async () => {
      await window.close();
      window = await desk.open({ otherDoor: door === graph ? nylas : graph });
      await elsewhere("sends");
      await window.runner.chooseAccount(id, accountIds[1]);
      const record = await press("send", "Second");
      assert.deepEqual([record?.phase, record?.error?.code], ["failed", "saved-draft-lost"]);
      assert.equal(desk.sandbox.deliveries, 1);
      assert.equal((await press("send", "Third"))?.phase, "sent");
      assert.equal(desk.sandbox.deliveries, 2);
    });

    for (const [title, fault] of [
      ["refuses", { fault: "refuse", status: 403, by: "service" }],
      ["is out of order", { fault: "refuse", status: 503 }],
      ["has too much to do", { fault: "refuse", status: 429 }],
      ["breaks off", { fault: "resetBeforeBody" }],
    ] as const)
      it(`is in doubt once, and leaves no draft behind, when its old mailbox ${title}`, async () => {
        await leave();
        desk.sandbox.faults.arm({ step: lookStep, ...fault });
        await assertDoubtedOnce();
        await until("the draft is gone", async () => (await kept()).length === 0);
      });

    it("leaves a draft that was sent elsewhere in Sent Items, although nobody could tell", async () => {
      await elsewhere("sends");
      await leave();
      desk.sandbox.faults.arm({ step: lookStep, fault: "refuse", status: 503 });
      await assertDoubtedOnce();
      await until("all is said", async () => window.store.withCleanup().length === 0);
      assert.deepEqual(desk.sandbox.mails.map(({ subject }) => plain(subject)).sort(), ["Theirs", "Third"]);
      if (door !== graph) return;
      const path = "/me/mailFolders/sentitems/messages";
      const { json } = await callGraph(desk.sandbox, "GET", path, undefined, immutable);
      assert.deepEqual(
        json.value.map(({ subject }: { subject: string }) => subject),
        ["Theirs"],
      );
    });

    if (door !== graph)
      it("asks nobody to sign in to its old mailbox, and leaves no draft behind once they have", async () => {
        const ended = { renewal: "signIn", credentialExpiresAt: Date.now() } as const;
        await leave({
          door: { ...door, account: (sandbox) => ({ ...door.account(sandbox), ...ended }) },
        });
        await assertDoubtedOnce();
        await openBoth();
        await until("the draft is gone", async () => (await kept()).length === 0);
      });

    if (door !== graph)
      it("is sent although its draft cannot be read to its end", async () => {
        desk.sandbox.faults.arm({ step: "draft", fault: "truncatedBody", times: 20 });
        assert.equal((await press("send", "Second"))?.phase, "sent");
        assert.ok(desk.sandbox.faults.report().some(({ met }) => met > 0));
        desk.sandbox.faults.clear();
      });

    it("is not sent a second time without a word when the look at its draft was not answered", async () => {
      await elsewhere("sends");
      desk.sandbox.faults.arm({ step: lookStep, fault: "dropReplyAfterCommit" });
      const record = await press("send", "Second");
      assert.deepEqual([record?.phase, record?.error?.code], ["failed", "saved-draft-lost"]);
      assert.deepEqual(desk.sandbox.faults.unmet, []);
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("can be sent when somebody has deleted the draft", async () => {
      await elsewhere("deletes");
      let record = await press("send", "Second");
      if (record?.error?.code === "saved-draft-lost") record = await press("send", "Second");
      assert.equal(record?.phase, "sent", record?.error?.message);
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("is discarded without what was saved, which stays as it was", async () => {
      await window.runner.attach(id, [await desk.file("b.bin")]);
      await type("Second");
      await window.until(id, isReady);
      await window.runner.forget(id);
      await until("all is said", async () => window.store.withCleanup().length === 0);
      await window.close();
      assert.deepEqual(await drafts(), [["First", "a.bin"]]);
    });

    it("goes on from another account: what was saved stays until it has left from there", async () => {
      await window.close();
      window = await desk.open({ otherDoor: door === graph ? nylas : graph });
      await window.runner.chooseAccount(id, accountIds[1]);
      await window.until(id, isReady);
      assert.deepEqual(await drafts(), [["First", "a.bin"]]);
      assert.equal((await press("send", "Second"))?.phase, "sent");
      await until("the draft is gone", async () => (await kept()).length === 0);
      assert.equal(desk.sandbox.deliveries, 1);
    });
  });
