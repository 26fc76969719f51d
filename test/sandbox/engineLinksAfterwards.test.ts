/** What a person does about the links of a mail that has left, in the whole engine. */
import assert from "node:assert/strict";
import { SendRules } from "../../src/delivery/rules/sendRules.ts";
import { describeAttachment } from "../../src/delivery/words/describeAttachment.ts";
import { AuditLog } from "../../src/policy/auditLog.ts";
import { compose, Desk, faultsMet, pressSend } from "../support/desk.ts";
import { graphAsLinks } from "../support/doors.ts";
import type { Window, WindowOptions } from "../support/window.ts";
import { callDrive } from "./graphSupport.ts";
import { send } from "./support.ts";

const DAY_MS = 24 * 3600 * 1000;

describe("A link in a mail that has left", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set(graphAsLinks);
    window = await open();
  });
  afterEach(() => desk.clear());

  const open = (options: Partial<WindowOptions> = {}) =>
    desk.open({ clockOffsetMs: () => desk.sandbox.clock.offsetMs, ...options });
  const now = () => Date.now() + desk.sandbox.clock.offsetMs;
  const file = (id: string) => {
    const [attachment] = window.store.get(id).attachments;
    assert.ok(attachment);
    return attachment;
  };
  const words = (id: string) => describeAttachment(window.store.get(id), file(id), now());
  /** Those who can open it, but for its owner. */
  const permissions = async (fileId: string): Promise<readonly { readonly id: string }[]> =>
    ((await callDrive(desk.sandbox, "GET", `/items/${fileId}/permissions`)).json.value ?? []).slice(1);
  const fetchAs = async (url: string, visitor: string) =>
    (await send(`${url}?download=1&as=${visitor}`)).status;
  /** A mail that was sent with a link. @returns its id, the service's of the file, and the link */
  const sent = async (audience: "recipients" | "anyone" = "recipients", days: number | null = 30) => {
    const id = await compose(window, await desk.file("build.bin", 5_000));
    await window.runner.chooseLinks(id, { audience, days });
    await pressSend(window, id);
    await window.until(id, ({ phase }) => phase === "sent");
    const { session, link } = file(id);
    return { id, fileId: session?.attachmentId ?? "", url: link?.url ?? "", attachmentId: file(id).id };
  };
  const ended = (id: string, how: "stopped" | "deleted") =>
    window.until(id, ({ attachments }) => attachments[0]?.unshared === how);

  for (const audience of ["recipients", "anyone"] as const)
    it(`is open for longer after it was extended: ${audience}`, async () => {
      const { id, fileId, url, attachmentId } = await sent(audience, 7);
      const before = await permissions(fileId);
      assert.match(words(id).summary, /link for (the recipients|everyone) until \d+ \w+ \d{4}$/);
      assert.deepEqual(words(id).actions, ["extendLink", "stopSharing", "deleteLinked"]);
      await window.runner.extendLink(id, attachmentId, 90);
      assert.equal(file(id).link?.url, url);
      assert.ok((file(id).link?.until ?? 0) > now() + 90 * DAY_MS);
      assert.equal((await permissions(fileId)).length, before.length);
      desk.sandbox.clock.advance(80 * DAY_MS);
      assert.equal(await fetchAs(url, "reader@example.com"), 200);
      desk.sandbox.clock.advance(20 * DAY_MS);
      assert.notEqual(await fetchAs(url, "reader@example.com"), 200);
      assert.match(words(id).summary, /link ended \d+ \w+ \d{4}$/);
    });

  it("is not said to be open for longer than the service has confirmed", async () => {
    const { id, attachmentId } = await sent("anyone", 7);
    const { link } = file(id);
    desk.sandbox.faults.arm({ step: "share", fault: "refuse", status: 500, times: 1000 });
    await assert.rejects(window.runner.extendLink(id, attachmentId, 90));
    assert.deepEqual(file(id).link, link);
    assert.deepEqual(words(id).actions, ["extendLink", "stopSharing", "deleteLinked"]);
  });

  it("is extended by no more days than an organization allows", async () => {
    await window.close();
    const audit = new AuditLog({ folder: () => undefined, noteFolder: "", user: "", now: Date.now });
    window = await open({
      rules: (parts) => new SendRules({ ...parts, policy: () => ({ mostLinkDays: 30 }), audit }),
    });
    const { id, attachmentId } = await sent("anyone", 7);
    for (const days of [31, null])
      await assert.rejects(window.runner.extendLink(id, attachmentId, days), { code: "policy-refused" });
    await window.runner.extendLink(id, attachmentId, 30);
    assert.ok((file(id).link?.until ?? 0) > now() + 29 * DAY_MS);
  });

  it("cannot be extended by the same link once everyone's has ended, but by name it can", async () => {
    const anyone = await sent("anyone", 7);
    const byName = await sent("recipients", 7);
    desk.sandbox.clock.advance(9 * DAY_MS);
    assert.deepEqual(words(anyone.id).actions, ["stopSharing", "deleteLinked"]);
    assert.deepEqual(words(byName.id).actions, ["extendLink", "stopSharing", "deleteLinked"]);
    await window.runner.extendLink(byName.id, byName.attachmentId, 7);
    assert.equal(await fetchAs(byName.url, "reader@example.com"), 200);
  });

  it("leads nowhere after sharing was stopped; the file stays, and can be deleted", async () => {
    const { id, fileId, url, attachmentId } = await sent("anyone");
    assert.equal(await fetchAs(url, "stranger@elsewhere.example"), 200);
    await window.runner.stopSharing(id, attachmentId);
    await ended(id, "stopped");
    assert.equal(await fetchAs(url, "stranger@elsewhere.example"), 404);
    assert.deepEqual(await permissions(fileId), []);
    assert.equal((await callDrive(desk.sandbox, "GET", `/items/${fileId}`)).status, 200);
    assert.match(words(id).summary, /no longer shared$/);
    assert.deepEqual(words(id).actions, ["deleteLinked"]);
    await window.runner.extendLink(id, attachmentId, 90);
    assert.deepEqual(await permissions(fileId), [], "what has ended stays so");
    await window.runner.deleteLinked(id, attachmentId);
    await ended(id, "deleted");
    assert.equal((await callDrive(desk.sandbox, "GET", `/items/${fileId}`)).status, 404);
    assert.match(words(id).summary, /file deleted$/);
    assert.deepEqual(words(id).actions, []);
  });

  it("ends with its file, which somebody may have deleted before", async () => {
    const { id, fileId, attachmentId } = await sent();
    await callDrive(desk.sandbox, "DELETE", `/items/${fileId}`);
    await window.runner.deleteLinked(id, attachmentId);
    await ended(id, "deleted");
  });

  for (const [title, act, how] of [
    ["Stop Sharing", "stopSharing", "stopped"],
    ["Delete File", "deleteLinked", "deleted"],
  ] as const)
    it(`ends as soon as there is a network, also after a restart: ${title}`, async () => {
      const { id, url, attachmentId } = await sent("anyone");
      desk.sandbox.faults.arm({ step: "look", fault: "resetBeforeBody", times: 1000 });
      await window.runner[act](id, attachmentId);
      assert.match(words(id).summary, /(ending the link|deleting the file)…$/);
      assert.equal(file(id).unshared, null, "nothing is said before the service has confirmed it");
      await window.kill();
      desk.sandbox.faults.clear();
      assert.equal(await fetchAs(url, ""), 200);
      window = await open();
      await ended(id, how);
      assert.equal(await fetchAs(url, ""), 404);
    });

  it("ends also when the mail is taken out of the history before that could be told", async () => {
    const { id, url, attachmentId } = await sent("anyone");
    desk.sandbox.faults.arm({ step: "look", fault: "resetBeforeBody", times: 1000 });
    await window.runner.stopSharing(id, attachmentId);
    await window.runner.forget(id);
    assert.equal(window.store.find(id), undefined);
    await window.close();
    desk.sandbox.faults.clear();
    window = await open();
    while ((await fetchAs(url, "")) === 200) await new Promise((resolve) => setImmediate(resolve));
  });

  it("is said to be open still, and why, when the service will not end it", async () => {
    const { id, attachmentId } = await sent("anyone");
    desk.sandbox.faults.arm({ step: "discard", fault: "refuse", status: 400, by: "service" });
    await window.runner.stopSharing(id, attachmentId);
    await window.until(id, ({ attachments }) => attachments[0]?.error !== null);
    assert.match(file(id).error?.message ?? "", /OneDrive refused to take a link away/);
    assert.match(words(id).summary, /link for everyone until/);
    await window.runner.stopSharing(id, attachmentId);
    await ended(id, "stopped");
    assert.equal(file(id).error, null);
  });

  it("is not ended between the two halves of being extended, which would open it again", async () => {
    const { id, url, attachmentId } = await sent("recipients", 7);
    const other = await sent("recipients", 7);
    // Between the look at who can open it and the invitation.
    desk.sandbox.faults.arm({ step: "share", fault: "hold" });
    const extended = window.runner.extendLink(id, attachmentId, 90);
    await faultsMet(desk.sandbox);
    const stopped = window.runner.stopSharing(id, attachmentId);
    // Another file's does not wait: by the time that it has ended, this one would have.
    await window.runner.stopSharing(other.id, other.attachmentId);
    await ended(other.id, "stopped");
    assert.deepEqual(words(id).actions, ["extendLink", "stopSharing", "deleteLinked"]);
    assert.equal(await fetchAs(url, "reader@example.com"), 200);
    desk.sandbox.faults.release();
    await Promise.all([extended, stopped]);
    await ended(id, "stopped");
    assert.notEqual(await fetchAs(url, "reader@example.com"), 200);
  });

  it("can be ended by another window once the first has nothing left to tell", async () => {
    const { id, attachmentId } = await sent("anyone");
    await window.runner.extendLink(id, attachmentId, 90);
    await window.runner.stopSharing(id, attachmentId);
    await ended(id, "stopped");
    await window.store.flushed(id);
    const other = await open();
    for (let refused = true; refused; )
      refused = await other.runner.deleteLinked(id, attachmentId).then(
        () => false,
        () => new Promise<boolean>((resolve) => setImmediate(() => resolve(true))),
      );
    await other.until(id, ({ attachments }) => attachments[0]?.unshared === "deleted");
  });
});
