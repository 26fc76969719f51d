import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, glob, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOtherInstance } from "../../src/sandbox/http/singleInstance.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { PracticeMailbox } from "../../src/services/practice.ts";
import { MemoryLog } from "../support/memory.ts";
import { until } from "../support/until.ts";
import { openSession, readyFile, sampleBytes, send, sendMail } from "./support.ts";

const main = join(import.meta.dirname, "../../src/sandbox/main.ts");
const day = 24 * 3600 * 1000;

describe("The folder of a practice mailbox", () => {
  let folder: string;
  let sandbox: Sandbox;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-mail-practice-"));
    sandbox = await startSandbox({ dataDir: folder });
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  const files = async () => {
    const found: string[] = [];
    for await (const path of glob(join(folder, "**/*"))) if ((await stat(path)).isFile()) found.push(path);
    return found;
  };
  const mailWithFile = async (bytes = 300_000) => {
    const { id } = await readyFile(sandbox, sampleBytes(bytes));
    await sendMail(sandbox, { attachments: [{ id }] });
  };

  it("is for this user alone, with everything in it, also where it was not before", async function () {
    if (process.platform === "win32") this.skip(); // It has no such modes.
    const before = process.umask(0o022);
    try {
      await chmod(folder, 0o755);
      await sandbox.close();
      sandbox = await startSandbox({ dataDir: folder });
      await mailWithFile();
      await openSession(sandbox, 1_000_000);
      const half = await openSession(sandbox, 1_000_000);
      await send(half.url, {
        method: "PUT",
        headers: { "Content-Range": "bytes 0-524287/1000000" },
        body: sampleBytes(524_288),
      });
    } finally {
      process.umask(before);
    }
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    const all = await files();
    assert.ok(all.some((path) => path.endsWith(".eml")) && all.some((path) => path.endsWith(".bin")));
    for (const path of all) assert.equal(((await stat(path)).mode & 0o777).toString(8), "600", path);
  });

  it("forgets mails after a month, and files as soon as nobody can use them", async () => {
    await mailWithFile();
    sandbox.clock.advance(29 * day);
    await mailWithFile();
    assert.equal(sandbox.mails.length, 2);
    sandbox.clock.advance(2 * day);
    await until("the old mail is gone", () => sandbox.mails.length === 1);
    assert.equal((await files()).filter((path) => path.endsWith(".eml")).length, 1);
    await until("no file is left", async () => !(await files()).some((path) => path.endsWith(".bin")));
    sandbox.clock.advance(31 * day);
    await until("the other mail is gone", () => sandbox.mails.length === 0);
  });

  it("forgets what is old at its start, too", async () => {
    await mailWithFile();
    const [eml = ""] = (await files()).filter((path) => path.endsWith(".eml"));
    const record = eml.replace(/eml$/, "json");
    const mail: unknown = JSON.parse(await readFile(record, "utf8"));
    await sandbox.close();
    await writeFile(record, JSON.stringify({ ...Object(mail), sentAt: Date.now() - 31 * day }));
    sandbox = await startSandbox({ dataDir: folder });
    assert.deepEqual([sandbox.mails.length, existsSync(eml)], [0, false]);
  });

  it("forgets the oldest mails when all of them are too large, but none of the last hour", async () => {
    for (let number = 0; number < 3; number++) await mailWithFile(1_000);
    const [newest, middle, oldest] = sandbox.mails;
    // As large as many mails would be, without the time that they take.
    for (const mail of [middle, oldest])
      await truncate(join(folder, "outbox", `${mail?.id}.eml`), 600 * 1024 * 1024);
    await sandbox.close();
    sandbox = await startSandbox({ dataDir: folder });
    assert.equal(sandbox.mails.length, 3);
    sandbox.clock.advance(61 * 60 * 1000);
    await until("the oldest is gone", () => sandbox.mails.length === 2);
    assert.deepEqual(
      sandbox.mails.map(({ id }) => id),
      [newest?.id, middle?.id],
    );
  });

  it("answers to the names of this machine only", async () => {
    const { port } = new URL(sandbox.nylas.apiUri);
    const status = (host: string, path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { Host: host, Authorization: `Bearer ${sandbox.nylas.apiKey}` };
        request({ host: "127.0.0.1", port, path, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });
    const outbox = new URL(sandbox.outbox).pathname;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "LOCALHOST:1234", "127.0.0.1", "[::1]:80"])
      assert.deepEqual(
        [host, await status(host, "/v3/grants"), await status(host, outbox)],
        [host, 200, 200],
      );
    for (const host of [
      ...[`rebound.example:${port}`, "localhost.example", "127.0.0.1.example", "10.0.0.1", "evil.test"],
      ...[
        "127.0.0.1.nip.io",
        "xlocalhost",
        "evil.example@localhost",
        "localhost/evil.example",
        "127.0.0.1:80:x",
      ],
      ...["[::ffff:7f00:1]", "0.0.0.0", "2130706433", "mail.test.evil.example"],
    ])
      assert.deepEqual(
        [host, await status(host, "/v3/grants"), await status(host, outbox)],
        [host, 421, 421],
      );
  });
});

