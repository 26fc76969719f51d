import assert from "node:assert/strict";
import { Desk, isSettled, pressSend } from "../support/desk.ts";
import { idle, idleAgain, openFiles } from "../support/leaks.ts";
import type { Window } from "../support/window.ts";

const mails = 200;
const sideBySide = 10;

/** One mail in three is cancelled while its bytes are on their way, one has a broken line, one goes smoothly. */
async function deliver(desk: Desk, window: Window, path: string, number: number): Promise<void> {
  if (number % 3 === 1)
    desk.sandbox.faults.arm({ step: "upload", fault: "resetMidBody", afterBytes: 40_000 });
  const { deliveryId = "" } = await window.runner.compose([path], "account");
  const attachment = window.store.get(deliveryId).attachments[0]?.id ?? "";
  if (number % 3 === 0) await window.runner.cancel(deliveryId, attachment);
  else await pressSend(window, deliveryId);
  const delivery = await window.until(deliveryId, isSettled);
  assert.equal(delivery?.phase, number % 3 === 0 ? "composing" : "sent");
  await window.runner.forget(deliveryId);
}

/** Listeners of the process itself, which everything could add to. */
function listeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}

describe(`After ${mails} mails, sent and cancelled, in one process`, () => {
  it("no socket, timer, file or listener is left, and no secret", async () => {
    const [busy, files, heard] = [await idle(), openFiles(), listeners()];
    const desk = await Desk.set();
    const window = await desk.open();
    const path = await desk.file("build.bin", 100_000);
    for (let number = 0; number < mails; number += sideBySide)
      await Promise.all(
        Array.from({ length: sideBySide }, (_, index) => deliver(desk, window, path, number + index)),
      );
    assert.equal(window.store.list().length, 0);
    await window.close();
    assert.equal(desk.secrets.values.size, 0);
    await desk.clear();
    await idleAgain(busy);
    assert.deepEqual(openFiles(), files);
    assert.equal(listeners(), heard);
  }).timeout(0); // How long it takes says nothing: other runs are beside it.
});
