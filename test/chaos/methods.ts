import type fc from "fast-check";
import { type Door, google, graph, graphLinks, graphLinksOnly, nylas } from "../support/doors.ts";
import { graphSchedule, linkSchedule, nylasSchedule, type Schedule, standardSchedule } from "./schedule.ts";

export interface Method {
  readonly name: string;
  readonly door: Door;
  /** Of the account that a mail may be given to. */
  readonly otherDoor: Door;
  readonly schedule: fc.Arbitrary<Schedule>;
  readonly usualRuns: number;
}

/** Of most files some fit in their mail, and some do not. */
const graphSomeLinks: Door = { ...graphLinks, mostBytes: 700_000 };

export const methods: readonly Method[] = [
  { name: "nylas", door: nylas, otherDoor: google, schedule: nylasSchedule, usualRuns: 570 },
  { name: "graph", door: graph, otherDoor: nylas, schedule: graphSchedule, usualRuns: 370 },
  { name: "standard", door: google, otherDoor: graph, schedule: standardSchedule, usualRuns: 480 },
  {
    name: "links",
    door: graphSomeLinks,
    otherDoor: graphLinksOnly,
    schedule: linkSchedule,
    usualRuns: 60,
  },
  {
    name: "links only",
    door: graphLinksOnly,
    otherDoor: graphSomeLinks,
    schedule: linkSchedule,
    usualRuns: 40,
  },
];
