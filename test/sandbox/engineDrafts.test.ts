import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { FormProblem } from "../../src/shared/message.ts";
import { compose, Desk, faultsMet, Hold } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { callGraph } from "./graphSupport.ts";
import { callApi } from "./support.ts";

/** A draft as the mailbox has it. */
interface KeptDraft {
  readonly subject: string;
  readonly to: readonly string[];
  readonly files: readonly string[];
}

for (const door of [nylas, google, graph])
  describe(`A draft that is saved through ${door.name}`, () => {
    let desk: Desk;
    let window: Window;
    beforeEach(async () => {
      desk = await Desk.set(door);
      window = await desk.open();
    });
    afterEach(() => desk.clear());

    const isOver = ({ phase }: DeliveryRecord) => !["composing", "waiting", "sending"].includes(phase);
    const save = (id: string, to = ""): Promise<FormProblem | undefined> => {
      const { form } = window.store.get(id);
      const subject = `A draft (${id})`;
      return window.runner.send(
        id,
        { ...form, to, subject, body: "Not yet.", revision: form.revision + 1 },
        { type: "draft" },
      );
    };
    /** What is among the drafts of the mailbox. */
    const kept = async (): Promise<KeptDraft[]> => {
      if (door !== graph) {
        const grant = door.account(desk.sandbox).grantId;
        const { json } = await callApi(desk.sandbox, "GET", `/v3/grants/${grant}/drafts`);
        return json.data.map((draft: Record<string, { email: string; filename: string }[]>) => ({
          subject: draft["subject"],
          to: draft["to"]?.map(({ email }) => email),
          files: draft["attachments"]?.map(({ filename }) => filename),
        }));
      }
      const { json } = await callGraph(desk.sandbox, "GET", "/me/mailFolders/drafts/messages");
      const drafts: KeptDraft[] = [];
      for (const { id, subject, toRecipients } of json.value) {
        const list = await callGraph(desk.sandbox, "GET", `/me/messages/${id}/attachments`);
        drafts.push({
          subject,
          to: toRecipients.map((to: { emailAddress: { address: string } }) => to.emailAddress.address),
          files: list.json.value.map(({ name }: { name: string }) => name),
        });
      }
      return drafts;
    };

    it("has its letter and its files, and nobody gets it", async () => {
      const id = await compose(window, await desk.file("build.bin"));
      await save(id, "Ada <ada@x.example>");
      const record = await window.until(id, isOver);
      assert.equal(record?.phase, "saved");
      assert.ok(record?.messageId);
      assert.deepEqual(await kept(), [
        { subject: `A draft (${id})`, to: ["ada@x.example"], files: ["build.bin"] },
      ]);
      assert.equal(desk.sandbox.deliveries, 0);
    });

    it("needs no recipients, but takes no false ones", async () => {
      const id = await compose(window, await desk.file());
      assert.equal((await save(id, "nobody"))?.field, "to");
      assert.equal(await save(id), undefined);
      assert.equal((await window.until(id, isOver))?.phase, "saved");
    });

    // Files that are only read are there at once.
    if (door !== google)
      it("waits for its files, and can be taken back until then", async () => {
        desk.sandbox.faults.arm({ step: "upload", fault: "hold" });
        const id = await compose(window, await desk.file());
        await save(id);
        assert.equal(window.store.get(id).phase, "waiting");
        await window.runner.withdraw(id);
        assert.equal(window.store.get(id).phase, "composing");
        desk.sandbox.faults.release();
        await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
        assert.equal((await kept()).filter(({ subject }) => subject !== "").length, 0);
        await save(id);
        assert.equal((await window.until(id, isOver))?.phase, "saved");
      });

    it("stays when its row is taken out of the history", async () => {
      const id = await compose(window, await desk.file());
      await save(id);
      await window.until(id, isOver);
      await window.runner.forget(id);
      await window.close();
      assert.equal((await kept()).length, 1);
    });

    for (const fault of ["dropReplyAfterCommit", "truncatedBody", "resetBeforeBody"] as const)
      it(`is there once after ${fault}`, async () => {
        const id = await compose(window, await desk.file());
        await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
        desk.sandbox.faults.arm({ step: "draft", fault });
        await save(id);
        assert.equal((await window.until(id, isOver))?.phase, "saved");
        await faultsMet(desk.sandbox);
        assert.equal((await kept()).length, 1);
      });

    it("is there once after a 504 that lied", async () => {
      const id = await compose(window, await desk.file());
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status: 504, afterCommit: true });
      await save(id);
      assert.equal((await window.until(id, isOver))?.phase, "saved");
      assert.equal((await kept()).length, 1);
    });

    it("is there once after a kill between the request and its answer", async () => {
      const hold = new Hold();
      await window.close();
      window = await desk.open(hold.options);
      const id = await compose(window, await desk.file());
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      desk.sandbox.faults.arm({ step: "draft", fault: "dropReplyAfterCommit" });
      await save(id);
      await hold.begun;
      await window.kill();
      window = await desk.open();
      assert.equal((await window.until(id, isOver))?.phase, "saved");
      assert.equal((await kept()).length, 1);
    });

    it("says what the service refuses, and can be saved again", async () => {
      const id = await compose(window, await desk.file());
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status: 400, message: "No." });
      await save(id);
      const record = await window.until(id, isOver);
      assert.equal(record?.phase, "failed");
      assert.match(record?.error?.message ?? "", /No\./);
      await save(id);
      await window.until(id, ({ phase }) => phase === "saved");
      assert.equal((await kept()).length, 1);
    });
  });

