import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { filesIn, newestEml } from "../support/eml.ts";
import { binary } from "../support/files.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { becomes, until } from "../support/until.ts";

const pictures = join(root, "out/screenshots");
const CODE_URIS = "application/vnd.code.uri-list";
const build = binary(300 * 1024);
const trace = binary(200 * 1024, 2);

describe("files dropped on a mail", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    await mkdir(pictures, { recursive: true });
    sandbox = await startSandbox();
    session = await openWorkbench({
      files: { "build.zip": build, "trace.bin": trace, "notes.txt": "notes\n" },
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const uri = (path: string) => `vscode-remote://${new URL(session.page.url()).host}${path}`;
  const dragUris = (type: string, uris: readonly string[]) =>
    freight.panel.frame.locator("h2").evaluate(
      (node, [kind, format, list]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.setData(format, list);
        node.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
      },
      [type, CODE_URIS, uris.join("\r\n")] as const,
    );
  /** Sends the mail, and reads it as another program does. */
  const arrived = async () => {
    const { panel } = freight;
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    return filesIn(await newestEml(sandbox));
  };

  it("are attached when they come from the Explorer, and what cannot be read is named", async () => {
    const { panel } = freight;
    await freight.send("notes.txt");
    await panel.attachment("notes.txt").says("ready");
    const uris = [uri(session.path("build.zip")), uri(session.path("trace.bin")), "https://files.example/x"];
    await dragUris("dragover", uris);
    await panel.frame.getByText("Drop files to attach them").waitFor();
    await session.page.screenshot({ path: join(pictures, "panel-drop.png") });
    await dragUris("drop", uris);
    for (const name of ["build.zip", "trace.bin"]) await panel.attachment(name).says("ready");
    await session.workbench.notification("is not on a disk that Freight Mail can read from").waitFor();
    assert.deepEqual(await arrived(), [
      ["notes.txt", sha256(Buffer.from("notes\n"))],
      ["build.zip", sha256(build)],
      ["trace.bin", sha256(trace)],
    ]);
  });

  it("are attached when they come from the desktop, which the host cannot read", async () => {
    const { panel } = freight;
    await freight.send("notes.txt");
    await panel.attachment("notes.txt").says("ready");
    const digest = await panel.frame.locator("h2").evaluate(async (node) => {
      const bytes = new Uint8Array(3 * 1024 * 1024 + 7);
      for (let at = 0; at < bytes.length; at += 65_536)
        crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, bytes.length)));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], "from desktop.bin"));
      node.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    });
    await panel.attachment("from desktop.bin").says("ready");
    assert.deepEqual(await arrived(), [
      ["notes.txt", sha256(Buffer.from("notes\n"))],
      ["from desktop.bin", digest],
    ]);
    const copies = join(session.dataDir, "User/globalStorage/freight-mail.freight-mail/archives");
    await until("the copy is deleted", async () => (await readdir(copies)).length === 0);
  });

  it("are asked about where no open folder has them: a page could name anything", async () => {
    const { panel } = freight;
    const elsewhere = await mkdtemp(join(tmpdir(), "freight-elsewhere-"));
    try {
      await writeFile(join(elsewhere, "far.txt"), "far\n");
      await freight.send("notes.txt");
      await panel.attachment("notes.txt").says("ready");
      await dragUris("drop", [uri(join(elsewhere, "far.txt"))]);
      await freight.answerDialog("Attach a file from outside the folder?", "Cancel");
      await dragUris("drop", [uri(join(elsewhere, "far.txt"))]);
      await freight.answerDialog("Attach a file from outside the folder?", "Attach");
      await panel.attachment("far.txt").says("ready");
      await becomes(() => panel.attachments.count(), 2);
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });
});
