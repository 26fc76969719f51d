import assert from "node:assert/strict";
import { usualDrive } from "../../src/sandbox/drive/driveBehaviour.ts";
import { usualGraph } from "../../src/sandbox/graph/graphBehaviour.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { type Answer, send } from "./support.ts";

export const immutable = { Prefer: 'IdType="ImmutableId"' };

/** A token of the practice user for what the usual one allows, and for a drive. */
export function driveToken({ graph }: Sandbox): string {
  return graph.issueToken({
    scopes: ["User.Read", "Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite", "Files.ReadWrite"],
  });
}

/** Speaks to the sandbox's drive as the practice user. */
export function callDrive(
  sandbox: Sandbox,
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const authorization = { Authorization: `Bearer ${driveToken(sandbox)}` };
  return callGraph(sandbox, method, `/me/drive${path}`, json, { ...authorization, ...headers });
}

/** Speaks to the sandbox's Graph as the practice user, or with other headers as somebody else. */
export function callGraph(
  sandbox: Sandbox,
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send(`${sandbox.graph.baseUrl}/v1.0${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${sandbox.graph.accessToken}`,
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

export const recipient = (address: string, name = address) => ({ emailAddress: { address, name } });

/** A draft with immutable ids; its JSON. */
export async function makeDraft(sandbox: Sandbox, message: Record<string, unknown> = {}, owner = "/me") {
  const body = {
    subject: "A mail",
    body: { contentType: "HTML", content: "<p>Hello</p>" },
    toRecipients: [recipient("reader@example.com")],
    ...message,
  };
  const answer = await callGraph(sandbox, "POST", `${owner}/messages`, body, immutable);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

export interface GraphSession {
  readonly messageId: string;
  readonly url: string;
  readonly size: number;
}

/** A draft and an upload session on it. */
export async function makeSession(
  sandbox: Sandbox,
  size: number,
  options: { messageId?: string; name?: string; more?: Record<string, unknown> } = {},
): Promise<GraphSession> {
  const { name = "sample.bin", more = {} } = options;
  const messageId = options.messageId ?? (await makeDraft(sandbox)).id;
  const path = `/me/messages/${messageId}/attachments/createUploadSession`;
  const body = { AttachmentItem: { attachmentType: "file", name, size, ...more } };
  const answer = await callGraph(sandbox, "POST", path, body, immutable);
  assert.equal(answer.status, 201, answer.text);
  return { messageId, url: answer.json.uploadUrl, size };
}

/** Puts the bytes from `first` on, up to but without `end`. */
export function putRange(
  { url, size }: GraphSession,
  content: Buffer,
  first: number,
  end = Math.min(size, first + 3_932_160),
): Promise<Answer> {
  const headers = {
    "Content-Range": `bytes ${first}-${end - 1}/${size}`,
    "Content-Type": "application/octet-stream",
  };
  return send(url, { method: "PUT", headers, body: content.subarray(first, end) });
}

/** Puts everything, one range after the other, and returns the last answer. */
export async function putAll(session: GraphSession, content: Buffer): Promise<Answer> {
  let answer = await putRange(session, content, 0);
  while (answer.status === 200)
    answer = await putRange(session, content, Number(answer.json.nextExpectedRanges[0]));
  return answer;
}

export function sendDraft(sandbox: Sandbox, id: string): Promise<Answer> {
  return callGraph(sandbox, "POST", `/me/messages/${id}/send`);
}

/** Status and code of a refusal. */
export function refusal(answer: Answer): readonly [number, unknown] {
  return [answer.status, answer.text === "" ? undefined : answer.json.error?.code];
}

/** Undoes what a test has switched, and proves that every fault was met. */
export function settle(sandbox: Sandbox): void {
  Object.assign(sandbox.graph.behaviour, usualGraph);
  Object.assign(sandbox.graph.drive, usualDrive);
  sandbox.clock.offsetMs = 0;
  const { unmet } = sandbox.faults;
  sandbox.faults.clear();
  assert.deepEqual(unmet, []);
}