describe("A practice mailbox that another window may have started", () => {
  let folder: string;
  let log: MemoryLog;
  const practices: PracticeMailbox[] = [];
  const servers: Server[] = [];
  let other: ChildProcess | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-mail-neighbour-"));
    log = new MemoryLog();
    await mkdir(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const practice of practices.splice(0)) practice.dispose();
    for (const server of servers.splice(0)) server.close();
    other?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  const addresses = () => {
    const practice = new PracticeMailbox({ program: main, dataFolder: folder, log });
    practices.push(practice);
    return practice.addresses();
  };
  /** A note as one that was killed has left it, whose number a process of somebody else has now. */
  const leaveNote = async (apiUri: string) => {
    other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    await once(other, "spawn");
    const grants = [{ id: "a", provider: "microsoft", email: "practice@freight-mail.example" }];
    const nylas = { apiUri, apiKey: "nyk_sandbox_of_the_note", grants };
    const line = JSON.stringify({ nylas, outbox: `${apiUri}/outbox/x` });
    await writeFile(join(folder, "running.json"), JSON.stringify({ pid: other.pid, line }));
  };
  /** Something that listens where the note says, and keeps what it hears. */
  const listen = async (answer: string) => {
    const heard: string[] = [];
    const server = createServer((req, res) => {
      heard.push(`${req.url} ${JSON.stringify(req.headers)}`);
      res.end(answer);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { apiUri: `http://127.0.0.1:${port}`, heard };
  };

  it("is started anew where the note leads to nobody, although its process lives", async () => {
    await leaveNote("http://127.0.0.1:9");
    const { nylas, outbox } = await addresses();
    assert.notEqual(nylas.apiUri, "http://127.0.0.1:9");
    assert.equal((await fetch(outbox)).status, 200);
  });

  it("is not believed where somebody else listens, who does not hear the key", async () => {
    for (const answer of [
      "",
      "{}",
      JSON.stringify({ data: [] }),
      JSON.stringify({ proof: "x".repeat(43) }),
      "x".repeat(100_000),
    ]) {
      const { apiUri, heard } = await listen(answer);
      await leaveNote(apiUri);
      assert.equal(await findOtherInstance(folder), undefined);
      assert.equal(heard.length, 1);
      assert.doesNotMatch(heard.join(), /of_the_note|authorization/i);
      other?.kill("SIGKILL");
    }
  });

  it("is not waited for where somebody listens and says nothing", async () => {
    const server = createServer(() => {});
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await leaveNote(`http://127.0.0.1:${port}`);
    assert.equal(await findOtherInstance(folder), undefined);
    server.closeAllConnections();
  });

  it("is used where it proves that it has the key of the note", async () => {
    const first = await addresses();
    assert.deepEqual(await addresses(), first);
    const line = await findOtherInstance(folder);
    assert.ok(line?.includes(first.nylas.apiKey));
  });
});
