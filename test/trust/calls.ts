/** Every request that we make of a service or its storage, each as one call against a server of the test's. */

import { Readable } from "node:stream";
import type { Http } from "../../src/net/http.ts";
import { Slots } from "../../src/net/slots.ts";
import { GraphService } from "../../src/services/graph/graph.ts";
import type { FileToUpload } from "../../src/services/mailService.ts";
import { listGrants } from "../../src/services/nylas/nylasGrants.ts";
import { NylasSessions } from "../../src/services/nylas/nylasSessions.ts";
import { GcsResumable } from "../../src/transfer/gcsResumable.ts";
import { GraphRanges } from "../../src/transfer/graphRanges.ts";
import type { Range } from "../../src/transfer/upload.ts";

/** Recognisable wherever it should not be. */
export const KEY = "nyk_v0_CANARY-key-0123456789";
export const UPLOAD_ID = "CANARY-upload-0123456789";
export const BYTES = "CANARY-bytes-of-the-file";

export interface Call {
  readonly name: string;
  /** The status of success. */
  readonly status: number;
  /** Answers that lead up to the request that is meant, by the beginning of "METHOD path". */
  readonly prelude?: Readonly<Record<string, unknown>>;
  /** True when the request carries a key, so that it must not be repeated anywhere else. */
  readonly keyed: boolean;
  /** True for the request that sends the mail. */
  readonly sends?: boolean;
  run(origin: string, http: Http, signal: AbortSignal): Promise<unknown>;
}

export const FILE: FileToUpload = { name: "a.bin", contentType: "application/zip", size: 4_000_000 };
const DRAFT = { kind: "message", id: "d", internetMessageId: "<m@example.com>" } as const;
const SMALL: FileToUpload = { ...FILE, size: BYTES.length };

const range = (): Range => ({
  offset: 0,
  length: BYTES.length,
  total: BYTES.length,
  chunks: Readable.from([Buffer.from(BYTES)]),
});

const nylas = (origin: string, http: Http) =>
  new NylasSessions({ apiUri: origin, credential: KEY }, "grant", http);
const graph = (origin: string, http: Http) =>
  new GraphService({ baseUrl: origin, mailbox: "me", token: async () => KEY, turns: new Slots() }, http);
const gcs = (origin: string, http: Http) =>
  new GcsResumable(http, {
    url: `${origin}/upload?upload_id=${UPLOAD_ID}`,
    headers: {},
    total: BYTES.length,
  });
const ranges = (origin: string, http: Http) =>
  new GraphRanges(http, {
    url: `${origin}/session?authtoken=${UPLOAD_ID}`,
    total: BYTES.length,
    findStored: async () => undefined,
    monotonicNow: () => 0,
  });

const ATTACHMENTS = "/v1.0/me/messages/d/attachments";
const frozenGraph = { idempotencyKey: "k", draft: DRAFT };
const frozenBody = JSON.stringify({ message: { subject: "s" }, attachmentIds: [] });

export const CALLS: readonly Call[] = [
  {
    name: "Nylas: read the mailbox",
    status: 200,
    keyed: true,
    run: (origin, http, signal) => nylas(origin, http).check(signal),
  },
  {
    name: "Nylas: list the mailboxes",
    status: 200,
    keyed: true,
    run: (origin, http, signal) => listGrants({ apiUri: origin, credential: KEY }, http, signal),
  },
  {
    name: "Nylas: open a session",
    status: 201,
    keyed: true,
    run: (origin, http, signal) => nylas(origin, http).createSession(FILE, null, signal),
  },
  {
    name: "Nylas: complete",
    status: 200,
    keyed: true,
    run: (origin, http, signal) => nylas(origin, http).complete("a", false, signal),
  },
  {
    name: "Nylas: send",
    status: 200,
    keyed: true,
    sends: true,
    run: (origin, http, signal) =>
      nylas(origin, http).send({ idempotencyKey: "k", body: '{"subject":"s"}' }, signal),
  },
  {
    name: "Google's storage: put",
    status: 200,
    keyed: false,
    run: (origin, http, signal) => gcs(origin, http).put(range(), signal),
  },
  {
    name: "Google's storage: ask",
    status: 308,
    keyed: false,
    run: (origin, http, signal) => gcs(origin, http).locate(signal),
  },
  {
    name: "Graph: read the mailbox",
    status: 200,
    keyed: true,
    run: (origin, http, signal) => graph(origin, http).check(signal),
  },
  {
    name: "Graph: open a draft",
    status: 201,
    keyed: true,
    run: (origin, http, signal) => graph(origin, http).drafts.open("mark", false, signal),
  },
  {
    name: "Graph: look for a draft",
    status: 200,
    keyed: true,
    run: (origin, http, signal) => graph(origin, http).drafts.open("mark", true, signal),
  },
  {
    name: "Graph: list the files of a draft",
    status: 200,
    keyed: true,
    run: (origin, http, signal) => graph(origin, http).createSession(FILE, DRAFT, signal),
  },
  {
    name: "Graph: open a session",
    status: 201,
    keyed: true,
    prelude: { [`GET ${ATTACHMENTS}`]: { value: [] } },
    run: (origin, http, signal) => graph(origin, http).createSession(FILE, DRAFT, signal),
  },
  {
    name: "Graph: attach a small file",
    status: 201,
    keyed: true,
    run: (origin, http, signal) => {
      const target = { url: `${origin}${ATTACHMENTS}`, headers: {} };
      return graph(origin, http).protocol({ file: SMALL, target, draft: DRAFT }, http).put(range(), signal);
    },
  },
  {
    name: "Graph: put a range",
    status: 202,
    keyed: false,
    run: (origin, http, signal) => ranges(origin, http).put(range(), signal),
  },
  {
    name: "Graph: write the mail",
    status: 200,
    keyed: true,
    run: (origin, http, signal) => graph(origin, http).send({ ...frozenGraph, body: frozenBody }, signal),
  },
  {
    name: "Graph: send",
    status: 200, // 202 has no body that anybody reads
    keyed: true,
    sends: true,
    prelude: {
      "PATCH /v1.0/me/messages/d": { id: "d", isDraft: true },
      [`GET ${ATTACHMENTS}`]: { value: [] },
    },
    run: (origin, http, signal) => graph(origin, http).send({ ...frozenGraph, body: frozenBody }, signal),
  },
];
