import assert from "node:assert/strict";
import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { isUnderWay } from "../../src/delivery/record/queries.ts";
import { compose, Desk, pressSend } from "../support/desk.ts";
import { graph } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import { until } from "../support/until.ts";
import type { Window } from "../support/window.ts";
import { callGraph, immutable } from "./graphSupport.ts";

const HOUR = 60 * 60_000;
const isReady = ({ attachments }: DeliveryRecord) => attachments.every(({ status }) => status === "ready");
const isOver = ({ phase }: DeliveryRecord) =>
  ["sent", "unconfirmed", "failed", "scheduled", "saved"].includes(phase);

describe("The draft of a mail at Graph", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set(graph);
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const made = async (...paths: string[]) => {
    const id = await compose(window, ...(paths.length > 0 ? paths : [await desk.file()]));
    await window.until(id, isReady);
    return id;
  };
  const requests = (step: string) => desk.sandbox.requests.filter((request) => request.step === step).length;
  const later = (id: string) => {
    const { form } = window.store.get(id);
    const purpose = { type: "later", at: Date.now() + HOUR } as const;
    return window.runner.send(id, { ...form, to: "ada@x.example", revision: form.revision + 1 }, purpose);
  };
  const deleteDraft = async (id: string) => {
    const { draft } = window.store.get(id);
    const path = `/me/messages/${encodeURIComponent(draft?.id ?? "")}`;
    assert.equal((await callGraph(desk.sandbox, "DELETE", path, undefined, immutable)).status, 204);
  };

  for (const step of ["draft", "look"] as const)
    it(`leaves no doubt when ${step} fails: the mail was not told to leave`, async () => {
      const id = await made();
      desk.sandbox.faults.arm({ step, fault: "refuse", status: 503, times: 100 });
      await pressSend(window, id);
      const failed = await window.until(id, isOver);
      assert.deepEqual([failed?.phase, failed?.error?.remedy, requests("send")], ["failed", "retry", 0]);
      desk.sandbox.faults.clear();
      await pressSend(window, id);
      assert.equal((await window.until(id, ({ phase }) => phase === "sent"))?.phase, "sent");
      assert.equal(desk.sandbox.deliveries, 1);
    });

  it("is told to wait although a request before that failed once", async () => {
    const id = await made();
    desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status: 503 });
    await later(id);
    assert.equal((await window.until(id, isOver))?.phase, "scheduled");
    await window.runner.cancelScheduled(id);
  });

  it("keeps apart files of one name, also from one that is called as another was", async () => {
    const first = await desk.file("a.txt", 1000, 1);
    await mkdir(join(dirname(first), "sub"));
    const moved = join(dirname(first), "sub", "a.txt");
    await rename(first, moved);
    const id = await made(moved, await desk.file("a.txt", 1001, 2), await desk.file("a (2).txt", 1002, 3));
    desk.witness.expectFile("a (3).txt", sample(1001, 2));
    await pressSend(window, id);
    assert.equal((await window.until(id, isOver))?.phase, "sent");
    assert.deepEqual(
      desk.sandbox.mails[0]?.attachments.map(({ filename, size }) => [filename, size]).sort(),
      [
        ["a (2).txt", 1002],
        ["a (3).txt", 1001],
        ["a.txt", 1000],
      ],
    );
  });

  it("keeps a file that is there when one is attached later that is called as it is there", async () => {
    const first = await desk.file("a.txt", 1000, 1);
    await mkdir(join(dirname(first), "sub"));
    const moved = join(dirname(first), "sub", "a.txt");
    await rename(first, moved);
    const id = await made(moved, await desk.file("a.txt", 1001, 2));
    await window.runner.attach(id, [await desk.file("a (2).txt", 1002, 3)]);
    desk.witness.forgetFile("a (2).txt");
    desk.witness.expectFile("a (2).txt", sample(1001, 2));
    desk.witness.expectFile("a (2) (2).txt", sample(1002, 3));
    await pressSend(window, id);
    assert.equal((await window.until(id, isOver))?.phase, "sent");
    const uploads = desk.sandbox.requests.filter(({ step }) => step === "attach");
    assert.equal(uploads.length, 3, "nothing was uploaded twice");
    assert.deepEqual(
      desk.sandbox.mails[0]?.attachments.map(({ filename, size }) => [filename, size]).sort(),
      [
        ["a (2) (2).txt", 1002],
        ["a (2).txt", 1001],
        ["a.txt", 1000],
      ],
    );
  });

  it("is opened anew, whenever it was deleted", async () => {
    const id = await made();
    await deleteDraft(id);
    const type = "ErrorInvalidRecipients";
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400, by: "service", type });
    await pressSend(window, id);
    assert.equal((await window.until(id, isOver))?.phase, "failed");
    await deleteDraft(id);
    for (let tries = 0; tries < 2 && window.store.get(id).phase === "failed"; tries++) {
      await pressSend(window, id);
      await window.until(id, isOver);
    }
    assert.equal(window.store.get(id).phase, "sent");
    assert.equal(desk.sandbox.deliveries, 1);
  });

  for (const size of [1_000, 4_500_003])
    it(`that was handed over takes no new file of ${size} bytes: another one does`, async () => {
      const id = await made();
      desk.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
      await later(id);
      assert.equal((await window.until(id, isOver))?.phase, "unconfirmed");
      const first = window.store.get(id).draft?.id;
      // Taken back before anything of it has left.
      const asked = window.runner.sendAgain(id);
      await window.runner.withdraw(id);
      await asked;
      await window.runner.attach(id, [await desk.file("new.bin", size, 7)]);
      await window.until(id, ({ attachments }) => !attachments.some(({ status }) => isUnderWay(status)));
      assert.deepEqual(
        window.store.get(id).attachments.map(({ error }) => error),
        [null, null],
      );
      assert.notEqual(window.store.get(id).draft?.id, first);
    });

  it("stays as it is when a mail is discarded that may be out", async () => {
    const id = await made();
    desk.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
    await later(id);
    assert.equal((await window.until(id, isOver))?.phase, "unconfirmed");
    const before = desk.sandbox.requests.length;
    await until("the mail is discarded", async () => {
      await window.runner.forget(id); // not while the send that failed is being noted
      return window.store.find(id) === undefined;
    });
    await window.close();
    assert.deepEqual(
      desk.sandbox.requests.slice(before).filter(({ method }) => method === "DELETE"),
      [],
    );
  });
});
