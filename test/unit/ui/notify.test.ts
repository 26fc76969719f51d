import assert from "node:assert/strict";
import { FreightError, toSavedError } from "../../../src/base/errors.ts";
import { Remedy } from "../../../src/shared/contract/snapshot.ts";
import { type ChosenRemedy, Notifier, type RemedyContext } from "../../../src/ui/notices/notify.ts";
import { MemoryLog } from "../../support/memory.ts";
import { ScriptedDialogs } from "../../support/scriptedDialogs.ts";

const whole: RemedyContext = { accountId: "account", deliveryId: "mail", attachmentId: "file" };

function setUp(...presses: readonly string[]) {
  const log = new MemoryLog();
  const dialogs = new ScriptedDialogs(...presses);
  const notifier = new Notifier(log, dialogs);
  const chosen: ChosenRemedy[] = [];
  notifier.onDidChooseRemedy((choice) => void chosen.push(choice));
  return { log, dialogs, notifier, chosen };
}

const error = (remedy: Remedy) => new FreightError("service-fault", "It broke.", { remedy });
/** Buttons are pressed a moment after they are shown. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("An error that is shown", () => {
  it("is logged once, and shown once in its own words", () => {
    const { notifier, log, dialogs } = setUp();
    notifier.failed(new FreightError("service-fault", "It broke.", { requestId: "r-1" }));
    assert.deepEqual(dialogs.shown, [{ how: "error", text: "It broke." }]);
    assert.equal(log.lines.length, 1);
    assert.match(log.lines.join(), /^error .*r-1/s);
  });

  it("says nothing where the person has cancelled, by our word or by VS Code's", () => {
    const { notifier, log, dialogs } = setUp();
    // As `vscode.CancellationError` is made.
    const canceled = Object.assign(new Error("Canceled"), { name: "Canceled" });
    for (const reason of [new DOMException("x", "AbortError"), canceled]) notifier.failed(reason);
    assert.deepEqual([log.lines, dialogs.shown], [[], []]);
  });

  for (const remedy of Remedy.options)
    it(`has the button of ${remedy} where it can do something, and it is passed on`, async () => {
      const saved = toSavedError(error(remedy));
      const first = setUp();
      first.notifier.problem(saved, whole);
      const [label = ""] = first.dialogs.shown[0]?.buttons ?? [];
      const pressed = setUp(label);
      pressed.notifier.problem(saved, whole);
      await settled();
      assert.deepEqual(pressed.chosen, [{ remedy, context: whole }]);
      const closed = setUp();
      closed.notifier.problem(saved, whole);
      await settled();
      assert.deepEqual(closed.chosen, []);
      const isForAll = ["addAccount", "showLog", "openProxySettings"].includes(remedy);
      const without = setUp();
      without.notifier.problem(saved);
      assert.equal(without.dialogs.shown[0]?.buttons?.[0] === label, isForAll);
    });

  it("has the log behind a button of its own beside the remedy's", async () => {
    const { notifier, dialogs, chosen } = setUp("Show Log");
    notifier.problem(toSavedError(error("checkAccount")), whole);
    await settled();
    assert.equal(dialogs.shown[0]?.buttons?.length, 2);
    assert.deepEqual(chosen, [{ remedy: "showLog", context: whole }]);
  });

  it("offers a changed file as it is now, too, where it is known which", async () => {
    const changed = new FreightError("file-changed", "It changed.", { remedy: "uploadNewVersion" });
    const { notifier, dialogs, chosen } = setUp("Send It as It Is Now");
    notifier.problem(toSavedError(changed), whole);
    await settled();
    assert.deepEqual(dialogs.shown[0]?.buttons, [
      "Upload the New Version",
      "Send It as It Is Now",
      "Show Log",
    ]);
    assert.deepEqual(chosen, [{ remedy: "sendAsItIs", context: whole }]);
    const without = setUp();
    without.notifier.problem(toSavedError(changed), { deliveryId: "mail" });
    assert.equal(without.dialogs.shown[0]?.buttons?.length, 2);
  });

  it("offers no second try of a send that could not even be noted", () => {
    const { notifier, dialogs } = setUp();
    notifier.failed(error("retry"), whole);
    assert.equal(dialogs.shown[0]?.buttons, undefined);
  });

  it("becomes no link, whatever a service says", () => {
    const { notifier, dialogs } = setUp();
    notifier.failed(new FreightError("service-fault", "See [this](command:x)\nnow"));
    assert.equal(dialogs.shown[0]?.text, "See [this] (command:x) now");
  });
});

describe("A step that is offered", () => {
  it("is taken with its button only", async () => {
    const taken = setUp("Compress and Send");
    assert.equal(await taken.notifier.offer(error("showLog"), "It may fit.", "Compress and Send"), true);
    assert.equal(taken.dialogs.shown[0]?.text, "It broke. It may fit.");
    assert.equal(await setUp().notifier.offer(error("showLog"), "It may fit.", "Compress and Send"), false);
  });
});
