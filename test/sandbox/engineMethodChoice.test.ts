/** A person may have files go in the mail itself that would be uploaded, and back. */
import assert from "node:assert/strict";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { graph, nylas } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { MiB } from "./support.ts";

describe("The method that a person chooses", () => {
  let desk: Desk;
  let window: Window;

  beforeEach(async () => {
    desk = await Desk.set(nylas);
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const steps = () => desk.sandbox.requests.map(({ step }) => step);
  const contentType = () =>
    desk.sandbox.requests.findLast(({ step }) => step === "send")?.headers["content-type"];
  const shown = (id: string, hasMethodChoice = true) => {
    const accounts = [{ id: "account", label: "practice@freight-mail.example", hasMethodChoice }];
    const { method, otherMethod } = panelSnapshot(window.store.get(id), { accounts, notice: null, now: 0 });
    return [method?.label, method?.reason, otherMethod?.label];
  };
  const ready = (id: string) =>
    window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
  async function assertSentOnce(id: string): Promise<void> {
    await pressSend(window, id);
    const { phase, error } = (await window.until(id, isSettled)) ?? assert.fail();
    assert.equal(phase, "sent", error?.message);
    assert.equal(desk.sandbox.deliveries, 1);
  }

  it("takes an uploaded file back, and sends it in the mail once", async () => {
    const id = await compose(window, await desk.file("a.bin", 4 * MiB));
    await ready(id);
    assert.deepEqual(shown(id), ["Upload session", "Microsoft mailbox", "Send in the Mail Instead"]);
    await window.runner.chooseMethod(id, true);
    assert.deepEqual(shown(id), ["In the message", "your choice", "Upload Instead"]);
    const earlier = steps().length;
    await assertSentOnce(id);
    assert.deepEqual(new Set(steps().slice(earlier)), new Set(["send"]));
    assert.match(contentType() ?? "", /^multipart\/form-data/);
  });

  it("ends an upload that is under way, and takes one up again", async () => {
    desk.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: MiB });
    const id = await compose(window, await desk.file("a.bin", 4 * MiB));
    await window.until(id, ({ attachments }) => attachments[0]?.status === "uploading");
    await window.runner.chooseMethod(id, true);
    desk.sandbox.faults.release();
    await ready(id);
    await window.runner.chooseMethod(id, false);
    assert.deepEqual(shown(id), ["Upload session", "Microsoft mailbox", "Send in the Mail Instead"]);
    await ready(id);
    await assertSentOnce(id);
    assert.match(contentType() ?? "", /^application\/json/);
  });

  it("is known to the window after this one, also after Send", async () => {
    const id = await compose(window, await desk.file("a.bin", 4 * MiB));
    await window.runner.chooseMethod(id, true);
    await ready(id);
    await window.close();
    window = await desk.open();
    await window.runner.recover();
    assert.equal(shown(id)[1], "your choice");
    await assertSentOnce(id);
  });

  it("is asked of no mail that does not fit, and undone for one that no longer does", async () => {
    const id = await compose(window, await desk.file("a.bin", 14 * MiB, 1));
    await window.runner.chooseMethod(id, true);
    await ready(id);
    await window.runner.attach(id, [await desk.file("b.bin", 14 * MiB, 2)]);
    assert.deepEqual(shown(id), ["Too large", "your choice", "Upload Instead"]);
    await pressSend(window, id);
    const failed = await window.until(id, isSettled);
    assert.match(
      failed?.error?.message ?? "",
      /^The mail is 28 MB .* without upload sessions Nylas takes 25 MB/,
    );
    await window.runner.chooseMethod(id, false);
    assert.deepEqual(shown(id), ["Upload session", "Microsoft mailbox", undefined]);
    await assertSentOnce(id);
  });

  it("changes nothing where the service or the account decides, and is not offered there", async () => {
    desk.sandbox.nylas.behaviour.createStatus = 404;
    const id = await compose(window, await desk.file("a.bin", MiB));
    await window.until(id, ({ inMail }) => inMail === "refused");
    for (const inMail of [true, false]) await window.runner.chooseMethod(id, inMail);
    assert.equal(window.store.get(id).inMail, "refused");
    assert.deepEqual(shown(id).slice(1), ["Nylas opens no upload session", undefined]);
    assert.equal(shown(await compose(window), false)[2], undefined);
  });

  it("of an account without a choice is not offered", async () => {
    const other = await desk.open({ otherDoor: graph });
    const id = await compose(other, await desk.file("a.bin", 1_000));
    window = other;
    assert.equal(shown(id, false)[2], undefined);
  });

  it("goes with the account that it was chosen for", async () => {
    window = await desk.open({ otherDoor: nylas });
    const id = await compose(window, await desk.file("a.bin", MiB));
    await window.runner.chooseMethod(id, true);
    await window.runner.chooseAccount(id, "other account");
    assert.equal(window.store.get(id).inMail, null);
    await assertSentOnce(id);
  });
});
