import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import type { Grant } from "../../src/sandbox/nylas/grants.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";

export { sha256 } from "../support/sha256.ts";

export const KiB = 1024;
export const MiB = 1024 * KiB;
/** Storage's grid. */
export const grid = 256 * KiB;

/** Bytes that look random, the same in every run, and nowhere periodic with the grid. */
export function sampleBytes(length: number, seed = 1): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  let state = seed;
  for (let at = 0; at < bytes.length; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state, at);
  }
  return bytes.subarray(0, length);
}

export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body, with whatever a test expects to be in it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests state what they expect by asserting it
  readonly json: any;
}

interface Sending {
  readonly method?: string;
  readonly headers?: Record<string, string | number>;
  readonly body?: string | Buffer;
  /** Leaves `Content-Length` out, so that the body goes in chunked transfer encoding. */
  readonly chunked?: boolean;
  /** Announces this many bytes, whatever the body has. The connection is cut after the body when it has fewer. */
  readonly announce?: number;
}

/** One request, with nothing added that was not asked for: no retry, no connection kept. */
export function send(url: string, sending: Sending = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, chunked = false, announce } = sending;
  const bytes = Buffer.from(body ?? "");
  const length = chunked ? {} : { "Content-Length": announce ?? bytes.length };
  return new Promise((resolve, reject) => {
    const client = request(url, { method, headers: { ...length, ...headers }, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          get json() {
            return JSON.parse(text);
          },
        });
      });
    });
    client.on("error", reject);
    if (chunked) client.flushHeaders();
    if (announce !== undefined && announce > bytes.length) client.write(bytes, () => client.destroy());
    else client.end(bytes);
  });
}

/** Speaks to the sandbox's mail API as its application, or with other headers as somebody else. */
export function callApi(
  sandbox: Sandbox,
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send(`${sandbox.nylas.apiUri}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${sandbox.nylas.apiKey}`,
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

/** Checks that Nylas refused in its own form, which names the request. */
export function assertError({ status, headers, json }: Answer, wanted: number, type?: string): void {
  assert.equal(status, wanted, JSON.stringify(json));
  assert.equal(headers["x-request-id"], json.request_id);
  assert.equal(typeof json.error.message, "string");
  if (type !== undefined) assert.equal(json.error.type, type);
}

/** The sandbox's grants by what they are good for. */
export function grantsOf(sandbox: Sandbox): Record<"microsoft" | "google" | "sendOnly" | "invalid", Grant> {
  const [microsoft, google, sendOnly, invalid] = sandbox.nylas.grants;
  if (!microsoft || !google || !sendOnly || !invalid) throw new Error("the sandbox has other grants");
  return { microsoft, google, sendOnly, invalid };
}

export interface Session {
  readonly id: string;
  readonly url: string;
  readonly grant: string;
}

/** Opens an upload session; `size` is left out when it is undefined. */
export async function openSession(
  sandbox: Sandbox,
  size?: number,
  filename = "sample.bin",
): Promise<Session> {
  const grant = grantsOf(sandbox).microsoft.id;
  const body = { filename, content_type: "application/x-sample", ...(size === undefined ? {} : { size }) };
  const { json } = await callApi(sandbox, "POST", `/v3/grants/${grant}/attachment-uploads`, body);
  return { id: json.data.attachment_id, url: json.data.url, grant };
}

export function completeSession(sandbox: Sandbox, { id, grant }: Session): Promise<Answer> {
  return callApi(sandbox, "POST", `/v3/grants/${grant}/attachment-uploads/${id}/complete`);
}

/** A file that is ready to be put on a mail. */
export async function readyFile(sandbox: Sandbox, bytes: Buffer, filename?: string): Promise<Session> {
  const session = await openSession(sandbox, bytes.length, filename);
  await send(session.url, { method: "PUT", body: bytes });
  await completeSession(sandbox, session);
  return session;
}

export function sendMail(
  sandbox: Sandbox,
  message: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const body = { to: [{ email: "reader@example.com" }], subject: "A mail", body: "<p>Hello</p>", ...message };
  return callApi(
    sandbox,
    "POST",
    `/v3/grants/${grantsOf(sandbox).microsoft.id}/messages/send`,
    body,
    headers,
  );
}

/** Waits until something is true; a test that waits for what never comes runs into mocha's timeout. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
