import assert from "node:assert/strict";
import type { Command } from "vscode";
import { pointAt, RowCommands } from "../../../src/ui/views/mailCommand.ts";

describe("A click on an item of the status bar", () => {
  it("keeps its command while the item counts down, and gets another one with another mail", () => {
    const given: (Command | string | undefined)[] = [];
    const item = {
      get command() {
        return given.at(-1);
      },
      set command(command) {
        given.push(command);
      },
    };
    for (const mail of ["one", "one", "one", "two"]) pointAt(item, mail, "undo", "Undo");
    assert.deepEqual(given, [
      { command: "undo", title: "Undo", arguments: [{ deliveryId: "one" }] },
      { command: "undo", title: "Undo", arguments: [{ deliveryId: "two" }] },
    ]);
  });
});

describe("A click on a row of the tree", () => {
  it("shows its mail by a command that no drawing of the row takes away", () => {
    const registered = new Map<string, () => void>();
    const shown: string[] = [];
    const commands = new RowCommands(
      (command, run) => {
        assert.ok(!registered.has(command), "VS Code refuses a second one of the same name");
        registered.set(command, run);
        return { dispose: () => void registered.delete(command) };
      },
      (deliveryId) => shown.push(deliveryId),
    );
    const [first, , again] = ["one", "two", "one"].map((id) => commands.of(id));
    // Those with arguments are forgotten with the drawing that they came with.
    assert.deepEqual(again, { command: first?.command, title: "Show Session" });
    assert.equal(registered.size, 2);
    for (const run of registered.values()) run();
    assert.deepEqual(shown, ["one", "two"]);
    commands.dispose();
    assert.equal(registered.size, 0);
  });
});
