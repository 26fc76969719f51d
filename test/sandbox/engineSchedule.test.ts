import assert from "node:assert/strict";
import { type ParsedMail, simpleParser } from "mailparser";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { HttpLine } from "../../src/net/http.ts";
import { compose, Desk, Hold } from "../support/desk.ts";
import { type Door, google, graph, nylas } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import { until } from "../support/until.ts";
import type { Window } from "../support/window.ts";
import { callGraph } from "./graphSupport.ts";
import { callApi, send as get, sha256 } from "./support.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

for (const door of [nylas, google, graph])
  describe(`A mail that is sent later through ${door.name}`, () => {
    let desk: Desk;
    let window: Window;
    /** How far everybody's clock was moved. */
    let aheadMs: number;
    const options = { clockOffsetMs: () => aheadMs };
    beforeEach(async () => {
      aheadMs = 0;
      desk = await Desk.set(door);
      window = await desk.open(options);
    });
    afterEach(() => desk.clear());

    const pass = (ms: number) => {
      aheadMs += ms;
      desk.sandbox.clock.advance(ms);
    };
    const isOver = ({ phase }: DeliveryRecord) => !["composing", "waiting", "sending"].includes(phase);
    const later = (id: string, at: number) => {
      const { form } = window.store.get(id);
      const subject = `Later (${id})`;
      return window.runner.send(
        id,
        { ...form, to: "ada@x.example", subject, headers: "X-Run: 7", revision: form.revision + 1 },
        { type: "later", at },
      );
    };
    const ready = async (): Promise<string> => {
      const id = await compose(window, await desk.file());
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      return id;
    };
    const schedule = async (waitMs: number): Promise<string> => {
      const id = await ready();
      await later(id, Date.now() + aheadMs + waitMs);
      const record = await window.until(id, isOver);
      assert.equal(record?.phase, "scheduled", record?.error?.message);
      return id;
    };
    const arrived = async (): Promise<ParsedMail> => {
      await until("the mail is delivered", async () => desk.sandbox.deliveries > 0);
      const [mail] = desk.sandbox.mails;
      assert.ok(mail);
      return simpleParser((await get(mail.eml)).text);
    };
    const drafts = async (): Promise<number> => {
      if (door === graph)
        return (await callGraph(desk.sandbox, "GET", "/me/mailFolders/drafts/messages")).json.value.length;
      const grant = door.account(desk.sandbox).grantId;
      return (await callApi(desk.sandbox, "GET", `/v3/grants/${grant}/drafts`)).json.data.length;
    };

    it("leaves at its time, with its files, and is sent then", async () => {
      const id = await schedule(30 * minute);
      assert.equal(desk.sandbox.deliveries, 0);
      pass(31 * minute);
      const mail = await arrived();
      assert.equal(mail.subject, `Later (${id})`);
      assert.equal(mail.headers.get("x-run"), "7");
      const [file] = mail.attachments;
      assert.equal(file && sha256(file.content), sha256(sample(1_000_003, 1)));
      await window.runner.recover();
      const record = await window.until(id, ({ phase }) => phase === "sent");
      assert.equal(record?.finishedAt, record?.schedule?.sendAt);
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("leaves after its upload's hour, and after a month", async () => {
      await schedule(40 * day);
      assert.equal(window.store.list()[0]?.schedule?.keeper, "provider");
      pass(40 * day + minute);
      assert.equal((await arrived()).attachments.length, 1);
    });

    it("leaves although the window is closed, and the next one knows", async () => {
      const id = await schedule(30 * minute);
      await window.close();
      pass(31 * minute);
      await arrived();
      window = await desk.open(options);
      assert.equal((await window.until(id, ({ phase }) => phase === "sent"))?.phase, "sent");
    });

    it("can be taken back, written on, and sent", async () => {
      const id = await schedule(30 * minute);
      await window.runner.cancelScheduled(id);
      assert.equal(window.store.get(id).phase, "composing");
      pass(2 * hour);
      const { form } = window.store.get(id);
      await window.runner.send(id, { ...form, subject: `Now (${id})`, revision: form.revision + 1 });
      assert.equal((await window.until(id, isOver))?.phase, "sent");
      const mail = await arrived();
      assert.deepEqual([mail.subject, mail.attachments.length], [`Now (${id})`, 1]);
      assert.equal(desk.sandbox.deliveries, 1);
    });

    it("leaves no draft behind when it is taken back", async () => {
      const id = await schedule(door === google ? 40 * day : 2 * hour);
      assert.equal(await drafts(), 1);
      assert.equal(await window.runner.cancelScheduled(id), false);
      if (door !== graph) assert.equal(await drafts(), 0);
      pass(3 * hour);
      await window.runner.forget(id);
      await window.close();
      assert.equal(await drafts(), 0);
      assert.equal(desk.sandbox.deliveries, 0);
    });

    it("cannot be taken back in its last seconds, or after", async () => {
      const id = await schedule(30 * minute);
      pass(30 * minute - 5_000);
      await assert.rejects(window.runner.cancelScheduled(id), { code: "schedule-late" });
      assert.equal(window.store.get(id).phase, "scheduled");
      pass(minute);
      await arrived();
      await assert.rejects(window.runner.cancelScheduled(id), { code: "schedule-late" });
    });

    it("is not known to have left before the service says so", async () => {
      const id = await schedule(30 * minute);
      aheadMs += hour; // Only this machine's clock is wrong.
      await window.runner.recover();
      assert.equal(window.store.get(id).phase, "scheduled");
      aheadMs -= hour;
    });

    it("is refused when its time is too near", async () => {
      const id = await ready();
      await assert.rejects(later(id, Date.now() + 2 * minute), {
        code: "schedule-refused",
        message: /at least 3 minutes from now/,
      });
      assert.equal(window.store.get(id).phase, "composing");
    });

    if (door !== google)
      it("says so when its time came before its files were there", async () => {
        const id = await compose(window, await desk.file());
        desk.sandbox.faults.arm({ step: door === nylas ? "complete" : "attach", fault: "hold" });
        await later(id, Date.now() + 5 * minute);
        pass(4 * minute);
        desk.sandbox.faults.release();
        const record = await window.until(id, isOver);
        assert.equal(record?.phase, "failed");
        assert.match(record?.error?.message ?? "", /came before everything was uploaded/);
      });
  });

describe("A mailbox at Nylas whose person would have to sign in again", () => {
  let desk: Desk;
  let aheadMs = 0;
  let asked = 0;
  const signedIn = (forMs: number): Door => ({
    ...nylas,
    account: (sandbox) => ({
      ...nylas.account(sandbox),
      renewal: "signIn",
      credentialExpiresAt: Date.now() + forMs,
    }),
  });
  const open = (forMs: number) =>
    desk.open({
      door: signedIn(forMs),
      clockOffsetMs: () => aheadMs,
      readying: async () => void asked++,
    });
  const pass = (ms: number) => {
    aheadMs += ms;
    desk.sandbox.clock.advance(ms);
  };
  beforeEach(async () => {
    aheadMs = 0;
    desk = await Desk.set(nylas);
  });
  afterEach(() => desk.clear());

  it("is not asked what became of a mail before they have", async () => {
    const window = await open(30 * minute);
    const id = await compose(window, await desk.file());
    const { form } = window.store.get(id);
    const next = { ...form, to: "ada@x.example", subject: `Later (${id})`, revision: form.revision + 1 };
    await window.runner.send(id, next, { type: "later", at: Date.now() + 25 * minute });
    await window.until(id, ({ phase }) => phase === "scheduled");
    pass(26 * minute);
    await until("the mail is delivered", async () => desk.sandbox.deliveries > 0);
    asked = 0;
    await window.runner.recover();
    assert.deepEqual([asked, window.store.get(id).phase], [0, "scheduled"]);
    await window.close();
    const later = await open(day);
    await later.until(id, ({ phase }) => phase === "sent");
  });

  it("is not told what is over before they have", async () => {
    const window = await open(30 * minute);
    const id = await compose(window, await desk.file());
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    pass(26 * minute);
    asked = 0;
    await window.runner.forget(id);
    await window.close();
    assert.equal(asked, 0);
    const next = await open(day);
    await until("all is said", async () => next.store.withCleanup().length === 0);
    assert.ok(asked > 0);
  });
});

describe("A mail that waits at Nylas", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set();
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const grant = () => desk.sandbox.nylas.grants[0]?.id;
  const listed = async () =>
    (await callApi(desk.sandbox, "GET", `/v3/grants/${grant()}/messages/schedules`)).json.data;
  const press = async (at: number): Promise<string> => {
    const id = await compose(window, await desk.file());
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    const { form } = window.store.get(id);
    await window.runner.send(
      id,
      { ...form, to: "ada@x.example", revision: form.revision + 1 },
      { type: "later", at },
    );
    return id;
  };
  const later = (ms: number) => Date.now() + ms;

  for (const fault of [
    { fault: "dropReplyAfterCommit" },
    { fault: "truncatedBody" },
    { fault: "resetBeforeBody" },
    { fault: "resetMidBody", afterBytes: 10 },
    { fault: "refuse", status: 504, afterCommit: true },
  ] as const)
    it(`waits there once after ${JSON.stringify(fault)}`, async () => {
      desk.sandbox.faults.arm({ step: "send", ...fault });
      const id = await press(later(hour / 2));
      await window.until(id, ({ phase }) => phase === "scheduled");
      assert.equal((await listed()).length, 1);
    });

  for (const scheduledAnswer of ["top", "data"] as const)
    it(`is found there by the answer's ${scheduledAnswer}`, async () => {
      desk.sandbox.nylas.behaviour.scheduledAnswer = scheduledAnswer;
      const id = await press(later(hour / 2));
      const record = await window.until(id, ({ phase }) => phase === "scheduled");
      assert.equal(record?.schedule?.id, (await listed())[0].schedule_id);
      assert.equal(record?.schedule?.keeper, "service");
    });

  it("waits there once after a kill between the request and its answer", async () => {
    const hold = new Hold();
    await window.close();
    window = await desk.open(hold.options);
    desk.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
    const id = await press(later(2 * hour));
    await hold.begun;
    await window.kill();
    window = await desk.open();
    const record = await window.until(id, ({ phase }) => phase === "scheduled");
    assert.equal(record?.schedule?.keeper, "provider");
    assert.equal((await listed()).length, 1);
  });

  for (const scheduleList of ["bare", "data", "schedules"] as const)
    it(`is listed in the form “${scheduleList}”`, async () => {
      desk.sandbox.nylas.behaviour.scheduleList = scheduleList;
      const id = await press(later(hour / 2));
      const record = await window.until(id, ({ phase }) => phase === "scheduled");
      const line = new HttpLine();
      const { schedules } = nylas.service(desk.sandbox, line, () => 0);
      const list = await schedules?.list?.(AbortSignal.timeout(5_000));
      line.dispose();
      assert.deepEqual(list, [{ id: record?.schedule?.id, sendAt: null, state: "pending" }]);
    });

  it("is taken back once, although the answer to that is lost", async () => {
    const id = await press(later(2 * hour));
    await window.until(id, ({ phase }) => phase === "scheduled");
    desk.sandbox.faults.arm({ step: "schedule", fault: "dropReplyAfterCommit" });
    await window.runner.cancelScheduled(id);
    assert.equal(window.store.get(id).phase, "composing");
    assert.deepEqual(await listed(), []);
    const drafts = await callApi(desk.sandbox, "GET", `/v3/grants/${grant()}/drafts`);
    assert.deepEqual(drafts.json.data, []);
  });

  describe("in a mailbox with 49 other drafts of 50 kB", () => {
    beforeEach(async () => {
      desk.sandbox.nylas.behaviour.select = "ignored";
      for (let i = 0; i < 49; i++)
        await callApi(desk.sandbox, "POST", `/v3/grants/${grant()}/drafts`, { body: "x".repeat(50_000) });
    });
    const left = async () =>
      (await callApi(desk.sandbox, "GET", `/v3/grants/${grant()}/drafts?limit=100`)).json.data.length - 49;

    it("is taken back with its draft", async () => {
      const id = await press(later(2 * hour));
      await window.until(id, ({ phase }) => phase === "scheduled");
      assert.equal(await window.runner.cancelScheduled(id), false);
      assert.deepEqual([window.store.get(id).phase, await left(), await listed()], ["composing", 0, []]);
    });

    it("is taken back also when its draft cannot be looked for, which then may be left", async () => {
      const id = await press(later(2 * hour));
      await window.until(id, ({ phase }) => phase === "scheduled");
      desk.sandbox.faults.arm({ step: "draft", fault: "refuse", status: 500, times: 99 });
      assert.equal(await window.runner.cancelScheduled(id), true);
      desk.sandbox.faults.clear();
      assert.deepEqual([window.store.get(id).phase, await left(), await listed()], ["composing", 1, []]);
    });
  });

  it("that was cancelled elsewhere is a person's to decide on, once its time has come", async () => {
    let aheadMs = 0;
    await window.close();
    window = await desk.open({ clockOffsetMs: () => aheadMs });
    const id = await press(later(hour / 2));
    const record = await window.until(id, ({ phase }) => phase === "scheduled");
    await callApi(desk.sandbox, "DELETE", `/v3/grants/${grant()}/messages/schedules/${record?.schedule?.id}`);
    aheadMs = hour;
    await window.runner.recover();
    const lost = await window.until(id, ({ phase }) => phase === "unconfirmed");
    assert.match(lost?.error?.message ?? "", /no longer knows the scheduled mail/);
  });
});

describe("A mail that Exchange keeps, whose answer was lost", () => {
  it("is a person's to decide on: it looks like any draft", async () => {
    const desk = await Desk.set(graph);
    try {
      const window = await desk.open();
      const id = await compose(window, await desk.file());
      desk.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
      const { form } = window.store.get(id);
      await window.runner.send(
        id,
        { ...form, to: "ada@x.example", revision: form.revision + 1 },
        { type: "later", at: Date.now() + hour },
      );
      await window.until(id, ({ phase }) => phase === "unconfirmed");
      const sends = desk.sandbox.requests.filter(({ step }) => step === "send");
      assert.equal(sends.length, 1);
    } finally {
      await desk.clear();
    }
  });

  it("is sent again in a draft of its own, and what was handed over is deleted", async () => {
    const desk = await Desk.set(graph);
    const window = await desk.open();
    const id = await compose(window, await desk.file());
    desk.sandbox.faults.arm({ step: "send", fault: "dropReplyAfterCommit" });
    const { form } = window.store.get(id);
    const change = { to: "ada@x.example", subject: `Later (${id})`, revision: form.revision + 1 };
    await window.runner.send(id, { ...form, ...change }, { type: "later", at: Date.now() + hour });
    const isOver = ({ phase, attachments }: DeliveryRecord) =>
      phase === "unconfirmed" ||
      phase === "scheduled" ||
      attachments.some(({ status }) => status === "failed");
    await window.until(id, isOver);
    const first = window.store.get(id).draft?.id;
    // Asked about its files first; the second time they are uploaded again.
    for (const phase of ["unconfirmed", "scheduled"]) {
      await window.runner.sendAgain(id);
      const record = await window.until(id, isOver);
      assert.equal(record?.phase, phase, record?.attachments[0]?.error?.message);
    }
    assert.notEqual(window.store.get(id).draft?.id, first);
    await until("nothing is left to say", () => window.store.withCleanup().length === 0);
    desk.sandbox.clock.advance(2 * hour);
    await desk.sandbox.deliverDue();
    assert.equal(desk.sandbox.deliveries, 1);
    await desk.clear();
  });
});
