import assert from "node:assert/strict";
import { chmod, rename, utimes, writeFile } from "node:fs/promises";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { HttpLine } from "../../src/net/http.ts";
import { compose, Desk, Hold, isSettled, pressSend, usualSize } from "../support/desk.ts";
import { type Door, google, graph, nylas } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import { openFiles } from "../support/leaks.ts";
import { sha256 } from "../support/sha256.ts";
import type { Window } from "../support/window.ts";

const { signal } = new AbortController();
const hour = 60 * 60_000;
const name = "build.bin";
const old = sample(usualSize);
const other = sample(usualSize + 1_000, 2);
const gone = /the uploaded old version is gone\. Upload the new version, or remove the file\.$/;
const unsent = /has changed since you chose to send it\. Upload the new version, or remove the file\.$/;

describe("The version of a file that somebody has agreed to send", () => {
  let desk: Desk;
  let path: string;
  afterEach(() => desk.clear());

  async function set(door: Door = nylas): Promise<Window> {
    desk = await Desk.set(door);
    path = await desk.file(name);
    return open();
  }

  /** A window whose clock is that of the service. */
  const open = (options = {}) => desk.open({ clockOffsetMs: () => desk.sandbox.clock.offsetMs, ...options });

  const isReady = ({ attachments }: DeliveryRecord) => attachments.every(({ status }) => status === "ready");
  const fileOf = (window: Window, id: string) => {
    const [file] = window.store.get(id).attachments;
    assert.ok(file);
    return file;
  };

  async function eventId(): Promise<string> {
    const http = new HttpLine();
    const [event] = (await graph.service(desk.sandbox, http, () => 0).comingEvents?.(signal)) ?? [];
    http.dispose();
    return event?.id ?? "";
  }

  async function change(): Promise<void> {
    await writeFile(path, other);
    await utimes(path, 1_000, 1_000);
  }

  /** The mail waits for a person, and nothing of the new version has left; then each of the two ways out leads on. */
  async function isAsked(window: Window, id: string, words: RegExp, wayOut: "new" | "old" = "new") {
    await window.until(id, isSettled);
    const { error, status } = fileOf(window, id);
    assert.deepEqual([status, error?.code, error?.remedy], ["failed", "file-changed", "uploadNewVersion"]);
    assert.match(error?.message ?? "", words);
    assert.deepEqual(desk.sandbox.mails, []);
    if (wayOut === "old") {
      await writeFile(path, old);
      await window.runner.resume(id, fileOf(window, id).id);
      return goesOut(window, id, old);
    }
    desk.witness.forgetFile(name);
    desk.witness.expectFile(name, other);
    await window.runner.uploadNewVersion(id, fileOf(window, id).id);
    await goesOut(window, id, other);
  }

  async function goesOut(window: Window, id: string, bytes: Uint8Array): Promise<void> {
    if (window.store.get(id).phase === "composing") {
      await window.until(id, isReady);
      await pressSend(window, id);
    }
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.deepEqual(
      desk.sandbox.mails.flatMap(({ attachments }) => attachments.map(({ sha256 }) => sha256)),
      [sha256(bytes)],
    );
  }

  for (const wayOut of ["new", "old"] as const)
    it(`is asked about when its upload has run out before Send, and the file is another one (${wayOut})`, async () => {
      const window = await set();
      const id = await compose(window, path);
      await window.until(id, isReady);
      await change();
      desk.sandbox.clock.advance(1.1 * hour);
      await pressSend(window, id);
      await isAsked(window, id, gone, wayOut);
    });

  it("is called what it is by then, not what an earlier version was", async () => {
    const window = await set();
    const text = await desk.files.file("notes.txt", "Größe");
    desk.witness.expectFile("notes.txt", Buffer.from("Größe", "latin1"));
    const id = await compose(window, text);
    await window.until(id, isReady);
    assert.equal(fileOf(window, id).contentType, "text/plain; charset=utf-8");
    await writeFile(text, Buffer.from("Größe", "latin1"));
    await pressSend(window, id);
    await window.until(id, isSettled);
    await window.runner.uploadNewVersion(id, fileOf(window, id).id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.equal(desk.sandbox.mails[0]?.attachments[0]?.content_type, "application/octet-stream");
  });

  it("is uploaded again without a question when the file is what it was, but for its time", async () => {
    const window = await set();
    const id = await compose(window, path);
    await window.until(id, isReady);
    await utimes(path, 7_000, 7_000);
    desk.sandbox.clock.advance(1.1 * hour);
    await pressSend(window, id);
    await goesOut(window, id, old);
  });

  for (const [when, runsOut] of [
    ["before Send is pressed again", "kept"],
    ["before it is chosen", "asked"],
  ] as const)
    it(`cannot be kept when its upload runs out ${when}`, async () => {
      const window = await set();
      const id = await compose(window, path);
      await window.until(id, isReady);
      await change();
      await pressSend(window, id);
      await window.until(id, ({ attachments }) => attachments[0]?.status === "failed");
      if (runsOut === "asked") desk.sandbox.clock.advance(1.1 * hour);
      else await window.runner.withdraw(id);
      await window.runner.keepVersion(id, fileOf(window, id).id);
      if (runsOut === "kept") {
        await window.until(id, isReady);
        desk.sandbox.clock.advance(1.1 * hour);
        await pressSend(window, id);
      }
      await isAsked(window, id, gone);
    });

  it("cannot be kept when its upload runs out while another file takes its time", async () => {
    const window = await set();
    const id = await compose(window, path);
    await window.until(id, isReady);
    await change();
    await pressSend(window, id);
    await window.until(id, ({ attachments }) => attachments[0]?.status === "failed");
    const { id: first } = fileOf(window, id);
    const slow = await desk.file("slow.bin", 1_000, 9);
    await window.runner.attach(id, [slow]);
    const second = window.store.get(id).attachments[1]?.id ?? "";
    await window.runner.pause(id, second);
    await window.runner.keepVersion(id, first);
    await window.until(id, ({ attachments }) => attachments[0]?.status === "ready");
    desk.sandbox.clock.advance(1.1 * hour);
    await window.runner.resume(id, second);
    await window.until(id, ({ attachments }) => attachments[0]?.status === "failed");
    assert.match(fileOf(window, id).error?.message ?? "", gone);
    await window.runner.detach(id, first);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    desk.witness.forgetFile(name);
  });

  for (const [what, moment, words] of [
    ["in the moment to take it back", "ready", gone],
    ["while it was uploading", "uploading", unsent],
    ["while it was uploading, and it is opened the same day", "soon", /changed while it was being uploaded/],
  ] as const)
    it(`is asked about when the window was closed after Send, ${what}, and the file was built again`, async () => {
      const window = await set();
      await window.close();
      const hold = new Hold();
      if (moment !== "ready") desk.sandbox.faults.arm({ step: "upload", fault: "resetBeforeBody" });
      const friday = await open({ undoSendMs: () => 5 * hour, ...hold.options });
      const id = await compose(friday, path);
      if (moment === "ready") await friday.until(id, isReady);
      else await hold.reached(friday, id);
      await pressSend(friday, id);
      await friday.store.flushed(id);
      hold.release();
      await friday.kill();
      await change();
      if (moment !== "soon") desk.sandbox.clock.advance(62 * hour);
      const monday = await open();
      await isAsked(monday, id, words);
    });

  it("is known by more than size and time where nothing of it was read", async () => {
    const window = await set();
    await utimes(path, 5_000, 5_000);
    const hold = new Hold();
    await window.close();
    desk.sandbox.faults.arm({ step: "create", fault: "resetBeforeBody" });
    const friday = await open(hold.options);
    const id = await compose(friday, path);
    await hold.reached(friday, id);
    await pressSend(friday, id);
    await friday.store.flushed(id);
    hold.release();
    await friday.kill();
    const forged = sample(usualSize, 8);
    await writeFile(path, forged);
    await utimes(path, 5_000, 5_000);
    const monday = await open();
    await monday.until(id, isSettled);
    assert.match(fileOf(monday, id).error?.message ?? "", unsent);
    assert.deepEqual(desk.sandbox.mails, []);
    await monday.runner.forget(id);
  });

  it("is the one of the moment of Send where nothing of it was uploaded until then", async () => {
    const window = await set();
    desk.sandbox.faults.arm({ step: "create", fault: "resetBeforeBody" });
    await window.close();
    const hold = new Hold();
    const held = await open(hold.options);
    const id = await compose(held, path);
    await hold.reached(held, id);
    await held.runner.pause(id, fileOf(held, id).id);
    await change();
    await chmod(path, 0o600);
    desk.witness.forgetFile(name);
    desk.witness.expectFile(name, other);
    await pressSend(held, id);
    hold.release();
    await held.runner.resume(id, fileOf(held, id).id);
    await goesOut(held, id, other);
  });

  it("is that of a file that is attached after Send", async () => {
    const window = await set();
    await window.close();
    const hold = new Hold();
    desk.sandbox.faults.arm({ step: "create", fault: "resetBeforeBody" });
    const held = await open(hold.options);
    const id = await compose(held, await desk.file("first.bin", 1_000, 3));
    await hold.reached(held, id);
    await pressSend(held, id);
    await held.runner.attach(id, [path]);
    await held.store.flushed(id);
    hold.release();
    await held.kill();
    await change();
    const monday = await open();
    await monday.until(id, isSettled);
    assert.match(monday.store.get(id).attachments[1]?.error?.message ?? "", unsent);
    assert.deepEqual(desk.sandbox.mails, []);
    await monday.runner.forget(id);
  });

  for (const door of [nylas, graph, google])
    it(`goes to further recipients as well, or they are asked about (${door.name})`, async () => {
      const window = await set(door);
      const first = await compose(window, path);
      await pressSend(window, first);
      await window.until(first, isSettled);
      await writeFile(`${path}.new`, other);
      await rename(`${path}.new`, path);
      desk.sandbox.clock.advance(1.1 * hour);
      const id = await window.runner.sendAgainTo(first);
      assert.ok(id);
      await window.until(id, isSettled);
      assert.match(fileOf(window, id).error?.message ?? "", gone);
      assert.equal(desk.sandbox.mails.length, 1);
      await writeFile(path, old);
      await window.runner.resume(id, fileOf(window, id).id);
      await window.until(id, isReady);
      await pressSend(window, id);
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      assert.deepEqual(
        desk.sandbox.mails.flatMap(({ attachments }) => attachments.map((file) => file.sha256)),
        [sha256(old), sha256(old)],
      );
    });

  it("is that of a file for an event from the beginning", async () => {
    const window = await set(graph);
    await window.close();
    desk.sandbox.faults.arm({ step: "attach", fault: "resetBeforeBody" });
    const hold = new Hold();
    const held = await open(hold.options);
    const event = { id: await eventId(), subject: "Review", startsAt: 0 };
    const { deliveryId: id = "" } = await held.runner.attachToEvent([path], "account", event);
    await hold.reached(held, id);
    await held.store.flushed(id);
    hold.release();
    await held.kill();
    await change();
    const later = await open();
    await later.until(id, isSettled);
    assert.match(fileOf(later, id).error?.message ?? "", /changed while it was being uploaded/);
    await later.runner.forget(id);
  });

  it("is not lost where everything is uploaded anew for what the mail says", async () => {
    const window = await set(graph);
    const id = await compose(window, path);
    await window.until(id, isReady);
    // A header cannot be taken out of a draft again: without it the files need a new one.
    const { form } = window.store.get(id);
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 403 });
    await window.runner.send(id, {
      ...form,
      revision: 1,
      to: "r@example.com",
      subject: `x (${id})`,
      headers: "X-Mark: 1",
    });
    await window.until(id, ({ phase }) => phase === "failed");
    await change();
    await window.runner.send(id, { ...form, revision: 2, to: "r@example.com", subject: `x (${id})` });
    await isAsked(window, id, gone);
  });

  it("is not asked about while nobody has agreed to anything", async () => {
    const window = await set();
    const id = await compose(window, path);
    await window.until(id, isReady);
    await change();
    desk.sandbox.clock.advance(1.1 * hour);
    desk.witness.forgetFile(name);
    desk.witness.expectFile(name, other);
    await window.runner.uploadNewVersion(id, fileOf(window, id).id);
    await window.until(id, isReady);
    await pressSend(window, id);
    await goesOut(window, id, other);
  });

  for (const [step, fault] of [
    ["upload", "resetMidBody"],
    ["create", "resetBeforeBody"],
    ["complete", "resetBeforeBody"],
  ] as const)
    it(`keeps no other program from the file while a try waits, where an open file would (${step})`, async () => {
      const hold = new Hold();
      const first = await set();
      await first.close();
      const window = await open({ ...hold.options, holdsOthersUp: true });
      desk.sandbox.faults.arm(
        fault === "resetMidBody" ? { step, fault, afterBytes: 300_000 } : { step, fault },
      );
      const id = await compose(window, path);
      await hold.begun;
      assert.equal(openFiles().filter((file) => file.includes(name)).length, 0);
      hold.release();
      await window.until(id, isReady);
      await pressSend(window, id);
      await goesOut(window, id, old);
    });
});
