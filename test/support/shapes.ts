/** The shapes that the services' answers may have, all legal, and a few runs in which each pair of them occurs. */
import type { DriveBehaviour } from "../../src/sandbox/drive/driveBehaviour.ts";
import type { GraphBehaviour } from "../../src/sandbox/graph/graphBehaviour.ts";
import type { NylasBehaviour } from "../../src/sandbox/nylas/nylasBehaviour.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { StorageBehaviour } from "../../src/sandbox/storage/storage.ts";
import { pairwise } from "./pairwise.ts";

type Switches<T> = { readonly [K in keyof T]?: readonly T[K][] };

export const atGraph = {
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
const atDrive = {
  sharing: ["anyone", "guests"],
  sharingRefusal: ["inner", "code"],
  kind: ["business", "personal"],
  longestDays: [null, 14],
  secondLink: ["same", "another"],
  gone: [404, 410],
  done: [201, 200],
  nextRange: ["N-", "N-M"],
} as const satisfies Switches<DriveBehaviour>;
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

type Row = Readonly<Record<string, unknown>>;

/** By the service. */
export const shapes: Readonly<Record<"graph" | "nylas" | "drive", readonly Row[]>> = {
  drive: pairwise(atDrive),
  graph: pairwise(atGraph),
  nylas: pairwise({ ...atNylas, ...atStorage }),
};

/** Has a service answer in one of its shapes. */
export function giveShape({ graph, nylas, storage }: Sandbox, row: Row): void {
  for (const [name, value] of Object.entries(row)) {
    const half = name in atGraph ? graph.behaviour : name in atNylas ? nylas.behaviour : storage;
    Object.assign(half, { [name]: value });
  }
}
