/** What runs are made of. A kind that finds a fault which is not mended yet is switched off here, with the reason. */
import type { Deed } from "./acts.ts";

export type Kind =
  | Deed
  | "two windows"
  | "overlapping acts"
  | "slow disk"
  | "slow secrets"
  | "broken lines"
  | "unopened lines"
  | "long texts"
  /** Leases and half-written files of windows that were killed are gone in the end. */
  | "tidy folder";

const off: Partial<Record<Kind, string>> = {
  stop: "a window that stands still between its look at the lease and its write writes over another one's work",
  "overlapping acts": "acts on what another one has just removed end with an internal error",
  "full disk": "what could not be written once is not written again",
  "busy files": "a record that another program has open is given up at once",
  discard: "a discarded mail leaves its draft and its upload behind when the service is out of reach",
  "choose account": "not tried yet",
  scribble: "a mixture of two versions counts as uploaded",
  "keep version": "the version that was agreed to is forgotten with its session",
  "long texts": "not tried yet",
  "broken lines": "some errors of open connections count as “nothing was sent”",
  sleep: "a send is repeated although the machine has slept past its key's time",
  jump: "not tried yet",
  later: "the sandbox's postman comes by real time",
  "tidy folder": "leases of killed windows stay",
};

/** Kinds that are on all the same, to see what they find; see scripts/testChaos.ts. */
const forced = new Set((process.env["CHAOS_ON"] ?? "").split(","));

export function isOn(kind: Kind): boolean {
  return forced.has("all") || forced.has(kind) || off[kind] === undefined;
}
