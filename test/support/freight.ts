import type { FrameLocator, Locator, Page } from "playwright-core";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { WorkbenchSession } from "./session.ts";
import { until } from "./until.ts";
import type { Workbench } from "./workbench.ts";

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

  // Wizard

  /** The quick pick with this question. Quick inputs replace one another: only the question tells them apart. */
  async question(text: string): Promise<void> {
    await this.page.getByPlaceholder(text).waitFor();
  }

  async choose(question: string, answer: string | RegExp): Promise<void> {
    await this.question(question);
    await this.workbench.quickRows(answer).first().click();
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

  /** Adds the mailbox of a sandbox that large attachments can be sent from. */
  async addAccount(sandbox: Sandbox): Promise<void> {
    await this.beginNylas();
    await this.enterKey(sandbox);
    await this.choose(ASKS.grant, mailbox(sandbox));
    await this.workbench.notification(`${mailbox(sandbox)} is ready`).waitFor();
  }

  // Sending

  /** Sends files from the Explorer's context menu and waits for the panel. */
  async send(first: string, ...others: string[]): Promise<Panel> {
    await this.workbench.view("Explorer");
    const files = others.map((name) => this.workbench.file(name));
    await this.workbench.contextMenu(SEND, this.workbench.file(first), ...files);
    await this.panel.attachment(first).root.waitFor();
    return this.panel;
  }

  /** Answers VS Code's own file dialog, which is a quick input here. */
  async chooseFile(path: string): Promise<void> {
    await until("the dialog holds the path", async () => {
      // It puts the folder into its box when it has read it, whoever has typed there meanwhile.
      await this.workbench.quickText.fill(path);
      return (await this.workbench.quickText.inputValue()) === path;
    });
    await this.page.keyboard.press("Enter");
  }

  /** The tab of a mail's panel; a file of the same name may have one of its own. */
  mailTab(subject: string): Locator {
    const panels = this.page.locator('.tab[data-resource-name^="webview-freightMail.compose"]');
    return panels.filter({ hasText: subject });
  }

  // Trees

  /** The row of a file in "Sessions"; of several the newest. */
  row(name: string): Locator {
    return this.workbench.treeItems("Sessions").filter({ hasText: name }).first();
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
    await until(`${name} takes the click on ${action}`, async () => {
      // The row is drawn anew while bytes move, and the action with it.
      await row.hover();
      return row
        .getByRole("button", { name: action, exact: true })
        .click({ timeout: 1_000 })
        .then(
          () => true,
          () => false,
        );
    });
  }

  accountRow(text: string | RegExp): Locator {
    return this.workbench.treeItems("Accounts").filter({ hasText: text });
  }

  get statusItem(): Locator {
    return this.workbench.statusItem("freight-mail.freight-mail.freightMail.progress");
  }

  // Messages

  /** A modal message's button. */
  async answerDialog(question: string | RegExp, button: string): Promise<void> {
    const dialog = this.workbench.dialog.filter({ hasText: question });
    await dialog.getByRole("button", { name: button, exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
  }

  /** Takes messages away: they pile up, and cover what lies below. */
  async clearNotifications(): Promise<void> {
    await this.workbench.command("Notifications: Clear All Notifications");
    await this.page.locator(".notification-toast").first().waitFor({ state: "hidden" });
  }

  /** Leaves the window as the next test may expect it, also after a test that failed half-way. */
  async tidy(): Promise<void> {
    if (await this.workbench.dialog.isVisible()) await this.page.keyboard.press("Escape");
    if (await this.workbench.quickInput.isVisible()) await this.workbench.closeQuickInput();
    await this.clearNotifications();
    await this.workbench.command("View: Close All Editors");
  }
}

/** What the wizard asks. */
export const ASKS = {
  service: "Which service carries your mail?",
  kind: "How does Nylas know you?",
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
    this.send = this.frame.locator(".send-buttons .primary");
    this.dontSendYet = button("Don't Send Yet");
    this.addFiles = button("Add Files…");
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

  async showCcBcc(): Promise<void> {
    await this.frame.getByRole("button", { name: "Add Cc/Bcc" }).click();
    await this.cc.waitFor();
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
  action(label: "Pause" | "Resume" | "Retry" | "Cancel" | "Remove"): Locator {
    return this.root.getByRole("button", { name: `${label} ${this.#name}` });
  }

  async says(status: string | RegExp): Promise<void> {
    await this.status.filter({ hasText: status }).waitFor();
  }

  /** How each of the four steps stands: "done", "doing", "todo" or "failed". */
  stepStates(): Promise<(string | null)[]> {
    return this.steps.evaluateAll((items) => items.map((item) => item.getAttribute("data-state")));
  }
}
