/** A window that is killed at a moment of its record, and what the next one makes of it. */
import assert from "node:assert/strict";
import type { SavedAttachment, SavedDelivery } from "../../src/delivery/record/delivery.ts";
import { compose, insist, isSettled, pressSend } from "../support/desk.ts";
import type { Door } from "../support/doors.ts";
import { cutting } from "../support/journals.ts";
import { tell, tried } from "./cell.ts";

/** A moment of the mail's only file, after Send was pressed. */
export const file = (isMoment: (attachment: SavedAttachment) => boolean) => (record: SavedDelivery) =>
  record.phase !== "composing" && record.attachments.some(isMoment);

/** What is saved when the window is killed, and what comes of the mail when it was, or was not, on disk by then. */
export type Cut = readonly [
  step: string,
  what: string,
  isMoment: (record: SavedDelivery) => boolean,
  before: string,
  after: string,
];

/** Declares a test for each cut. @param size of the file, in bytes */
export function killed(section: string, cuts: readonly Cut[], door?: Door, size?: number): void {
  for (const [step, what, isMoment, before, after] of cuts)
    for (const [when, expected] of [
      ["before", before],
      ["after", after],
    ] as const) {
      const fault = `${when} it has saved ${what}`;
      tried(
        { section, step, fault, expected },
        async (desk) => {
          desk.sandbox.faults.arm(
            // That Send was pressed is saved before anything comes of it.
            { step: "draft", fault: "hold" },
            { step: "create", fault: "hold" },
            { step: "upload", fault: "keepFewerBytes", bytes: 600_000 },
          );
          const killed = await desk.open({ journal: cutting({ when, isMoment }) });
          const id = await compose(killed, await desk.file(undefined, size));
          const death = killed.until(id, () => false);
          await Promise.race([killed.store.flushed(id), death]);
          await Promise.race([pressSend(killed, id), death]);
          await Promise.race([killed.store.flushed(id), death]);
          desk.sandbox.faults.release();
          await death;
          await killed.kill();
          const next = await desk.open();
          if (next.store.find(id) === undefined) return "nothing was begun";
          const delivery = await next.until(id, isSettled);
          assert.ok(delivery);
          const seen = tell(delivery, desk, next);
          const { phase } = delivery.phase === "sent" ? delivery : await insist(next, id, desk.sandbox);
          if (phase === "sent") assert.deepEqual([...desk.secrets.values.keys()], [], "no secret is left");
          if (delivery.phase === "sent") return seen;
          return `${seen.replace(/,.*/, "")}; then ${phase}`;
        },
        door,
      );
    }
}
