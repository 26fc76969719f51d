import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { SendRules } from "../../src/delivery/rules/sendRules.ts";
import { AuditLog } from "../../src/policy/auditLog.ts";
import { PolicyFile } from "../../src/policy/policyFile.ts";
import type { Policy } from "../../src/policy/policySchema.ts";
import type { Form } from "../../src/shared/contract/form.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { sha256 } from "../support/sha256.ts";
import { eventually } from "../support/shipping.ts";
import type { Window, WindowOptions } from "../support/window.ts";

describe("A mail under an organization's rules", () => {
  let desk: Desk;
  let window: Window;
  let policyPath: string;
  let logFolder: string;
  let noteFolder: string;

  beforeEach(async () => {
    desk = await Desk.set();
    policyPath = join(desk.files.path, "policy.json");
    logFolder = join(desk.files.path, "log");
    noteFolder = join(desk.files.path, "notes");
    await mkdir(logFolder);
  });
  afterEach(() => desk.clear());

  const rule = (policy: Policy | string) =>
    writeFile(policyPath, typeof policy === "string" ? policy : JSON.stringify(policy));
  const options = (): Partial<WindowOptions> => {
    const file = new PolicyFile([policyPath]);
    const folder = () => file.rules.auditLog;
    const audit = new AuditLog({ folder, noteFolder, user: "kim b/../x", now: Date.now });
    return { rules: (parts) => new SendRules({ ...parts, policy: () => file.rules, audit }) };
  };
  const open = async (policy: Policy | string, more: Partial<WindowOptions> = {}) => {
    await rule(policy);
    window = await desk.open({ ...options(), ...more });
  };
  const fill = (id: string, texts: Partial<Form>): Form => {
    const { form } = window.store.get(id);
    return { ...form, to: "reader@example.com", subject: `s (${id})`, ...texts, revision: form.revision + 1 };
  };
  const settled = async (id: string) => {
    const delivery = await window.until(id, isSettled);
    assert.ok(delivery);
    return delivery;
  };
  const logPath = () => join(logFolder, "freight-mail-kim_b_.._x.jsonl");
  const lines = async () =>
    (await readFile(logPath(), "utf8").catch(() => ""))
      .split("\n")
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));
  const results = async () => (await lines()).map((line) => Object(line).result);

  it("leaves when they allow it, and no rules are the same as an empty file", async () => {
    await open({ recipients: { allowed: ["example.com"] }, largestMailMB: 10 });
    const id = await compose(window, await desk.file());
    await pressSend(window, id);
    assert.equal((await settled(id)).phase, "sent");
    await rm(policyPath);
    const other = await compose(window, await desk.file("other.bin"));
    await pressSend(window, other);
    assert.equal((await settled(other)).phase, "sent");
  });

  for (const [field, texts] of [
    ["to", { to: "reader@example.com, thief@evil.example" }],
    ["cc", { cc: "thief@evil.example" }],
    ["bcc", { bcc: "thief@evil.example" }],
  ] as const)
    it(`does not leave for a recipient in “${field}” whom they refuse, and says so there`, async () => {
      await open({ recipients: { allowed: ["example.com"] } });
      const id = await compose(window, await desk.file());
      for (const type of ["send", "draft"] as const) {
        const problem = await window.runner.send(id, fill(id, texts), { type });
        const message = "Mail to thief@evil.example is not allowed. Managed by your organization.";
        assert.deepEqual(problem, { field, message });
      }
      assert.equal(window.store.get(id).phase, "composing");
      assert.equal(desk.sandbox.mails.length, 0);
    });

  it("does not leave when they change between Send and the moment in which it would", async () => {
    await open({}, { undoSendMs: () => 300 });
    const id = await compose(window, await desk.file());
    await pressSend(window, id);
    await window.until(id, ({ leavesAt }) => leavesAt !== undefined);
    await rule({ recipients: { refused: ["example.com"] } });
    const { phase, error } = await settled(id);
    assert.deepEqual([phase, error?.code], ["failed", "policy-refused"]);
    assert.equal(error?.message, "Mail to reader@example.com is not allowed. Managed by your organization.");
    assert.ok(desk.sandbox.requests.every(({ step }) => step !== "send"));
  });

  it("does not leave again when they change between two tries", async () => {
    let tries = 0;
    const onSleep = async () => {
      tries += 1;
      await rule({ recipients: { refused: ["example.com"] } });
    };
    await open({}, { onSleep });
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 503 });
    const id = await compose(window, await desk.file());
    await pressSend(window, id);
    await settled(id);
    assert.equal(tries, 1);
    assert.equal(desk.sandbox.requests.filter(({ step }) => step === "send").length, 1);
    assert.equal(desk.sandbox.mails.length, 0);
  });

  it("uploads and sends nothing at all while they cannot be read, and goes on when they can", async () => {
    await open("{ broken");
    const id = await compose(window, await desk.file());
    const { attachments } = await settled(id);
    assert.equal(attachments[0]?.error?.code, "policy-unusable");
    assert.match(attachments[0]?.error?.message ?? "", /nothing is sent or uploaded: .*policy\.json/);
    await assert.rejects(window.runner.send(id, fill(id, {})), { code: "policy-unusable" });
    assert.deepEqual(desk.sandbox.requests, []);
    await rule({});
    await window.runner.resume(id, attachments[0]?.id ?? "");
    await pressSend(window, id);
    assert.equal((await settled(id)).phase, "sent");
  });

  it("uploads nothing of a mail that is larger than they allow", async () => {
    await open({ largestMailMB: 1 });
    const id = await compose(window, await desk.file("large.bin", 1_000_000));
    const { attachments } = await settled(id);
    assert.equal(attachments[0]?.error?.code, "policy-refused");
    assert.match(
      attachments[0]?.error?.message ?? "",
      /^This mail is 1\.\d+ MB; the limit is 1 MB\. Managed by/,
    );
    assert.deepEqual(desk.sandbox.requests, []);
  });

  it("uploads nothing of a file that has grown beyond what they allow since it was attached", async () => {
    await open("{ broken");
    const path = await desk.file("log.bin", 400_000);
    const id = await compose(window, path);
    const [first] = (await settled(id)).attachments;
    await rule({ largestMailMB: 1 });
    await desk.file("log.bin", 1_500_000);
    await window.runner.resume(id, first?.id ?? "");
    const { attachments } = await settled(id);
    assert.match(attachments[0]?.error?.message ?? "", /^This mail is .*; the limit is 1 MB\. Managed by/);
    assert.deepEqual(desk.sandbox.requests, []);
  });

  for (const [what, answers, phase] of [
    ["leaves when they may get it as well", ["leave", "leave"], "sent"],
    ["stays when they may not", ["leave", "stay"], "composing"],
  ] as const)
    it(`asks once more about those who were added while it asked, and ${what}`, async () => {
      const asked: string[] = [];
      await open(
        {},
        {
          consent: async (id) => {
            const answer = answers[asked.length] ?? "stay";
            asked.push(window.store.get(id).form.to);
            if (asked.length === 1)
              await window.runner.edit(id, fill(id, { to: "READER@example.com, eve@elsewhere.example" }));
            return answer;
          },
        },
      );
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      assert.equal((await window.until(id, ({ phase: now }) => now === phase))?.phase, phase);
      assert.deepEqual(asked, ["reader@example.com", "READER@example.com, eve@elsewhere.example"]);
      assert.equal(desk.sandbox.mails.length, phase === "sent" ? 1 : 0);
    });

  describe("that want a log", () => {
    it("is one line of it, with what left and without a word of its text", async () => {
      await open({ auditLog: logFolder });
      const path = await desk.file("Q3 report.bin", 9_000);
      const bytes = await readFile(path);
      const id = await compose(window, path);
      await window.runner.send(
        id,
        fill(id, {
          cc: "Bo <bo@EXAMPLE.com>",
          bcc: "c@other.example",
          body: "SECRET WORDS",
          subject: `SUBJECT (${id})`,
        }),
      );
      const { messageId } = await settled(id);
      await eventually(async () => (await lines()).length > 0 && (await readdir(noteFolder)).length === 0);
      const [line, ...others] = await lines();
      assert.equal(others.length, 0);
      const { time, ...facts } = Object(line);
      assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.deepEqual(facts, {
        departure: id,
        account: "practice@freight-mail.example",
        purpose: "send",
        recipients: 3,
        domains: ["example.com", "other.example"],
        files: [{ name: "Q3 report.bin", size: bytes.length, sha256: sha256(bytes) }],
        result: "sent",
        messageId,
      });
      assert.doesNotMatch(await readFile(logPath(), "utf8"), /SECRET|SUBJECT|reader@|bo@/);
      if (process.platform !== "win32") assert.equal((await stat(logPath())).mode & 0o777, 0o600);
    });

    it("has a line for each, also for drafts and for what was refused", async () => {
      await open({ auditLog: logFolder });
      const first = await compose(window, await desk.file());
      await window.runner.send(first, fill(first, {}), { type: "draft" });
      await window.until(first, ({ phase }) => phase === "saved");
      desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400 });
      const second = await compose(window, await desk.file("b.bin"));
      await pressSend(window, second);
      assert.equal((await settled(second)).phase, "failed");
      await eventually(async () => (await lines()).length === 2);
      assert.deepEqual(await results(), ["saved", "failed"]);
    });

    it("has a line for files that go into an event, by which they leave", async () => {
      await open({ auditLog: logFolder });
      const path = await desk.file("plan.bin", 1_000);
      const event = { id: "event-1", subject: "SUBJECT", startsAt: Date.now() + 3_600_000 };
      const { deliveryId = "" } = await window.runner.attachToEvent([path], "account", event);
      await window.until(deliveryId, ({ phase }) => phase === "sent");
      await eventually(async () => (await lines()).length > 0);
      const [line, ...others] = await lines();
      assert.deepEqual(others, []);
      const { purpose, recipients, files, result } = Object(line);
      assert.deepEqual(
        [purpose, recipients, files, result],
        ["event", 0, [{ name: "plan.bin", size: 1_000, sha256: sha256(await readFile(path)) }], "sent"],
      );
      assert.doesNotMatch(await readFile(logPath(), "utf8"), /SUBJECT/);
    });

    it("does not put files into an event while no line can be written", async () => {
      await open({ auditLog: join(logFolder, "missing") });
      const event = { id: "event-1", subject: "Review", startsAt: Date.now() + 3_600_000 };
      const file = await desk.file("plan.bin", 1_000);
      const { deliveryId = "" } = await window.runner.attachToEvent([file], "account", event);
      const failed = ({ attachments }: DeliveryRecord) => attachments[0]?.status === "failed";
      const delivery = await window.until(deliveryId, failed);
      assert.equal(delivery?.attachments[0]?.error?.code, "audit-unwritable");
      assert.ok(desk.sandbox.requests.every(({ step }) => step !== "upload"));
    });

    it("does not leave while no line can be written, and says why", async () => {
      await open({ auditLog: join(logFolder, "missing") });
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      const { phase, error } = await settled(id);
      assert.deepEqual([phase, error?.code, error?.remedy], ["failed", "audit-unwritable", "retry"]);
      assert.match(
        error?.message ?? "",
        /logs each mail before it is sent, .*missing cannot be written \(ENOENT/,
      );
      assert.equal(desk.sandbox.mails.length, 0);
      await mkdir(join(logFolder, "missing"));
      await pressSend(window, id);
      assert.equal((await settled(id)).phase, "sent");
    });

    it("loses no line when the log cannot be written just then: it comes with the next mail", async () => {
      await open({ auditLog: logFolder });
      desk.sandbox.faults.arm({ step: "send", fault: "hold", afterCommit: true });
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      await eventually(() => desk.sandbox.mails.length === 1);
      await rename(logFolder, `${logFolder}-away`);
      desk.sandbox.faults.release();
      assert.equal((await settled(id)).phase, "sent");
      await eventually(() => window.log.some((line) => /cannot be written/.test(line)));
      await rename(`${logFolder}-away`, logFolder);
      const [note = ""] = await readdir(noteFolder);
      assert.equal(basename(note, ".json"), id);
      await utimes(join(noteFolder, note), 0, 0);
      const other = await compose(window, await desk.file("b.bin"));
      await pressSend(window, other);
      await settled(other);
      await eventually(async () => (await lines()).length === 2);
      assert.deepEqual(
        (await lines()).map((line) => [Object(line).departure, Object(line).result]),
        [
          [id, "sent"],
          [other, "sent"],
        ],
      );
    });

    it("has one line for a mail whose window was killed while it was being sent", async () => {
      await open({ auditLog: logFolder });
      desk.sandbox.faults.arm({ step: "send", fault: "hold", afterCommit: true });
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      await eventually(() => desk.sandbox.mails.length === 1);
      await window.kill();
      desk.sandbox.faults.clear();
      assert.deepEqual(await lines(), []);
      window = await desk.open(options());
      assert.equal((await settled(id)).phase, "sent");
      await eventually(async () => (await lines()).length > 0 && (await readdir(noteFolder)).length === 0);
      assert.deepEqual(await results(), ["sent"]);
    });

    it("begins a new line after one that a power cut has torn", async () => {
      await open({ auditLog: logFolder });
      await writeFile(logPath(), '{"torn":');
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      await settled(id);
      await eventually(async () => (await readFile(logPath(), "utf8")).endsWith("}\n"));
      const [torn, line = ""] = (await readFile(logPath(), "utf8")).split("\n");
      assert.equal(torn, '{"torn":');
      assert.equal(Object(JSON.parse(line)).departure, id);
    });

    if (process.getuid?.() !== 0 && process.platform !== "win32")
      it("needs no more than to add to a file", async () => {
        await writeFile(logPath(), "");
        await chmod(logPath(), 0o200);
        await open({ auditLog: logFolder });
        const id = await compose(window, await desk.file());
        await pressSend(window, id);
        await settled(id);
        await chmod(logPath(), 0o600);
        assert.deepEqual(await results(), ["sent"]);
      });
  });
});
