import assert from "node:assert/strict";
import type { SavedAttachment, SavedDelivery } from "../../src/delivery/delivery.ts";
import { compose, insist, isSettled, pressSend } from "../support/desk.ts";
import { cutting } from "../support/journals.ts";
import { tell, tried } from "./cell.ts";

/** A moment of the mail's only file, after Send was pressed. */
const file = (isMoment: (attachment: SavedAttachment) => boolean) => (record: SavedDelivery) =>
  record.phase !== "composing" && record.attachments.some(isMoment);

const again = "waits for Send; then sent";
const resumed = "sent, probed";

/** What is saved when the window is killed, and what comes of the mail when it was, or was not, on disk by then. */
const cuts: readonly (readonly [string, string, (record: SavedDelivery) => boolean, string, string])[] = [
  ["1 create", "the first record", () => true, "nothing was begun", again],
  [
    "1 create",
    "“session asked for”",
    file(({ status }) => status === "creating"),
    again,
    "sent, asked again",
  ],
  [
    "2 bytes",
    "the session",
    file(({ session }) => session?.serviceStatus === "uploading"),
    "sent, new session",
    resumed,
  ],
  ["2 bytes", "confirmed bytes", file(({ accepted }) => accepted > 0), resumed, resumed],
  ["3 complete", "“completing”", file(({ status }) => status === "completing"), resumed, "sent"],
  ["3 complete", "“ready”", file(({ status }) => status === "ready"), "sent, completed again", "sent"],
  ["4 send", "key and body", ({ phase }) => phase === "sending", "sent", "sent"],
  ["4 send", "“sent”", ({ phase }) => phase === "sent", "sent, same key", "sent"],
];

describe("A window that is killed", () => {
  for (const [step, what, isMoment, before, after] of cuts)
    for (const [when, expected] of [
      ["before", before],
      ["after", after],
    ] as const) {
      const fault = `${when} it has saved ${what}`;
      tried({ section: "A killed window", step, fault, expected }, async (desk) => {
        desk.sandbox.faults.arm(
          // Slow enough that each fact is saved by itself.
          { step: "create", fault: "delay", ms: 120 },
          { step: "upload", fault: "keepFewerBytes", bytes: 600_000 },
        );
        const killed = await desk.open({ journal: cutting({ when, isMoment }) });
        const id = await compose(killed, await desk.file());
        const death = killed.until(id, () => false);
        await Promise.race([killed.store.flushed(id), death]);
        await Promise.race([pressSend(killed, id), death]);
        await death;
        await killed.kill();
        const next = await desk.open();
        if (next.store.find(id) === undefined) return "nothing was begun";
        const delivery = await next.until(id, isSettled);
        assert.ok(delivery);
        const seen = tell(delivery, desk, next);
        if (delivery.phase === "sent") return seen;
        const { phase } = await insist(next, id, desk.sandbox);
        return `${seen.replace(/,.*/, "")}; then ${phase}`;
      });
    }
});
