import assert from "node:assert/strict";
import { glob, mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { filesIn, newestEml, readers } from "../support/eml.ts";
import { sample } from "../support/files.ts";
import { ASKS, Freight, holdUpload, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes, until } from "../support/until.ts";
import { type Unzipped, unzip } from "../support/zips.ts";

const MiB = 1024 * 1024;
const files = {
  "notes/.gitignore": "*.log\nout/\n",
  "notes/plan.md": "# Plan\n",
  "notes/data/large.bin": sample(12 * MiB),
  "notes/data/日本語.txt": "text\n",
  "notes/debug.log": "left out\n",
  "notes/out/bundle.js": "left out too\n",
  "notes/.git/config": "[core]\n",
  "bare/deep/.keep.d/.git/config": "[core]\n",
  "single.txt": "single\n",
  "ops/deploy.txt": `-----BEGIN ${"OPENSSH"} PRIVATE KEY-----\nb3BlbnNz\n`,
  "ops/.env": "TOKEN=1\n",
  "ops/runbook.md": "# Runbook\n",
  "sparse/readme.txt": "a folder whose large file takes long to read\n",
} as const satisfies Record<string, string | Uint8Array>;

/** A link in Markdown, if anybody reads it as that. */
const LINK = "[Details](command:workbench.action.showCommands).img";
const kept = ["notes/.gitignore", "notes/data/large.bin", "notes/data/日本語.txt", "notes/plan.md"] as const;
const ignored = ["notes/debug.log", "notes/out/bundle.js"] as const;
const contents = (names: readonly (keyof typeof files)[]) =>
  names.map((name) => [name, sha256(files[name])]).sort();
const entriesOf = (entries: readonly Unzipped[]) => entries.map(({ name, sha256 }) => [name, sha256]).sort();

/** The archives that the extension has on disk now. */
async function archives({ dataDir }: WorkbenchSession): Promise<string[]> {
  const folder = join(dataDir, "User/globalStorage/freight-mail.freight-mail/archives");
  const found: string[] = [];
  for await (const path of glob([join(folder, "*"), join(folder, "*/*.zip")])) found.push(path);
  // A folder stands for an archive that is not begun.
  return found.filter((path) => !found.some((other) => other.startsWith(`${path}/`)));
}

async function onlyArchive(session: WorkbenchSession): Promise<string> {
  const [archive, ...others] = await archives(session);
  assert.ok(archive);
  assert.deepEqual(others, []);
  return archive;
}

const noneLeft = (session: WorkbenchSession) =>
  until("no archive is left", async () => (await archives(session)).length === 0);

describe("folders and files that are too large", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    await mkdir(session.path("empty"));
    await symlink("plan.md", session.path("notes/link.md"));
    await writeFile(session.path("huge.bin"), "");
    await truncate(session.path("huge.bin"), 157_286_401);
    await writeFile(session.path(LINK), "");
    await truncate(session.path(LINK), 157_286_401);
    await writeFile(session.path("sparse/disk.img"), "");
    await truncate(session.path("sparse/disk.img"), 4096 * MiB);
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  // Not afterwards: a test that fails leaves a picture of what it saw.
  beforeEach(async () => {
    sandbox.faults.clear();
    await freight.tidy();
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const begin = async (name: string) => {
    await session.workbench.view("Explorer");
    await freight.menu(SEND, session.workbench.file(name));
  };
  const dialog = () => session.workbench.dialog.filter({ hasText: "as a zip?" });
  /** Sends the mail that is open, and checks that what arrives is the archive. */
  const sendArchive = async (name: string, archive: string) => {
    const { panel } = freight;
    const hash = sha256(await readFile(archive));
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const mail = await newestEml(sandbox);
    assert.deepEqual(readers(mail.to), [["", "ada@example.com"]]);
    assert.deepEqual([mail.subject, filesIn(mail)], [name, [[name, hash]]]);
  };

  it("shows what is inside, packs it without what .gitignore names, sends it, and leaves nothing behind", async () => {
    await begin("notes");
    await dialog().getByText("4 files, 12 MB").waitFor();
    const text = await dialog().innerText();
    assert.match(text, /Send “notes” as a zip\?/);
    assert.match(text, /Left out: 2 files ignored by \.gitignore, \.git, 1 symbolic link/);
    assert.match(text, /Largest: data\/large\.bin \(12 MB\), /);
    await freight.answerDialog("“notes”", "Compress");
    await freight.panel.attachment("notes.zip").says("ready");
    const archive = await onlyArchive(session);
    assert.deepEqual(entriesOf(await unzip(archive)), contents(kept));
    await sendArchive("notes.zip", archive);
    await noneLeft(session);
  });

  it("includes ignored files when it is told to, and shows that before", async () => {
    await begin("notes");
    await freight.answerDialog("4 files", "Include Ignored Files");
    await dialog().getByText("6 files, 12 MB").waitFor();
    await dialog().getByText("Ignored files are included.").waitFor();
    await freight.answerDialog("6 files", "Compress");
    await freight.panel.attachment("notes.zip").says("ready");
    const entries = await unzip(await onlyArchive(session));
    assert.deepEqual(entriesOf(entries), contents([...kept, ...ignored]));
    await freight.panel.attachment("notes.zip").action("Remove").click();
    await noneLeft(session);
  });

  it("shows every file, and leaves out those that lose their tick", async () => {
    const { quickInput, page } = { quickInput: session.workbench.quickInput, page: session.page };
    await begin("notes");
    await freight.answerDialog("4 files", "Choose Files…");
    await quickInput.getByText("What goes into the zip of “notes”").waitFor();
    await page.screenshot({ path: "out/screenshots/folder-files.png" });
    await session.workbench.quickRows("data/large.bin").first().click();
    await quickInput.getByRole("button", { name: "OK" }).click();
    await dialog().getByText("Left out: 1 file that you unticked, 2 files ignored by .gitignore").waitFor();
    await freight.answerDialog("3 files", "Compress");
    await freight.panel.attachment("notes.zip").says("ready");
    const archive = await onlyArchive(session);
    const rest = kept.filter((name) => name !== "notes/data/large.bin");
    assert.deepEqual(entriesOf(await unzip(archive)), contents(rest));
    await sendArchive("notes.zip", archive);
  });

  it("is asked about files in it that look like secrets, before anything leaves", async () => {
    const before = sandbox.requests.length;
    await begin("ops");
    await dialog().getByText("May be secret: .env").waitFor();
    await freight.answerDialog("3 files", "Compress");
    const question = session.workbench.dialog.filter({ hasText: "2 files look like secrets." });
    await question.getByText("deploy.txt: a private key").waitFor();
    await session.page.screenshot({ path: "out/screenshots/folder-secrets.png" });
    assert.equal(sandbox.requests.length, before);
    await freight.answerDialog("2 files look like secrets.", "Leave Out");
    await freight.panel.attachment("ops.zip").says("ready");
    const archive = await onlyArchive(session);
    assert.deepEqual(entriesOf(await unzip(archive)), contents(["ops/runbook.md"]));
    await sendArchive("ops.zip", archive);
  });

  it("has a name, not a link that somebody hid in it", async () => {
    await begin(LINK);
    const message = session.workbench.notification("A sample suggests that its zip would be");
    await message.waitFor();
    assert.equal(await message.locator(".notification-list-item-message a").count(), 0);
  });

  it("begins nothing when the question is cancelled", async () => {
    await begin("notes");
    await freight.answerDialog("“notes”", "Cancel");
    assert.equal(await freight.mailTab("notes.zip").count(), 0);
    assert.deepEqual(await archives(session), []);
  });

  it("stops at once when Cancel is pressed while it compresses, and leaves nothing behind", async () => {
    await begin("sparse");
    await freight.answerDialog("“sparse”", "Compress");
    const progress = session.workbench.notification("Compressing sparse");
    await progress.filter({ hasText: /\d+% of 4 GB/ }).waitFor();
    assert.equal((await archives(session)).length, 1);
    await progress.getByRole("button", { name: "Cancel" }).click();
    await progress.waitFor({ state: "hidden" });
    await noneLeft(session);
    assert.equal(await freight.mailTab("sparse.zip").count(), 0);
    assert.equal(await session.page.locator(".notification-toast").count(), 0);
  });

  it("says that an empty folder has nothing to send", async () => {
    await begin("empty");
    await session.workbench.notification("“empty” has no files in it: there is nothing to send.").waitFor();
    assert.equal(await session.workbench.dialog.count(), 0);
  });

  it("takes a folder from Add Files…", async () => {
    const panel = await freight.send("single.txt");
    await panel.addFiles.click();
    await freight.chooseFolder(session.path("notes"));
    await freight.answerDialog("“notes”", "Compress");
    await panel.attachment("notes.zip").says("ready");
    await becomes(() => panel.attachments.count(), 2);
  });

  it("offers to compress a file that is too large, with an estimate, and sends its zip", async () => {
    const before = await archives(session);
    await begin("huge.bin");
    const offer = session.workbench.notification(
      "“huge.bin” is 150 MB (157,286,401 bytes); the limit is 150 MB (157,286,400 bytes).",
    );
    await offer
      .filter({ hasText: /A sample suggests that its zip would be about \d+ KB \(of 150 MB; 10% margin\)\./ })
      .waitFor();
    await offer.getByRole("button", { name: "Compress and Send" }).click();
    await freight.panel.attachment("huge.bin.zip").says("ready");
    const [archive] = (await archives(session)).filter((path) => !before.includes(path));
    assert.ok(archive);
    const [entry] = await unzip(archive);
    assert.deepEqual([entry?.name, entry?.size], ["huge.bin", 157_286_401]);
    await sendArchive("huge.bin.zip", archive);
    await until("its archive is gone", async () => !(await archives(session)).includes(archive));
  });

  it("goes on after a crash with the archive that it has, and deletes it then", async () => {
    const before = await archives(session);
    holdUpload(sandbox);
    await begin("notes");
    await freight.answerDialog("“notes”", "Compress");
    await freight.panel.attachment("notes.zip").says(/uploading/);
    const [archive = ""] = (await archives(session)).filter((path) => !before.includes(path));
    const hash = sha256(await readFile(archive));
    await freight.panel.to.fill("ada@example.com");
    await freight.panel.sendByKey();
    await freight.panel.says("Will be sent automatically");
    const pid = await session.extensionHostPid();
    process.kill(pid, "SIGKILL");
    sandbox.faults.release();
    await until("the mail is out", () => sandbox.mails[0]?.attachments[0]?.sha256 === hash);
    await until("its archive is gone", async () => !(await archives(session)).includes(archive));
  });

  // The last: what is selected stays so.
  it("puts files and folders of a selection into one mail", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("single.txt"), workbench.file("notes"));
    await freight.answerDialog("“notes”", "Compress");
    const { panel } = freight;
    await panel.attachment("notes.zip").says("ready");
    await panel.attachment("single.txt").says("ready");
    await becomes(() => panel.attachments.count(), 2);
  });
});

