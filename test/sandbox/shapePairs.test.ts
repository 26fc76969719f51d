/** The shapes of the services' answers together: each pair of them occurs in some run, in which a mail is sent past a fault. */
import assert from "node:assert/strict";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { type Door, graph, nylas } from "../support/doors.ts";
import { atGraph, giveShape, shapes } from "../support/shapes.ts";
import { MiB } from "./support.ts";

/** One after the other, with each run another one: what goes wrong on the way. */
const faults: readonly (readonly Fault[])[] = [
  [],
  [{ step: "upload", fault: "resetMidBody", afterBytes: 300_000 }],
  [{ step: "send", fault: "dropReplyAfterCommit" }],
  [{ step: "upload", fault: "dropReplyAfterCommit" }],
  [{ step: "create", fault: "refuse", status: 503 }],
];

function runs(door: Door, rows: (typeof shapes)["graph"]): void {
  for (const [at, row] of rows.entries())
    it(`${door.name}: a mail is sent once with ${JSON.stringify(row)}`, async () => {
      const desk = await Desk.set(door);
      try {
        giveShape(desk.sandbox, row);
        const window = await desk.open();
        const sizes = [4 * MiB + at, 1000 + at];
        const paths = await Promise.all(
          sizes.map((size, index) => desk.file(`f${index}.bin`, size, index + 1)),
        );
        desk.sandbox.faults.arm(...(faults[at % faults.length] ?? []));
        const id = await compose(window, ...paths);
        await pressSend(window, id);
        const delivery = await window.until(id, isSettled);
        assert.equal(delivery?.phase, "sent", JSON.stringify([delivery?.error, delivery?.attachments]));
        assert.equal(desk.sandbox.deliveries, 1);
      } finally {
        await desk.clear();
      }
    });
}

describe("The shapes of the services' answers, in pairs", () => {
  it("are all there, in few runs", () => {
    const rows = shapes.graph;
    const names = Object.entries(atGraph);
    for (const [at, [one, values]] of names.entries())
      for (const [other, others] of names.slice(at + 1))
        for (const a of values)
          for (const b of others)
            assert.ok(
              rows.some((row) => row[one] === a && row[other] === b),
              `${one} ${a}, ${other} ${b}`,
            );
    assert.ok(rows.length <= 25, `${rows.length} runs`);
  });

  runs(graph, shapes.graph);
  runs(nylas, shapes.nylas);
});
