/** A mail whose files go as links, in the whole engine: from the upload to the card, and back. */
import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { SendRules } from "../../src/delivery/rules/sendRules.ts";
import { AuditLog } from "../../src/policy/auditLog.ts";
import type { Policy } from "../../src/policy/policySchema.ts";
import { usualDrive } from "../../src/sandbox/drive/driveBehaviour.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { formatBytes } from "../../src/shared/format.ts";
import { compose, Desk, pressSend } from "../support/desk.ts";
import { graphLinks } from "../support/doors.ts";
import { newestEml } from "../support/eml.ts";
import { sampleOf } from "../support/files.ts";
import type { Window } from "../support/window.ts";
import { callDrive } from "./graphSupport.ts";
import { type Answer, send, sha256, until } from "./support.ts";

const SIZE = 12_000_000;
const STRANGER = "stranger@elsewhere.example";
const DAY_MS = 24 * 3600 * 1000;

describe("A file that goes as a link", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set(graphLinks);
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const record = (id: string) => window.store.get(id);
  const uploadedTo = (service: string) =>
    desk.sandbox.requests.filter((request) => request.step === "upload" && request.service === service);
  const drive = (method: string, path: string) => callDrive(desk.sandbox, method, path);
  const children = async (): Promise<Answer["json"][]> =>
    (await drive("GET", "/root:/Freight%20Mail:/children")).json.value ?? [];
  const eventually = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
  };
  const fetchAs = (url: string, visitor: string) => send(`${url}?download=1&as=${visitor}`);
  /** A mail with a file that is to go as a link, and is uploaded. */
  const linked = async (name = "build.bin", size = SIZE): Promise<string> => {
    const id = await compose(window, await desk.file(name, size));
    const [file] = record(id).attachments;
    await window.runner.chooseWay(id, file?.id ?? "", true);
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    return id;
  };
  const settled = async (id: string): Promise<DeliveryRecord> => {
    const delivery = await window.until(
      id,
      ({ phase, attachments }) =>
        phase === "sent" ||
        phase === "failed" ||
        phase === "unconfirmed" ||
        attachments.some(({ status }) => status === "failed"),
    );
    assert.ok(delivery);
    return delivery;
  };
  const bodyOf = () => desk.sandbox.mails[0]?.body ?? "";
  const linkIn = (body: string) => /https?:\/\/127[^\s"<]+/.exec(body)?.[0].replaceAll("&#38;", "&") ?? "";

  it("is uploaded to its place while the mail is written, and opened to the recipients when it is sent", async () => {
    const id = await linked();
    assert.equal(record(id).attachments[0]?.link, null);
    assert.equal(uploadedTo("driveUpload").length, 2);
    await pressSend(window, id);
    assert.equal((await settled(id)).phase, "sent");
    const [mail] = desk.sandbox.mails;
    assert.deepEqual(mail?.attachments, []);
    const url = linkIn(bodyOf());
    const bytes = sampleOf("build.bin", SIZE);
    const seen = await fetchAs(url, String(mail?.to[0]?.email));
    assert.equal(seen.headers["content-length"], String(SIZE));
    assert.equal((await fetchAs(url, STRANGER)).status, 403);
    const [folder] = await children();
    const [item] = (await drive("GET", `/items/${folder.id}/children`)).json.value;
    assert.equal(item.file.hashes.sha256Hash, sha256(bytes).toUpperCase());
    for (const word of [
      "build.bin",
      formatBytes(SIZE),
      sha256(bytes),
      "Only the recipients of this mail",
      "Available until",
    ])
      assert.ok(bodyOf().includes(word), word);
  });

  for (const format of ["markdown", "text", "html"] as const)
    it(`has its card in a mail of ${format}, as a mail program reads it`, async () => {
      const id = await linked("report <1>.bin", 1000);
      const { form } = record(id);
      await window.runner.send(id, {
        ...form,
        revision: 9,
        to: "a@b.example",
        body: "Hello",
        format,
        subject: `Card (${id})`,
      });
      assert.equal((await settled(id)).phase, "sent");
      const { text = "", html } = await newestEml(desk.sandbox);
      const hash = sha256(sampleOf("report <1>.bin", 1000));
      for (const word of ["Hello", "Only the recipients of this mail", hash])
        assert.ok(text.includes(word), text);
      if (format === "text") assert.ok(text.includes(record(id).attachments[0]?.link?.url ?? ""));
      else assert.match(String(html), /<table role="presentation"[\s\S]*<a href="http[^"]+"/);
    });

  it("is opened to nobody beyond whom an organization's rules allow", async () => {
    await window.close();
    let policy: Policy = { recipients: { allowed: ["example.com"] } };
    const audit = new AuditLog({ folder: () => undefined, noteFolder: "", user: "", now: Date.now });
    window = await desk.open({ rules: (parts) => new SendRules({ ...parts, policy: () => policy, audit }) });
    const id = await linked();
    await window.runner.chooseLinks(id, { audience: "anyone", days: 7 });
    const problem = await window.runner.send(id, {
      ...record(id).form,
      revision: 9,
      to: "a@example.com",
      subject: `Policy (${id})`,
    });
    assert.match(problem?.message ?? "", /^Links that anyone can open are not allowed.*Managed by/);
    assert.equal(record(id).attachments[0]?.link, null);
    policy = { linkAudience: "anyone" };
    await window.runner.send(id, { ...record(id).form, revision: 10 });
    assert.equal((await settled(id)).phase, "sent");
  });

  it("goes beside one that is attached", async () => {
    const id = await compose(window, await desk.file("small.txt", 1000), await desk.file("build.bin", SIZE));
    const [, large] = record(id).attachments;
    await window.runner.chooseWay(id, large?.id ?? "", true);
    await pressSend(window, id);
    assert.equal((await settled(id)).phase, "sent");
    assert.deepEqual(
      desk.sandbox.mails[0]?.attachments.map(({ filename }) => filename),
      ["small.txt"],
    );
    assert.ok(bodyOf().includes("build.bin"));
    assert.ok(!bodyOf().includes("small.txt"));
  });

  it("is an attachment again when a person wants that: nothing stays in the other place", async () => {
    const id = await linked();
    const [file] = record(id).attachments;
    await window.runner.chooseWay(id, file?.id ?? "", false);
    await pressSend(window, id);
    assert.equal((await settled(id)).phase, "sent");
    assert.equal(desk.sandbox.mails[0]?.attachments.length, 1);
    await eventually(async () => (await children()).length === 0);
  });

  it("is open to whom the person has chosen, for so long", async () => {
    const id = await linked();
    await window.runner.chooseLinks(id, { audience: "anyone", days: 7 });
    await pressSend(window, id);
    const { attachments } = await settled(id);
    const end = attachments[0]?.link?.until ?? 0;
    assert.ok(end - Date.now() >= 7 * DAY_MS && end - Date.now() <= 8 * DAY_MS);
    assert.equal((await fetchAs(linkIn(bodyOf()), "")).status, 200);
    assert.ok(bodyOf().includes("Everyone who has this link can open it."));
    desk.sandbox.clock.advance(9 * DAY_MS);
    assert.equal((await fetchAs(linkIn(bodyOf()), "")).status, 404);
  });

  it("is open for as long as was chosen from when its mail leaves, where that waits", async () => {
    const id = await linked();
    await window.runner.chooseLinks(id, { audience: "anyone", days: 7 });
    const form = { ...record(id).form, to: "a@b.example", subject: `Later (${id})`, revision: 9 };
    const at = Date.now() + 20 * DAY_MS;
    await window.runner.send(id, form, { type: "later", at });
    await window.until(id, ({ phase }) => phase === "scheduled");
    desk.sandbox.clock.advance(26 * DAY_MS);
    await until(() => desk.sandbox.deliveries === 1);
    assert.equal((await fetchAs(linkIn(bodyOf()), "")).status, 200);
    desk.sandbox.clock.advance(3 * DAY_MS);
    assert.equal((await fetchAs(linkIn(bodyOf()), "")).status, 404);
  });

  it("is open for no longer than an organization allows, where its mail waits", async () => {
    await window.close();
    const audit = new AuditLog({ folder: () => undefined, noteFolder: "", user: "", now: Date.now });
    const policy = () => ({ mostLinkDays: 30 });
    window = await desk.open({ rules: (parts) => new SendRules({ ...parts, policy, audit }) });
    const later = async (days: number) => {
      const id = await linked(`in ${days} days.bin`);
      await window.runner.chooseLinks(id, { audience: "anyone", days: 30 });
      const form = { ...record(id).form, to: "a@b.example", subject: `Later (${id})`, revision: 9 };
      await window.runner.send(id, form, { type: "later", at: Date.now() + days * DAY_MS });
      const delivery = await window.until(
        id,
        ({ phase, attachments }) => phase === "scheduled" || attachments.some(({ error }) => error !== null),
      );
      return delivery?.attachments[0];
    };
    const refused = await later(40);
    assert.match(refused?.error?.message ?? "", /^The link would end before the mail leaves\./);
    assert.equal(refused?.link, null);
    const end = (await later(20))?.link?.until ?? Number.POSITIVE_INFINITY;
    assert.ok(end <= Date.now() + 31 * DAY_MS);
  });

  it("is open for as long as the service allows from now, where its mail waits", async () => {
    desk.sandbox.graph.drive.longestDays = 31;
    const later = async (days: number) => {
      const id = await linked(`in ${days} days.bin`);
      await window.runner.chooseLinks(id, { audience: "anyone", days: 30 });
      const form = { ...record(id).form, to: "a@b.example", subject: `Later (${id})`, revision: 9 };
      await window.runner.send(id, form, { type: "later", at: Date.now() + days * DAY_MS });
      const delivery = await window.until(
        id,
        ({ phase, attachments }) => phase === "scheduled" || attachments.some(({ error }) => error !== null),
      );
      return delivery?.attachments[0];
    };
    const end = (await later(20))?.link?.until ?? 0;
    assert.ok(end >= Date.now() + 29 * DAY_MS && end <= Date.now() + 31 * DAY_MS, String(end));
    const refused = await later(40);
    assert.match(refused?.error?.message ?? "", /^The link would end before the mail leaves\./);
    assert.equal(refused?.link, null);
  });

  for (const days of [-5, 5])
    it(`is open for as long as was chosen where the clock is ${days} days off`, async () => {
      await window.close();
      window = await desk.open({ clockOffsetMs: () => days * DAY_MS });
      const id = await linked();
      await window.runner.chooseLinks(id, { audience: "anyone", days: 3 });
      await pressSend(window, id);
      const end = (await settled(id)).attachments[0]?.link?.until ?? 0;
      assert.ok(
        end - Date.now() >= 3 * DAY_MS && end - Date.now() <= 4 * DAY_MS,
        new Date(end).toISOString(),
      );
      const day = new Date(end - 1).toLocaleDateString("en-GB", {
        day: "numeric",
        month: "long",
        year: "numeric",
        timeZone: "UTC",
      });
      assert.ok(bodyOf().includes(`Available until ${day} (UTC).`));
      const asked = desk.sandbox.requests.filter(({ step }) => step === "share").length;
      assert.equal(asked, 1);
    });

  it("says what the organization forbids before anything is sent, and goes on with another choice", async () => {
    Object.assign(desk.sandbox.graph.drive, { sharing: "guests" });
    const id = await linked();
    await window.runner.chooseLinks(id, { audience: "anyone", days: 7 });
    await pressSend(window, id);
    const refused = await settled(id);
    assert.equal(refused.phase, "waiting");
    assert.equal(refused.attachments[0]?.error?.code, "link-refused");
    assert.equal(desk.sandbox.deliveries, 0);
    await window.runner.chooseLinks(id, { audience: "organization", days: 7 });
    await window.until(id, ({ phase }) => phase === "sent");
    assert.equal(desk.sandbox.deliveries, 1);
    assert.equal(uploadedTo("driveUpload").length, 2, "no byte was sent twice");
  });

  for (const secondLink of ["same", "another"] as const)
    for (const [title, fault] of [
      ["the answer to the link", { step: "share", fault: "dropReplyAfterCommit" }],
      ["the answer to Send", { step: "send", fault: "dropReplyAfterCommit" }],
      ["the last answer to the bytes", { step: "upload", fault: "dropReplyAfterCommit", skip: 1 }],
    ] as const satisfies readonly (readonly [string, Fault])[])
      it(`has one link and one mail after ${title} was lost (${secondLink})`, async () => {
        Object.assign(desk.sandbox.graph.drive, { ...usualDrive, secondLink });
        desk.sandbox.faults.arm(fault);
        const id = await linked();
        await window.runner.chooseLinks(id, { audience: "anyone", days: null });
        await pressSend(window, id);
        assert.equal((await settled(id)).phase, "sent");
        assert.equal(desk.sandbox.deliveries, 1);
        assert.deepEqual(desk.sandbox.faults.unmet, []);
        const fileId = record(id).attachments[0]?.session?.attachmentId;
        const { json } = await drive("GET", `/items/${fileId}/permissions`);
        assert.equal(json.value.length, 2, "the owner's, and one link");
        assert.equal((await children()).length, 1);
      });

  it("is taken away, link and file, when the mail is discarded before it left", async () => {
    const id = await linked();
    await window.runner.forget(id);
    await eventually(async () => (await children()).length === 0);
  });

  it("is taken away as soon as there is a network, also by another window", async () => {
    const id = await linked();
    desk.sandbox.faults.arm({ step: "look", fault: "resetBeforeBody", times: 1000 });
    await window.runner.forget(id);
    await window.close();
    desk.sandbox.faults.clear();
    assert.equal((await children()).length, 1);
    window = await desk.open();
    await eventually(async () => (await children()).length === 0);
  });

  for (const step of ["look", "discard"] as const)
    it(`is taken away although a gateway says that it is not there (${step})`, async () => {
      const id = await linked();
      desk.sandbox.faults.arm({ step, fault: "refuse", status: 404, body: "html" });
      await window.runner.forget(id);
      await eventually(async () => (await children()).length === 0);
      assert.deepEqual(desk.sandbox.faults.unmet, []);
    });

  it("has one file in its place when a mail that may be out is sent again", async () => {
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400, body: "empty", times: 2 });
    const id = await linked();
    await pressSend(window, id);
    const { attachments } = await settled(id);
    for (const phase of ["unconfirmed", "sent"]) {
      assert.equal(record(id).phase, "unconfirmed");
      await window.runner.sendAgain(id);
      await window.until(id, (delivery) => delivery.phase === phase);
    }
    assert.deepEqual(record(id).attachments[0]?.link, attachments[0]?.link);
    assert.equal((await children()).length, 1);
  });

  it("stays when the mail that was sent is taken out of the history", async () => {
    const id = await linked();
    await pressSend(window, id);
    await settled(id);
    await window.runner.forget(id);
    await window.close();
    assert.equal((await children()).length, 1);
  });

  it("stays for the draft that was saved when what was written since is discarded", async () => {
    const id = await linked();
    const added = await desk.file("late.bin", 1000);
    const form = { ...record(id).form, to: "a@b.example", subject: `Saved (${id})`, revision: 9 };
    await window.runner.send(id, form, { type: "draft" });
    await window.until(id, ({ phase }) => phase === "saved");
    const url = record(id).attachments[0]?.link?.url ?? "";
    await window.runner.attach(id, [added]);
    const [, late] = record(id).attachments;
    await window.runner.chooseWay(id, late?.id ?? "", true);
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    assert.equal((await children()).length, 2);
    await window.runner.forget(id);
    await until(() => window.store.withCleanup().length === 0);
    assert.equal((await fetchAs(url, "a@b.example")).status, 200);
    assert.equal((await children()).length, 1);
  });

  it("goes on from its last range when the window was killed in the middle", async () => {
    const size = 25_000_000;
    const path = await desk.file("large.bin", size);
    const id = await compose(window, await desk.file("other.txt", 10), path);
    desk.sandbox.faults.arm({ step: "upload", fault: "hold", skip: 2, afterBytes: 1 });
    const [, file] = record(id).attachments;
    await window.runner.chooseWay(id, file?.id ?? "", true);
    await until(() => uploadedTo("driveUpload").some(({ status }) => status === 202));
    await window.kill();
    desk.sandbox.faults.clear();
    const before = uploadedTo("driveUpload").length;
    window = await desk.open();
    await pressSend(window, id);
    assert.equal((await settled(id)).phase, "sent");
    const ranges = uploadedTo("driveUpload")
      .slice(before)
      .map(({ headers }) => String(headers["content-range"]));
    assert.ok(ranges.length > 0 && ranges.every((range) => !range.startsWith("bytes 0-")), ranges.join());
  });

  it("goes out again to other recipients without being closed to the first ones", async () => {
    const id = await linked();
    await pressSend(window, id);
    await settled(id);
    const first = linkIn(bodyOf());
    const to = String(desk.sandbox.mails[0]?.to[0]?.email);
    const copy = await window.runner.sendAgainTo(id);
    await pressSend(window, copy ?? "");
    await window.until(copy ?? "", ({ phase }) => phase === "sent");
    assert.notEqual(linkIn(bodyOf()), first);
    assert.equal((await fetchAs(first, to)).status, 200);
  });
});
