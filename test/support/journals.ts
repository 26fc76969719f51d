import type { SavedDelivery } from "../../src/delivery/delivery.ts";
import type { Journal } from "../../src/delivery/journal.ts";
import type { Window } from "./window.ts";

/** The moment at which a window is killed. */
export interface Cut {
  readonly when: "before" | "after";
  /** The record that is being saved just then. */
  readonly isMoment: (record: SavedDelivery) => boolean;
}

/** A journal that kills its window at a write, before or after it is on disk. */
export function cutting({ when, isMoment }: Cut): (inner: Journal, window: () => Window) => Journal {
  return (inner, window) => ({
    readAll: () => inner.readAll(),
    read: (id) => inner.read(id),
    write: async (id, value) => {
      // What the store hands over is a record.
      const isNow = isMoment(value as SavedDelivery);
      if (isNow && when === "before") return void window().kill();
      await inner.write(id, value);
      if (isNow) void window().kill();
    },
    remove: (id) => inner.remove(id),
    setAside: (id) => inner.setAside(id),
  });
}
