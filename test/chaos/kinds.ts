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

const off: Partial<Record<Kind, string>> = {};

/** Kinds that are on all the same, to see what they find; see scripts/testChaos.ts. */
const forced = new Set((process.env["CHAOS_ON"] ?? "").split(","));

export function isOn(kind: Kind): boolean {
  return forced.has("all") || forced.has(kind) || off[kind] === undefined;
}
