/** The shapes of the services' answers together: each pair of them occurs in some run, in which a mail is sent past a fault. */
import assert from "node:assert/strict";
import type { GraphBehaviour } from "../../src/sandbox/graph/graphBehaviour.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import type { NylasBehaviour } from "../../src/sandbox/nylas/nylasBehaviour.ts";
import type { StorageBehaviour } from "../../src/sandbox/storage/storage.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { type Door, graph, nylas } from "../support/doors.ts";
import { pairwise } from "../support/pairwise.ts";
import { MiB } from "./support.ts";

type Switches<T> = { readonly [K in keyof T]?: readonly T[K][] };

const atGraph = {
  locationId: ["asked", "ordinary"],
  headersTold: ["selected", "never"],
  propertyFilter: ["honoured", "refused"],
  conflicts: ["none", "409", "412"],
  sessionStatus: [200, 404, 405],
  gone: [404, 410],
  wrongRange: [416, 400, 200],
  brokenRange: ["drop", "keep"],
  casing: ["documented", "camel", "pascal"],
  nextRange: ["N", "N-", "N-M"],
  minimalAnswer: ["ignored", "204", "200"],
} as const satisfies Switches<GraphBehaviour>;
const atNylas = {
  createStatus: [201, 200, 403, 404],
  escapes: ["least", "most"],
  echo: ["whole", "none"],
  draftMetadata: ["told", "kept"],
} as const satisfies Switches<NylasBehaviour>;
const atStorage = {
  lastAnswer: ["json", "header", "crc32c"],
  signedUris: [false, true],
  finished: [200, 201],
  afterCancel: [499, 404],
} as const satisfies Switches<StorageBehaviour>;

/** One after the other, with each run another one: what goes wrong on the way. */
const faults: readonly (readonly Fault[])[] = [
  [],
  [{ step: "upload", fault: "resetMidBody", afterBytes: 300_000 }],
  [{ step: "send", fault: "dropReplyAfterCommit" }],
  [{ step: "upload", fault: "dropReplyAfterCommit" }],
  [{ step: "create", fault: "refuse", status: 503 }],
];

function runs(
  door: Door,
  switches: Readonly<Record<string, readonly unknown[]>>,
  apply: (desk: Desk, row: Readonly<Record<string, unknown>>) => void,
): void {
  for (const [at, row] of pairwise(switches).entries())
    it(`${door.name}: a mail is sent once with ${JSON.stringify(row)}`, async () => {
      const desk = await Desk.set(door);
      try {
        apply(desk, row);
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
    const rows = pairwise(atGraph);
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

  runs(graph, atGraph, ({ sandbox }, row) => void Object.assign(sandbox.graph.behaviour, row));
  runs(nylas, { ...atNylas, ...atStorage }, ({ sandbox }, row) => {
    for (const [name, value] of Object.entries(row))
      Object.assign(name in atNylas ? sandbox.nylas.behaviour : sandbox.storage, { [name]: value });
  });
});
