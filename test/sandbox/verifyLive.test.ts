import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callGraph } from "./graphSupport.ts";

const script = join(import.meta.dirname, "../../scripts/verifyLive.ts");

describe("npm run verify:live", () => {
  let sandbox: Sandbox;
  let folder: string;
  beforeEach(async () => {
    sandbox = await startSandbox();
    folder = await mkdtemp(join(tmpdir(), "freight-mail-live-"));
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  async function run(env: Record<string, string>, ...args: readonly string[]) {
    const report = join(folder, "report.md");
    const { LIVE_NYLAS_KEY: _, LIVE_GRAPH_TOKEN: __, ...others } = process.env;
    const child = spawn(process.execPath, [script, "--report", report, ...args], {
      env: { ...others, ...env },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        said += String(chunk);
      });
    const [status] = await once(child, "close");
    return { status, said, report: await readFile(report, "utf8").catch(() => "") };
  }
  const keys = () => ({
    LIVE_NYLAS_URI: sandbox.nylas.apiUri,
    LIVE_NYLAS_KEY: sandbox.nylas.apiKey,
    LIVE_NYLAS_GRANT: sandbox.nylas.grants[0]?.id ?? "",
    LIVE_GRAPH_URI: sandbox.graph.baseUrl,
    LIVE_GRAPH_TOKEN: sandbox.graph.accessToken,
  });
  const assertNothingLeft = async () => {
    const drafts = await callGraph(sandbox, "GET", "/me/mailFolders/drafts/messages?$select=id");
    assert.deepEqual(drafts.json.value, []);
    const deleted = sandbox.requests.filter(
      ({ method, path }) => method === "DELETE" && path.includes("/drafts/"),
    );
    const made = sandbox.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/drafts"));
    assert.equal(deleted.length, made.length);
  };
  const assertNoSecrets = (text: string) => {
    for (const secret of [
      ...Object.values(keys()).slice(1, 3),
      keys().LIVE_GRAPH_TOKEN,
      "@",
      "upload_id=",
      "authtoken",
      "AAkA",
      "AAMk",
    ])
      assert.ok(!text.includes(secret), `the report has ${secret.slice(0, 12)} in it`);
  };

  it("refuses to run without a key, and asks nothing", async () => {
    const { status, said, report } = await run({});
    assert.deepEqual([status, report, sandbox.requests.length], [2, "", 0]);
    assert.match(said, /^Usage: npm run verify:live/);
  });

  it("finds what is believed, leaves nothing behind, and tells no secret", async () => {
    sandbox.graph.behaviour.locationId = "asked";
    const { status, said, report } = await run(keys());
    assert.equal(status, 0, said);
    assert.equal(sandbox.deliveries, 0);
    await assertNothingLeft();
    assertNoSecrets(said + report);
  });

  it("sends 40 MB to oneself when told to", async () => {
    sandbox.graph.behaviour.locationId = "asked";
    const { status, said } = await run(keys(), "--send");
    assert.equal(status, 0, said);
    assert.equal(sandbox.deliveries, 2);
    await assertNothingLeft();
  });

  for (const [what, change, belief, seen] of [
    ["ordinary ids", () => {}, "Location names the file as lists do", "an id of another kind"],
    [
      "headers",
      () => (sandbox.graph.behaviour.headersTold = "selected"),
      "Lists do not tell the headers",
      "told",
    ],
    [
      "no filter",
      () => (sandbox.graph.behaviour.propertyFilter = "refused"),
      "found by its property",
      "status 400",
    ],
    ["a conflict", () => (sandbox.graph.behaviour.conflicts = "409"), "can be written right", "status 409"],
    ["no mailbox", () => (sandbox.graph.behaviour.mailbox = "none"), "There is an inbox", "status 404"],
    ["no status", () => (sandbox.graph.behaviour.sessionStatus = 405), "address can be asked", "status 405"],
    ["200", () => (sandbox.nylas.behaviour.createStatus = 200), "session is opened with 201", "status 200"],
    [
      "no sessions",
      () => (sandbox.nylas.behaviour.createStatus = 403),
      "session is opened with 201",
      "status 403",
    ],
    ["a signature", () => (sandbox.storage.signedUris = true), "no signature", "x-goog-signature"],
    [
      "crc32c only",
      () => (sandbox.storage.lastAnswer = "crc32c"),
      "MD5 of the file",
      "no body, MD5 not told",
    ],
    ["no metadata", () => (sandbox.nylas.behaviour.draftMetadata = "kept"), "tells its metadata", "not told"],
  ] as const)
    it(`says what is otherwise: ${what}`, async () => {
      change();
      const { status, report, said } = await run(keys());
      const row = report.split("\n").find((line) => line.includes(belief) && line.includes("| differs |"));
      assert.equal(status, 1);
      assert.ok(row?.includes(seen), said);
      assertNoSecrets(report);
      sandbox.graph.behaviour.mailbox = "there";
      await assertNothingLeft();
    });
});
