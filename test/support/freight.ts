import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";
import * as z from "zod";
import { isUntouched } from "../../src/delivery/compose/untouched.ts";
import { Delivery } from "../../src/delivery/record/delivery.ts";
import { isEditable } from "../../src/delivery/record/queries.ts";
import { parseJson } from "../../src/net/json.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { KEYS } from "./keys.ts";
import type { WorkbenchSession } from "./session.ts";
import { PATIENCE_MS, succeeds, until } from "./until.ts";
import { disappears, type Workbench } from "./workbench.ts";

const RECORDS = "User/globalStorage/freight-mail.freight-mail/deliveries/*.json";
const TABS = "User/globalStorage/freight-mail.freight-mail/tabs/*.json";
const OpenTabs = z.object({ tabs: z.array(z.object({ deliveryId: z.string() })) });

export const SEND = "Send as Large Attachment…";

/** Freight Mail's surfaces in a window: wizard, panel, trees, status bar, messages. */
export class Freight {
  readonly session: WorkbenchSession;

  constructor(session: WorkbenchSession) {
    this.session = session;
  }

  get page(): Page {
    return this.session.page;
  }

  get workbench(): Workbench {
    return this.session.workbench;
  }

  /** The panel that is in sight. */
  get panel(): Panel {
    return new Panel(this.page);
  }

  /** The extension answers, and the window has found its form: one that still does closes a menu again. */
  async ready(): Promise<void> {
    const button = this.page.locator(".welcome-view-content").getByRole("button", { name: "Add Account…" });
    await until("the views say what to do", async (attemptMs) => {
      await this.workbench.view("Freight Mail");
      return succeeds(button.waitFor({ timeout: attemptMs }));
    });
  }

  // Menus

  /** Picks an entry from the context menu of one item or of several. */
  menu(entry: string, ...items: [Locator, ...Locator[]]): Promise<void> {
    return this.workbench.contextMenu(entry, ...items);
  }

  // Wizard

  /** The quick pick with this question. Quick inputs replace one another: only the question tells them apart. */
  async question(text: string): Promise<void> {
    await this.page.getByPlaceholder(text).waitFor();
  }

  async choose(question: string, answer: string | RegExp): Promise<void> {
    await this.question(question);
    // Of this question alone: the next one may have a row that says the same.
    const asked = this.workbench.quickInput.filter({ has: this.page.getByPlaceholder(question) });
    const row = asked.locator(".monaco-list-row", { hasText: answer }).first();
    await this.workbench.clickAway(`the answer ${answer} to “${question}”`, row, asked);
  }

  /** The box below the input: what is asked for, or what is wrong with the text. */
  get quickMessage(): Locator {
    return this.workbench.quickInput.locator(".quick-input-message");
  }

  async enter(prompt: string | RegExp, text: string): Promise<void> {
    await this.quickMessage.filter({ hasText: prompt }).waitFor();
    await this.workbench.quickText.fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Answers the wizard up to the key. */
  async beginNylas(kind: "API key" | "Access token" = "API key"): Promise<void> {
    await this.workbench.command("Freight Mail: Add Account…");
    await this.choose(ASKS.service, "Nylas");
    await this.choose(ASKS.kind, kind);
  }

  /** Answers the wizard from the key up to the address of a sandbox. */
  async enterKey(sandbox: Sandbox, key = sandbox.nylas.apiKey): Promise<void> {
    await this.enter(ASKS.credential, key);
    await this.choose(ASKS.region, "Custom URL…");
    await this.enter(ASKS.address, sandbox.nylas.apiUri);
  }

  /** Adds a mailbox of a sandbox; unless told, the one that large attachments can be sent from. */
  async addAccount(sandbox: Sandbox, email = mailbox(sandbox)): Promise<void> {
    await this.beginNylas();
    await this.enterKey(sandbox);
    await this.choose(ASKS.grant, email);
    await this.#isTold(`${email} is ready`);
  }

  /** Waits for a message, in sight or in the bell, where VS Code puts those that come when it shows several, and closes it. */
  async #isTold(text: string): Promise<void> {
    await until(`a message says “${text}”`, async (attemptMs) => {
      if (!(await succeeds(this.workbench.notification(text).waitFor({ timeout: attemptMs })))) {
        await this.workbench.command("Notifications: Show Notifications");
        const inBell = this.page.locator(".notifications-center .notification-list-item", { hasText: text });
        if ((await inBell.count()) === 0) return false;
      }
      await this.#clearNotifications();
      return true;
    });
  }

  // Sending

  /** Sends files from the Explorer's context menu and waits for the panel. */
  async send(first: string, ...others: string[]): Promise<Panel> {
    await this.workbench.view("Explorer");
    const files = others.map((name) => this.workbench.file(name));
    await this.menu(SEND, this.workbench.file(first), ...files);
    await this.panel.attachment(first).root.waitFor();
    return this.panel;
  }

