import assert from "node:assert/strict";
import { compose, Desk, isSettled } from "../support/desk.ts";
import type { Window } from "../support/window.ts";

describe("What somebody decides on a mail that is another one by now", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set();
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  it("does not send the text of another window, which nobody here has read", async () => {
    const id = await compose(window, await desk.file());
    const { form } = window.store.get(id);
    const theirs = { ...form, to: "theirs@example.com", subject: `Theirs (${id})`, revision: 7 };
    await window.runner.edit(id, theirs);
    const ours = { ...form, to: "ours@example.com", subject: "Ours", revision: 7 };
    assert.match((await window.runner.send(id, ours))?.message ?? "", /changed in another window/);
    assert.equal(window.store.get(id).phase, "composing");
    assert.equal(await window.runner.send(id, theirs), undefined);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.deepEqual(
      desk.sandbox.mails.map(({ subject }) => subject),
      [`Theirs (${id})`],
    );
  });

  it("brings no zip of a file that was taken out while it was packed", async () => {
    const id = await compose(window, await desk.file());
    const [file] = window.store.get(id).attachments;
    assert.ok(file);
    await window.runner.detach(id, file.id);
    await window.runner.replace(id, file.id, await desk.file());
    assert.deepEqual(window.store.get(id).attachments, []);
  });
});
