import assert from "node:assert/strict";
import { arrivalSentence, arrivalSummary } from "../../src/delivery/words/arrivalWords.ts";
import { compose, Desk } from "../support/desk.ts";
import { graph, nylas } from "../support/doors.ts";
import type { Machine } from "../support/machine.ts";
import { callGraph, immutable } from "./graphSupport.ts";

describe("A confirmation by the recipients' servers", () => {
  for (const [door, isAsked, summary, sentence] of [
    [graph, true, "delivered", /^Delivered to ann@x\.example\.$/],
    [graph, false, "sent, nothing came back", /^Nothing has come back/],
    // Nylas has no way to ask.
    [nylas, true, "sent, nothing came back", /^Nothing has come back/],
  ] as const)
    it(`is ${summary} through ${door.name} where it is ${isAsked ? "" : "not "}asked for`, async () => {
      const desk = await Desk.set(door);
      const machine: Machine = desk.machine(true);
      machine.secretTurns = [0, 2, 1];
      try {
        const watch = { isOn: () => true, isFocused: () => true };
        const window = await machine.during(
          "opening",
          desk.open({ machine, watch, asksForReceipts: () => isAsked }),
        );
        const id = await machine.during("composing", compose(window, await desk.file("a.bin", 50_000)));
        const { form } = window.store.get(id);
        const text = {
          ...form,
          to: "ann@x.example",
          subject: `A build (${id})`,
          revision: form.revision + 1,
        };
        await machine.during(
          "sending",
          window.act(() => window.runner.send(id, text)),
        );
        const isSaid = () => arrivalSummary(window.store.get(id)) === summary;
        assert.ok(await machine.passUntil(isSaid), String(arrivalSummary(window.store.get(id))));
        assert.match(arrivalSentence(window.store.get(id), 0), sentence);
        assert.equal(desk.sandbox.mails.length, 1);
      } finally {
        await machine.during("clearing", desk.clear());
        machine.dispose();
      }
    });

  it("is not asked for when a person no longer wants it in a draft that was saved so", async () => {
    const desk = await Desk.set(graph);
    try {
      let isAsked = true;
      const window = await desk.open({ asksForReceipts: () => isAsked });
      const id = await compose(window, await desk.file("a.bin", 1000));
      const { form } = window.store.get(id);
      const text = { ...form, to: "ann@x.example", subject: `A build (${id})`, revision: 9 };
      await window.runner.send(id, text, { type: "draft" });
      const draft = (await window.until(id, ({ phase }) => phase === "saved"))?.draft;
      isAsked = false;
      await window.runner.send(id, { ...text, revision: 10 });
      await window.until(id, ({ phase }) => phase === "sent");
      const { json } = await callGraph(
        desk.sandbox,
        "GET",
        `/me/messages/${draft?.id}`,
        undefined,
        immutable,
      );
      assert.deepEqual([json.isDraft, json.isDeliveryReceiptRequested], [false, false]);
    } finally {
      await desk.clear();
    }
  });
});