  /** Answers VS Code's own file dialog, which is a quick input here. */
  async chooseFile(path: string): Promise<void> {
    const row = this.workbench.quickRows(basename(path));
    await until(`the dialog offers ${path}`, async () => {
      // It puts the folder into its box when it has read it, whoever has typed there meanwhile.
      if ((await this.workbench.quickText.inputValue()) !== path) await this.workbench.quickText.fill(path);
      return (await row.count()) === 1 && (await this.workbench.quickText.inputValue()) === path;
    });
    await this.page.keyboard.press("Enter");
    await this.workbench.quickInput.waitFor({ state: "hidden" });
  }

  /** Goes into a folder in that dialog, and takes it rather than something in it. */
  async chooseFolder(path: string): Promise<void> {
    const { quickText, quickInput } = this.workbench;
    await until(`the dialog shows ${path}`, async () => {
      if ((await quickText.inputValue()) !== `${path}/`) await quickText.fill(`${path}/`);
      return (
        (await this.workbench.quickRows("..").count()) > 0 && (await quickText.inputValue()) === `${path}/`
      );
    });
    await quickInput.getByRole("button", { name: "Attach" }).click();
    await quickInput.waitFor({ state: "hidden" });
  }

  /** The tab of a mail's panel; a file of the same name may have one of its own. */
  mailTab(subject: string): Locator {
    const panels = this.page.locator('.tab[data-resource-name^="webview-freightMail.compose"]');
    return panels.filter({ hasText: subject });
  }

  /**
   * Waits until VS Code would bring the panel back after a reload. In a browser it writes its own state down every few
   * seconds only, and not when the page goes away.
   */
  async remembersPanel(): Promise<void> {
    const id = await this.panel.frame.locator("body").getAttribute("data-delivery-id");
    assert.ok(id);
    await until("VS Code has saved which editors are open", () => this.page.evaluate(isInDatabase, id));
  }

  /** Waits until a text that was typed is in the extension's own record. */
  async hasNoted(text: string): Promise<void> {
    await until(`“${text}” is noted`, async () => {
      for await (const file of glob(join(this.session.dataDir, RECORDS)))
        if ((await readFile(file, "utf8").catch(() => "")).includes(text)) return true;
      return false;
    });
  }

  // Trees

  /** The row of a file in "Sessions", or of a mail that has no other; of several the newest. */
  row(name: string): Locator {
    const rows = this.workbench.treeItems("Sessions");
    // A mail with several files names them as well, in its subject.
    return rows.filter({ hasText: name, hasNotText: /\b\d+ files\b/ }).first();
  }

  /** The row of a mail with several files. */
  mailRow(subject: string): Locator {
    return this.workbench
      .treeItems("Sessions")
      .filter({ hasText: subject })
      .filter({ hasText: /\b\d+ files\b/ })
      .first();
  }

  /** Shows "Sessions" and waits until a row says so. */
  async sees(name: string, status: string | RegExp): Promise<Locator> {
    await this.workbench.view("Freight Mail");
    const row = this.row(name);
    await row.filter({ hasText: status }).waitFor();
    return row;
  }

  /** Runs an action that the row of a file shows while the pointer is on it. */
  async inline(name: string, action: string): Promise<void> {
    const row = this.row(name);
    await until(`${name} takes the click on ${action}`, async (attemptMs) => {
      // The row is drawn anew while bytes move, and the action with it.
      await row.hover();
      return succeeds(row.getByRole("button", { name: action, exact: true }).click({ timeout: attemptMs }));
    });
  }

  accountRow(text: string | RegExp): Locator {
    return this.workbench.treeItems("Accounts").filter({ hasText: text });
  }

  get statusItem(): Locator {
    return this.workbench.statusItem("freight-mail.freight-mail.freightMail.progress");
  }

  /** The item that takes back a mail that is about to leave. */
  get undoItem(): Locator {
    return this.workbench.statusItem("freight-mail.freight-mail.freightMail.undo");
  }

  async chooseTheme(theme: string): Promise<void> {
    const { workbench, page } = this;
    await workbench.command("Preferences: Color Theme");
    await workbench.quickText.fill(theme);
    await workbench.quickRows(theme).first().click();
    await workbench.quickInput.waitFor({ state: "hidden" });
    await page.mouse.move(0, 0); // no hover in the picture
  }

  // Messages

  /** A message's button; VS Code takes the message away when it has heard the click. */
  async press(message: Locator, button: string): Promise<void> {
    await this.workbench.clickAway(
      `the message's ${button}`,
      message.getByRole("button", { name: button }),
      message,
    );
  }

