import assert from "node:assert/strict";
import { join } from "node:path";
import { PracticeMailbox } from "../../src/services/practice.ts";
import { startEngine } from "../support/engine.ts";
import { Folder } from "../support/files.ts";
import { MemoryLog } from "../support/memory.ts";
import { eventually, ship } from "../support/shipping.ts";

const main = join(import.meta.dirname, "../../src/sandbox/main.ts");

describe("The practice mailbox of a window", () => {
  let folder: Folder;
  let log: MemoryLog;
  const opened: PracticeMailbox[] = [];

  beforeEach(async () => {
    folder = await Folder.make();
    log = new MemoryLog();
  });
  afterEach(async () => {
    for (const practice of opened.splice(0)) practice.dispose();
    await folder.remove();
  });

  function open(program = main): PracticeMailbox {
    const practice = new PracticeMailbox({ program, dataFolder: join(folder.path, "data"), log });
    opened.push(practice);
    return practice;
  }

  /** True while somebody answers there. */
  const answers = (url: string) =>
    fetch(url).then(
      (response) => response.ok,
      () => false,
    );

  it("is started when it is first needed, once, and takes mail", async () => {
    const practice = open();
    const [addresses, again] = await Promise.all([practice.addresses(), practice.addresses()]);
    assert.equal(addresses, again);
    const { apiUri, apiKey, grants } = addresses.nylas;
    const engine = await startEngine({ apiUri, apiKey, grantId: grants[0]?.id ?? "" });
    assert.equal((await ship(engine, await folder.file("a.bin", "hello"))).phase, "sent");
    const mails: unknown = await (await fetch(addresses.outbox)).json();
    assert.ok(Array.isArray(mails) && mails.length === 1);
    await engine.close();
  });

  it("ends with the window", async () => {
    const practice = open();
    const { outbox } = await practice.addresses();
    practice.dispose();
    await eventually(async () => !(await answers(outbox)));
  });

  it("is the one of the window that was there before", async () => {
    const { outbox } = await open().addresses();
    assert.equal((await open().addresses()).outbox, outbox);
  });

  it("starts anew when it was ended, with the same key", async () => {
    const practice = open();
    const before = await practice.addresses();
    practice.dispose();
    await eventually(async () => !(await answers(before.outbox)));
    const after = await practice.addresses();
    assert.deepEqual(after.nylas.apiKey, before.nylas.apiKey);
    assert.ok(await answers(after.outbox));
  });

  for (const [what, source] of [
    ["ends at once", "process.stderr.write('no disk'); process.exit(3)"],
    ["says something else", "console.log('hello'); setInterval(() => {}, 1000)"],
    ["says half of it", `console.log('{"nylas":{}}'); setInterval(() => {}, 1000)`],
  ] as const)
    it(`is reported when its program ${what}`, async () => {
      const practice = open(await folder.file("broken.mjs", source));
      await assert.rejects(practice.addresses(), { code: "service-fault", remedy: "showLog" });
      if (source.includes("stderr")) assert.ok(log.lines.some((line) => line.includes("no disk")));
    });

  it("is reported when there is no program", async () => {
    await assert.rejects(open(join(folder.path, "gone.mjs")).addresses(), { code: "service-fault" });
  });
});
