import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParsedMail } from "mailparser";
import * as z from "zod";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { filesIn, newestEml, readers } from "../support/eml.ts";
import { sample } from "../support/files.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { until } from "../support/until.ts";

const arguments_ = {
  files: ["build/app.bin"],
  to: ["Ada Lovelace <ada@example.com>", "bob@example.com"],
  cc: "grace@example.com",
  subject: "The nightly build",
  body: "It *passed*.",
};
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: VS Code fills these in.
const files = {
  "build/app.bin": sample(300_001),
  ".env": "TOKEN=1\n",
  ".vscode/tasks.json": JSON.stringify({
    version: "2.0.0",
    tasks: [
      {
        label: "Mail the build",
        type: "shell",
        command: "echo",
        args: ["${input:mail}"],
        problemMatcher: [],
      },
    ],
    inputs: [
      {
        id: "mail",
        type: "command",
        command: "freightMail.compose",
        args: { ...arguments_, files: ["${workspaceFolder}/build/app.bin"] },
      },
    ],
  }),
} as const;
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
const keybindings = [
  { key: "ctrl+alt+m", command: "freightMail.compose", args: arguments_ },
  { key: "ctrl+alt+n", command: "freightMail.compose", args: { file: "build/app.bin" } },
  { key: "ctrl+alt+b", command: "freightMail.compose", args: { files: ["nowhere.bin"] } },
  { key: "ctrl+alt+j", command: "freightMail.compose", args: { account: "nobody@example.com" } },
];
const Outcome = z.union([z.object({ text: z.string() }), z.object({ error: z.string() })]);

