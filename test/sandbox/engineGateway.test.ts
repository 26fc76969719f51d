import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { compose, Desk, faultsMet, pressSend } from "../support/desk.ts";
import { graph, nylas } from "../support/doors.ts";
import { until } from "../support/until.ts";
import type { Window } from "../support/window.ts";
import { callGraph } from "./graphSupport.ts";
import { callApi } from "./support.ts";

const hour = 3_600_000;
const isReady = ({ attachments }: DeliveryRecord) => attachments.every(({ status }) => status === "ready");

async function later(window: Window, id: string): Promise<void> {
  const { form } = window.store.get(id);
  const change = { revision: form.revision + 1, to: "reader@example.com", subject: `Later (${id})` };
  await window.runner.send(id, { ...form, ...change }, { type: "later", at: Date.now() + hour });
  await window.until(id, ({ phase }) => phase === "scheduled");
}

describe("A gateway that answers in the place of Graph", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set(graph);
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const drafts = async () =>
    (await callGraph(desk.sandbox, "GET", "/me/mailFolders/drafts/messages")).json.value.length;
  const made = async (...paths: string[]) => {
    const id = await compose(window, ...(paths.length > 0 ? paths : [await desk.file()]));
    await window.until(id, isReady);
    return id;
  };

  for (const step of ["look", "discard"] as const)
    for (const status of [400, 404, 410])
      for (const body of ["html", "empty"] as const)
        it(`leaves no draft of a mail that is discarded: ${status} with a body that is ${body}, to “${step}”`, async () => {
          const id = await made();
          assert.equal(await drafts(), 1);
          // The deletion of its file comes first.
          const times = step === "discard" ? 2 : 1;
          desk.sandbox.faults.arm({ step, fault: "refuse", status, body, times });
          await window.runner.forget(id);
          await faultsMet(desk.sandbox);
          await until("the draft is deleted", async () => (await drafts()) === 0);
          await until("nothing is left to say", () => window.store.withCleanup().length === 0);
        });

  it("is another one than Graph itself, which is not asked again for what it refuses", async () => {
    const id = await made();
    desk.sandbox.faults.arm({ step: "discard", fault: "refuse", status: 400, times: 9, by: "service" });
    await window.runner.forget(id);
    await until("nothing is left to say", () => window.store.withCleanup().length === 0);
    const asked = desk.sandbox.requests.filter(({ step }) => step === "discard").map(({ path }) => path);
    assert.deepEqual(asked, [...new Set(asked)]);
    assert.notDeepEqual(asked, []);
    desk.sandbox.faults.clear();
  });

  it("has no mail leave with a file that was taken out", async () => {
    const id = await made(await desk.file("a.bin", 1000, 1), await desk.file("b.bin", 1001, 2));
    const [, taken] = window.store.get(id).attachments;
    desk.sandbox.faults.arm({ step: "discard", fault: "refuse", status: 404, body: "html", times: 3 });
    await window.runner.detach(id, taken?.id ?? "");
    await pressSend(window, id);
    assert.equal((await window.until(id, ({ phase }) => phase === "sent"))?.phase, "sent");
    assert.deepEqual(
      desk.sandbox.mails.map(({ attachments }) => attachments.map(({ filename }) => filename)),
      [["a.bin"]],
    );
    desk.sandbox.faults.clear();
  });

  for (const [step, skip] of [
    ["look", 1], // whether it still waits comes before it is taken back
    ["discard", 0],
  ] as const)
    it(`takes no mail back that still waits there, when it answers to “${step}”`, async () => {
      const id = await made();
      await later(window, id);
      desk.sandbox.faults.arm({ step, fault: "refuse", status: 404, body: "html", skip });
      await window.runner.cancelScheduled(id);
      await faultsMet(desk.sandbox);
      assert.equal(window.store.get(id).phase, "composing");
      assert.equal(await drafts(), 0);
      desk.sandbox.clock.advance(2 * hour);
      await desk.sandbox.deliverDue();
      assert.equal(desk.sandbox.deliveries, 0);
    });
});

describe("A gateway that answers in the place of Nylas", () => {
  it("deletes no draft of a mail that is taken back, and the person hears that one may be left", async () => {
    const desk = await Desk.set(nylas);
    const window = await desk.open();
    const id = await compose(window, await desk.file());
    await window.until(id, isReady);
    await later(window, id);
    const grant = desk.sandbox.nylas.grants[0]?.id;
    const drafts = async () =>
      (await callApi(desk.sandbox, "GET", `/v3/grants/${grant}/drafts`)).json.data.length;
    // The first one lists the draft.
    desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status: 404, body: "html", skip: 1 });
    const isLeft = await window.runner.cancelScheduled(id);
    await faultsMet(desk.sandbox);
    assert.deepEqual([isLeft, await drafts(), window.store.get(id).phase], [true, 1, "composing"]);
    await desk.clear();
  });
});
