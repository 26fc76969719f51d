import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { grantsOf, grid, MiB, sampleBytes, sha256 } from "./support.ts";

const run = promisify(execFile);

describe("curl, with the lines of the guide", () => {
  const content = sampleBytes(6 * MiB + 1);
  let sandbox: Sandbox;
  let folder: string;
  let file: string;
  let base: string;

  before(async function () {
    await run("curl", ["--version"]).catch(() => this.skip());
    sandbox = await startSandbox();
    folder = await mkdtemp(join(tmpdir(), "freight-mail-curl-"));
    file = join(folder, "quarterly report.bin");
    await writeFile(file, content);
    base = `${sandbox.nylas.apiUri}/v3/grants/${grantsOf(sandbox).microsoft.id}`;
  });
  after(async () => {
    await sandbox?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  /** Runs curl; the last line of what it prints is the status. */
  const curl = async (...args: string[]) => {
    const report = ["--silent", "--show-error", "--write-out", "\n%{http_code}"];
    const { stdout } = await run("curl", [...report, ...args], { maxBuffer: 32 * MiB });
    const lines = stdout.split("\n");
    return { status: Number(lines.pop()), text: lines.join("\n") };
  };
  const curlApi = async (path: string, ...args: string[]) => {
    const authorization = `Authorization: Bearer ${sandbox.nylas.apiKey}`;
    const { status, text } = await curl(
      "--request",
      "POST",
      "--header",
      authorization,
      ...args,
      `${base}/${path}`,
    );
    return { status, json: JSON.parse(text) };
  };
  const json = (value: unknown) => [
    "--header",
    "Content-Type: application/json",
    "--data",
    JSON.stringify(value),
  ];
  const create = async () => {
    const created = await curlApi(
      "attachment-uploads",
      ...json({ filename: "quarterly report.bin", content_type: "application/pdf", size: content.length }),
    );
    assert.equal(created.status, 201);
    const headers: Record<string, string> = created.json.data.headers;
    const given = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
    return { id: String(created.json.data.attachment_id), url: String(created.json.data.url), given };
  };

  it("creates a session, puts the file, completes and sends", async () => {
    const { id, url, given } = await create();
    const put = await curl("--request", "PUT", "--upload-file", file, ...given, url);
    assert.equal(put.status, 200);
    assert.equal(JSON.parse(put.text).size, String(content.length));
    const complete = await curlApi(`attachment-uploads/${id}/complete`);
    assert.deepEqual([complete.status, complete.json.data.status], [200, "ready"]);
    const sent = await curlApi(
      "messages/send",
      "--header",
      "Idempotency-Key: from curl",
      ...json({
        to: [{ email: "leyla@example.com" }],
        subject: "Report",
        body: "Attached",
        attachments: [{ id }],
      }),
    );
    assert.equal(sent.status, 200);
    const [mail] = sandbox.mails;
    assert.deepEqual(
      [mail?.idempotency_key, mail?.attachments[0]?.filename, mail?.attachments[0]?.sha256],
      ["from curl", "quarterly report.bin", sha256(content)],
    );
  });

  it("asks where an upload stands and goes on from there", async () => {
    const { url, given } = await create();
    const part = join(folder, "part");
    await writeFile(part, content.subarray(0, 4 * grid));
    const chunk = ["--header", `Content-Range: bytes 0-${4 * grid - 1}/${content.length}`];
    assert.equal(
      (await curl("--request", "PUT", "--upload-file", part, ...chunk, ...given, url)).status,
      308,
    );

    const answer = join(folder, "headers");
    const probe = ["--header", `Content-Range: bytes */${content.length}`, "--header", "Content-Length: 0"];
    assert.equal((await curl("--request", "PUT", "--dump-header", answer, ...probe, url)).status, 308);
    assert.match(await readFile(answer, "utf8"), new RegExp(`^Range: bytes=0-${4 * grid - 1}\r?$`, "m"));

    await writeFile(part, content.subarray(4 * grid));
    const rest = ["--header", `Content-Range: bytes ${4 * grid}-${content.length - 1}/${content.length}`];
    const last = await curl("--request", "PUT", "--upload-file", part, ...rest, ...given, url);
    assert.equal(last.status, 200);
  });

  it("puts what comes from a pipe, whose length nobody knows", async () => {
    const { url, given } = await create();
    const put = run("curl", ["--silent", "--request", "PUT", "--upload-file", "-", ...given, url]);
    put.child.stdin?.end(content);
    assert.equal(JSON.parse((await put).stdout).size, String(content.length));
    assert.equal(sandbox.requests.at(-1)?.headers["transfer-encoding"], "chunked");
  });

  it("sends a form with a file in it", async () => {
    const sent = await curlApi(
      "messages/send",
      "--form-string",
      `message=${JSON.stringify({ to: [{ email: "leyla@example.com" }], subject: "Form", body: "" })}`,
      "--form",
      `file0=@${file};type=application/pdf`,
    );
    assert.equal(sent.status, 200);
    assert.equal(sandbox.mails[0]?.attachments[0]?.sha256, sha256(content));
  });

  it("cancels with DELETE, which answers 499", async () => {
    const { url } = await create();
    assert.equal((await curl("--request", "DELETE", "--header", "Content-Length: 0", url)).status, 499);
  });

  it("reads the outbox and fetches a mail as a file", async () => {
    const list = JSON.parse((await curl(sandbox.outbox)).text);
    const eml = await curl("--dump-header", join(folder, "headers"), list[0].eml);
    assert.equal(eml.status, 200);
    assert.match(await readFile(join(folder, "headers"), "utf8"), /^Content-Type: message\/rfc822\r?$/m);
    assert.match(eml.text, /^Message-ID: <.+@freight-mail\.example>\r?$/m);
  });
});
