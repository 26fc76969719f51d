/** What must be over once a mail was discarded. */
import assert from "node:assert/strict";
import type { Desk } from "../support/desk.ts";

/** Steps that bring something of a mail to its service, and do not take it away or look after it. */
const bringing = new Set(["create", "upload", "attach", "complete", "draft", "send", "sendDraft", "share"]);

/** The number of requests so far: what comes later must not be of a mail that is discarded now. */
export function requestsSoFar({ sandbox }: Desk): number {
  return sandbox.requests.length;
}

/** @throws AssertionError for a request that brought something of the mail to its service after its discard */
export function assertNothingRan({ sandbox, witness }: Desk, id: string, since: number): void {
  const marks = witness.marksOf(id);
  const late = sandbox.requests
    .slice(since)
    .filter(({ step, path }) => bringing.has(step ?? "") && marks.some((mark) => path.includes(mark)));
  assert.deepEqual(
    late.map(({ step, status }) => `${step} ${status}`),
    [],
    `mail ${id} was discarded, and went on`,
  );
}

/** @throws AssertionError for what its services still have of it, or this machine of them, once they were reached */
export async function assertNothingLeft({ sandbox, secrets, witness }: Desk, id: string): Promise<void> {
  const kept = [...secrets.values.keys()].filter((name) =>
    witness.filesOf(id).some((file) => name.startsWith(`freightMail.upload.${file}`)),
  );
  assert.deepEqual(kept, [], `mail ${id} was discarded, and its service was not told`);
  if (!witness.isOurs(id)) return;
  const { baseUrl, accessToken } = sandbox.graph;
  for (const draft of witness.draftsOf(id)) {
    const { status } = await fetch(`${baseUrl}/v1.0/me/messages/${encodeURIComponent(draft)}`, {
      headers: { authorization: `Bearer ${accessToken}`, connection: "close" },
    });
    assert.equal(status, 404, `mail ${id} was discarded, and its draft is still there`);
  }
}