  /** A modal message's button. */
  async answerDialog(question: string | RegExp, button: string): Promise<void> {
    const dialog = this.workbench.dialog.filter({ hasText: question });
    await dialog.getByRole("button", { name: button, exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
  }

  /** Takes messages away: they pile up, and cover what lies below. */
  async #clearNotifications(): Promise<void> {
    await this.#gone(
      ".notification-toast, .notifications-center .notification-list-item",
      KEYS.clearNotifications.press,
    );
  }

  /** Makes the window what a test may expect, also after one that failed half-way. */
  async tidy(): Promise<void> {
    if (await this.workbench.dialog.isVisible()) await this.page.keyboard.press("Escape");
    if (await this.workbench.quickInput.isVisible()) await this.workbench.closeQuickInput();
    if ((await this.page.locator(".notification-toast").count()) > 0) await this.#clearNotifications();
    await this.#everyMessageIsShown();
    const isToldOf = await this.#hasUnsentTab();
    await this.closeEditors();
    if (!isToldOf) return;
    // Closing an unsent mail is told of. A test that broke the extension half-way has none to tell.
    const kept = this.workbench.notification(/(” was saved|mails were saved)\./).first();
    const comes = await succeeds(kept.waitFor({ timeout: PATIENCE_MS / 8 }));
    if (comes) await this.#clearNotifications();
  }

  /**
   * Of messages that come within 800 ms VS Code shows three and puts the others into the bell alone (its SPAM_PROTECTION,
   * which counts those of progress as well). No person is as fast, but the next test may be.
   */
  async #everyMessageIsShown(): Promise<void> {
    await until("VS Code shows every message", () =>
      this.page.evaluate((ms) => Date.now() - (window.lastMessageAt ?? 0) > ms, 800),
    );
  }

  /** True when one of the tabs has a mail that will be kept. */
  async #hasUnsentTab(): Promise<boolean> {
    if ((await this.mailTab("").count()) === 0) return false;
    const open = new Set<string>();
    for await (const note of this.#read(TABS, OpenTabs))
      for (const { deliveryId } of note.tabs) open.add(deliveryId);
    for await (const record of this.#read(RECORDS, Delivery))
      if (open.has(record.id) && isEditable(record) && !isUntouched(record)) return true;
    return false;
  }

  /** What the extension has written down, as it lies on the disk. */
  async *#read<T extends z.ZodType>(files: string, schema: T): AsyncGenerator<z.infer<T>> {
    for await (const file of glob(join(this.session.dataDir, files))) {
      const found = schema.safeParse(parseJson(await readFile(file, "utf8").catch(() => "null")));
      if (found.success) yield found.data;
    }
  }

  async closeEditors(): Promise<void> {
    await this.#gone(".tabs-container .tab", KEYS.closeEditors.press);
  }

  /** Presses a key until nothing of it is to be seen. The first keys after a start may come before the bindings do. */
  async #gone(selector: string, key: string): Promise<void> {
    const first = this.page.locator(selector).first();
    await until(`${selector} is gone`, async (attemptMs) => {
      if ((await first.count()) === 0) return true;
      await this.page.keyboard.press(key);
      return disappears(first, attemptMs);
    });
  }
}

/** What the wizard asks. */
export const ASKS = {
  service: "Which mail service do you use?",
  kind: "How do you want to sign in to Nylas?",
  credential: /secret storage only/,
  region: "Which region is the application in?",
  address: "Address of the Nylas API",
  grant: "Send from which mailbox?",
  grantId: "The grant's ID, or the address of its mailbox",
} as const;

/** The address of a sandbox's mailbox that large attachments can be sent from. */
export function mailbox(sandbox: Sandbox): string {
  const [first] = sandbox.nylas.grants;
  if (first === undefined) throw new Error("The sandbox has no mailbox.");
  return first.email;
}

/** The first chunk that is uploaded of a file; what follows it is put with a second request. */
export const firstChunkBytes = 8 * 1024 * 1024;

/**
 * Holds the next upload of a file with more than one chunk, until `sandbox.faults.release()`: of all that follows the
 * first chunk no more than `bytes` arrive.
 */
export function holdUpload(sandbox: Sandbox, bytes = 0): void {
  sandbox.faults.arm({ step: "upload", fault: "hold", skip: 1, afterBytes: bytes });
}

/** Lets an upload that is held go on bit by bit until its row says how fast it is and how long it will take. */
export async function showPace(sandbox: Sandbox, { pace }: AttachmentPart): Promise<void> {
  await until("the upload shows its pace", async () => {
    if (/ left$/.test(await pace.innerText())) return true;
    sandbox.faults.release(256 * 1024);
    return false;
  });
}

