/** The open questions about Nylas and the storage behind it. https://developer.nylas.com/docs/v3/email/send-large-attachments/ */
import { createHash } from "node:crypto";
import { type Beliefs, call, field, someBytes, textAt } from "./beliefs.ts";

const STEP = 256 * 1024;

export interface NylasKeys {
  readonly apiUri: string;
  readonly key: string;
  readonly grantId: string;
}

export async function askNylas({ apiUri, key, grantId }: NylasKeys, sends: boolean, beliefs: Beliefs) {
  beliefs.hide(key, grantId);
  const root = `${apiUri}/v3/grants/${encodeURIComponent(grantId)}`;
  const ask = (method: string, path: string, body?: object) =>
    call(
      `${root}${path}`,
      method,
      { authorization: `Bearer ${key}`, accept: "application/json", "content-type": "application/json" },
      body === undefined ? undefined : JSON.stringify(body),
    );
  const grant = await ask("GET", "");
  const email = textAt(grant.json, "data", "email");
  beliefs.hide(email, textAt(grant.json, "data", "id"));
  beliefs.note("Nylas shows the grant", grant.status === 200, `status ${grant.status}`);
  if (grant.status !== 200 || email === undefined) return;
  const letter = {
    to: [{ email }],
    subject: "Freight Mail: verify:live",
    body: "A test. You can delete it.",
  };

  const attachmentId = await upload(STEP * 2 + 5, STEP, ask, beliefs);
  if (attachmentId !== undefined)
    await beliefs.ask("A draft takes an uploaded file, and tells its metadata", async () => {
      const metadata = { key1: "verify-live" };
      const made = await ask("POST", "/drafts", { ...letter, attachments: [{ id: attachmentId }], metadata });
      const id = textAt(made.json, "data", "id");
      beliefs.hide(id);
      if (id === undefined) return [false, `status ${made.status}`];
      const path = `/drafts/${encodeURIComponent(id)}`;
      try {
        const read = await ask("GET", path);
        const files = field(read.json, "data", "attachments", "length");
        const mark = textAt(read.json, "data", "metadata", "key1");
        return [
          files === 1 && mark === metadata.key1,
          `${files} files, metadata ${mark === undefined ? "not told" : "told"}`,
        ];
      } finally {
        const gone = await ask("DELETE", path);
        beliefs.note("The draft is deleted again", gone.status === 200, `status ${gone.status}`);
      }
    });
  if (!sends) return;
  const large = await upload(40 * 1024 * 1024, 40 * 1024 * 1024, ask, beliefs);
  if (large !== undefined)
    await beliefs.ask("A mail of 40 MB to oneself is sent", async () => {
      const sent = await ask("POST", "/messages/send", { ...letter, attachments: [{ id: large }] });
      const raw = field(sent.json, "error", "provider_error");
      const form = typeof raw === "string" ? "a text" : field(raw, "error") === undefined ? "flat" : "nested";
      return [
        sent.status === 200,
        `status ${sent.status}${raw == null ? "" : `, provider_error is ${form}`}`,
      ];
    });
}

type Ask = (method: string, path: string, body?: object) => ReturnType<typeof call>;

/** One session from its start to its end. @param chunk bytes of all ranges but the last @returns the attachment's id */
async function upload(size: number, chunk: number, ask: Ask, beliefs: Beliefs): Promise<string | undefined> {
  const bytes = someBytes(size);
  const file = { filename: "verify-live.bin", content_type: "application/octet-stream", size };
  const opened = await ask("POST", "/attachment-uploads", file);
  const url = textAt(opened.json, "data", "url");
  const id = textAt(opened.json, "data", "attachment_id");
  beliefs.hide(url, id);
  beliefs.note("An upload session is opened with 201", opened.status === 201, `status ${opened.status}`);
  if (url === undefined || id === undefined) return undefined;
  const query = [...new URL(url).searchParams.keys()].map((name) => name.toLowerCase());
  beliefs.note(
    "Its address has an upload_id and no signature",
    query.includes("upload_id") && !query.includes("x-goog-signature"),
    `parameters ${query.join(", ")}`,
  );
  const wanted = Object.entries(field(opened.json, "data", "headers") ?? {}).map(([name, value]) => [
    name,
    String(value),
  ]);
  const put = (range: string, body: Uint8Array<ArrayBuffer>) =>
    call(url, "PUT", { ...Object.fromEntries(wanted), "content-range": range }, body);
  let isOver = false;
  try {
    for (let at = 0; at + chunk < size; at += chunk) {
      const kept = await put(`bytes ${at}-${at + chunk - 1}/${size}`, bytes.subarray(at, at + chunk));
      const range = kept.headers.get("range");
      beliefs.note(
        "A range of 256 KiB is kept with 308",
        kept.status === 308 && range === `bytes=0-${at + chunk - 1}`,
        `status ${kept.status}, range ${range}`,
      );
    }
    const rest = Math.floor((size - 1) / chunk) * chunk;
    const last = await put(`bytes ${rest}-${size - 1}/${size}`, bytes.subarray(rest));
    const md5 = createHash("md5").update(bytes).digest("base64");
    const hash = last.headers.get("x-goog-hash") ?? "";
    const told = textAt(last.json, "md5Hash") ?? /md5=([^,\s]+)/.exec(hash)?.[1];
    isOver = last.status === 200 || last.status === 201;
    beliefs.note(
      "The last range is answered with the MD5 of the file",
      isOver && told === md5,
      `status ${last.status}, ${last.json === undefined ? "no body" : "JSON"}, MD5 ${told === undefined ? "not told" : told === md5 ? "right" : "wrong"}, crc32c ${hash.includes("crc32c=") ? "in the header" : "not told"}`,
    );
    const path = `/attachment-uploads/${encodeURIComponent(id)}/complete`;
    const done = await ask("POST", path, {});
    beliefs.note("Complete says ready", done.status === 200, `status ${done.status}`);
    if (chunk < size) {
      const again = await ask("POST", path, {});
      beliefs.note("Complete again says 409", again.status === 409, `status ${again.status}`);
    }
    return done.status === 200 ? id : undefined;
  } finally {
    if (!isOver) await call(url, "DELETE", { "content-length": "0" });
  }
}