describe("an archive that a crash leaves half made", () => {
  let session: WorkbenchSession;
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files: { "sparse/readme.txt": "x\n" } });
    await writeFile(session.path("sparse/disk.img"), "");
    await truncate(session.path("sparse/disk.img"), 16 * 1024 * MiB);
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const compress = async (freight: Freight) => {
    await session.workbench.view("Explorer");
    await freight.menu(SEND, session.workbench.file("sparse"));
    await freight.answerDialog("“sparse”", "Compress");
    await session.workbench.notification("Compressing sparse").waitFor();
    await until("it is being written", async () => (await archives(session))[0]?.endsWith(".zip"));
  };

  it("is gone after the next start, although no mail was ever begun; after a reload as well", async () => {
    const freight = new Freight(session);
    await freight.addAccount(sandbox);
    await compress(freight);
    const pid = await session.extensionHostPid();
    process.kill(pid, "SIGKILL");
    await until("another extension host runs", async () => (await session.extensionHostPid()) !== pid);
    await noneLeft(session);
    await session.reload();
    await compress(freight);
    await session.reload();
    await noneLeft(session);
  });
});

describe("a folder in Restricted Mode", () => {
  let session: WorkbenchSession;
  let freight: Freight;
  before(async () => {
    session = await openWorkbench({ trusted: false, files });
    freight = new Freight(session);
    await freight.ready();
  });
  after(() => session?.dispose());

  it("goes whole but for .git, for the folder's ignore files are a stranger's, and the question says so", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("notes"));
    await freight.choose(ASKS.service, "Practice mailbox");
    const dialog = workbench.dialog.filter({ hasText: "6 files" });
    await dialog.getByText("Restricted Mode: the folder's ignore files are not used.").waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Include Ignored Files" }).count(), 0);
    await freight.answerDialog("“notes”", "Compress");
    await freight.panel.attachment("notes.zip").says("ready");
    assert.deepEqual(entriesOf(await unzip(await onlyArchive(session))), contents([...kept, ...ignored]));
  });
});
