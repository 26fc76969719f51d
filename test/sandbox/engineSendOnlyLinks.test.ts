/** An account that needs no administrator: it may send, and keep files. */
import assert from "node:assert/strict";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { graphLinksOnly } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { MiB } from "./support.ts";

const HOUR_MS = 3600 * 1000;

describe("An account that may send and keep files", () => {
  let desk: Desk;
  let window: Window;
  let aheadMs: number;
  beforeEach(async () => {
    aheadMs = 0;
    desk = await Desk.set(graphLinksOnly);
    window = await desk.open({
      clockOffsetMs: () => aheadMs,
      watch: { isOn: () => true, isFocused: () => true },
    });
  });
  afterEach(() => desk.clear());

  const shown = (id: string) =>
    panelSnapshot(window.store.get(id), { accounts: [], notice: null, now: Date.now() });
  const cases: readonly (readonly [title: string, sizes: readonly number[], asLink: readonly boolean[]])[] = [
    ["attaches what is small, and sends links to what is not", [1000, 12_000_000], [false, true]],
    ["sends a link to what no longer fits beside the others", [2 * MiB, MiB, 1000], [false, true, false]],
  ];
  for (const [title, sizes, asLink] of cases)
    it(`${title}, with nobody's consent`, async () => {
      const paths = await Promise.all(sizes.map((size, index) => desk.file(`${index}.bin`, size, index)));
      const id = await compose(window, ...paths);
      assert.deepEqual(
        window.store.get(id).attachments.map((file) => file.asLink),
        asLink,
      );
      await pressSend(window, id);
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      const [mail] = desk.sandbox.mails;
      assert.equal(desk.sandbox.deliveries, 1);
      assert.deepEqual(
        mail?.attachments.map(({ filename }) => filename),
        asLink.flatMap((isLink, index) => (isLink ? [] : [`${index}.bin`])),
      );
      for (const [index, isLink] of asLink.entries())
        assert.equal(mail?.body.includes(`${index}.bin`), isLink);
      const { requests } = desk.sandbox;
      assert.deepEqual(
        requests.filter(({ step, status }) => step === "draft" || status === 403),
        [],
      );
      assert.deepEqual(
        requests.filter(({ step }) => step === "send").map(({ path }) => path),
        ["/v1.0/me/sendMail"],
      );
    });

  it("offers a link for a file that has become too large for the mail", async () => {
    const id = await compose(window, await desk.file("build.bin", 1000));
    await window.until(id, isSettled);
    await desk.file("build.bin", 3 * MiB, 2);
    const file = () => window.store.get(id).attachments[0] ?? assert.fail();
    await window.runner.uploadNewVersion(id, file().id);
    await window.until(id, isSettled);
    assert.deepEqual([file().error?.code, file().error?.remedy], ["file-too-large", "allowMore"]);
    assert.ok(shown(id).attachments[0]?.actions.includes("asLink"));
    await window.runner.chooseWay(id, file().id, true);
    await pressSend(window, id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.equal(desk.sandbox.deliveries, 1);
    assert.notEqual(file().link, null);
  });

  it("says that it has no drafts and no Send Later, and why", async () => {
    const id = await compose(window, await desk.file("build.bin", 3 * MiB));
    const { lacking, ways } = shown(id);
    assert.equal(
      lacking?.message,
      "This account may only send mail: files of up to 2.85 MB, larger ones as links, no drafts, no Send Later.",
    );
    assert.equal(lacking?.remedy?.remedy, "allowMore");
    assert.equal(ways.others, false);
    const form = { ...window.store.get(id).form, revision: 5, to: "ada@example.com" };
    await assert.rejects(window.runner.send(id, form, { type: "later", at: Date.now() + 3_600_000 }), {
      code: "schedule-refused",
      message: "This account can only send immediately.",
    });
    await window.runner.send(id, form, { type: "draft" });
    const { phase, error } = (await window.until(id, isSettled)) ?? assert.fail();
    assert.deepEqual([phase, error?.code, error?.remedy], ["failed", "scope-missing", "allowMore"]);
    assert.match(error?.message ?? "", /Drafts and Send Later need the permission Mail\.ReadWrite\.$/);
    // The person sends it instead: what was uploaded for the draft is what is sent.
    await pressSend(window, id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.equal(desk.sandbox.deliveries, 1);
  });

  it("says once it has sent a mail that nobody sees whether it comes back, and asks once", async () => {
    const id = await compose(window, await desk.file("build.bin", 3 * MiB));
    await pressSend(window, id);
    await window.until(id, ({ phase }) => phase === "sent");
    aheadMs += HOUR_MS;
    await window.runner.recover();
    await window.until(id, ({ arrival }) => arrival?.barred === true);
    assert.match(
      shown(id).headline,
      /This account may not read its inbox, so a mail that comes back is not noticed\.$/,
    );
    const looked = () => desk.sandbox.requests.filter(({ status }) => status === 403).length;
    assert.equal(looked(), 1);
    aheadMs += HOUR_MS;
    await window.runner.recover();
    assert.equal(looked(), 1);
  });
});
