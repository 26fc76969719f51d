import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { callApi, grantsOf, readyFile, sampleBytes, sendMail, sha256, until } from "./support.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe("Mails that wait at the practice mailbox", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox();
  });
  afterEach(() => sandbox.close());

  const path = () => `/v3/grants/${grantsOf(sandbox).microsoft.id}/messages/schedules`;
  const inSeconds = (ms: number) => Math.floor((sandbox.clock.now() + ms) / 1000);
  const wait = (ms: number, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
    sendMail(sandbox, { send_at: inSeconds(ms), ...more }, headers);
  const look = (id: string) => callApi(sandbox, "GET", `${path()}/${id}`);
  const cancel = (id: string) => callApi(sandbox, "DELETE", `${path()}/${id}`);
  const scheduled = async (ms: number, more = {}) => (await wait(ms, more)).json.schedule_id;
  const drafts = async () =>
    (await callApi(sandbox, "GET", `/v3/grants/${grantsOf(sandbox).microsoft.id}/drafts`)).json.data;

  it("are accepted with 202 in both documented forms", async () => {
    const top = await wait(hour);
    assert.equal(top.status, 202);
    assert.deepEqual([typeof top.json.schedule_id, top.json.use_draft], ["string", false]);
    sandbox.nylas.behaviour.scheduledAnswer = "data";
    const inside = await wait(hour, { use_draft: true });
    assert.deepEqual(
      [typeof inside.json.data.schedule_id, inside.json.data.use_draft, inside.json.data.id],
      ["string", true, undefined],
    );
  });

  for (const [what, ms, more] of [
    ["is over", -1000, {}],
    ["is nearer than two minutes", minute, {}],
    ["is more than 30 days ahead", 31 * day, {}],
    ["is no whole second", hour, { send_at: 1.5 }],
  ] as const)
    it(`are refused when the time ${what}`, async () => assert.equal((await wait(ms, more)).status, 400));

  it("may be nearer by the other reading, and further away as a draft", async () => {
    sandbox.nylas.behaviour.leastWaitSeconds = 60;
    assert.equal((await wait(90_000)).status, 202);
    assert.equal((await wait(31 * day, { use_draft: true })).status, 202);
    assert.equal((await sendMail(sandbox, { use_draft: true })).status, 400);
  });

  it("leave once at their time, and are then told as a success for 72 hours", async () => {
    const content = sampleBytes(50_000);
    const { id } = await readyFile(sandbox, content);
    const before = sandbox.deliveries;
    const schedule = await scheduled(30 * minute, { attachments: [{ id }], subject: "In time" });
    assert.equal((await look(schedule)).json.data.status.code, "pending");
    assert.equal((await look(schedule)).json.data.close_time, undefined);
    sandbox.clock.advance(30 * minute + 1000);
    await until(() => sandbox.deliveries > before);
    assert.equal((await look(schedule)).json.data.status.code, "success");
    assert.deepEqual(
      [sandbox.mails[0]?.subject, sandbox.mails[0]?.attachments[0]?.sha256],
      ["In time", sha256(content)],
    );
    assert.equal((await cancel(schedule)).status, 404);
    sandbox.clock.advance(73 * hour);
    assert.equal((await look(schedule)).status, 404);
    assert.equal(sandbox.deliveries, before + 1);
  });

  it("do not leave when a file has expired by then, unless a draft has taken it", async () => {
    const { id } = await readyFile(sandbox, sampleBytes(1000));
    const before = sandbox.deliveries;
    const without = await scheduled(2 * hour, { attachments: [{ id }] });
    const withDraft = await scheduled(2 * hour, { attachments: [{ id }], use_draft: true });
    sandbox.clock.advance(2 * hour + 1000);
    await until(() => sandbox.deliveries > before);
    assert.equal((await look(without)).json.data.status.code, "failed");
    assert.equal((await look(withDraft)).json.data.status.code, "success");
    assert.equal(sandbox.deliveries, before + 1);
  });

  it("are taken back with 202, and only a draft is left of them", async () => {
    const before = sandbox.deliveries;
    const left = (await drafts()).length;
    const [plain, draft] = [await scheduled(hour), await scheduled(hour, { use_draft: true })];
    assert.equal((await drafts()).length, left + 1);
    for (const id of [plain, draft]) {
      const answer = await cancel(id);
      assert.equal(answer.status, 202);
      assert.equal(typeof answer.json.data.message, "string");
      assert.equal((await cancel(id)).status, 404);
    }
    assert.equal((await drafts()).length, left + 1);
    sandbox.clock.advance(2 * hour);
    await look(plain);
    assert.equal(sandbox.deliveries, before);
  });

  it("leave all the same when they are taken back in the last ten seconds", async () => {
    const before = sandbox.deliveries;
    const id = await scheduled(hour);
    sandbox.clock.advance(hour - 9_000);
    assert.equal((await cancel(id)).status, 202);
    sandbox.clock.advance(minute);
    await until(() => sandbox.deliveries > before);
  });

  it("are listed in three forms", async () => {
    const id = await scheduled(hour);
    for (const [form, entries] of [
      ["bare", (json: never) => json],
      ["data", ({ data }: { data: never }) => data],
      ["schedules", ({ data }: { data: { schedules: never } }) => data.schedules],
    ] as const) {
      sandbox.nylas.behaviour.scheduleList = form;
      const list: { schedule_id: string }[] = entries((await callApi(sandbox, "GET", path())).json as never);
      assert.ok(list.some(({ schedule_id }) => schedule_id === id));
    }
  });

  it("wait once for a key, also after a restart, and leave after one", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "freight-schedules-"));
    try {
      const first = await startSandbox({ dataDir });
      const body = { send_at: Math.floor((Date.now() + hour) / 1000) };
      const key = { "Idempotency-Key": "one" };
      const answer = await sendMail(first, body, key);
      assert.equal((await sendMail(first, body, key)).json.schedule_id, answer.json.schedule_id);
      await first.close();
      const second = await startSandbox({ dataDir });
      const again = await sendMail(second, body, key);
      assert.deepEqual([again.status, again.json.schedule_id], [202, answer.json.schedule_id]);
      second.clock.advance(2 * hour);
      await until(() => second.deliveries > 0);
      assert.equal(second.deliveries, 1);
      await second.close();
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});