describe("A draft through Nylas whose answer was lost", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set();
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const drafts = async () => {
    const grant = desk.sandbox.nylas.grants[0]?.id;
    return (await callApi(desk.sandbox, "GET", `/v3/grants/${grant}/drafts`)).json.data;
  };
  const save = async (id: string) => {
    const { form } = window.store.get(id);
    await window.runner.send(id, { ...form, subject: id, revision: form.revision + 1 }, { type: "draft" });
  };

  it("is known by its letter where the mailbox does not tell its mark", async () => {
    desk.sandbox.nylas.behaviour.draftMetadata = "kept";
    const id = await compose(window, await desk.file());
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    desk.sandbox.faults.arm({ step: "draft", fault: "dropReplyAfterCommit" });
    await save(id);
    await window.until(id, ({ phase }) => phase === "saved");
    assert.equal((await drafts()).length, 1);
  });

  it("is looked for as long as Nylas may still be making it, before it is made again", async () => {
    const id = await compose(window, await desk.file());
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    desk.sandbox.faults.arm({ step: "draft", fault: "resetMidBody", afterBytes: 10 });
    const begun = performance.now();
    await save(id);
    await window.until(id, ({ phase }) => phase === "saved");
    const passedMs = performance.now() - begun;
    const waitedMs = window.waits.reduce((sum, ms) => sum + ms, 0);
    // Nylas's 90 seconds begin with the request, and what really passed of them is not waited for again.
    assert.ok(passedMs + waitedMs >= 90_000 && waitedMs <= 90_000, window.waits.join());
    const [draft] = await drafts();
    assert.equal(draft.attachments.length, 1);
  });

  for (const status of [500, 503])
    it(`is made again within seconds after a ${status}: what was answered is over`, async () => {
      const id = await compose(window, await desk.file());
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status });
      await save(id);
      await window.until(id, ({ phase }) => phase === "saved");
      const waitedMs = window.waits.reduce((sum, ms) => sum + ms, 0);
      assert.ok(waitedMs < 10_000, window.waits.join());
      assert.equal((await drafts()).length, 1);
      assert.ok(!window.log.some((line) => line.includes("rate-limited")), window.log.join("\n"));
    });

  it("is a person's to decide on when nobody can tell, and then saved at their word", async () => {
    const id = await compose(window, await desk.file("build.bin", 100_000));
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    desk.sandbox.faults.arm({ step: "draft", fault: "dropReplyAfterCommit" });
    desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status: 503, times: 20 });
    await save(id);
    const record = await window.until(id, ({ phase }) => phase === "unconfirmed");
    assert.equal(record?.error?.remedy, "saveAgain");
    assert.match(record?.error?.message ?? "", /Check Drafts before you save it again/);
    desk.sandbox.faults.clear();
    await window.runner.sendAgain(id);
    await window.until(id, ({ phase }) => phase === "saved");
    assert.equal((await drafts()).length, 1, "it was there, however well the person has looked");
  });
});

/** What a mailbox may have among its drafts. */
const others = [
  ["45 drafts of 50 kB", `<p style="font-family: Arial">${"x".repeat(50_000)}</p>`],
  ["45 drafts with 2,500 commas each", "<span>a, b</span>".repeat(700) + ",".repeat(1_800)],
] as const;
/** What is not settled about how the list of drafts is asked. */
const lists = [
  { metadataPair: "honoured", select: "honoured", draftMetadata: "told" },
  { metadataPair: "honoured", select: "ignored", draftMetadata: "kept" },
  { metadataPair: "ignored", select: "ignored", draftMetadata: "told" },
  { metadataPair: "refused", select: "honoured", draftMetadata: "told" },
  { metadataPair: "refused", select: "ignored", draftMetadata: "kept" },
] as const;

for (const door of [nylas, google])
  describe(`Among the drafts of a full mailbox through ${door.name}`, () => {
    let desk: Desk;
    let window: Window;
    beforeEach(async () => {
      desk = await Desk.set(door);
      window = await desk.open();
    });
    afterEach(() => desk.clear());

    const path = () => `/v3/grants/${door.account(desk.sandbox).grantId}/drafts`;
    const fill = async (body: string) => {
      for (let i = 0; i < 45; i++) {
        const letter = { subject: `Old ${i}`, body, to: [{ email: "ada@x.example" }] };
        await callApi(desk.sandbox, "POST", path(), letter);
      }
    };

    for (const [what, body] of others)
      for (const list of lists)
        it(`one whose answer was lost is found: ${what}, ${Object.values(list).join(", ")}`, async () => {
          Object.assign(desk.sandbox.nylas.behaviour, list);
          await fill(body);
          desk.sandbox.faults.arm({ step: "draft", fault: "dropReplyAfterCommit" });
          const id = await compose(window, await desk.file("build.bin", 50_000));
          const { form } = window.store.get(id);
          const change = { subject: id, revision: form.revision + 1 };
          await window.runner.send(id, { ...form, ...change }, { type: "draft" });
          const record = await window.until(id, ({ phase }) =>
            ["saved", "failed", "unconfirmed"].includes(phase),
          );
          assert.equal(record?.phase, "saved", record?.error?.message);
          const { json } = await callApi(desk.sandbox, "GET", `${path()}?limit=100`);
          assert.equal(json.data.length, 46);
        });
  });
