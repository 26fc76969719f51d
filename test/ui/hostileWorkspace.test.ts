import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { ASKS, Freight, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { until } from "../support/until.ts";
import { HostileServer, reply } from "../trust/hostileServer.ts";

const SECRET = "CANARY of a private key, outside of the folder";
/** Names that a disk takes, with what may be left of each. */
const NAMES: readonly (readonly [onDisk: string, inMail: string])[] = [
  ["crlf\r\nBcc: eve@example.com.txt", "crlf Bcc_ eve@example.com.txt"],
  ["rtl\u202efdp.exe", "rtlfdp.exe"],
  ["esc\u001b[31m\u0007.txt", "esc[31m.txt"],
  ["back\\..\\slash.txt", "back_.._slash.txt"],
  [`long${"x".repeat(247)}.txt`, `long${"x".repeat(247)}.txt`],
];

/** A folder from somebody else. Whatever it says, a person sends what they chose, and where they chose to. */
describe("a hostile workspace", () => {
  let elsewhere: string;
  let folder: string;
  let evil: HostileServer;
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    evil = await HostileServer.start((socket) => socket.end(reply(200, { data: [] })));
    sandbox = await startSandbox();
    elsewhere = await mkdtemp(join(tmpdir(), "freight-elsewhere-"));
    folder = await mkdtemp(join(tmpdir(), "freight-hostile-"));
    await writeFile(join(elsewhere, "id_rsa"), SECRET);
    const { origin } = evil;
    const settings = {
      "freightMail.nylas.apiUri": origin,
      "freightMail.graph.baseUrl": origin,
      "freightMail.graph.clientId": "00000000-0000-0000-0000-00000000e711",
      "freightMail.graph.tenant": "evil.example",
      "freightMail.notifications": "errorsOnly",
      "http.proxy": origin,
      "http.proxySupport": "override",
      "http.proxyStrictSSL": false,
      "http.proxyAuthorization": "Basic ZXZpbA==",
      "http.noProxy": [],
      "http.systemCertificates": false,
      "task.allowAutomaticTasks": "on",
    };
    const task = {
      label: "steal",
      type: "shell",
      command: "touch ran",
      runOptions: { runOn: "folderOpen" },
    };
    const tasks = { version: "2.0.0", tasks: [task] };
    await mkdir(join(folder, ".vscode"));
    await writeFile(join(folder, ".vscode/settings.json"), JSON.stringify(settings));
    await writeFile(join(folder, ".vscode/tasks.json"), JSON.stringify(tasks));
    const workspace = { folders: [{ path: "." }], settings, tasks };
    await writeFile(join(folder, "evil.code-workspace"), JSON.stringify(workspace));
    for (const [name] of NAMES) await writeFile(join(folder, name), `${name.slice(0, 4)}\n`);
    await symlink(join(elsewhere, "id_rsa"), join(folder, "picture.png"));
    await symlink(elsewhere, join(folder, "linked"));
    // As people open what they do not know.
    session = await openWorkbench({ folder, trusted: false });
    freight = new Freight(session);
    await freight.ready();
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await evil?.close();
    for (const dir of [folder, elsewhere]) if (dir) await rm(dir, { recursive: true, force: true });
  });

  /** The address that the wizard offers for a service of one's own. */
  async function offeredAddress(): Promise<{ nylas: string; graph: string }> {
    const { workbench, page } = session;
    await freight.beginNylas();
    await freight.enter(ASKS.credential, "nyk_v0_CANARY");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.quickMessage.filter({ hasText: ASKS.address }).waitFor();
    const nylas = await workbench.quickText.inputValue();
    await workbench.closeQuickInput();
    await workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Microsoft 365");
    await freight.choose("Which Microsoft cloud is the mailbox in?", "Custom URL…");
    await freight.quickMessage.filter({ hasText: "Address of Microsoft Graph" }).waitFor();
    const graph = await workbench.quickText.inputValue();
    await page.keyboard.press("Escape");
    return { nylas, graph };
  }

  /** Sends a key to a name that only a proxy could find. */
  async function askThroughProxy(): Promise<void> {
    await freight.beginNylas();
    await freight.enter(ASKS.credential, "nyk_v0_CANARY");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.enter(ASKS.address, "https://nylas.invalid");
    const { workbench } = session;
    await workbench.quickInput.getByText(/nylas\.invalid (cannot be|did not)/).waitFor();
    await workbench.closeQuickInput();
  }

  it("starts nothing by itself", () => {
    assert.equal(existsSync(session.path("ran")), false);
    assert.equal(sandbox.requests.length, 0);
    assert.equal(evil.connections, 0);
  });

  it("offers no address of its own, and no proxy", async () => {
    assert.deepEqual(await offeredAddress(), { nylas: "", graph: "" });
    await askThroughProxy();
    assert.equal(evil.connections, 0);
    assert.equal(evil.received, "");
  });

  it("names files in ways that change nothing of the mail", async () => {
    const { page, workbench } = session;
    await freight.addAccount(sandbox);
    await workbench.view("Explorer");
    const rows = NAMES.map(([name]) =>
      page.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: name.slice(0, 4) }),
    );
    const [first, ...others] = rows;
    assert.ok(first);
    // A click may be lost while the first file opens.
    const selected = page.locator(".explorer-folders-view .monaco-list-row.selected");
    await until("all of them are selected", async () => {
      await first.click();
      for (const other of others) await other.click({ modifiers: ["ControlOrMeta"] });
      return (await selected.count()) === NAMES.length;
    });
    await freight.menu(SEND, first);
    const { panel } = freight;
    await panel.notice.filter({ hasText: "Restricted Mode" }).waitFor();
    for (const [, name] of NAMES) await panel.attachment(name).says("ready");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    // What a name disguises is called by its real name.
    await freight.answerDialog("Outlook blocks “rtlfdp.exe” for its recipients.", "Send Anyway");
    await until("the mail is out", () => sandbox.mails.length === 1);
    const [mail] = sandbox.mails;
    assert.ok(mail);
    assert.deepEqual(
      mail.attachments.map(({ filename }) => filename).sort(),
      NAMES.map(([, name]) => name).sort(),
    );
    assert.deepEqual([mail.to.map(({ email }) => email), mail.cc, mail.bcc], [["ada@example.com"], [], []]);
    const [head = ""] = (await (await fetch(mail.eml)).text()).split(/\r?\n\r?\n/);
    assert.doesNotMatch(head, /^bcc:/im);
    for (const { path } of sandbox.requests) assert.doesNotMatch(path, /[\r\n\u202e]/);
    // Not silenced by the folder's settings.
    await freight.closeEditors();
    assert.equal(evil.connections, 0);
  });

  it("has a link to a file outside: it is asked about before anything leaves", async () => {
    const { workbench } = session;
    const before = sandbox.requests.length;
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("picture.png"));
    await workbench.dialog.getByText(join(elsewhere, "id_rsa")).waitFor();
    await freight.answerDialog("This is a link to a file outside the folder.", "Cancel");
    assert.equal(await freight.mailTab("picture.png").count(), 0);
    assert.equal(sandbox.requests.length, before, "nothing was sent");

    await freight.menu(SEND, workbench.file("picture.png"));
    await freight.answerDialog("This is a link to a file outside the folder.", "Send That File");
    // Where it leads to has a name of its own.
    await freight.answerDialog("“picture.png” looks like a secret.", "Attach Anyway");
    await freight.panel.attachment("picture.png").says("ready");
    await freight.closeEditors();
  });

  it("is no better as a .code-workspace", async () => {
    const url = new URL(session.server.address());
    url.searchParams.delete("ew");
    url.searchParams.set("workspace", session.path("evil.code-workspace"));
    await session.page.goto(url.href);
    await session.workbench.ready();
    await session.workbench.view("Freight Mail");
    await freight.accountRow("default").waitFor();
    assert.deepEqual(await offeredAddress(), { nylas: "", graph: "" });
    await askThroughProxy();
    assert.equal(existsSync(session.path("ran")), false);
    assert.equal(evil.connections, 0);
    assert.equal(evil.received, "");
  });
});
