import assert from "node:assert/strict";
import type { Begin } from "../../src/delivery/compose/newMailText.ts";
import type { Filler } from "../../src/delivery/record/provenance.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { headline } from "../../src/delivery/words/headline.ts";
import { Desk, pressSend } from "../support/desk.ts";
import type { Window } from "../support/window.ts";

describe("A mail that others have filled", () => {
  let desk: Desk;
  let window: Window;

  beforeEach(async () => {
    desk = await Desk.set();
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const begin =
    (filledBy: Filler | undefined): Begin =>
    async () => ({
      ...{ to: "reader@example.com", subject: "Build", body: "Hello", format: "text" as const },
      ...{ fillsIn: false, imageFolders: null, filledBy },
    });
  const fill = async (filledBy: Filler | undefined) => {
    const path = await desk.file("build.bin");
    const { deliveryId = "" } = await window.runner.compose([path], "account", begin(filledBy));
    return deliveryId;
  };
  const snapshot = (id: string) =>
    panelSnapshot(window.store.get(id), { accounts: [], notice: null, now: Date.now() });
  const uploads = () => desk.sandbox.requests.filter(({ step }) => step === "create").length;
  const ready = (id: string) =>
    window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
  /** The mails of this window go on with whatever they can go on with: an own one is through, after the other. */
  const othersAreThrough = async () => {
    const { deliveryId = "" } = await window.runner.compose([await desk.file("other.bin", 1000)], "account");
    await ready(deliveryId);
  };

  for (const [who, words] of [
    ["command", /^Filled in by a command, a task or another extension\. Check the recipients/],
    ["assistant", /^Filled in by an assistant\. Check the recipients/],
  ] as const)
    it(`uploads nothing until a person does something in it, and says so: ${who}`, async () => {
      const id = await fill(who);
      await othersAreThrough();
      assert.equal(uploads(), 1);
      assert.match(snapshot(id).provenance ?? "", words);
      assert.equal(snapshot(id).unseen, true);
      assert.equal(
        headline(window.store.get(id), 0),
        "Nothing is uploaded until you click or type in this mail.",
      );
      assert.match(snapshot(id).attachments[0]?.detail ?? "", /build\.bin$/);
      await window.runner.touch(id);
      await ready(id);
      assert.equal(uploads(), 2);
      assert.equal(snapshot(id).unseen, false);
      assert.match(snapshot(id).provenance ?? "", words);
    });

  it("is the person's own once it is edited", async () => {
    const id = await fill("command");
    await window.runner.touch(id);
    const { form } = window.store.get(id);
    await window.runner.edit(id, { ...form, revision: 1 });
    assert.notEqual(snapshot(id).provenance, null, "the panel's echo is no edit");
    await window.runner.edit(id, { ...form, revision: 2, body: "Hello, you" });
    assert.equal(snapshot(id).provenance, null);
    await ready(id);
  });

  it("is not begun by another window either, nor after a restart", async () => {
    const id = await fill("command");
    await window.close();
    window = await desk.open();
    await othersAreThrough();
    assert.equal(uploads(), 1);
    assert.equal(window.store.get(id).attachments[0]?.status, "queued");
    await window.runner.touch(id);
    await ready(id);
  });

  it("is sent when its person presses Send, read or not", async () => {
    const id = await fill("command");
    await pressSend(window, id);
    await window.until(id, ({ phase }) => phase === "sent");
    assert.equal(desk.sandbox.mails.length, 1);
  });

  it("spells every recipient out, also those that are known", async () => {
    const sent = await fill(undefined);
    const { form } = window.store.get(sent);
    await window.runner.send(sent, {
      ...form,
      ...{ revision: 1, to: "Ada <reader@example.com>", subject: `Build (${sent})` },
    });
    await window.until(sent, ({ phase }) => phase === "sent");
    const known = (id: string) => {
      const delivery = { ...window.store.get(id), form: window.store.get(sent).form };
      return panelSnapshot(delivery, { accounts: [], notice: null, now: 0, history: window.store.list() })
        .known;
    };
    assert.deepEqual(known(await fill(undefined)), [{ name: "Ada", email: "reader@example.com" }]);
    assert.deepEqual(known(await fill("command")), []);
  });

  it("is no other than one of the person's, where a person began it", async () => {
    const id = await fill(undefined);
    await ready(id);
    assert.deepEqual([snapshot(id).provenance, snapshot(id).unseen], [null, false]);
  });
});
