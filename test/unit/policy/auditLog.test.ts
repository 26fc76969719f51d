import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import disk, { chmod, chown, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { mock } from "node:test";
import { AuditLog, type Departure } from "../../../src/policy/auditLog.ts";
import { Folder } from "../../support/files.ts";

const departure: Departure = {
  ...{ id: "mail-1", account: "kim@company.example", purpose: "send", recipients: 1, domains: ["x.example"] },
  files: [{ name: "build.zip", size: 3, sha256: null }],
};
const sent = { result: "sent", messageId: "m" };

describe("The log of departures", () => {
  let folder: Folder;
  let logFolder: string;
  let path: string;
  let audit: AuditLog;
  beforeEach(async () => {
    folder = await Folder.make();
    logFolder = join(folder.path, "log");
    await mkdir(logFolder);
    path = join(logFolder, "freight-mail-kim.jsonl");
    const noteFolder = join(folder.path, "notes");
    audit = new AuditLog({ folder: () => logFolder, noteFolder, user: "kim", now: Date.now });
  });
  afterEach(async () => {
    mock.restoreAll();
    syncBuiltinESMExports();
    await folder.remove();
  });

  /** Nothing may leave: neither a note nor a line is written. */
  const refuses = async (why: RegExp) => {
    await assert.rejects(audit.begin(departure), { code: "audit-unwritable", message: why });
    await assert.rejects(audit.end(departure, sent), { code: "audit-unwritable" });
    assert.deepEqual(await readdir(join(folder.path, "notes")).catch(() => []), []);
  };

  it("is a line for each mail, whatever names and services have in theirs", async () => {
    const name = 'a\n{"result":"sent"}\r\u0085{"forged":1}\u2028{"forged":2}\u2029.zip';
    const messageId = '<1>\u2028{"result":"failed"}\n';
    const files = [{ name, size: 3, sha256: null }];
    for (const id of ["mail-1", "mail-2"]) {
      await audit.begin({ ...departure, id, files });
      await audit.end({ ...departure, id, files }, { result: "sent", messageId });
    }
    const text = await readFile(path, "utf8");
    // As the pickiest of those who read it ends lines.
    const lines = text.split(/[\n\r\v\f\u0085\u2028\u2029]/);
    assert.deepEqual([lines.length, lines[2]], [3, ""]);
    for (const line of lines.slice(0, 2)) {
      const read = Object(JSON.parse(line));
      assert.deepEqual([read.files, read.messageId, read.result], [files, messageId, "sent"]);
    }
  });

  for (const code of ["EPERM", "EACCES", "EBUSY"])
    it(`waits for another program that has its note open (${code})`, async () => {
      const hits = ["rename", "rename", "rm", "rm"];
      for (const name of ["rename", "rm"] as const) {
        const work: (...args: unknown[]) => Promise<unknown> = disk[name].bind(disk) as never;
        mock.method(disk, name, async (...args: unknown[]) => {
          const hit = hits.indexOf(name);
          if (hit === -1) return work(...args);
          hits.splice(hit, 1);
          throw Object.assign(new Error(`${code}: of a test`), { code });
        });
      }
      syncBuiltinESMExports();
      const noteFolder = join(folder.path, "notes");
      const patience = { sleep: async () => {} };
      const hasty = new AuditLog({
        folder: () => logFolder,
        noteFolder,
        user: "kim",
        now: Date.now,
        patience,
      });
      await hasty.begin(departure);
      await hasty.end(departure, sent);
      assert.deepEqual([hits, await readdir(noteFolder)], [[], []]);
    });

  for (const user of ["../../etc/passwd", "CORP\\kim", "kim\nroot", "k".repeat(500), "", "."])
    it(`stays in its folder for a user called ${JSON.stringify(user).slice(0, 30)}`, async () => {
      const noteFolder = join(folder.path, "notes");
      const theirs = new AuditLog({ folder: () => logFolder, noteFolder, user, now: Date.now });
      await theirs.begin(departure);
      await theirs.end(departure, sent);
      const [name = "", ...others] = await readdir(logFolder);
      assert.deepEqual(others, []);
      assert.match(name, /^freight-mail-[\w.-]*\.jsonl$/);
    });

  it("is not written to a folder in its place", async () => {
    await mkdir(path);
    await refuses(/EISDIR|EPERM|it is not a file/);
  });

  if (process.platform !== "win32") {
    it("follows no link, by which it would be added to another file", async () => {
      const other = join(folder.path, "profile");
      await writeFile(other, "mine");
      await symlink(other, path);
      await refuses(/ELOOP/);
      assert.equal(await readFile(other, "utf8"), "mine");
    });

    it("does not wait for somebody to read a pipe", async () => {
      execFileSync("mkfifo", [path]);
      await refuses(/ENXIO|not a file/);
    });

    it("is for its user only, unless an administrator has made it", async () => {
      await audit.begin(departure);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      await chmod(path, 0o622);
      await audit.begin(departure);
      assert.equal((await stat(path)).mode & 0o777, 0o622);
    });
  }

  if (process.getuid?.() === 0)
    it("is not written to a file of another user, who could change it", async () => {
      await writeFile(path, "");
      await chown(path, 12_345, 12_345);
      await refuses(/belongs to user 12345/);
      await rm(path);
      await audit.begin(departure);
    });
});
