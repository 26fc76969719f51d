import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { newestEml } from "../support/eml.ts";
import { Freight } from "../support/freight.ts";
import { askForGraph } from "../support/graphAccount.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { PATIENCE_MS, until } from "../support/until.ts";

const MiB = 1024 * 1024;
/** More than fits in a mail, and little enough for every run; CONTRIBUTING.md says how to take more. */
const SIZE = Number(process.env["FREIGHT_LINK_MIB"] ?? 256) * MiB;
const RANGE = 10 * MiB;
const READER = "ada@example.com";

/** A file that no mail takes goes as a link: whatever becomes of VS Code meanwhile, and without being held in memory. */
describe("a large file that goes as a link", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files: { "trace.bin": Buffer.of(0) } });
    freight = new Freight(session);
    const scopes = ["Mail.ReadWrite", "Mail.Send", "User.Read", "Files.ReadWrite"];
    await askForGraph(freight, sandbox, { token: sandbox.graph.issueToken({ scopes }) });
    await freight.workbench.notification(/ is ready/).waitFor();
    await writeSparse(session.path("trace.bin"), SIZE);
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const ranges = () =>
    sandbox.requests.filter(({ service, step }) => service === "driveUpload" && step === "upload");
  const received = () => ranges().reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);

  it("goes on from its last range when the extension host is killed, and is the same behind the link", async () => {
    const part = Math.floor(SIZE * 0.4);
    sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: part });
    const panel = await freight.send("trace.bin");
    const pid = await session.extensionHostPid();
    const before = memoryOf(pid, "VmRSS");
    await panel.to.fill(READER);
    await panel.sendByKey();
    await until("a good part is through", () => received() >= part, 10 * PATIENCE_MS);
    await freight.hasNoted('"phase":"waiting"');
    const peaks = [memoryOf(pid, "VmHWM")];
    const begun = ranges().length;
    process.kill(pid, "SIGKILL");
    const next = await until("another extension host runs", async () => {
      const other = await session.extensionHostPid();
      return other !== pid && other;
    });
    sandbox.faults.release();
    await until("the mail is out", () => sandbox.mails.length > 0, 10 * PATIENCE_MS);
    peaks.push(memoryOf(next, "VmHWM"));

    assert.equal(sandbox.deliveries, 1);
    assert.equal(
      sandbox.requests.filter(({ step }) => step === "create").length,
      1,
      "one session, to its end",
    );
    assert.ok(received() - SIZE <= 2 * RANGE, `${received() - SIZE} bytes were sent again`);
    const firsts = ranges()
      .slice(begun)
      .map(({ headers }) => Number(/\d+/.exec(String(headers["content-range"]))?.[0]));
    assert.ok(Math.min(...firsts) >= part - RANGE, `it went on from ${Math.min(...firsts)}`);

    const { html, attachments } = await newestEml(sandbox);
    assert.deepEqual(attachments, []);
    const url = /href="(http[^"]+)"/.exec(String(html))?.[1] ?? "";
    assert.equal((await behind(url, "stranger@elsewhere.example")).status, 403);
    const { status, hash } = await behind(url, READER);
    assert.equal(status, 200);
    assert.equal(hash, await hashOf(createReadStream(session.path("trace.bin"))));
    assert.ok(String(html).includes(hash), "the mail says so");

    const grown = Math.max(...peaks) - before;
    const words = `${Math.round(grown / MiB)} MiB more memory for ${SIZE / MiB} MiB`;
    if (process.env["FREIGHT_LINK_MIB"] !== undefined) console.log(`      ${words}`);
    // One that held the file would have grown by its size.
    assert.ok(grown < 0.75 * SIZE, words);
  });

  it("is shown in the tree with who can open it until when, and with what can be done about that", async () => {
    await session.workbench.view("Freight Mail");
    const row = session.workbench.treeItems("Sessions").filter({ hasText: "trace.bin" });
    await row.filter({ hasText: /link for the recipients until/ }).waitFor();
    await freight.menu("Stop Sharing…", row);
    await freight.answerDialog("Stop sharing “trace.bin”?", "Stop Sharing");
    await row.filter({ hasText: "no longer shared" }).waitFor();
  });
});

/** A file of holes with some bytes in each range of the upload: one in a wrong place would be seen. */
async function writeSparse(path: string, size: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.truncate(size);
    for (let at = RANGE / 2; at < size; at += RANGE)
      await file.write(Buffer.from(`at ${at}`), 0, undefined, at);
  } finally {
    await file.close();
  }
}

/** What somebody finds behind a link. */
async function behind(
  url: string,
  visitor: string,
): Promise<{ readonly status: number; readonly hash: string }> {
  const answer = await fetch(`${url}?download=1&as=${visitor}`);
  return { status: answer.status, hash: await hashOf(answer.body ?? []) };
}

async function hashOf(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of bytes) hash.update(piece);
  return hash.digest("hex");
}

/** Bytes of a process: what it has now, or had at most. */
function memoryOf(pid: number, what: "VmRSS" | "VmHWM"): number {
  const [, kilobytes] =
    new RegExp(`^${what}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