/** The compose panel that is in sight, whichever mail it shows. */
export class Panel {
  readonly page: Page;
  readonly frame: FrameLocator;
  readonly to: Locator;
  readonly cc: Locator;
  readonly bcc: Locator;
  readonly subject: Locator;
  readonly body: Locator;
  readonly from: Locator;
  readonly send: Locator;
  readonly dontSendYet: Locator;
  readonly addFiles: Locator;
  /** Which method the files take, and why. */
  readonly method: Locator;
  readonly headline: Locator;
  /** What stands in the way of the whole mail. */
  readonly problem: Locator;
  readonly notice: Locator;

  constructor(page: Page) {
    this.page = page;
    // A tab that is hidden keeps no page, but its element may stay for a moment.
    const outer = page.locator("iframe.webview.ready").filter({ visible: true });
    this.frame = outer.contentFrame().locator("iframe#active-frame").contentFrame();
    const field = (label: string) => this.frame.getByLabel(label, { exact: true });
    const button = (name: string | RegExp) => this.frame.getByRole("button", { name });
    this.to = field("To");
    this.cc = field("Cc");
    this.bcc = field("Bcc");
    this.subject = field("Subject");
    this.body = field("Message");
    this.from = field("From");
    // Two ways on may stand in its place, as prominent.
    this.send = this.frame.locator(".send-buttons [aria-keyshortcuts]");
    this.dontSendYet = button("Keep Editing");
    this.addFiles = button("Add Files…");
    this.method = this.frame.locator(".section-head .method");
    this.headline = this.frame.locator(".headline");
    this.problem = this.frame.locator(".send-bar .problem");
    this.notice = this.frame.locator(".notice");
  }

  attachment(name: string): AttachmentPart {
    return new AttachmentPart(this.frame, name);
  }

  get attachments(): Locator {
    return this.frame.locator(".attachment");
  }

  /** The recipients of a field that are chips: what is typed into `to`, `cc` or `bcc` becomes some when it is left. */
  chips(field: "to" | "cc" | "bcc"): Locator {
    return this.frame.locator(`.field-${field} .chip-name`);
  }

  /** The people that are offered below the field with the focus. */
  get suggestions(): Locator {
    return this.frame.locator(".suggestions > li");
  }

  /** What is wrong in a field, as it says below it. */
  fieldProblem(field: "to" | "cc" | "bcc"): Locator {
    return this.frame.locator(`.field-${field} .field-problem`);
  }

  async showCcBcc(): Promise<void> {
    await this.frame.getByRole("button", { name: "Add Cc/Bcc" }).click();
    await this.cc.waitFor();
  }

  /** Takes another way than Send: "Save as Draft", "Send Later…". */
  async chooseWay(name: string): Promise<void> {
    await this.frame.getByRole("button", { name: "More Ways to Send" }).click();
    await this.frame.getByRole("menuitem", { name }).click();
  }

  /** Presses Send with the keyboard, so that no message in the corner can be in the way. */
  async sendByKey(): Promise<void> {
    await this.to.press("Control+Enter");
  }

  /** The sentence on where the mail stands. */
  async says(text: string | RegExp): Promise<void> {
    await this.headline.filter({ hasText: text }).waitFor();
  }
}

/** One file of a mail, as the panel shows it. */
export class AttachmentPart {
  readonly root: Locator;
  readonly status: Locator;
  readonly expiry: Locator;
  readonly pace: Locator;
  readonly problem: Locator;
  readonly steps: Locator;
  readonly rename: Locator;
  readonly #name: string;

  constructor(frame: FrameLocator, name: string) {
    this.#name = name;
    this.root = frame
      .locator(".attachment")
      .filter({ has: frame.locator(".file-name").getByText(name, { exact: true }) });
    this.status = this.root.locator(".status");
    this.expiry = this.root.getByRole("timer");
    this.pace = this.root.locator(".pace");
    this.problem = this.root.locator(".problem");
    this.steps = this.root.locator(".steps > li");
    this.rename = this.root.getByRole("button", { name: `Rename ${name}` });
  }

  /** The action's button says which file it is for. */
  action(label: "Pause" | "Resume" | "Retry" | "Send as It Was" | "Cancel" | "Remove"): Locator {
    return this.root.getByRole("button", { name: `${label}: ${this.#name}` });
  }

  async says(status: string | RegExp): Promise<void> {
    await this.status.filter({ hasText: status }).waitFor();
  }

  /** How each of the four steps stands: "done", "doing", "todo" or "failed". */
  stepStates(): Promise<(string | null)[]> {
    return this.steps.evaluateAll((items) => items.map((item) => item.getAttribute("data-state")));
  }
}

/** Runs in the page: whether one of its databases has a record with this text. */
async function isInDatabase(text: string): Promise<boolean> {
  const answer = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await answer(indexedDB.open(name));
    try {
      for (const store of database.objectStoreNames) {
        const records = await answer(database.transaction(store).objectStore(store).getAll());
        if (JSON.stringify(records).includes(text)) return true;
      }
    } finally {
      database.close();
    }
  }
  return false;
}
