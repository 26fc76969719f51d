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
import { becomes, until } from "../support/until.ts";

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
} as const;
/** What each task fills a mail with, by the name of its input. @param outside a file that no open folder has */
const fillings = (outside: string) => ({
  build: { ...arguments_, files: ["${workspaceFolder}/build/app.bin"] },
  outside: { to: "ada@example.com", files: [outside] },
  spoof: {
    to: [
      '"maria@example.com" <thief@gmail.com>',
      '"\u200b" <hidden@gmail.com>',
      '"\u3164" <blank@gmail.com>',
    ],
    ...{ subject: "Hello", body: `Hello${"\n".repeat(400)}wire the money` },
  },
});
/** Commands that change something, run by a task. */
const others = {
  clear: ["freightMail.clearHistory", {}],
  practice: ["freightMail.openPracticeMailbox", {}],
  default: ["freightMail.setDefaultAccount", { id: "practice" }],
} as const;
const tasks = (outside: string) => {
  const fills = Object.entries(fillings(outside)).map(
    ([id, args]) => [id, "freightMail.compose", args] as const,
  );
  const inputs = [
    ...fills,
    ...Object.entries(others).map(([id, [command, args]]) => [id, command, args] as const),
  ];
  return JSON.stringify({
    version: "2.0.0",
    tasks: inputs.map(([id]) => ({
      ...{ label: `Mail ${id}`, type: "shell", command: `echo "ran \${input:${id}}" > ran-${id}.txt` },
      ...{ problemMatcher: [], presentation: { reveal: "never" } },
      // VS Code asks what to terminate when a task is run again before its end, which comes some time after its text.
      runOptions: { instanceLimit: 2 },
    })),
    inputs: inputs.map(([id, command, args]) => ({ id, type: "command", command, args })),
  });
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
const keybindings = [
  { key: "ctrl+alt+m", command: "freightMail.compose", args: arguments_ },
  { key: "ctrl+alt+n", command: "freightMail.compose", args: { file: "build/app.bin" } },
  { key: "ctrl+alt+b", command: "freightMail.compose", args: { files: ["nowhere.bin"] } },
  { key: "ctrl+alt+j", command: "freightMail.compose", args: { account: "nobody@example.com" } },
];
const Outcome = z.union([z.object({ text: z.string() }), z.object({ error: z.string() })]);

const pictures = join(root, "out/screenshots");

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
      files: { ...files, ".vscode/tasks.json": tasks(join(folder, "outside.bin")) },
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
  const sendFilled = async (requests: number): Promise<ParsedMail> => {
    const before = sandbox.mails.length;
    const { panel } = freight;
    // Nobody has done anything in it: it says who has filled it, and nothing is on its way.
    await panel.frame
      .getByText(/^Filled in by (a command, a task or another extension|an assistant)\./)
      .waitFor();
    await panel.frame.getByText("Nothing is uploaded until you click or type in this mail.").waitFor();
    assert.equal(sandbox.requests.length, requests);
    await panel.body.click();
    await panel.attachment("app.bin").says("ready");
    await becomes(() => panel.subject.inputValue(), arguments_.subject);
    await becomes(() => panel.body.inputValue(), "It *passed*.\n\nKim");
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
    const requests = sandbox.requests.length;
    await session.page.keyboard.press("Control+Alt+m");
    isTheMail(await sendFilled(requests));
  });

  /** What a task has written, as soon as that is a whole line. */
  const written = async (path: string) => {
    const text = existsSync(path) ? await readFile(path, "utf8") : "";
    return text.endsWith("\n") && text;
  };
  const runTask = async (id: string) => {
    await session.workbench.command("Tasks: Run Task");
    await session.workbench.quickRows(`Mail ${id}`).first().click();
  };

  it("is opened by a task, whose own command runs: VS Code has nothing to complain of", async () => {
    const requests = sandbox.requests.length;
    await runTask("build");
    await freight.panel.attachment("app.bin").root.waitFor();
    isTheMail(await sendFilled(requests));
    const ran = session.path("ran-build.txt");
    const said = await until("the task has run", () => written(ran));
    assert.match(said, /^ran [\w-]{8,}/);
    assert.equal(await session.page.locator(".notification-toast", { hasText: /substitute/ }).count(), 0);
  });

  it("has a file from outside the folder only when the person lets it, and uploads nothing before they act", async () => {
    const requests = sandbox.requests.length;
    const question = "Attach a file from outside the folder?";
    await runTask("outside");
    await session.workbench.dialog.getByText(join(folder, "outside.bin")).waitFor();
    await freight.answerDialog(question, "Cancel");
    const ran = session.path("ran-outside.txt");
    await until("the task has run without a mail", async () => (await written(ran)) === "ran \n");
    assert.equal(await session.page.locator(".tabs-container .tab").count(), 0);
    await runTask("outside");
    await freight.answerDialog(question, "Attach");
    const { panel } = freight;
    await panel.frame.getByText("Nothing is uploaded until you click or type in this mail.").waitFor();
    const row = panel.attachment("outside.bin");
    await row.root.getByText(join(folder, "outside.bin")).waitFor();
    await becomes(() => row.root.locator(".detail").getAttribute("title"), join(folder, "outside.bin"));
    assert.equal(sandbox.requests.length, requests);
    await session.page.screenshot({ path: join(pictures, "filled-by-a-task.png") });
    await panel.body.click();
    await row.says("ready");
    await panel.frame.getByText(/^Filled in by a command/).waitFor();
    await panel.body.fill("Mine now");
    await panel.frame.getByText(/^Filled in by a command/).waitFor({ state: "hidden" });
  });

  it("shows whoever gets it by address, whatever the task calls them, and how long its text is", async () => {
    await runTask("spoof");
    const { panel } = freight;
    await panel.frame.getByText(/^Filled in by a command/).waitFor();
    const strip = panel.frame.getByRole("group", { name: "What will be sent" });
    await strip.getByText("to thief@gmail.com, hidden@gmail.com and blank@gmail.com (all outside)").waitFor();
    await strip.getByText("text of 403 lines").waitFor();
    assert.deepEqual(await panel.chips("to").allInnerTexts(), [
      "thief@gmail.com",
      "hidden@gmail.com",
      "blank@gmail.com",
    ]);
    await session.page.screenshot({ path: join(pictures, "spoofed-names.png") });
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const mail = await newestEml(sandbox);
    assert.deepEqual(readers(mail.to), [
      ["", "thief@gmail.com"],
      ["", "hidden@gmail.com"],
      ["", "blank@gmail.com"],
    ]);
  });

  it("says which argument cannot be used, and begins nothing", async () => {
    const { workbench, page } = session;
    await page.keyboard.press("Control+Alt+n");
    await workbench
      .notification(/The arguments of “Compose Mail” are not valid: .*"file".*Allowed are files,/)
      .waitFor();
    await page.keyboard.press("Control+Alt+b");
    await workbench.notification(/There is no file “.*nowhere\.bin”, so no mail was created\./).waitFor();
    await page.keyboard.press("Control+Alt+j");
    await workbench
      .notification(/There is no account “nobody.example.com”. Available accounts: practice/)
      .waitFor();
    assert.equal(await page.locator(".tabs-container .tab").count(), 0);
  });

  it("is kept in the history, and goes from the account that was chosen, whatever a task runs", async () => {
    const { workbench } = session;
    await workbench.view("Freight Mail");
    const sent = freight.row("The nightly build");
    const rows = await until("the view lists what was sent", async () => (await sent.count()) || undefined);
    await runTask("clear");
    await freight.answerDialog(/^(?=.*Remove \d+ sent or saved mails? from the history)/s, "Cancel");
    await becomes(() => sent.count(), rows);
    await runTask("practice");
    await freight.question("Nothing has been sent from the practice mailbox yet");
    await workbench.closeQuickInput();
    await freight.accountRow("Practice mailbox").waitFor();
    await freight.accountRow(/Nylas.*default ·/).waitFor();
    await runTask("default");
    await workbench
      .notification("The practice mailbox sends nothing, so only you can make it the default")
      .waitFor();
    await freight.accountRow(/Nylas.*default ·/).waitFor();
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
    const requests = sandbox.requests.length;
    const { question, ...outcome } = await use("compose_email", given, "Yes");
    assert.match(question, /Ada Lovelace <ada@example\.com>, bob@example\.com,? and grace@example\.com/);
    assert.match(question, /app\.bin \(293 KB\)/);
    assert.match(question, /A text of 12 characters/);
    assert.match(JSON.stringify(outcome), /Nothing was sent: the person reads the mail/);
    isTheMail(await sendFilled(requests));
  });

  it("is not opened when the person declines the tool", async () => {
    const outcome = await use("upload_attachment", { files: [session.path("build/app.bin")] }, "Cancel");
    assert.ok("error" in outcome);
    assert.equal(await session.page.locator(".tabs-container .tab").count(), 0);
  });

  it("carries what a tool names, once the person looks at it, which is said and listed, and is not sent", async () => {
    const before = sandbox.mails.length;
    const uploaded = await use("upload_attachment", { files: ["build/app.bin"] }, "Yes");
    assert.match(
      JSON.stringify(uploaded),
      /“app\.bin” \(293 KB\): .*\\nIts files are uploaded as soon as the person clicks or types in it\.\\nNothing was sent/,
    );
    await freight.panel.body.click();
    await freight.panel.attachment("app.bin").says("ready");
    const listed = await use("list_upload_sessions", {});
    assert.match(JSON.stringify(listed), /“app\.bin” \(293 KB\): ready · expires in/);
    assert.doesNotMatch(JSON.stringify(listed), /upload_id|https?:|outside\.bin/);
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
