import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParsedMail } from "mailparser";
import type { Locator } from "playwright-core";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { filesIn, newestEml } from "../support/eml.ts";
import { binary } from "../support/files.ts";
import { Freight, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes, PATIENCE_MS, succeeds, until } from "../support/until.ts";

const pictures = join(root, "out/screenshots");
const build = binary(300 * 1024);

describe("ways into a mail", () => {
  let folder: string;
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    folder = await makeRepository();
    session = await openWorkbench({
      folder,
      files: { "build.zip": build },
      settings: {
        "explorer.autoReveal": false,
        "files.autoSave": "off",
        // Its text is in the page then, not in a picture.
        "terminal.integrated.gpuAcceleration": "off",
      },
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** Sends the mail in the panel, and reads it as another program does. */
  const arrived = async (): Promise<ParsedMail> => {
    const { panel } = freight;
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    return newestEml(sandbox);
  };

  it("sends a change from Source Control", async () => {
    await session.workbench.view("Source Control");
    const change = session.page.locator(".scm-view .monaco-list-row").filter({ hasText: "build.zip" });
    await freight.menu(SEND, change.first());
    await freight.panel.attachment("build.zip").says("ready");
    assert.deepEqual(filesIn(await arrived()), [["build.zip", sha256(build)]]);
  });

  it("sends several changes from Source Control as one mail", async () => {
    await writeFile(session.path("two.txt"), "two and a half\n");
    await session.workbench.view("Source Control");
    const change = (name: string) =>
      session.page.locator(".scm-view .monaco-list-row").filter({ hasText: name }).first();
    await freight.menu(SEND, change("two.txt"), change("build.zip"));
    for (const name of ["two.txt", "build.zip"]) await freight.panel.attachment(name).says("ready");
    assert.deepEqual(filesIn(await arrived()).sort(), [
      ["build.zip", sha256(build)],
      ["two.txt", sha256("two and a half\n")],
    ]);
    // Their group stands for all of them.
    await session.workbench.view("Source Control");
    await freight.menu(
      SEND,
      session.page.locator(".scm-view .resource-group", { hasText: "Changes" }).first(),
    );
    for (const name of ["two.txt", "build.zip"]) await freight.panel.attachment(name).says("ready");
    git(session.workspaceDir, "checkout", "--quiet", "two.txt");
  });

  it("sends the selected lines as they stand in the editor, not as they are on the disk", async () => {
    await openFile("notes.txt");
    await session.page.keyboard.press("Control+Home");
    await session.page.keyboard.type("new ");
    await session.page.keyboard.press("Control+Home");
    await session.page.keyboard.press("Shift+ArrowDown");
    await session.page.keyboard.press("Shift+ArrowDown");
    await session.workbench.command("Freight Mail: Send Selection as Attachment…");
    await freight.panel.attachment("notes-L1-L2.txt").says("ready");
    const mail = await arrived();
    assert.deepEqual(filesIn(mail), [["notes-L1-L2.txt", sha256(Buffer.from("new one\ntwo\n"))]]);
    assert.equal(await readFile(session.path("notes.txt"), "utf8"), "one\ntwo\nthree\n");
    // What is not saved would keep its tab open for the next test.
    await session.page.locator('.tab[data-resource-name="notes.txt"]').click();
    await session.workbench.command("File: Revert File");
    await session.page.locator(".tab.dirty").waitFor({ state: "detached" });
  });

  it("asks about a tab with unsaved text, and sends it as it is seen there", async () => {
    await openFile("notes.txt");
    await session.page.keyboard.press("Control+Home");
    await session.page.keyboard.type("new ");
    await session.page.locator(".tab.dirty").waitFor();
    await freight.menu(SEND, session.workbench.editorTab("notes.txt"));
    const { dialog } = session.workbench;
    await dialog.getByText("“notes.txt” has unsaved changes.").waitFor();
    await session.page.screenshot({ path: join(pictures, "unsaved.png") });
    await dialog.getByRole("button", { name: "Save and Send" }).click();
    await freight.panel.attachment("notes.txt").says("ready");
    assert.deepEqual(filesIn(await arrived()), [["notes.txt", sha256("new one\ntwo\nthree\n")]]);
    git(session.workspaceDir, "checkout", "--quiet", "notes.txt");
  });

  it("sends what is selected in a document that has no file yet", async () => {
    await session.workbench.command("File: New Untitled Text File");
    await session.page.locator(".monaco-editor.focused").waitFor();
    await session.page.keyboard.type("only in memory");
    await session.page.keyboard.press("ControlOrMeta+a");
    await session.workbench.command("Freight Mail: Send Selection as Attachment…");
    await freight.panel.attachment("Untitled-1-L1.txt").says("ready");
    assert.deepEqual(filesIn(await arrived()), [["Untitled-1-L1.txt", sha256("only in memory")]]);
    await session.page.locator(".tab.dirty").click();
    await session.workbench.command("View: Revert and Close Editor");
    await session.page.locator(".tab.dirty").waitFor({ state: "detached" });
  });

  it("sends chosen commits as patches that git am takes, with nothing that the repository's settings name", async () => {
    const secret = `${folder}-private.txt`;
    await writeFile(secret, "contents of a private file");
    git(folder, "config", "format.signatureFile", secret);
    await session.workbench.command("Freight Mail: Send Git Patch…");
    await freight.question("Which commits do you want to send?");
    for (const subject of ["Add two", "Add three"])
      await session.workbench.quickRows(subject).first().click();
    await session.page.screenshot({ path: join(pictures, "patch-commits.png") });
    await session.workbench.quickInput.getByRole("button", { name: "OK" }).click();
    const names = ["0001-Add-two.patch", "0002-Add-three.patch"];
    for (const name of names) await freight.panel.attachment(name).says("ready");
    await becomes(() => freight.panel.subject.inputValue(), "[PATCH 0/2] main");
    const mail = await arrived();
    await rm(secret);
    assert.deepEqual(
      mail.attachments.map(({ filename }) => filename),
      names,
    );
    for (const { content } of mail.attachments) assert.doesNotMatch(content.toString(), /private file/);
    const clone = await mkdtemp(join(tmpdir(), "freight-clone-"));
    try {
      git(clone, "clone", "--quiet", folder, "copy");
      const copy = join(clone, "copy");
      git(copy, "reset", "--quiet", "--hard", "HEAD~2");
      for (const { filename, content } of mail.attachments) {
        await writeFile(join(clone, filename ?? ""), content);
        git(copy, "am", "--quiet", join(clone, filename ?? ""));
      }
      assert.equal(git(copy, "diff", "origin/main"), "");
    } finally {
      await rm(clone, { recursive: true, force: true });
    }
  });

  it("fills a mail with a report of a bug: what a task has printed, and what is not committed", async () => {
    await writeFile(session.path("two.txt"), "two and a half\n");
    await mkdir(session.path(".vscode"), { recursive: true });
    const build = {
      label: "build",
      type: "shell",
      command: "echo boom from the build; exit 3",
      problemMatcher: [],
    };
    await writeFile(session.path(".vscode/tasks.json"), JSON.stringify({ version: "2.0.0", tasks: [build] }));
    await until("the task is listed and runs", async (attemptMs) => {
      await session.workbench.command("Tasks: Run Task");
      const row = session.workbench.quickRows(/^build/).first();
      if (await succeeds(row.click({ timeout: attemptMs }))) return true;
      await session.page.keyboard.press("Escape"); // VS Code reads the file a moment after it was written.
      return false;
    });
    const output = session.page.locator(".xterm-rows").filter({ hasText: "boom from the build" });
    await output.first().waitFor();
    await session.page.locator(".xterm-rows").filter({ hasText: "exit code: 3" }).first().waitFor();
    await session.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await session.workbench.command("Freight Mail: Send Bug Report…");
    await freight.question("What should the report include?");
    await session.page.screenshot({ path: join(pictures, "bug-report.png") });
    await session.workbench.quickInput.getByRole("button", { name: "OK" }).click();
    await freight.panel.attachment("uncommitted.patch").says("ready");
    await freight.panel.attachment("build.txt").says("ready");
    await session.page.screenshot({ path: join(pictures, "bug-report-mail.png") });
    const mail = await arrived();
    const content = (name: string) =>
      mail.attachments.find(({ filename }) => filename === name)?.content.toString() ?? "";
    assert.match(content("build.txt"), /boom from the build/);
    assert.match(content("uncommitted.patch"), /^\+two and a half$/m);
    assert.match(mail.text ?? "", /git apply uncommitted\.patch/);
    git(session.workspaceDir, "checkout", "--quiet", "two.txt");
    await rm(session.path(".vscode"), { recursive: true });
  });

  it("takes a file of the desktop that is dropped on Sessions into a new mail", async () => {
    await session.workbench.view("Freight Mail");
    const tree = session.page.getByRole("tree", { name: "Sessions" });
    await drop(tree.locator(".monaco-list-rows, .monaco-scrollable-element").first());
    await freight.panel.attachment("from desktop.txt").says("ready");
    await session.page.screenshot({ path: join(pictures, "drop-new-mail.png") });
    assert.deepEqual(filesIn(await arrived()), [
      ["from desktop.txt", sha256(Buffer.from("from the desktop"))],
    ]);
  });

  it("takes it into the mail that it is dropped on", async () => {
    await freight.send("build.zip");
    await freight.panel.attachment("build.zip").says("ready");
    await drop(await freight.sees("build.zip", "ready"));
    await freight.panel.attachment("from desktop.txt").says("ready");
    assert.deepEqual(filesIn(await arrived()), [
      ["build.zip", sha256(build)],
      ["from desktop.txt", sha256(Buffer.from("from the desktop"))],
    ]);
  });

  it("takes a file of the Explorer, and says what it cannot read", async () => {
    await freight.send("two.txt");
    await freight.panel.attachment("two.txt").says("ready");
    const host = new URL(session.page.url()).host;
    const uris = [`vscode-remote://${host}${session.path("build.zip")}`, "https://files.example/x.zip"];
    await drop(await freight.sees("two.txt", "ready"), uris);
    await freight.panel.attachment("build.zip").says("ready");
    await session.workbench.notification("is not on a disk that Freight Mail can read from").waitFor();
    assert.deepEqual(filesIn(await arrived()), [
      ["two.txt", sha256(Buffer.from("two\n"))],
      ["build.zip", sha256(build)],
    ]);
  });

  it("sends an archive that a terminal names", async () => {
    await session.workbench.command("Terminal: Create New Terminal");
    const screen = session.page.locator(".terminal-wrapper.active .xterm-screen");
    await screen.waitFor();
    const line = session.page.locator(".terminal-wrapper.active .xterm-rows > div").first();
    await until("the terminal names the file", async (attemptMs) => {
      // Keys that come before it has the focus go elsewhere.
      await screen.click({ position: { x: 400, y: 100 } });
      await session.page.keyboard.press("Control+C");
      await session.page.keyboard.type("clear; echo build.zip; cat");
      await session.page.keyboard.press("Enter");
      return succeeds(line.filter({ hasText: /^build\.zip/ }).waitFor({ timeout: attemptMs }));
    });
    const tooltip = session.page.getByText("Send as Large Attachment", { exact: false });
    const link = async (attemptMs: number) => {
      // A line is looked at again only when the pointer comes back to it.
      await screen.hover({ position: { x: 200, y: 60 } });
      await screen.hover({ position: { x: 30, y: 8 } });
      return succeeds(tooltip.first().waitFor({ timeout: attemptMs }));
    };
    await until("the file in the terminal is a link", link);
    await session.page.screenshot({ path: join(pictures, "terminal-link.png") });
    await until("the link takes the click", async (attemptMs) => {
      // It is one only for as long as the pointer rests on it, and a line that is drawn anew may have none.
      if (!(await link(attemptMs))) return false;
      await screen.click({ position: { x: 30, y: 8 }, modifiers: ["ControlOrMeta"] });
      // Once it has taken one, another would make a second mail.
      const file = freight.panel.attachment("build.zip").root;
      return succeeds(file.waitFor({ timeout: PATIENCE_MS / 6 }));
    });
    await freight.panel.attachment("build.zip").says("ready");
    assert.deepEqual(filesIn(await arrived()), [["build.zip", sha256(build)]]);
  });

  const openFile = async (name: string) => {
    await session.workbench.view("Explorer");
    await session.workbench.file(name).dblclick();
    await session.page.locator(".tab.active").filter({ hasText: name }).waitFor();
    await session.page.locator(".monaco-editor.focused").waitFor();
  };
  /** Drops files that have addresses; without any, a file of the desktop. */
  const drop = async (target: Locator, uris: readonly string[] = []) => {
    const dataTransfer = await session.page.evaluateHandle((list) => {
      const transfer = new DataTransfer();
      if (list.length > 0) transfer.setData("text/uri-list", list.join("\r\n"));
      else transfer.items.add(new File(["from the desktop"], "from desktop.txt"));
      return transfer;
    }, uris);
    for (const type of ["dragenter", "dragover", "drop"]) await target.dispatchEvent(type, { dataTransfer });
  };
});

function git(cwd: string, ...args: string[]): string {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  return execFileSync("git", [...who, ...args], { cwd, encoding: "utf8", stdio: "pipe" });
}

async function makeRepository(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "freight-repository-"));
  git(folder, "init", "--quiet", "--initial-branch=main");
  for (const [subject, name, text] of [
    ["Begin", "notes.txt", "one\ntwo\nthree\n"],
    ["Add two", "two.txt", "two\n"],
    ["Add three", "three.txt", "three\n"],
  ] as const) {
    await writeFile(join(folder, name), text);
    git(folder, "add", ".");
    git(folder, "commit", "--quiet", "-m", subject);
  }
  return folder;
}
