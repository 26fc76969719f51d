/** The open questions about Microsoft Graph. https://learn.microsoft.com/graph/outlook-large-attachments */
import { setTimeout as wait } from "node:timers/promises";
import { type Answer, type Beliefs, call, field, someBytes, textAt } from "./beliefs.ts";

const RANGE = 12 * 320 * 1024;
const MARK = "String {6e2f0d2c-8a51-4f0b-9d43-5b7c1e9a7f64} Name FreightMailDelivery";

export interface GraphKeys {
  readonly baseUrl: string;
  readonly token: string;
}

type Ask = (method: string, path: string, body?: object) => Promise<Answer>;

export async function askGraph({ baseUrl, token }: GraphKeys, sends: boolean, beliefs: Beliefs) {
  beliefs.hide(token);
  const ask: Ask = (method, path, body) =>
    call(
      `${baseUrl}/v1.0/me${path}`,
      method,
      {
        authorization: `Bearer ${token}`,
        prefer: 'IdType="ImmutableId"',
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "POST" && body === undefined ? { "content-length": "0" } : {}),
      },
      body === undefined ? undefined : JSON.stringify(body),
    );
  const me = await ask("GET", "?$select=id,mail,userPrincipalName");
  const email = textAt(me.json, "mail") ?? textAt(me.json, "userPrincipalName");
  beliefs.hide(email, textAt(me.json, "id"));
  beliefs.note("Graph shows who signed in", me.status === 200, `status ${me.status}`);
  if (email === undefined) return;
  await beliefs.ask("There is an inbox", async () => {
    const inbox = await ask("GET", "/mailFolders/inbox?$select=id");
    return [inbox.status === 200, `status ${inbox.status}`];
  });
  await inDraft(email, ask, beliefs, async (path, mark) => {
    await findAgain(mark, ask, beliefs);
    await attach(path, 4_000_000, ask, beliefs);
    await beliefs.ask("The draft can be written right afterwards", async () => {
      const written = await ask("PATCH", path, { subject: "Freight Mail: verify:live" });
      return [written.status === 200, `status ${written.status}`];
    });
  });
  if (!sends) return;
  await inDraft(email, ask, beliefs, async (path) => {
    if (!(await attach(path, 40 * 1024 * 1024, ask, beliefs))) return;
    await beliefs.ask("A mail of 40 MB to oneself is sent", async () => {
      const sent = await ask("POST", `${path}/send`);
      const code = textAt(sent.json, "error", "code");
      return [sent.status === 202, `status ${sent.status}${code === undefined ? "" : `, ${code}`}`];
    });
  });
}

/** Opens a draft, and deletes it unless it was sent. */
async function inDraft(
  email: string,
  ask: Ask,
  beliefs: Beliefs,
  work: (path: string, mark: string) => Promise<void>,
): Promise<void> {
  const mark = `verify-live-${crypto.randomUUID()}`;
  const made = await ask("POST", "/messages", {
    subject: "Freight Mail: verify:live",
    body: { contentType: "Text", content: "A test. You can delete it." },
    toRecipients: [{ emailAddress: { address: email } }],
    internetMessageHeaders: [{ name: "x-verify-live", value: mark }],
    singleValueExtendedProperties: [{ id: MARK, value: mark }],
  });
  const id = textAt(made.json, "id");
  beliefs.hide(id);
  beliefs.note("A draft takes an extended property", made.status === 201, `status ${made.status}`);
  if (id === undefined) return;
  const path = `/messages/${encodeURIComponent(id)}`;
  try {
    await work(path, mark);
  } finally {
    const look = await ask("GET", `${path}?$select=isDraft`);
    if (field(look.json, "isDraft") === true) {
      let gone = await ask("DELETE", path);
      // Something else may be at it just now.
      for (let tries = 0; (gone.status === 409 || gone.status === 412) && tries < 5; tries++) {
        await wait(1_000);
        gone = await ask("DELETE", path);
      }
      beliefs.note("The draft is deleted again", gone.status === 204, `status ${gone.status}`);
    }
  }
}

async function findAgain(mark: string, ask: Ask, beliefs: Beliefs): Promise<void> {
  const list = (query: string) => ask("GET", `/mailFolders/drafts/messages?${query}`);
  await beliefs.ask("The draft is found by its property", async () => {
    const clause = `singleValueExtendedProperties/Any(ep: ep/id eq '${MARK}' and ep/value eq '${mark}')`;
    const found = await list(`$filter=${encodeURIComponent(clause)}&$select=id`);
    const count = field(found.json, "value", "length");
    return [count === 1, `status ${found.status}, ${count} found`];
  });
  await beliefs.ask("Lists do not tell the headers of drafts", async () => {
    const newest = await list("$select=id,internetMessageHeaders&$orderby=createdDateTime%20desc&$top=10");
    const told = JSON.stringify(newest.json ?? null).includes(mark);
    return [!told, `status ${newest.status}, ${told ? "told" : "not told"}`];
  });
}

/** One upload session from its start to its end. @returns whether the file is attached */
async function attach(path: string, size: number, ask: Ask, beliefs: Beliefs): Promise<boolean> {
  const list = `${path}/attachments`;
  const AttachmentItem = { attachmentType: "file", name: "verify-live.bin", size };
  const opened = await ask("POST", `${list}/createUploadSession`, { AttachmentItem });
  const url = textAt(opened.json, "uploadUrl");
  beliefs.hide(url);
  beliefs.note("An upload session is opened with 201", opened.status === 201, `status ${opened.status}`);
  if (url === undefined) return false;
  const bytes = someBytes(size);
  let isOver = false;
  try {
    let last: Answer | undefined;
    for (let at = 0; at < size; at += RANGE) {
      const end = Math.min(size, at + RANGE);
      const headers = {
        "content-range": `bytes ${at}-${end - 1}/${size}`,
        "content-type": "application/octet-stream",
      };
      last = await call(url, "PUT", headers, bytes.subarray(at, end));
      if (end === size || at > 0) continue;
      const [name, next] =
        Object.entries(last.json ?? {}).find(([key]) => key.toLowerCase() === "nextexpectedranges") ?? [];
      beliefs.note(
        "A range is answered with 200 and where to go on",
        last.status === 200 && String(field(next, 0)).startsWith(String(end)),
        `status ${last.status}, ${name} like ${String(field(next, 0)).replaceAll(/\d+/g, "N")}`,
      );
      const asked = await call(url, "GET", {});
      beliefs.note("The upload address can be asked", asked.status === 200, `status ${asked.status}`);
    }
    isOver = last?.status === 201;
    const named = /attachments\('([^']+)'\)$/i.exec(last?.headers.get("location") ?? "")?.[1];
    const id = named === undefined ? undefined : decodeURIComponent(named);
    beliefs.hide(named, id);
    const listed = await ask("GET", `${list}?$select=id,name,size`);
    const first = field(listed.json, "value", 0);
    beliefs.hide(textAt(first, "id"));
    beliefs.note("The last range is answered with 201", isOver, `status ${last?.status}`);
    beliefs.note(
      "Location names the file as lists do",
      id !== undefined && id === textAt(first, "id"),
      id === undefined ? "no id" : id === textAt(first, "id") ? "the same id" : "an id of another kind",
    );
    const told = Number(field(first, "size"));
    beliefs.note(
      "Lists tell a size between the file's and half as much more",
      told >= size && told <= size * 1.5 + 65_536,
      `${Math.round((told / size) * 100)}% of the file`,
    );
    return isOver;
  } finally {
    if (!isOver) await call(url, "DELETE", { "content-length": "0" });
  }
}
