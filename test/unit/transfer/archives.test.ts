import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ArchiveFolder, safeName } from "../../../src/files/zip/archives.ts";
import { Folder } from "../../support/files.ts";
import { has } from "../../support/systems.ts";

/** No process has this number: the highest one that Linux gives is one lower. */
const deadPid = 2 ** 22 + 1;

describe("The folder of archives", () => {
  let folder: Folder;
  let root: string;
  let archives: ArchiveFolder;

  beforeEach(async () => {
    folder = await Folder.make();
    root = join(folder.path, "archives");
    archives = new ArchiveFolder(root, Date.now);
  });
  afterEach(() => folder.remove());

  const left = () => readdir(root).catch(() => []);
  const archive = async (name = "notes") => {
    const made = await archives.make(name, `/${name}`);
    await writeFile(made.path, "zip");
    return made;
  };
  /** An archive of another window. */
  const foreign = async (pid: number) => {
    await mkdir(join(root, `${pid}-x`), { recursive: true });
    await writeFile(join(root, `${pid}-x`, "notes.zip"), "zip");
    return join(root, `${pid}-x`, "notes.zip");
  };

  it("gives each archive the name that the reader sees, and keeps it from other users", async () => {
    const [first, second] = [await archive(), await archive()];
    assert.equal(basename(first.path), "notes.zip");
    assert.equal(basename(second.path), "notes.zip");
    assert.notEqual(first.path, second.path);
    if (has("permissions of Unix")) assert.equal((await stat(dirname(first.path))).mode & 0o777, 0o700);
    assert.ok(archives.has(first.path));
    assert.ok(!archives.has(join(folder.path, "notes.zip")));
  });

  it("shortens a name that would be too long with its ending", async () => {
    assert.equal(basename((await archive("x".repeat(255))).path), `${"x".repeat(251)}.zip`);
    assert.equal(basename((await archive("報".repeat(85))).path), `${"報".repeat(83)}.zip`);
  });

  it("cleans names from elsewhere", () => {
    assert.equal(safeName("../../etc/passwd"), "passwd");
    assert.equal(safeName("C:\\temp\\a.txt"), "a.txt");
    assert.equal(safeName("a\u0000b\n.txt"), "ab .txt");
    assert.deepEqual([safeName(".."), safeName(""), safeName("a/")], ["file", "file", "file"]);
    assert.equal(safeName("x".repeat(300)).length, 255);
    assert.equal(safeName(".env"), ".env");
  });

  it("removes an archive once it was handed over, and nothing else", async () => {
    const made = await archive();
    await archives.remove(made.path);
    assert.equal((await left()).length, 1);
    made.release();
    const other = await folder.file("other.zip", "x");
    await archives.remove(other);
    await stat(other);
    await archives.remove(made.path);
    assert.deepEqual(await left(), []);
  });

  it("knows what an archive was made of, until that is deleted", async () => {
    const made = await archive();
    const origin = archives.originOf(made.path);
    assert.match(origin ?? "", /^\//);
    assert.equal(archives.originOf(`${folder.path}/elsewhere.zip`), undefined);
    made.release();
    await archives.remove(made.path);
    assert.equal(archives.originOf(made.path), undefined);
  });

  it("keeps what somebody is asked about, although nobody wants it meanwhile", async () => {
    const made = await archive();
    const answered = archives.hold(made.path);
    made.release();
    await archives.remove(made.path);
    await archives.sweep(() => false);
    assert.equal((await left()).length, 1);
    answered();
    await archives.remove(made.path);
    assert.deepEqual(await left(), []);
  });

  it("sweeps away what no mail wants, and keeps what one does or is being made", async () => {
    const [wanted, unwanted, making] = [await archive(), await archive(), await archive()];
    wanted.release();
    unwanted.release();
    await archives.sweep((path) => path === wanted.path);
    const kept = [wanted, making].map(({ path }) => basename(dirname(path)));
    assert.deepEqual((await left()).sort(), kept.sort());
  });

  it("sweeps away what a crashed window has left, unless a mail wants it", async () => {
    const path = await foreign(deadPid);
    await archives.sweep((wanted) => wanted === path);
    assert.equal((await left()).length, 1);
    await archives.sweep(() => false);
    assert.deepEqual(await left(), []);
  });

  it("leaves alone what another machine is making, for a day: its processes cannot be seen from here", async () => {
    const made = await archive();
    const [pid, , ...rest] = basename(dirname(made.path)).split("-");
    assert.equal(pid, String(process.pid));
    const elsewhere = join(root, [deadPid, "0badcafe", ...rest].join("-"));
    await mkdir(elsewhere);
    made.release();
    await archives.sweep(() => false);
    assert.deepEqual(await left(), [basename(elsewhere)]);
    const long = new Date(Date.now() - 25 * 60 * 60_000);
    await utimes(elsewhere, long, long);
    await archives.sweep(() => false);
    assert.deepEqual(await left(), []);
  });

  it("leaves alone what another window is making now, for a day", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    try {
      const path = await foreign(other.pid ?? 0);
      await archives.sweep(() => false);
      assert.equal((await left()).length, 1);
      const long = new Date(Date.now() - 25 * 60 * 60_000);
      await utimes(dirname(path), long, long);
      await archives.sweep(() => false);
      assert.deepEqual(await left(), []);
    } finally {
      other.kill();
      await once(other, "exit");
    }
  });

  it("has nothing to sweep before the first archive", () => archives.sweep(() => false));
});
