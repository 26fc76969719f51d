import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  callApi,
  completeSession,
  grantsOf,
  grid,
  md5,
  openSession,
  readyFile,
  sampleBytes,
  send,
  sendMail,
  sha256,
  until,
} from "./support.ts";

const main = join(import.meta.dirname, "../../src/sandbox/main.ts");

describe("The sandbox, with a folder to keep things in", () => {
  const content = sampleBytes(1_000_000);
  let folder: string;
  let sandbox: Sandbox;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-mail-kept-"));
    sandbox = await startSandbox({ dataDir: folder });
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });
  const restart = async () => {
    await sandbox.close();
    sandbox = await startSandbox({ dataDir: folder });
  };

  it("has the same addresses and keys after a restart", async () => {
    const { nylas, outbox, storageOrigin } = sandbox;
    await restart();
    assert.deepEqual([sandbox.nylas, sandbox.outbox, sandbox.storageOrigin], [nylas, outbox, storageOrigin]);
  });

  it("takes another port when somebody else has its old one", async () => {
    const { port } = new URL(sandbox.nylas.apiUri);
    await sandbox.close();
    const squatter = await startSandbox({ port: Number(port) });
    sandbox = await startSandbox({ dataDir: folder });
    assert.notEqual(sandbox.nylas.apiUri, squatter.nylas.apiUri);
    await assert.rejects(startSandbox({ port: Number(port) }), { code: "EADDRINUSE" });
    await squatter.close();
  });

  it("goes on with an upload that was half done, and still knows its whole hash", async () => {
    const session = await openSession(sandbox, content.length);
    const first = { "Content-Range": `bytes 0-${2 * grid - 1}/${content.length}` };
    await send(session.url, { method: "PUT", headers: first, body: content.subarray(0, 2 * grid) });
    await restart();
    const probe = await send(session.url, { method: "PUT", headers: { "Content-Range": "bytes */1000000" } });
    assert.equal(probe.headers["range"], `bytes=0-${2 * grid - 1}`);
    const rest = { "Content-Range": `bytes ${2 * grid}-999999/1000000` };
    const last = await send(session.url, { method: "PUT", headers: rest, body: content.subarray(2 * grid) });
    assert.equal(last.json.md5Hash, md5(content));
    assert.equal((await completeSession(sandbox, session)).status, 200);
  });

  it("sends a file that was ready before the restart", async () => {
    const { id } = await readyFile(sandbox, content);
    await restart();
    await sendMail(sandbox, { attachments: [{ id }] });
    assert.equal(sandbox.mails[0]?.attachments[0]?.sha256, sha256(content));
  });

  it("still has its mails, its drafts and its idempotency keys", async () => {
    const key = { "Idempotency-Key": "before the restart" };
    const first = await sendMail(sandbox, { subject: "Kept" }, key);
    const drafts = `/v3/grants/${grantsOf(sandbox).microsoft.id}/drafts`;
    const attachments = [{ filename: "a", content_type: "text/plain", content: "YQ==" }];
    const draft = await callApi(sandbox, "POST", drafts, { to: [{ email: "a@example.com" }], attachments });
    await restart();
    assert.equal((await send(sandbox.outbox)).json[0].subject, "Kept");
    const again = await sendMail(sandbox, { subject: "Kept" }, key);
    assert.equal(again.headers["idempotent-response"], "true");
    assert.equal(again.json.data.id, first.json.data.id);
    assert.equal(
      (await callApi(sandbox, "POST", `${drafts}/${encodeURIComponent(draft.json.data.id)}`, {})).status,
      200,
    );
    assert.equal(sandbox.mails[0]?.attachments[0]?.sha256, sha256(Buffer.from("a")));
    assert.equal((await send(sandbox.mails[0]?.eml ?? "")).status, 200);
  });

  it("lets go of a file when its hour is over", async () => {
    await readyFile(sandbox, content);
    const files = () => readdirSync(join(folder, "uploads")).filter((name) => name.endsWith(".bin"));
    assert.equal(files().length, 1);
    sandbox.clock.advance(3_600_000);
    await openSession(sandbox, 1);
    assert.equal(files().length, 0);
  });

  it("leaves no file of a mail's attachments behind but the mail", async () => {
    const { id } = await readyFile(sandbox, content);
    await sendMail(sandbox, { attachments: [{ id }] });
    await sendMail(sandbox, { attachments: [{ id: "none" }] });
    assert.deepEqual(readdirSync(join(folder, "outbox", "parts")), []);
    assert.equal(readdirSync(join(folder, "outbox")).length, 3);
  });
});

