import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriveBehaviour } from "../../src/sandbox/drive/driveBehaviour.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callDrive, driveToken, refusal, settle } from "./graphSupport.ts";
import { type Answer, sampleBytes, send, sha256 } from "./support.ts";

const GRID = 327_680;
const size = 2 * GRID + 1000;
const content = sampleBytes(size);
const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** A PUT: from where to where (exclusive), the status, and where to go on or why it is refused. */
type Put = readonly [first: number, end: number, status: number, next?: string];

describe("The sandbox's drive", () => {
  let sandbox: Sandbox;
  let count = 0;
  before(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => settle(sandbox));
  after(() => sandbox.close());

  const switchTo = (behaviour: Partial<DriveBehaviour>) => Object.assign(sandbox.graph.drive, behaviour);
  const call = (method: string, path: string, json?: unknown, headers?: Record<string, string>) =>
    callDrive(sandbox, method, path, json, headers);
  const open = (path: string, item: Record<string, unknown> = {}) =>
    call("POST", `/root:/${path}:/createUploadSession`, {
      item: { "@microsoft.graph.conflictBehavior": "rename", fileSize: size, ...item },
    });
  const put = (url: string, first: number, end: number, total = size): Promise<Answer> =>
    send(url, {
      method: "PUT",
      headers: { "Content-Range": `bytes ${first}-${end - 1}/${total}` },
      body: content.subarray(first, end),
    });
  /** Uploads the sample, and returns what the drive says of it. */
  const upload = async (path = `Freight Mail/${count++}/report.pdf`, item: Record<string, unknown> = {}) => {
    const answer = await open(encodeURI(path), item);
    assert.equal(answer.status, 200, answer.text);
    await put(answer.json.uploadUrl, 0, GRID);
    const last = await put(answer.json.uploadUrl, GRID, size);
    assert.equal(last.status, 201, last.text);
    return last.json;
  };
  const at = (ms: number) => new Date(sandbox.clock.now() + ms).toISOString();
  const innerCode = ({ json }: Answer) => (json.error.innerError ?? json.error.innererror).code;

  it("takes a small file as the content of a path below an item", async () => {
    await upload("Inside/there.pdf");
    const { id } = (await call("GET", "/root:/Inside")).json;
    const put = await send(`${sandbox.graph.baseUrl}/v1.0/me/drive/items/${id}:/small.txt:/content`, {
      method: "PUT",
      headers: { Authorization: `Bearer ${driveToken(sandbox)}` },
      body: Buffer.from("small"),
    });
    assert.equal(put.status, 201, put.text);
    assert.equal((await call("GET", "/root:/Inside/small.txt")).json.size, 5);
  });

  describe("takes bytes:", () => {
    const cases: readonly (readonly [title: string, ...puts: Put[]])[] = [
      ["a whole file in one range", [0, size, 201]],
      ["ranges on the grid, in order", [0, GRID, 202, `${GRID}-`], [GRID, size, 201]],
      ["no range that leaves the grid", [0, GRID - 1, 400, "invalidRequest"], [0, GRID, 202, `${GRID}-`]],
      ["no gap", [GRID, 2 * GRID, 416, "invalidRange"]],
      ["nothing twice", [0, GRID, 202, `${GRID}-`], [0, GRID, 416, "invalidRange"], [GRID, size, 201]],
      ["nothing after the end", [0, size, 201], [0, size, 404, "itemNotFound"]],
    ];
    for (const [title, ...puts] of cases)
      it(title, async () => {
        const { uploadUrl } = (await open(`cases/${count++}.bin`)).json;
        for (const [first, end, status, next] of puts) {
          const answer = await put(uploadUrl, first, end);
          assert.equal(answer.status, status, answer.text);
          if (next !== undefined)
            assert.equal(answer.json.nextExpectedRanges?.[0] ?? answer.json.error.code, next);
        }
      });

    it("not with the key of Graph beside the address, nor at an address that was changed", async () => {
      const { uploadUrl } = (await open(`cases/${count++}.bin`)).json;
      const headers = { Authorization: `Bearer ${sandbox.graph.accessToken}` };
      assert.equal((await send(uploadUrl, { method: "GET", headers })).status, 401);
      assert.equal((await send(uploadUrl.replace("dc=0", "dc=1"))).status, 401);
    });

    it("not 60 MiB in a range", async () => {
      switchTo({ rangeBytes: 2 * GRID });
      const { uploadUrl } = (await open(`cases/${count++}.bin`)).json;
      assert.equal((await put(uploadUrl, 0, 2 * GRID)).status, 413);
      assert.equal((await put(uploadUrl, 0, GRID)).status, 202);
    });

    it("and tells where to go on; a range that broke is dropped whole", async () => {
      const { uploadUrl, expirationDateTime } = (await open(`cases/${count++}.bin`)).json;
      await put(uploadUrl, 0, GRID);
      sandbox.faults.arm({ step: "upload", fault: "resetMidBody", afterBytes: 5000 });
      await assert.rejects(put(uploadUrl, GRID, size));
      const status = await send(uploadUrl);
      assert.deepEqual([status.status, status.json.nextExpectedRanges], [200, [`${GRID}-`]]);
      assert.equal(status.json.expirationDateTime, expirationDateTime);
      switchTo({ nextRange: "N-M" });
      assert.deepEqual((await send(uploadUrl)).json.nextExpectedRanges, [`${GRID}-${size - 1}`]);
    });

    it("for days, not for ever, and until it is cancelled", async () => {
      const { uploadUrl } = (await open(`cases/${count++}.bin`)).json;
      sandbox.clock.advance(6 * DAY_MS);
      assert.equal((await put(uploadUrl, 0, GRID)).status, 202);
      sandbox.clock.advance(DAY_MS);
      assert.equal((await put(uploadUrl, GRID, size)).status, 404);
      sandbox.clock.offsetMs = 0;
      const other = (await open(`cases/${count++}.bin`)).json.uploadUrl;
      assert.equal((await send(other, { method: "DELETE" })).status, 204);
      switchTo({ gone: 410 });
      assert.equal((await send(other)).status, 410);
    });

    it("as long as there is room", async () => {
      const { json } = await call("GET", "");
      switchTo({ quotaBytes: json.quota.used + size - 1 });
      assert.deepEqual(refusal(await open("full.bin")), [507, "quotaLimitReached"]);
      switchTo({ maxFileBytes: size - 1 });
      assert.deepEqual(refusal(await open("large.bin")), [413, "maxFileSizeExceeded"]);
    });
  });

  describe("keeps files:", () => {
    it("names them as they were named, and others anew; the id is in the body", async () => {
      const first = await upload("Freight Mail/same/a.tar.gz");
      assert.deepEqual(
        [first.name, first.size, first.file.mimeType],
        ["a.tar.gz", size, "application/octet-stream"],
      );
      assert.equal(first.file.hashes.sha256Hash, sha256(content).toUpperCase());
      assert.equal((await upload("Freight Mail/same/A.tar.gz")).name, "A.tar 1.gz");
      const conflictBehavior = { "@microsoft.graph.conflictBehavior": "fail" };
      const refused = await open("Freight%20Mail/same/a.tar.gz", conflictBehavior);
      assert.deepEqual(refusal(refused), [409, "nameAlreadyExists"]);
      const byPath = await call("GET", "/root:/Freight%20Mail/same/a.tar.gz");
      assert.equal(byPath.json.id, first.id);
      assert.equal((await call("GET", `/items/${first.id}`)).json.name, "a.tar.gz");
    });

    for (const name of ["a%3Ab.txt", "a%2Fb.txt", "aux", "a.", "%20a", "~a", "_vti_x"])
      it(`not by the name ${decodeURIComponent(name)}`, async () =>
        assert.deepEqual(refusal(await open(`cases/${name}`)), [400, "invalidRequest"]));

    it("until they are deleted, folders with all in them", async () => {
      const item = await upload();
      assert.equal((await call("DELETE", `/items/${item.parentReference.id}`)).status, 204);
      assert.deepEqual(refusal(await call("GET", `/items/${item.id}`)), [404, "itemNotFound"]);
      assert.equal((await call("DELETE", "/root")).status, 400);
    });

    it("from whoever may write files only", async () => {
      const token = sandbox.graph.issueToken({ scopes: ["User.Read", "Mail.ReadWrite", "Mail.Send"] });
      const headers = { Authorization: `Bearer ${token}` };
      assert.deepEqual(refusal(await call("GET", "", undefined, headers)), [403, "accessDenied"]);
    });
  });

  describe("lets people open a file:", () => {
    const link = (id: string, body: Record<string, unknown>) =>
      call("POST", `/items/${id}/createLink`, { type: "view", ...body });
    const invite = (id: string, ...emails: string[]) =>
      call("POST", `/items/${id}/invite`, {
        recipients: emails.map((email) => ({ email })),
        roles: ["read"],
        requireSignIn: true,
        sendInvitation: false,
      });
    const fetchAs = (url: string, visitor: string, headers: Record<string, string> = {}) =>
      send(`${url}?download=1${visitor === "" ? "" : `&as=${visitor}`}`, { headers });

    it("whoever has the link, the bytes and a part of them", async () => {
      const { id } = await upload();
      const answer = await link(id, { scope: "anonymous" });
      const { webUrl } = answer.json.link;
      assert.equal(answer.status, 201);
      assert.match((await send(webUrl)).text, /<h1>report.pdf<\/h1>/);
      const whole = await fetchAs(webUrl, "");
      assert.equal(whole.headers["content-length"], String(size));
      assert.match(String(whole.headers["content-disposition"]), /report\.pdf/);
      const part = await fetchAs(webUrl, "", { Range: "bytes=10-19" });
      assert.deepEqual(
        [part.status, part.headers["content-range"], part.text],
        [206, `bytes 10-19/${size}`, content.subarray(10, 20).toString()],
      );
      assert.equal((await fetchAs(webUrl, "", { Range: `bytes=${size}-` })).status, 416);
      assert.equal((await fetchAs(webUrl, "", { Range: "bytes=-7" })).headers["content-length"], "7");
    });

    it("nobody who has half of its address", async () => {
      const { webUrl } = (await link((await upload()).id, {})).json.link;
      const there = new URL(webUrl);
      for (const pathname of ["/personal/practice/Documents/%E0%", `${there.pathname}%E0%`])
        assert.equal((await send(new URL(pathname, there).href)).status, 404);
    });

    it("the organization, and refuses strangers", async () => {
      const { webUrl } = (await link((await upload()).id, {})).json.link;
      assert.equal((await send(webUrl)).status, 401);
      assert.equal((await fetchAs(webUrl, "stranger@elsewhere.example")).status, 403);
      assert.equal((await fetchAs(webUrl, "anna@freight-mail.example")).status, 200);
    });

    it("people by name, and refuses strangers, who cannot use another's address", async () => {
      const { id, webUrl } = await upload();
      assert.equal((await fetchAs(webUrl, "leyla@elsewhere.example")).status, 403);
      assert.equal((await invite(id, "Leyla@elsewhere.example", "max@elsewhere.example")).status, 200);
      assert.equal((await fetchAs(webUrl, "leyla@elsewhere.example")).status, 200);
      assert.equal((await fetchAs(webUrl, "stranger@elsewhere.example")).status, 403);
      assert.equal((await fetchAs(webUrl, "")).status, 401);
      const { value } = (await call("GET", `/items/${id}/permissions`)).json;
      assert.deepEqual(
        value.map((one: Answer["json"]) => one.grantedToV2?.user.email),
        ["practice@freight-mail.example", "leyla@elsewhere.example", "max@elsewhere.example"],
      );
      assert.equal((await call("DELETE", `/items/${id}/permissions/${value[1].id}`)).status, 204);
      assert.equal((await fetchAs(webUrl, "leyla@elsewhere.example")).status, 403);
    });

    it("once for each kind of link, unless another one is made each time", async () => {
      const { id } = await upload();
      const first = await link(id, { scope: "anonymous" });
      const second = await link(id, { scope: "anonymous" });
      assert.deepEqual([second.status, second.json.id], [200, first.json.id]);
      switchTo({ secondLink: "another" });
      const third = await link(id, { scope: "anonymous" });
      assert.deepEqual([third.status, third.json.id === first.json.id], [201, false]);
    });

    it("until a day, which can be moved", async () => {
      const { id } = await upload();
      const { json } = await link(id, { scope: "anonymous", expirationDateTime: at(DAY_MS) });
      assert.deepEqual(refusal(await link(id, { expirationDateTime: at(-1000) })), [400, "invalidRequest"]);
      const expirationDateTime = at(3 * DAY_MS);
      const changed = await call("PATCH", `/items/${id}/permissions/${json.id}`, { expirationDateTime });
      assert.equal(changed.json.expirationDateTime, expirationDateTime);
      sandbox.clock.advance(2 * DAY_MS);
      assert.equal((await fetchAs(json.link.webUrl, "")).status, 200);
      sandbox.clock.advance(2 * DAY_MS);
      assert.equal((await fetchAs(json.link.webUrl, "")).status, 404);
      // What has run out is none any more.
      assert.equal((await call("GET", `/items/${id}/permissions`)).json.value.length, 1);
    });

    it("until the file is deleted", async () => {
      const { id } = await upload();
      const { webUrl } = (await link(id, { scope: "anonymous" })).json.link;
      await call("DELETE", `/items/${id}`);
      assert.equal((await fetchAs(webUrl, "")).status, 404);
    });

    for (const [sharing, anonymous, organization, outside] of [
      ["anyone", 201, 201, 200],
      ["guests", 403, 201, 200],
      ["organization", 403, 201, 403],
      ["people", 403, 403, 200],
      ["off", 403, 403, 403],
    ] as const)
      it(`as far as the organization does: ${sharing}`, async () => {
        const { id } = await upload();
        switchTo({ sharing });
        const answers = [
          await link(id, { scope: "anonymous" }),
          await link(id, { scope: "organization" }),
          await invite(id, "leyla@elsewhere.example"),
        ];
        assert.deepEqual(
          answers.map(({ status }) => status),
          [anonymous, organization, outside],
        );
        for (const answer of answers.filter(({ status }) => status === 403)) {
          assert.deepEqual([answer.json.error.code, innerCode(answer)], ["accessDenied", "sharingDisabled"]);
        }
        switchTo({ sharingRefusal: "code", sharing: "off" });
        assert.deepEqual(refusal(await link(id, {})), [403, "sharingDisabled"]);
      });

    it("one of two, where the other is outside", async () => {
      switchTo({ sharing: "organization" });
      const { id } = await upload();
      const answer = await invite(id, "anna@freight-mail.example", "leyla@elsewhere.example");
      assert.deepEqual([answer.status, answer.json.value[1].error.code], [207, "sharingDisabled"]);
    });

    it("with a password where one is needed, which only a personal drive takes", async () => {
      const { id } = await upload();
      switchTo({ passwords: "required" });
      assert.deepEqual(refusal(await link(id, { scope: "anonymous" })), [400, "invalidRequest"]);
      assert.equal((await link(id, { scope: "anonymous", password: "x" })).status, 400);
      switchTo({ kind: "personal" });
      assert.equal((await link(id, { scope: "organization" })).status, 400);
      const { webUrl } = (await link(id, { scope: "anonymous", password: "geheim" })).json.link;
      assert.equal((await fetchAs(webUrl, "")).status, 401);
      assert.equal((await send(`${webUrl}?download=1&password=geheim`)).status, 200);
    });

    it("not longer than an administrator wants", async () => {
      const { id } = await upload();
      switchTo({ longestDays: 7 });
      assert.equal((await link(id, { scope: "anonymous" })).status, 400);
      assert.equal((await link(id, { scope: "anonymous", expirationDateTime: at(8 * DAY_MS) })).status, 400);
      assert.equal((await link(id, { scope: "anonymous", expirationDateTime: at(6 * DAY_MS) })).status, 201);
    });
  });

  it("is the same after a restart", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "freight-mail-drive-"));
    const usual = sandbox;
    try {
      sandbox = await startSandbox({ dataDir });
      const { uploadUrl } = (await open("half.bin")).json;
      await put(uploadUrl, 0, GRID);
      const { id } = await upload();
      const { webUrl } = (await call("POST", `/items/${id}/createLink`, { type: "view", scope: "anonymous" }))
        .json.link;
      await sandbox.close();
      sandbox = await startSandbox({ dataDir });
      assert.equal((await send(`${webUrl}?download=1`)).headers["content-length"], String(size));
      const { json } = await put(uploadUrl, GRID, size);
      assert.equal(json.file.hashes.sha256Hash, sha256(content).toUpperCase());
    } finally {
      await sandbox.close();
      sandbox = usual;
      await rm(dataDir, { recursive: true });
    }
  });
});
