import assert from "node:assert/strict";
import files, { type FileHandle, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { mock } from "node:test";
import { compose, Desk, pressSend } from "../support/desk.ts";
import { graph, nylas } from "../support/doors.ts";
import { until } from "../support/until.ts";

const FILES = 60;
/** A mail of 300 files writes 5 MB at most. */
const BYTES_A_FILE = 5_000_000 / 300;

for (const door of [nylas, graph])
  describe(`A mail of many files, through ${door.name}`, () => {
    let desk: Desk;
    beforeEach(async () => {
      desk = await Desk.set(door);
    });
    afterEach(async () => {
      mock.restoreAll();
      await desk.clear();
    });

    /** Counts what is written into files that are open, as records are. */
    async function countWritten(): Promise<() => number> {
      let bytes = 0;
      const handle = await files.open(await desk.file("any.bin", 1));
      const methods = Object.getPrototypeOf(handle);
      await handle.close();
      const { writeFile } = methods;
      mock.method(methods, "writeFile", function (this: FileHandle, text: string) {
        bytes += Buffer.byteLength(text);
        return writeFile.call(this, text);
      });
      return () => bytes;
    }

    it("writes little for each, and its record is one file in the end", async () => {
      const window = await desk.open();
      const paths: string[] = [];
      for (let at = 0; at < FILES; at++) paths.push(await desk.file(`file ${at}.bin`, 1_000));
      const written = await countWritten();
      const id = await compose(window, ...paths);
      await pressSend(window, id);
      await until("it is sent", () => window.store.get(id).phase === "sent");
      await window.store.saved(id);
      assert.ok(written() < FILES * BYTES_A_FILE, `${written()} bytes`);
      const names = (await readdir(desk.folder)).filter((name) => !name.endsWith(".lease"));
      assert.deepEqual(names, [`${id}.json`]);
      const record = JSON.parse(await readFile(join(desk.folder, `${id}.json`), "utf8"));
      assert.deepEqual([record.version, record.attachments.length], [1, FILES]);
    });

    it("goes on after a crash with what its record and the log of it say", async () => {
      const window = await desk.open();
      const paths: string[] = [];
      for (let at = 0; at < FILES; at++) paths.push(await desk.file(`file ${at}.bin`, 1_000));
      const id = await compose(window, ...paths);
      const ready = () => window.store.get(id).attachments.filter(({ status }) => status === "ready").length;
      await until("half of the files are there", () => ready() >= FILES / 2);
      await window.store.flushed(id);
      const before = ready();
      await window.kill();
      const onDisk = JSON.parse(await readFile(join(desk.folder, `${id}.json`), "utf8"));
      assert.equal(typeof onDisk.log, "string", "the record has a log");
      const next = await desk.open();
      const uploads = desk.sandbox.requests.filter(({ step }) => step === "create").length;
      assert.ok(next.store.get(id).attachments.filter(({ status }) => status === "ready").length >= before);
      await pressSend(next, id);
      await until("it is sent", () => next.store.get(id).phase === "sent");
      const again = desk.sandbox.requests.filter(({ step }) => step === "create").length - uploads;
      assert.ok(again <= FILES - before, "a file was uploaded twice");
    });
  });
