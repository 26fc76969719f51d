import assert from "node:assert/strict";
import type { Command } from "vscode";
import { pointAt } from "../../../src/ui/views/mailCommand.ts";

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
