import type fc from "fast-check";
import { type Door, google, graph, nylas } from "../support/doors.ts";
import { graphSchedule, nylasSchedule, type Schedule, standardSchedule } from "./schedule.ts";

export interface Method {
  readonly name: string;
  readonly door: Door;
  /** Of the account that a mail may be given to. */
  readonly otherDoor: Door;
  readonly schedule: fc.Arbitrary<Schedule>;
  readonly usualRuns: number;
}

export const methods: readonly Method[] = [
  { name: "nylas", door: nylas, otherDoor: google, schedule: nylasSchedule, usualRuns: 600 },
  { name: "graph", door: graph, otherDoor: nylas, schedule: graphSchedule, usualRuns: 400 },
  { name: "standard", door: google, otherDoor: graph, schedule: standardSchedule, usualRuns: 500 },
];
