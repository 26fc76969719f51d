import assert from "node:assert/strict";
import { type HostKillOptions, killHost } from "../../../../../src/ui/panel/practice/hostKill.ts";
import { MemoryMemento } from "../../../../support/memory.ts";
import { ScriptedDialogs } from "../../../../support/scriptedDialogs.ts";

describe("Killing the extension host", () => {
  let did: string[];
  let memory: MemoryMemento;
  beforeEach(() => {
    did = [];
    memory = new MemoryMemento();
  });
  const kill = (dialogs: ScriptedDialogs, around: Partial<HostKillOptions> = {}) =>
    killHost(
      {
        ...{ dialogs, memory, now: () => 1_000_000 },
        ...{ hasRealWork: () => false, isDebugging: () => false, hasTasks: () => false },
        kill: () => did.push("kill"),
        ...around,
      },
      async () => void did.push("first"),
    );

  it("is asked about, and notes everything before it", async () => {
    const dialogs = new ScriptedDialogs("Kill It");
    await kill(dialogs);
    assert.equal(dialogs.shown[0]?.how, "ask");
    assert.deepEqual(did, ["first", "kill"]);
    assert.deepEqual([...memory.values.values()], [[1_000_000]]);
  });

  it("is not done when nobody confirms it", async () => {
    await kill(new ScriptedDialogs());
    assert.deepEqual(did, []);
    assert.deepEqual([...memory.values], []);
  });

  it("is not even asked about where it would do harm", async () => {
    const dialogs = new ScriptedDialogs("Kill It");
    await kill(dialogs, { hasTasks: () => true });
    assert.deepEqual(
      dialogs.shown.map(({ how }) => how),
      ["info"],
    );
    assert.deepEqual(did, []);
  });

  it("is not done when a real mail has begun while the question stood there", async () => {
    const dialogs = new ScriptedDialogs("Kill It");
    await kill(dialogs, { hasRealWork: () => dialogs.shown.length > 0 });
    assert.deepEqual(did, []);
    assert.deepEqual(
      dialogs.shown.map(({ how }) => how),
      ["ask", "info"],
      "and who has confirmed it hears why",
    );
  });

  it("is possible twice, and not a third time so soon", async () => {
    for (let time = 0; time < 3; time += 1) await kill(new ScriptedDialogs("Kill It"));
    assert.equal(did.filter((each) => each === "kill").length, 2);
  });
});
