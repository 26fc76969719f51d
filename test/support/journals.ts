import type { SavedDelivery } from "../../src/delivery/record/delivery.ts";
import type { Journal } from "../../src/delivery/store/disk/journal.ts";
import type { Window } from "./window.ts";

/** The moment at which a window is killed. */
export interface Cut {
  readonly when: "before" | "after";
  /** The record that is being saved just then. */
  readonly isMoment: (record: SavedDelivery) => boolean;
}

/** A journal that kills its window at a write, before or after it is on disk. */
export function cutting({ when, isMoment }: Cut): (inner: Journal, window: () => Window) => Journal {
  return (inner, window) =>
    writing(inner, async (record, write) => {
      const isNow = isMoment(record);
      if (isNow && when === "before") return void window().kill();
      await write();
      if (isNow) void window().kill();
    });
}

/** The same journal, whose writes go through other hands. */
export function writing(
  inner: Journal,
  onWrite: (record: SavedDelivery, write: () => Promise<void>) => Promise<void>,
): Journal {
  return {
    readAll: () => inner.readAll(),
    read: (id) => inner.read(id),
    // What the store hands over is a record.
    write: (id, value, ...how) => onWrite(value as SavedDelivery, () => inner.write(id, value, ...how)),
    remove: (id) => inner.remove(id),
    setAside: (id) => inner.setAside(id),
  };
}