describe("a form that others fill", () => {
  let folder: string;
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-assistant-"));
    await writeFile(join(folder, "outside.bin"), "outside");
    sandbox = await startSandbox();
    session = await openWorkbench({
      files,
      prepare: (workspace) => symlink(join(folder, "outside.bin"), join(workspace, "link.bin")),
      keybindings,
      settings: {
        "explorer.autoReveal": false,
        "chat.disableAIFeatures": false,
        "freightMail.body.signature": "Kim",
      },
      extensions: [join(root, "test/support/assistantStandIn")],
      env: { ASSISTANT_STAND_IN: join(folder, "outcome.json") },
    });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Checks what is filled, presses Send as a person, and reads the mail as another program does. */
  const sendFilled = async (): Promise<ParsedMail> => {
    const before = sandbox.mails.length;
    const { panel } = freight;
    await panel.attachment("app.bin").says("ready");
    assert.equal(await panel.subject.inputValue(), arguments_.subject);
    assert.equal(await panel.body.inputValue(), "It *passed*.\n\nKim");
    assert.equal(sandbox.mails.length, before);
    await panel.sendByKey();
    await panel.says(/^Sent/);
    return newestEml(sandbox);
  };
  const isTheMail = (mail: ParsedMail) => {
    assert.equal(mail.subject, arguments_.subject);
    assert.deepEqual(readers(mail.to), [
      ["Ada Lovelace", "ada@example.com"],
      ["", "bob@example.com"],
    ]);
    assert.deepEqual(readers(mail.cc), [["", "grace@example.com"]]);
    assert.match(mail.html || "", /<p>It <em>passed<\/em>\.<\/p><p>Kim<\/p>/);
    assert.deepEqual(filesIn(mail), [["app.bin", sha256(files["build/app.bin"])]]);
  };

  it("is opened by a keybinding with arguments, and a person sends it", async () => {
    await session.page.keyboard.press("Control+Alt+m");
    isTheMail(await sendFilled());
  });

  it("is opened by a task", async () => {
    await session.workbench.command("Tasks: Run Task");
    await session.workbench.quickRows("Mail the build").first().click();
    isTheMail(await sendFilled());
  });

  it("says which argument cannot be used, and begins nothing", async () => {
    const { workbench, page } = session;
    await page.keyboard.press("Control+Alt+n");
    await workbench
      .notification(/The arguments of “Compose Mail” cannot be used: .*"file".*They may have files,/)
      .waitFor();
    await page.keyboard.press("Control+Alt+b");
    await workbench.notification(/There is no file “.*nowhere\.bin”, so no mail was begun\./).waitFor();
    await page.keyboard.press("Control+Alt+j");
    await workbench.notification(/There is no account “nobody.example.com”. There are: practice/).waitFor();
    assert.equal(await page.locator(".tabs-container .tab").count(), 0);
  });

  /** Uses a tool as an assistant; a question of VS Code is answered with the button. */
  const use = async (tool: string, input: unknown, answer?: string) => {
    const outcome = join(folder, "outcome.json");
    await rm(outcome, { force: true });
    await session.workbench.command("Assistant Stand-In: Use a Tool");
    await freight.enter("Tool and input", JSON.stringify({ tool: `freightMail_${tool}`, input }));
    let question = "";
    if (answer !== undefined) {
      await session.workbench.dialog.waitFor();
      question = await session.workbench.dialog.innerText();
      await session.workbench.dialog.getByRole("button", { name: answer, exact: true }).click();
    }
    await until("the tool has answered", () => existsSync(outcome));
    const said = await until("the answer is written", async () => {
      const text = await readFile(outcome, "utf8");
      return text === "" ? undefined : text;
    });
    return { ...Outcome.parse(JSON.parse(said)), question };
  };

  it("is filled by an assistant's tool after a question that names files and readers; a person sends it", async () => {
    const { files: _, cc, ...texts } = arguments_;
    const given = { ...texts, cc: [cc], files: [session.path("build/app.bin")] };
    const { question, ...outcome } = await use("compose_email", given, "Yes");
    assert.match(question, /Ada Lovelace <ada@example\.com>, bob@example\.com, grace@example\.com/);
    assert.match(question, /app\.bin \(293 KB\)/);
    assert.match(JSON.stringify(outcome), /Nothing was sent: the person reads the mail/);
    isTheMail(await sendFilled());
  });

  it("is not opened when the person declines the tool", async () => {
    const outcome = await use("upload_attachment", { files: [session.path("build/app.bin")] }, "Cancel");
    assert.ok("error" in outcome);
    assert.equal(await session.page.locator(".tabs-container .tab").count(), 0);
  });

  it("carries what a tool has uploaded, which is said and listed, and is not sent", async () => {
    const before = sandbox.mails.length;
    const uploaded = await use("upload_attachment", { files: ["build/app.bin"] }, "Yes");
    assert.match(
      JSON.stringify(uploaded),
      /app\.bin \(293 KB\): ready · expires in \d+ min\\nNothing was sent/,
    );
    await freight.panel.attachment("app.bin").says("ready");
    const listed = await use("list_upload_sessions", {});
    assert.match(JSON.stringify(listed), /app\.bin \(293 KB\): ready · expires in/);
    assert.doesNotMatch(JSON.stringify(listed), /upload_id|https?:/);
    assert.equal(sandbox.mails.length, before);
  });

  it("holds no secret, no folder, and nothing from outside, whatever an assistant asks for", async () => {
    for (const [path, reason] of [
      [session.path(".env"), /“\.env” looks like an environment file\. No tool may send it/],
      [session.path("build"), /is a folder.*Zip it into one file first/],
      [session.path("link.bin"), /is not inside a folder that is open/],
      [join(folder, "outside.bin"), /is not inside a folder that is open/],
      [session.path("gone.bin"), /There is no file/],
      ["../outside.bin", /is not inside a folder that is open/],
    ] as const) {
      const outcome = await use("compose_email", { files: [path] });
      assert.ok("error" in outcome && reason.test(outcome.error), JSON.stringify(outcome));
    }
    assert.equal(await session.page.locator(".tabs-container .tab").count(), 0);
  });
});
