import assert from "node:assert/strict";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  callApi,
  completeSession,
  grid,
  MiB,
  md5,
  openSession,
  readyFile,
  sampleBytes,
  send,
  sendMail,
  until,
} from "./support.ts";

const content = sampleBytes(2 * MiB + 3);

describe("The sandbox's faults", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.close());
  afterEach(() => {
    assert.deepEqual(sandbox.faults.unmet, []);
    sandbox.faults.clear();
    sandbox.clock.offsetMs = 0;
  });

  const arm = (...faults: Fault[]) => sandbox.faults.arm(...faults);
  const put = (url: string) => send(url, { method: "PUT", body: content });
  const stored = async (url: string) => {
    const { headers } = await send(url, { method: "PUT", headers: { "Content-Range": "bytes */*" } });
    return headers["range"];
  };
  const reset = { code: "ECONNRESET" };
  /** The code depends on whether the client was still writing; that there is no answer is what counts. */
  const noAnswer = (reason: unknown) => /ECONNRESET|EPIPE|socket hang up|aborted/.test(String(reason));

  for (const [step, request] of [
    ["account", () => callApi(sandbox, "GET", "/v3/grants")],
    [
      "create",
      () => callApi(sandbox, "POST", `/v3/grants/${sandbox.nylas.grants[0]?.id}/attachment-uploads`, {}),
    ],
    ["upload", async () => put((await openSession(sandbox)).url)],
    [
      "complete",
      () => completeSession(sandbox, { id: "x", url: "", grant: sandbox.nylas.grants[0]?.id ?? "" }),
    ],
    ["send", () => sendMail(sandbox, {})],
    ["draft", () => callApi(sandbox, "POST", `/v3/grants/${sandbox.nylas.grants[0]?.id}/drafts`, {})],
  ] as const)
    it(`refuse at ${step}, with Retry-After, as often as they were told, and then no more`, async () => {
      arm({ step, fault: "refuse", status: 503, retryAfter: 4, times: 2 });
      for (const status of [503, 503, undefined]) {
        const answer = await request();
        assert.equal(answer.status === 503, status === 503);
        if (status)
          assert.deepEqual([answer.headers["retry-after"], typeof answer.json.error], ["4", "object"]);
      }
    });

  it("refuse with a type, a message, a page, or nothing", async () => {
    arm(
      {
        step: "account",
        fault: "refuse",
        status: 400,
        type: "token.unauthorized_access",
        message: "Invalid API key",
      },
      { step: "account", fault: "refuse", status: 502, body: "html" },
      { step: "account", fault: "refuse", status: 504, body: "empty" },
    );
    const grants = () => callApi(sandbox, "GET", "/v3/grants");
    assert.deepEqual((await grants()).json.error, {
      type: "token.unauthorized_access",
      message: "Invalid API key",
    });
    assert.match((await grants()).text, /^<html>/);
    assert.equal((await grants()).text, "");
  });

  it("strike the request that they were told to wait for", async () => {
    arm({ step: "account", fault: "refuse", status: 500, skip: 1 });
    assert.equal((await callApi(sandbox, "GET", "/v3/grants")).status, 200);
    assert.equal((await callApi(sandbox, "GET", "/v3/grants")).status, 500);
  });

  it("strike several requests at once, and no more than they were told", async () => {
    arm({ step: "account", fault: "hold", times: 2 }, { step: "account", fault: "refuse", status: 502 });
    const grants = () => callApi(sandbox, "GET", "/v3/grants");
    const statuses: (number | undefined)[] = [];
    const all = [1, 2, 3, 4].map(() => grants().then(({ status }) => statuses.push(status)));
    await until(() => statuses.length === 2);
    assert.deepEqual(statuses.toSorted(), [200, 502]);
    assert.deepEqual(
      sandbox.faults.report().map(({ met }) => met),
      [2, 1],
    );
    sandbox.faults.release();
    await Promise.all(all);
    assert.deepEqual(statuses.toSorted(), [200, 200, 200, 502]);
  });

  it("reset a connection before the body, and nothing is stored", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "resetBeforeBody" });
    await assert.rejects(put(url), noAnswer);
    assert.equal(await stored(url), undefined);
    assert.equal(sandbox.requests.at(-2)?.bytesReceived, 0);
  });

  it("reset a connection in the body, after exactly so many bytes", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "resetMidBody", afterBytes: 3 * grid + 100 });
    await assert.rejects(put(url), noAnswer);
    assert.equal(await stored(url), `bytes=0-${3 * grid - 1}`);
    const broken = sandbox.requests.at(-2);
    assert.deepEqual(
      [broken?.bytesReceived, broken?.status, broken?.fault],
      [3 * grid + 100, undefined, "resetMidBody"],
    );
  });

  it("wait for a body that is long enough for them", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "resetMidBody", afterBytes: 2 * grid });
    const first = { "Content-Range": `bytes 0-${grid - 1}/${content.length}` };
    assert.equal(
      (await send(url, { method: "PUT", headers: first, body: content.subarray(0, grid) })).status,
      308,
    );
    assert.equal(sandbox.faults.unmet.length, 1);
    await assert.rejects(put(url), noAnswer);
  });

  it("lose the answer when everything is stored", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "dropReplyAfterCommit" });
    await assert.rejects(put(url), reset);
    const probe = await send(url, {
      method: "PUT",
      headers: { "Content-Range": `bytes */${content.length}` },
    });
    assert.deepEqual([probe.status, probe.json.md5Hash], [200, md5(content)]);
  });

  it("lose the answer of a mail that went out, which its key brings back", async () => {
    const key = { "Idempotency-Key": "lost answer" };
    arm({ step: "send", fault: "dropReplyAfterCommit" });
    await assert.rejects(sendMail(sandbox, { subject: "Lost" }, key), reset);
    assert.equal(sandbox.mails[0]?.subject, "Lost");
    const again = await sendMail(sandbox, { subject: "Lost" }, key);
    assert.deepEqual(
      [again.status, again.headers["idempotent-response"], sandbox.mails[0]?.deliveries],
      [200, "true", 1],
    );
  });

  it("deny with 504 a mail that went out, and its key brings the true answer", async () => {
    const key = { "Idempotency-Key": "gateway timeout" };
    arm({ step: "send", fault: "refuse", status: 504, afterCommit: true });
    assert.equal((await sendMail(sandbox, { subject: "Denied" }, key)).status, 504);
    assert.equal(sandbox.mails[0]?.subject, "Denied");
    assert.equal((await sendMail(sandbox, { subject: "Denied" }, key)).status, 200);
    assert.equal(sandbox.mails[0]?.deliveries, 1);
  });

  for (const afterCommit of [false, true])
    it(`fail in the service ${afterCommit ? "after" : "before"} a mail went out, and the key replays that`, async () => {
      const subject = `Fails, ${afterCommit}`;
      const key = { "Idempotency-Key": subject };
      arm({ step: "send", fault: "refuse", status: 500, by: "service", afterCommit });
      assert.equal((await sendMail(sandbox, { subject }, key)).status, 500);
      const again = await sendMail(sandbox, { subject }, key);
      assert.deepEqual([again.status, again.headers["idempotent-response"]], [500, "true"]);
      assert.equal(sandbox.mails.filter((mail) => mail.subject === subject).length, afterCommit ? 1 : 0);
    });

  it("refuse an upload after some bytes, which stay", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "refuse", status: 503, afterBytes: grid + 1 });
    assert.equal((await put(url)).status, 503);
    assert.equal(await stored(url), `bytes=0-${grid - 1}`);
  });

  it("have storage keep fewer bytes than were sent, down to none", async () => {
    const { url } = await openSession(sandbox);
    arm(
      { step: "upload", fault: "keepFewerBytes", bytes: 100 },
      { step: "upload", fault: "keepFewerBytes", bytes: grid + 100 },
    );
    const none = await put(url);
    assert.deepEqual([none.status, none.headers["range"]], [308, undefined]);
    const some = await put(url);
    assert.deepEqual([some.status, some.headers["range"]], [308, `bytes=0-${grid - 1}`]);
    assert.equal((await put(url)).json.md5Hash, md5(content));
  });

  it("cut an answer off, or leave nothing of it", async () => {
    const { url } = await openSession(sandbox);
    arm(
      { step: "upload", fault: "truncatedBody", bytes: 20 },
      { step: "probe", fault: "truncatedBody", bytes: 0 },
      { step: "upload", fault: "emptyBody" },
      { step: "upload", fault: "htmlBody" },
    );
    await assert.rejects(put(url), noAnswer);
    assert.equal(sandbox.requests.at(-1)?.status, 200);
    await assert.rejects(stored(url), noAnswer);
    const empty = await put(url);
    assert.deepEqual([empty.status, empty.text], [200, ""]);
    const page = await put(url);
    assert.deepEqual([page.status, page.headers["content-type"]], [200, "text/html; charset=utf-8"]);
    assert.equal((await put(url)).json.md5Hash, md5(content));
  });

  it("let a request hang until its client gives up", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "stall", afterBytes: grid });
    const patience = new AbortController();
    const hanging = fetch(url, { method: "PUT", body: content, signal: patience.signal });
    await until(() => sandbox.faults.unmet.length === 0);
    patience.abort();
    await assert.rejects(hanging, { name: "AbortError" });
    assert.equal(await stored(url), `bytes=0-${grid - 1}`);
  });

  it("let a request hang for a while and go on", async () => {
    const { url } = await openSession(sandbox);
    arm(
      { step: "upload", fault: "stall", afterBytes: grid, ms: 20 },
      { step: "upload", fault: "stall", ms: 20 },
    );
    assert.equal((await put(url)).status, 200);
    assert.equal((await put(url)).status, 200);
  });

  it("let an answer hang although the mail went out", async () => {
    arm({ step: "send", fault: "stall", afterCommit: true });
    const hanging = sendMail(sandbox, { subject: "Hanging" });
    await until(() => sandbox.faults.unmet.length === 0);
    assert.equal(sandbox.mails[0]?.subject, "Hanging");
    assert.equal(await Promise.race([hanging, "nothing yet"]), "nothing yet");
    // It ends with the sandbox, at the latest.
    void assert.rejects(hanging);
  });

  describe("hold what is under way, until it is released", () => {
    const received = () => sandbox.requests.at(-1)?.bytesReceived;
    const nothingYet = (hanging: Promise<unknown>) => Promise.race([hanging, Promise.resolve("nothing yet")]);
    const held = () => until(() => sandbox.faults.unmet.length === 0);

    it("at a byte of its body, and then bit by bit", async () => {
      const { url } = await openSession(sandbox);
      arm({ step: "upload", fault: "hold", afterBytes: grid });
      const hanging = put(url);
      await held();
      assert.equal(received(), grid);
      sandbox.faults.release(grid);
      await until(() => received() === 2 * grid);
      assert.equal(await nothingYet(hanging), "nothing yet");
      sandbox.faults.release();
      assert.equal((await hanging).json.md5Hash, md5(content));
      assert.deepEqual(sandbox.faults.report(), []);
    });

    it("also when the client gives up and comes back: all its requests together get no further", async () => {
      const { url } = await openSession(sandbox);
      arm({ step: "upload", fault: "hold", afterBytes: grid });
      const patience = new AbortController();
      const first = fetch(url, { method: "PUT", body: content, signal: patience.signal });
      await held();
      patience.abort();
      await assert.rejects(first, { name: "AbortError" });
      assert.equal(await stored(url), `bytes=0-${grid - 1}`);
      const again = put(url);
      await until(() => sandbox.faults.report()[0]?.met === 2);
      assert.equal(received(), 0);
      sandbox.faults.clear(); // which lets go as well
      assert.equal((await again).json.md5Hash, md5(content));
    });

    it("before the service has seen it, and after it has done its work", async () => {
      arm({ step: "send", fault: "hold", times: 1 }, { step: "send", fault: "hold", afterCommit: true });
      const early = sendMail(sandbox, { subject: "Held early" });
      await until(() => sandbox.faults.unmet.length === 1);
      const late = sendMail(sandbox, { subject: "Held late" });
      await held();
      assert.equal(sandbox.mails[0]?.subject, "Held late");
      assert.equal(await nothingYet(Promise.race([early, late])), "nothing yet");
      sandbox.faults.release();
      assert.deepEqual([(await early).status, (await late).status], [200, 200]);
      assert.equal(sandbox.mails[0]?.subject, "Held early");
    });
  });

  it("slow a body down", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "slow", bytesPerSecond: 20 * MiB });
    const started = performance.now();
    assert.equal((await put(url)).status, 200);
    assert.ok(performance.now() - started >= 90);
  });

  it("have storage keep other bytes than were sent, and its checksum tells", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "corruptBytes" });
    const changed = Buffer.from(content);
    changed[0] = ~(content[0] ?? 0) & 0xff;
    assert.equal((await put(url)).json.md5Hash, md5(changed));
  });

  it("have storage forget what it has confirmed", async () => {
    const { url } = await openSession(sandbox);
    const first = { "Content-Range": `bytes 0-${4 * grid - 1}/${content.length}` };
    await send(url, { method: "PUT", headers: first, body: content.subarray(0, 4 * grid) });
    arm(
      { step: "probe", fault: "forgetBytes", bytes: 2 * grid + 5 },
      { step: "probe", fault: "forgetBytes", bytes: 0 },
    );
    assert.equal(await stored(url), `bytes=0-${2 * grid - 1}`);
    assert.equal(await stored(url), undefined);
    assert.equal((await put(url)).json.md5Hash, md5(content));
  });

  it("tell something else than the truth", async () => {
    const { url } = await openSession(sandbox);
    arm({ step: "upload", fault: "otherBody", json: { size: "5" }, status: 201 });
    const answer = await put(url);
    assert.deepEqual([answer.status, answer.json], [201, { size: "5" }]);
    assert.equal((await put(url)).json.md5Hash, md5(content));
  });

  it("let time pass at a chosen moment: a session runs out before or after its work", async () => {
    const upload = async () => {
      const session = await openSession(sandbox);
      await put(session.url);
      return session;
    };
    arm(
      { step: "complete", fault: "timePasses", ms: 3_600_000 },
      { step: "complete", fault: "timePasses", ms: 3_600_000, afterCommit: true },
    );
    assert.equal((await completeSession(sandbox, await upload())).status, 410);
    const late = await upload();
    assert.equal((await completeSession(sandbox, late)).status, 200);
    assert.equal((await sendMail(sandbox, { attachments: [{ id: late.id }] })).status, 500);
  });

  it("turn the clock back, as every Date then tells", async () => {
    arm({ step: "account", fault: "timePasses", ms: -7_200_000 });
    const { date } = (await callApi(sandbox, "GET", "/v3/grants")).headers;
    assert.ok(Date.parse(date ?? "") < Date.now() - 7_000_000);
  });

  describe("over the control endpoint", () => {
    const control = (command: unknown) =>
      send(sandbox.control, { method: "POST", body: JSON.stringify(command) });

    it("are armed, met and reported", async () => {
      const rule: Fault = { step: "account", fault: "refuse", status: 502 };
      assert.deepEqual((await control({ arm: [rule] })).json.faults, [{ rule, met: 0, spent: false }]);
      assert.equal((await callApi(sandbox, "GET", "/v3/grants")).status, 502);
      assert.deepEqual((await send(sandbox.control)).json.faults, [{ rule, met: 1, spent: true }]);
      assert.deepEqual((await control({ clear: true })).json.faults, []);
    });

    it("let go of what they hold", async () => {
      const { url } = await openSession(sandbox);
      await control({ arm: [{ step: "upload", fault: "hold", afterBytes: 0 }] });
      const hanging = put(url);
      await until(() => sandbox.faults.unmet.length === 0);
      await control({ release: grid });
      const upload = sandbox.requests.findLast(({ step }) => step === "upload");
      await until(() => upload?.bytesReceived === grid);
      await control({ release: true });
      assert.equal((await hanging).status, 200);
    });

    it("come with a clock that can be moved", async () => {
      const { json } = await control({ clockOffsetMs: 1000, advanceMs: 3_600_000 });
      assert.equal(json.clock.offsetMs, 3_601_000);
      assert.ok(
        Date.parse((await callApi(sandbox, "GET", "/v3/grants")).headers.date ?? "") > Date.now() + 3_500_000,
      );
    });

    it("come with the counts that a test wants to see", async () => {
      const before = (await send(sandbox.control)).json;
      const { id } = await readyFile(sandbox, content);
      await sendMail(sandbox, { attachments: [{ id }] });
      const after = (await send(sandbox.control)).json;
      assert.equal(after.bytesReceived - before.bytesReceived, content.length);
      assert.equal(after.deliveries - before.deliveries, 1);
      assert.equal(after.requests.at(-1).step, "send");
    });

    it("are refused when nobody would understand them", async () => {
      for (const command of [
        { arm: [{ step: "create", fault: "explode" }] },
        { arm: [{ step: "nowhere", fault: "stall" }] },
        { unknown: 1 },
        [],
      ])
        assert.equal((await control(command)).status, 400, JSON.stringify(command));
      assert.equal((await send(sandbox.control, { method: "POST", body: "{" })).status, 400);
    });
  });
});
