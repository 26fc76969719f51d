import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { ArchiveKeeper } from "../../../src/delivery/archiveKeeper.ts";
import type { SavedAttachment } from "../../../src/delivery/record/delivery.ts";
import { newDelivery } from "../../../src/delivery/record/newDelivery.ts";
import { DeliveryStore } from "../../../src/delivery/store/store.ts";
import { ArchiveFolder } from "../../../src/files/zip/archives.ts";
import { emptyForm } from "../../../src/shared/contract/form.ts";
import { MemorySecrets } from "../../support/engine.ts";
import { Folder } from "../../support/files.ts";
import { MemoryJournal, MemoryLog } from "../../support/memory.ts";
import { until } from "../../support/until.ts";

const { signal } = new AbortController();

describe("The keeper of archives", () => {
  let folder: Folder;
  let archives: ArchiveFolder;
  let journal: MemoryJournal;
  let store: DeliveryStore;
  let keeper: ArchiveKeeper;
  let path: string;

  beforeEach(async () => {
    folder = await Folder.make();
    archives = new ArchiveFolder(join(folder.path, "archives"), Date.now);
    journal = new MemoryJournal();
    store = new DeliveryStore({ journal, secrets: new MemorySecrets(), log: new MemoryLog() });
    keeper = new ArchiveKeeper(store, archives, new MemoryLog());
    const archive = await archives.make("notes", "/notes");
    path = archive.path;
    await writeFile(path, "zip");
    store.add(mail("a", [path, "elsewhere.bin"]));
    archive.release();
  });
  afterEach(async () => {
    keeper.dispose();
    await folder.remove();
  });

  const mail = (id: string, paths: readonly string[]) =>
    newDelivery({
      id,
      createdAt: 1,
      accountId: null,
      form: emptyForm,
      attachments: paths.map((at) => attachment(at)),
    });
  const attachment = (at: string): SavedAttachment => ({
    id: at,
    path: at,
    name: "notes.zip",
    contentType: "application/zip",
    size: 3,
    mtimeMs: 1,
    ctimeMs: null,
    ino: null,
    agreed: null,
    sentAs: null,
    asLink: false,
    link: null,
    unshared: null,
    status: "queued",
    accepted: 0,
    checkpoint: null,
    session: null,
    error: null,
    versionKept: false,
    grows: false,
    reused: false,
    abandoned: 0,
    inline: null,
  });
  const left = async () => (await readdir(join(folder.path, "archives"))).length;
  const gone = () => until("the archive is gone", async () => (await left()) === 0);

  it("keeps an archive through sweeps, failures and pauses of its mail", async () => {
    store.apply("a", { type: "attachment", attachmentId: path, event: { type: "paused" } });
    store.apply("a", { type: "attachment", attachmentId: path, event: { type: "cancelled" } });
    await keeper.sweep();
    assert.equal(await left(), 1);
  });

  it("keeps one that its record spells with slashes, as Git says it on Windows too", async () => {
    const patch = await archives.make("patch", "/repository");
    await writeFile(patch.path, "patch");
    store.add(mail("b", [patch.path.replaceAll(sep, "/")]));
    patch.release();
    await keeper.sweep();
    assert.equal(await left(), 2);
  });

  for (const [what, end] of [
    [
      "its mail was sent",
      () => void store.apply("a", { type: "sent", messageId: null, requestId: null, at: 1 }),
    ],
    [
      "the file was taken out of its mail",
      () => void store.apply("a", { type: "removed", attachmentId: path }),
    ],
    ["its mail was forgotten", () => store.remove("a")],
  ] as const)
    it(`deletes an archive when ${what}`, async () => {
      await end();
      await gone();
    });

  it("keeps the archive of a mail that waits at its service: it may be taken back, and needs it again then", async () => {
    const schedule = { id: "s", sendAt: 9, keeper: "service" } as const;
    store.apply("a", { type: "scheduled", schedule, requestId: null, at: 0 });
    await store.flushed("a");
    await keeper.settle(path);
    await keeper.sweep();
    assert.equal(await left(), 1);
    store.apply("a", { type: "scheduleCancelled" });
    await keeper.sweep();
    assert.equal(await left(), 1);
    store.apply("a", { type: "sent", messageId: null, requestId: null, at: 9 });
    await gone();
  });

  it("makes a copy of a file that stays while it is held, and then only with its mail", async () => {
    const copyOf = async () => keeper.takeCopy(await folder.file("server.log", "line"), { signal });
    const before = await left();
    const [wanted, unwanted] = [await copyOf(), await copyOf()];
    await keeper.sweep();
    assert.equal(await left(), before + 2);
    store.add(mail("b", [wanted.path]));
    await Promise.all([wanted.letGo(), unwanted.letGo()]);
    await keeper.sweep();
    assert.equal(await left(), before + 1);
    await store.remove("b");
    await until("the copy is gone", async () => (await left()) === before);
  });

  it("leaves nothing of a copy that cannot be made, or that a crash has left", async () => {
    const before = await left();
    await assert.rejects(keeper.takeCopy(join(folder.path, "none.log"), { signal }), {
      code: "file-missing",
    });
    assert.equal(await left(), before);
    await keeper.takeCopy(await folder.file("server.log", "line"), { signal });
    const next = new ArchiveFolder(join(folder.path, "archives"), Date.now);
    keeper.dispose();
    keeper = new ArchiveKeeper(store, next, new MemoryLog());
    await keeper.sweep();
    assert.equal(await left(), before);
  });

  it("sweeps nothing at a start at which a record could not be read", async () => {
    await store.flushed("a");
    keeper.dispose();
    const next = new DeliveryStore({ journal, secrets: new MemorySecrets(), log: new MemoryLog() });
    journal.readAll = async () => [{ id: "a", value: undefined, failure: new Error("EMFILE") }];
    await next.load();
    keeper = new ArchiveKeeper(next, archives, new MemoryLog());
    await keeper.sweep();
    assert.equal(await left(), 1);
  });

  it("keeps what a record of a newer version has, also while this window still shows the older one", async () => {
    await store.flushed("a");
    const record = journal.records.get("a");
    assert.ok(typeof record === "object" && record !== null);
    journal.records.set("a", { ...record, version: 2, attachments: { [path]: {} } });
    await store.reload("a");
    await assert.rejects(store.remove("a"), { code: "driven-elsewhere" });
    await keeper.settle(path);
    const next = new DeliveryStore({ journal, secrets: new MemorySecrets(), log: new MemoryLog() });
    journal.records.set("a", { ...record, version: 2 });
    await next.load();
    keeper.dispose();
    keeper = new ArchiveKeeper(next, archives, new MemoryLog());
    await keeper.sweep();
    assert.equal(await left(), 1);
  });

  it("waits until it is on disk that the archive is not needed", async () => {
    await store.flushed("a");
    journal.hold = true;
    store.apply("a", { type: "removed", attachmentId: path });
    await until("the record is being written", () => journal.held === 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await left(), 1);
    journal.release();
    await gone();
  });

  it("deletes an archive that no mail has taken, and no other", async () => {
    const archive = await archives.make("unwanted", "/unwanted");
    await writeFile(archive.path, "zip");
    archive.release();
    await keeper.settle(path);
    assert.equal(await left(), 2);
    await keeper.settle(archive.path);
    assert.equal(await left(), 1);
  });

  it("keeps an archive that another mail has, too", async () => {
    store.add(mail("b", [path]));
    await store.remove("a");
    await keeper.sweep();
    assert.equal(await left(), 1);
    await store.remove("b");
    await gone();
  });

  it("deletes the archive of a mail that was read from disk", async () => {
    keeper.dispose();
    keeper = new ArchiveKeeper(store, archives, new MemoryLog());
    await store.remove("a");
    await gone();
  });

  it("sweeps what a mail has that is sent already", async () => {
    keeper.dispose();
    store.apply("a", { type: "sent", messageId: null, requestId: null, at: 1 });
    keeper = new ArchiveKeeper(store, archives, new MemoryLog());
    assert.equal(await left(), 1);
    await keeper.sweep();
    assert.equal(await left(), 0);
  });
});