describe("The sandbox, in memory of nothing", () => {
  it("closes at once, whatever is going on, and leaves nothing behind", async () => {
    const sandboxFolders = () =>
      readdirSync(tmpdir()).filter((name) => name.startsWith("freight-mail-sandbox-"));
    const before = new Set(sandboxFolders());
    const sandbox = await startSandbox();
    const mine = sandboxFolders().filter((name) => !before.has(name));
    sandbox.faults.arm({ step: "upload", fault: "stall" }, { step: "send", fault: "delay", ms: 60_000 });
    const { url } = await openSession(sandbox);
    const hanging = [
      assert.rejects(send(url, { method: "PUT", body: "abc" })),
      assert.rejects(sendMail(sandbox, {})),
      assert.rejects(send(url, { method: "PUT", body: "abc", announce: 4 })),
    ];
    await until(() => sandbox.faults.unmet.length === 0);
    await sandbox.close();
    await Promise.all(hanging);
    for (const name of mine) assert.equal(existsSync(join(tmpdir(), name)), false);
  });
});

describe("The sandbox, as a process", () => {
  let child: ChildProcessWithoutNullStreams;
  /** Starts it and waits for its line. */
  const start = async (...args: string[]) => {
    child = spawn(process.execPath, [main, ...args]);
    let errors = "";
    child.stderr.on("data", (piece) => {
      errors += piece;
    });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    const ended = once(child, "exit");
    await Promise.race([once(reader, "line"), ended]);
    return { lines, ended, errors: () => errors, json: JSON.parse(lines[0] ?? "{}") };
  };
  afterEach(() => {
    child.kill("SIGKILL");
  });

  it("prints one line of JSON that says where everything is", async () => {
    const { json, lines, ended } = await start("--port", "0");
    assert.deepEqual(Object.keys(json), ["nylas", "graph", "outbox"]);
    assert.deepEqual(Object.keys(json.graph), ["baseUrl", "accessToken"]);
    assert.deepEqual(Object.keys(json.nylas), ["apiUri", "apiKey", "clientId", "grants"]);
    assert.deepEqual(json.nylas.grants[0], {
      id: "6f3d1b52-8c1e-4f0a-9a53-2b7d54c0e611",
      provider: "microsoft",
      email: "practice@freight-mail.example",
    });
    assert.match(json.nylas.apiKey, /^nyk_sandbox_/);
    assert.match(json.nylas.apiUri, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual((await send(json.outbox)).json, []);
    const headers = { Authorization: `Bearer ${json.nylas.apiKey}` };
    assert.equal((await send(`${json.nylas.apiUri}/v3/grants`, { headers })).json.data.length, 4);
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
    assert.equal(lines.length, 1);
  });

  it("ends with the process that started it", async () => {
    const { ended } = await start("--parent");
    child.stdin.destroy();
    assert.deepEqual(await ended, [0, null]);
  });

  it("says where a neighbour on the same folder listens, and ends at once; takes over when that one is gone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "freight-mail-shared-"));
    const first = await start("--parent", "--data", folder);
    const firstChild = child;
    const second = await start("--parent", "--data", folder);
    assert.deepEqual([second.lines, await second.ended], [first.lines, [0, null]]);
    firstChild.stdin.destroy();
    await first.ended;
    const third = await start("--parent", "--data", folder);
    assert.equal((await send(third.json.outbox)).status, 200);
    child.stdin.destroy();
    assert.deepEqual(await third.ended, [0, null]);
    await rm(folder, { recursive: true });
  });

  it("does not look at stdin when nobody asked it to", async () => {
    const { json, ended } = await start("--control");
    child.stdin.end();
    assert.equal((await send(json.control)).status, 200);
    child.kill("SIGINT");
    assert.deepEqual(await ended, [0, null]);
  });

  for (const [title, args, code, words] of [
    ["a port that is none", ["--port", "http"], 2, /--port http is not a port/],
    ["an option that it has not", ["--fast"], 2, /Unknown option '--fast'/],
    ["a folder that cannot be one", ["--data", main], 1, /could not start/],
  ] as const)
    it(`ends with ${code} and a reason for ${title}`, async () => {
      const { ended, lines, errors } = await start(...args);
      assert.deepEqual(await ended, [code, null]);
      assert.deepEqual(lines, []);
      assert.match(errors(), words);
    });
});
