import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MailTab, matchTabs, OpenTabs } from "../../../../src/ui/panel/openTabs.ts";
import { Folder } from "../../../support/files.ts";

const one: MailTab = { deliveryId: "d1", title: "Trace" };
const two: MailTab = { deliveryId: "d2", title: "Build" };

/** A window's memory, which VS Code keeps while hosts come and go. */
class Memory {
  readonly #values = new Map<string, unknown>();
  get(key: string): unknown {
    return this.#values.get(key);
  }
  async update(key: string, value: unknown): Promise<void> {
    this.#values.set(key, value);
  }
}

describe("the tabs that a host has left behind", () => {
  let folder: Folder;
  let alive: Set<number>;
  beforeEach(async () => {
    folder = await Folder.make();
    alive = new Set([1, 2]); // VS Code, twice
  });
  afterEach(() => folder.remove());

  const notes = () => readdirSync(join(folder.path, "tabs"));
  const host = (pid: number, memory: Memory, parentPid = 1) => {
    alive.add(pid);
    return new OpenTabs({
      folder: join(folder.path, "tabs"),
      memory,
      hostId: randomUUID(),
      pid,
      parentPid,
      isRunning: (wanted) => alive.has(wanted),
    });
  };

  it("are known to the host that comes after one that was killed, once", () => {
    const memory = new Memory();
    const first = host(10, memory);
    assert.deepEqual(first.orphans(), []);
    first.note([one]);
    first.note([one, two]);
    alive.delete(10);
    const second = host(11, memory);
    assert.deepEqual(second.orphans(), [one, two]);
    alive.delete(11);
    assert.deepEqual(host(12, memory).orphans(), []);
    assert.deepEqual(notes(), []);
  });

  it("are none of a host that ended in good order: VS Code brings them back on its own", () => {
    const memory = new Memory();
    const first = host(10, memory);
    first.orphans();
    first.note([one]);
    first.forget();
    alive.delete(10);
    assert.deepEqual(host(11, memory).orphans(), []);
  });

  it("are none of an earlier run of VS Code, whose notes go away", () => {
    const memory = new Memory();
    const first = host(10, memory);
    first.orphans();
    first.note([one]);
    const elsewhere = host(20, new Memory());
    elsewhere.note([two]);
    alive.clear();
    alive.add(2);
    assert.deepEqual(host(11, memory, 2).orphans(), []);
    assert.deepEqual(notes(), []);
  });

  it("are none of a host that still runs, nor of another window's", () => {
    const memory = new Memory();
    const first = host(10, memory);
    first.orphans();
    first.note([one]);
    assert.deepEqual(host(11, memory).orphans(), []);
    alive.delete(10);
    assert.deepEqual(host(12, new Memory()).orphans(), []);
    assert.equal(notes().length, 1);
  });

  it("are none where the note cannot be read", async () => {
    const memory = new Memory();
    const first = host(10, memory);
    first.orphans();
    first.note([one]);
    const [name = ""] = notes();
    await writeFile(join(folder.path, "tabs", name), '{"pid":');
    alive.delete(10);
    assert.deepEqual(host(11, memory).orphans(), []);
  });

  it("are no others than those with its title; with one that was just changed, the one that is left", () => {
    const tab = (label: string) => ({ label });
    const matched = (mails: readonly MailTab[], ...labels: string[]) =>
      matchTabs(mails, labels.map(tab)).map(({ deliveryId, tab: { label } }) => [deliveryId, label]);
    assert.deepEqual(matched([one, two], "Build", "Trace"), [
      ["d1", "Trace"],
      ["d2", "Build"],
    ]);
    // Another that VS Code will bring back itself is left alone.
    assert.deepEqual(matched([one], "Later", "Trace"), [["d1", "Trace"]]);
    assert.deepEqual(matched([one], "Later", "Tra"), []);
    assert.deepEqual(matched([one, two], "Build", "Trac"), [
      ["d2", "Build"],
      ["d1", "Trac"],
    ]);
    assert.deepEqual(matched([one, two], "Build"), [["d2", "Build"]]);
    const twin = { deliveryId: "d3", title: "Trace" };
    assert.deepEqual(matched([one, twin], "Trace", "Trace"), [
      ["d1", "Trace"],
      ["d3", "Trace"],
    ]);
  });
});
