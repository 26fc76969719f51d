import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { driveToken, recipient } from "./graphSupport.ts";
import { sampleBytes, sha256 } from "./support.ts";

const run = promisify(execFile);

describe("curl, on Graph", () => {
  const content = sampleBytes(5_000_000);
  let sandbox: Sandbox;
  let folder: string;

  before(async function () {
    await run("curl", ["--version"]).catch(() => this.skip());
    sandbox = await startSandbox({ tls: true });
    folder = await mkdtemp(join(tmpdir(), "freight-mail-curl-"));
    await writeFile(join(folder, "ca.pem"), sandbox.graph.certificate ?? "");
  });
  after(async () => {
    await sandbox?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  /** Runs curl; the last line of what it prints is the status. */
  const curl = async (...args: string[]) => {
    // Without globoff it would take the brackets and braces of an address for a pattern.
    const usual = ["--silent", "--show-error", "--globoff", "--write-out", "\n%{http_code}"];
    const { stdout } = await run("curl", [...usual, "--cacert", join(folder, "ca.pem"), ...args]);
    const lines = stdout.split("\n");
    return { status: Number(lines.pop()), text: lines.join("\n") };
  };
  const post = async (path: string, json?: unknown) => {
    const data =
      json === undefined
        ? ["--header", "Content-Length: 0"]
        : ["--header", "Content-Type: application/json", "--data", JSON.stringify(json)];
    const authorization = ["--header", `Authorization: Bearer ${driveToken(sandbox)}`];
    const prefer = ["--header", 'Prefer: IdType="ImmutableId"'];
    const url = `${sandbox.graph.baseUrl}/v1.0${path}`;
    const { status, text } = await curl("--request", "POST", ...authorization, ...prefer, ...data, url);
    return { status, json: text === "" ? undefined : JSON.parse(text) };
  };

  it("makes a draft, puts a file in two ranges, and sends it", async () => {
    const draft = await post("/me/messages", {
      subject: "Report",
      toRecipients: [recipient("leyla@example.com")],
    });
    assert.equal(draft.status, 201);
    const AttachmentItem = { attachmentType: "file", name: "report.pdf", size: content.length };
    const path = `/me/messages/${draft.json.id}`;
    const session = await post(`${path}/attachments/createUploadSession`, { AttachmentItem });
    const headers = join(folder, "headers");
    for (const [first, end, status] of [
      [0, 3_932_160, 200],
      [3_932_160, 5_000_000, 201],
    ] as const) {
      const file = join(folder, "range");
      await writeFile(file, content.subarray(first, end));
      const range = `Content-Range: bytes ${first}-${end - 1}/${content.length}`;
      const put = [
        "--request",
        "PUT",
        "--dump-header",
        headers,
        "--header",
        range,
        "--data-binary",
        `@${file}`,
      ];
      assert.equal((await curl(...put, session.json.uploadUrl)).status, status);
    }
    assert.match(await readFile(headers, "utf8"), /^Location: https:\/\/.+\/Attachments\('.+'\)\r?$/im);
    assert.equal((await post(`${path}/send`)).status, 202);
    const [mail] = sandbox.mails;
    assert.deepEqual(
      mail?.attachments.map(({ filename, sha256 }) => [filename, sha256]),
      [["report.pdf", sha256(content)]],
    );
  });

  it("puts a file into the drive, links to it, and downloads it from there", async () => {
    const session = await post("/me/drive/root:/Freight%20Mail/report.pdf:/createUploadSession", {
      item: {},
    });
    assert.equal(session.status, 200);
    const file = join(folder, "range");
    for (const [first, end, status] of [
      [0, 3_932_160, 202],
      [3_932_160, 5_000_000, 201],
    ] as const) {
      await writeFile(file, content.subarray(first, end));
      const range = `Content-Range: bytes ${first}-${end - 1}/${content.length}`;
      const put = ["--request", "PUT", "--header", range, "--data-binary", `@${file}`];
      const answer = await curl(...put, session.json.uploadUrl);
      assert.equal(answer.status, status);
      if (status !== 201) continue;
      const { id } = JSON.parse(answer.text);
      const { json } = await post(`/me/drive/items/${id}/createLink`, { type: "view", scope: "anonymous" });
      const downloaded = join(folder, "downloaded");
      await curl("--output", downloaded, `${json.link.webUrl}?download=1`);
      assert.equal(sha256(await readFile(downloaded)), sha256(content));
    }
  });

  it("does not believe the sandbox without its certificate", async () => {
    await assert.rejects(run("curl", ["--silent", sandbox.graph.baseUrl]), { code: 60 });
  });
});
