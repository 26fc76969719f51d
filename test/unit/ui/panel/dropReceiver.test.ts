import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { FreightError } from "../../../../src/base/errors.ts";
import { ArchiveFolder } from "../../../../src/files/zip/archives.ts";
import type { ToPanel } from "../../../../src/shared/contract/messages.ts";
import { MadeFiles } from "../../../../src/ui/attach/madeFiles.ts";
import { DropReceiver, lostWithItsPage } from "../../../../src/ui/panel/dropReceiver.ts";
import { Folder } from "../../../support/files.ts";
import { has } from "../../../support/systems.ts";
import { until } from "../../../support/until.ts";

describe("A file that the page hands over", () => {
  let folder: Folder;
  let root: string;
  let receiver: DropReceiver;
  let attached: { name: string; text: string; mode: number }[];
  let posted: ToPanel[];
  let failures: unknown[];

  beforeEach(async () => {
    folder = await Folder.make();
    root = join(folder.path, "archives");
    const archives = new ArchiveFolder(root, Date.now);
    attached = [];
    posted = [];
    failures = [];
    receiver = new DropReceiver({
      made: new MadeFiles({ archives, settle: (path) => archives.remove(path) }),
      limit: () => ({ bytes: 10 }),
      put: async (paths) => {
        for (const path of paths) {
          const { mode } = await stat(path);
          attached.push({ name: basename(path), text: await readFile(path, "utf8"), mode: mode & 0o777 });
        }
      },
      post: (message) => void posted.push(message),
      failed: (reason) => void failures.push(reason),
    });
  });
  afterEach(() => folder.remove());

  const begin = (size: number, id = "a", name = "a.txt") =>
    receiver.begin({ type: "dropBegin", id, name, size, waiting: 0 });
  const chunk = (offset: number, text: string, id = "a") =>
    receiver.chunk({ type: "dropChunk", id, offset, bytes: Buffer.from(text) });
  const acknowledged = (offset: number, id = "a") =>
    until(`${offset} bytes of ${id} are acknowledged`, () =>
      posted.some((message) => message.type === "dropAck" && message.id === id && message.offset === offset),
    );
  const left = () => readdir(root).catch(() => []);
  const words = () => failures.map((reason) => (reason instanceof FreightError ? reason.message : reason));

  it("is attached when all of it has come, and nobody else can read it", async () => {
    const done = begin(6);
    await acknowledged(0);
    await chunk(0, "abc");
    await acknowledged(3);
    await chunk(3, "def");
    await done;
    assert.deepEqual(attached, [
      { name: "a.txt", text: "abcdef", mode: has("permissions of Unix") ? 0o600 : 0o666 },
    ]);
    assert.deepEqual(posted.at(-1), { type: "dropOver", id: "a" });
    assert.deepEqual([failures, await left()], [[], []]);
  });

  it("is attached when it is empty", async () => {
    await begin(0);
    assert.deepEqual(
      attached.map(({ text }) => text),
      [""],
    );
  });

  it("is refused before any of it is taken when it is too large", async () => {
    await begin(11);
    assert.match(String(words()[0]), /“a\.txt” is 11 bytes; the limit is 10 bytes/);
    assert.deepEqual(posted, [{ type: "dropOver", id: "a" }]);
    assert.deepEqual(await left(), []);
  });

  for (const [what, send] of [
    ["skips bytes", () => chunk(4, "ef")],
    ["sends bytes again", () => chunk(0, "abc")],
    ["sends more than it announced", () => chunk(3, "defg")],
    ["sends nothing", () => chunk(3, "")],
    ["does not wait for the answer", () => Promise.all([chunk(3, "d"), chunk(4, "e")])],
  ] as const)
    it(`is dropped when the page ${what}`, async () => {
      const done = begin(6);
      await acknowledged(0);
      await chunk(0, "abc");
      await send();
      await done;
      assert.deepEqual(attached, []);
      assert.match(String(words()[0]), /was not transferred completely/);
      assert.equal(failures.length, 1);
      assert.deepEqual(await left(), []);
    });

  it("takes no piece of a file that was never begun", async () => {
    const done = begin(3);
    await acknowledged(0);
    await chunk(0, "xyz", "b");
    await chunk(0, "abc");
    await done;
    await chunk(0, "abc");
    assert.deepEqual(
      attached.map(({ text }) => text),
      ["abc"],
    );
  });

  for (const [how, end] of [
    ["is cancelled", () => receiver.cancel("a")],
    ["loses its page", () => receiver.stop()],
  ] as const)
    it(`leaves nothing behind when it ${how}`, async () => {
      const done = begin(6);
      await acknowledged(0);
      await chunk(0, "abc");
      end();
      await done;
      assert.deepEqual([attached, failures, await left()], [[], [], []]);
    });

  it("gives way to one that is begun before it is whole", async () => {
    const first = begin(6);
    await acknowledged(0);
    const second = begin(3, "b", "b.txt");
    await first;
    await acknowledged(0, "b");
    await chunk(0, "bbb", "b");
    await second;
    assert.deepEqual(
      attached.map(({ name }) => name),
      ["b.txt"],
    );
    assert.deepEqual(await left(), []);
  });

  it("cannot be called what leads elsewhere", async () => {
    const done = begin(1, "a", "../../x");
    await acknowledged(0);
    await chunk(0, "x");
    await done;
    assert.deepEqual(
      attached.map(({ name }) => name),
      ["x"],
    );
  });

  for (const [waiting, words] of [
    [0, "“a.bin” was not added because its mail was hidden. Drop it again, and keep the mail visible."],
    [
      2,
      "“a.bin” and 2 more files were not added because their mail was hidden. Drop them again, and keep the mail visible.",
    ],
  ] as const)
    it(`is told of when its page is hidden, with ${waiting} behind it`, () =>
      assert.equal(lostWithItsPage({ name: "a.bin", waiting }).message, words));
});
