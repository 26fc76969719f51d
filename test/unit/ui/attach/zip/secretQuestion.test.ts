import assert from "node:assert/strict";
import { askAboutSecrets } from "../../../../../src/ui/attach/zip/secretQuestion.ts";
import { ScriptedDialogs } from "../../../../support/scriptedDialogs.ts";

const key = { name: "id_ed25519", what: "a private key" };
const env = { name: "[.env](command:x)", what: "a password, line 3" };

describe("What looks like a secret", () => {
  for (const [press, hasOthers, answer] of [
    ["Attach Anyway", true, "attach"],
    ["Attach Anyway", false, "attach"],
    ["Leave Out", true, "leaveOut"],
    ["Don't Attach", false, "nothing"],
    ["", true, "nothing"],
  ] as const)
    it(`${press || "closing the question"} means ${answer}, ${hasOthers ? "beside others" : "alone"}`, async () => {
      const dialogs = new ScriptedDialogs(press);
      assert.equal(await askAboutSecrets(dialogs, [key], hasOthers), answer);
      // Enter must not send a key: the first button has the focus.
      assert.notEqual(dialogs.shown[0]?.buttons?.[0], "Attach Anyway");
    });

  it("is named with what it looks like, without links", async () => {
    const dialogs = new ScriptedDialogs();
    await askAboutSecrets(dialogs, [env], true);
    await askAboutSecrets(dialogs, [key, env], true);
    const [one, two] = dialogs.shown;
    assert.equal(one?.text, "“[.env] (command:x)” looks like a secret.");
    assert.equal(two?.text, "2 files look like secrets.");
    assert.equal(
      two?.detail,
      "id_ed25519: a private key\n[.env] (command:x): a password, line 3\n\nNothing has left this machine yet.",
    );
  });

  it("is named eight times at most", async () => {
    const dialogs = new ScriptedDialogs();
    await askAboutSecrets(dialogs, Array(9).fill(key), true);
    assert.equal(dialogs.shown[0]?.detail?.split("\n").indexOf("1 more file"), 8);
  });
});
