/** The compose panel: shows one delivery in a webview, passes what the person wants to the runner. Keeps nothing. */
import * as vscode from "vscode";
import { type AccountBook, isPractice, type Memento, takesXHeadersOnly } from "../../accounts/accountBook.ts";
import { FreightError } from "../../base/errors.ts";
import { type Log, RareWarning } from "../../base/log.ts";
import type { DeliveryRecord, Purpose } from "../../delivery/record/delivery.ts";
import { mailName } from "../../delivery/record/describeMail.ts";
import { isPracticeMail } from "../../delivery/record/practiceWords.ts";
import type { DeliveryStore } from "../../delivery/record/store.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import { panelSnapshot } from "../../delivery/words/describe.ts";
import { fileLimit } from "../../delivery/words/sendMethod.ts";
import { hashFile } from "../../files/fileHash.ts";
import { safeName } from "../../files/zip/archives.ts";
import { type Form, FromPanel, type PanelSnapshot, PanelState, type ToPanel } from "../../shared/contract.ts";
import { offers } from "../../shared/offers.ts";
import type { MadeFiles } from "../attach/madeFiles.ts";
import type { People } from "../editor/people.ts";
import { managedSetting } from "../editor/settings.ts";
import type { Notifier, RunRemedy } from "../notices/notify.ts";
import { pickSendTime } from "../notices/sendTimePick.ts";
import { BodyFeed } from "./bodyFeed.ts";
import { DropReceiver } from "./dropReceiver.ts";
import { HashFeed } from "./hashFeed.ts";
import { type MailTab, matchTabs } from "./openTabs.ts";
import { panelPage } from "./panelPage.ts";

export const PANEL_TYPE = "freightMail.compose";

/** In the memory: whether mails are shown as they will be read. */
const PREVIEW_KEY = "previewShown";

/** Snapshots go out at most ten times a second. */
const RENDER_MS = 100;
/** What the page says without anybody having touched it. */
const OF_THE_PAGE: ReadonlySet<FromPanel["type"]> = new Set(["ready", "areYouThere", "peopleWanted"]);
const DROPPED = "A message of the panel was not understood and was dropped.";

export interface PanelOptions {
  readonly extensionUri: vscode.Uri;
  readonly store: DeliveryStore;
  readonly runner: DeliveryRunner;
  readonly book: AccountBook;
  readonly people: People;
  /** Keeps small preferences. */
  readonly memory: Memento;
  readonly notifier: Notifier;
  readonly runRemedy: RunRemedy;
  /** Lets the person choose what to add to a mail. */
  readonly addFiles: (deliveryId: string) => Promise<void>;
  /** Puts files that were dropped on the page into a mail. */
  readonly dropUris: (deliveryId: string, uris: readonly string[]) => Promise<void>;
  readonly made: MadeFiles;
  /** Puts files that were made into a mail. */
  readonly put: (paths: readonly string[], deliveryId: string) => Promise<void>;
  /** Takes back a mail that waits for its time. */
  readonly cancelScheduled: (deliveryId: string) => Promise<void>;
  readonly sendAgainTo: (deliveryId: string) => Promise<void>;
  readonly openPracticeMailbox: () => Promise<void>;
  /** These are the tabs with mails now. */
  readonly noteTabs: (tabs: readonly MailTab[]) => void;
  /** The person has closed the panel of a mail, and what was typed there is noted. */
  readonly onClosed: (deliveryId: string) => void;
  readonly log: Log;
}

const RESTRICTED = "Restricted Mode: nothing that this folder provides is used for the mail.";
const RESTARTED =
  "Freight Mail was restarted. Your text is safe. If you pressed a button just before, check below whether it took effect.";

/** All open panels: at most one for each delivery. */
export class ComposePanels implements vscode.Disposable {
  readonly #options: PanelOptions;
  readonly #open = new Map<string, ComposePanel>();
  #windowCloses = false;

  constructor(options: PanelOptions) {
    this.#options = options;
  }

  show(deliveryId: string): void {
    const open = this.#open.get(deliveryId);
    if (open !== undefined) open.reveal();
    else this.#create(deliveryId, vscode.ViewColumn.Active);
  }

  /**
   * Opens mails in the place of tabs that another extension host has left behind, whose pages nobody hears any more.
   * What was typed there comes along: each page keeps it until a host has it.
   */
  async replace(mails: readonly MailTab[]): Promise<void> {
    const { tabGroups } = vscode.window;
    const left = tabGroups.all.flatMap(({ tabs }) => tabs).filter(hasPanel);
    // A tab that is opened comes to the front: the one that was there is the last to come.
    const inFront = (tab: vscode.Tab) => Number(tab.isActive) + Number(tab.isActive && tab.group.isActive);
    const found = matchTabs(mails, left).toSorted((a, b) => inFront(a.tab) - inFront(b.tab));
    for (const { deliveryId, tab } of found) {
      const place = { viewColumn: tab.group.viewColumn, preserveFocus: inFront(tab) < 2 };
      // First of all, for in a tab that is there somebody may type on.
      await tabGroups.close(tab);
      if (this.#options.store.find(deliveryId) !== undefined) this.#create(deliveryId, place, RESTARTED);
    }
  }

  /** Takes over a panel that VS Code restored after a reload. */
  revive(panel: vscode.WebviewPanel, state: unknown): void {
    const parsed = PanelState.safeParse(state);
    const open = parsed.success ? this.#open.get(parsed.data.deliveryId) : undefined;
    // It was opened from elsewhere before VS Code came to its tab: two would write over each other.
    if (open !== undefined) {
      panel.dispose();
      open.reveal();
    } else if (parsed.success && this.#options.store.find(parsed.data.deliveryId) !== undefined)
      this.#adopt(panel, parsed.data.deliveryId);
    else panel.dispose(); // Its mail was removed meanwhile.
  }

  /** True when the person can see what the panel says of this mail. */
  isVisible(deliveryId: string): boolean {
    return this.#open.get(deliveryId)?.isVisible ?? false;
  }

  isOpen(deliveryId: string): boolean {
    return this.#open.has(deliveryId);
  }

  /** From now on panels that go away were not closed by anybody. */
  windowCloses(): void {
    this.#windowCloses = true;
  }

  dispose(): void {
    this.windowCloses();
    for (const panel of [...this.#open.values()]) panel.dispose();
  }

  #create(
    deliveryId: string,
    place: Parameters<typeof vscode.window.createWebviewPanel>[2],
    notice?: string,
  ): void {
    this.#adopt(vscode.window.createWebviewPanel(PANEL_TYPE, "Mail", place, {}), deliveryId, notice);
  }

  #adopt(panel: vscode.WebviewPanel, deliveryId: string, notice: string | null = null): void {
    const opened = new ComposePanel(panel, deliveryId, notice, {
      ...this.#options,
      onTitle: () => this.#note(),
      onClosed: async (noted) => {
        this.#open.delete(deliveryId);
        this.#note();
        await noted;
        if (!this.#windowCloses) this.#options.onClosed(deliveryId);
      },
    });
    this.#open.set(deliveryId, opened);
    this.#note();
  }

  #note(): void {
    if (this.#windowCloses) return;
    this.#options.noteTabs([...this.#open].map(([deliveryId, { title }]) => ({ deliveryId, title })));
  }
}

function hasPanel({ input }: vscode.Tab): boolean {
  // VS Code puts a prefix of its own before the type.
  return input instanceof vscode.TabInputWebview && input.viewType.endsWith(PANEL_TYPE);
}

interface OnePanelOptions extends Omit<PanelOptions, "onClosed"> {
  readonly onTitle: () => void;
  /** Takes what settles when everything that was typed is noted. */
  readonly onClosed: (noted: Promise<unknown>) => Promise<void>;
}

class ComposePanel implements vscode.Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #id: string;
  readonly #options: OnePanelOptions;
  /** Stands above the mail in this panel. */
  readonly #notice: string | null;
  /** Why what was typed last could not be noted. */
  #refused: string | null = null;
  readonly #disposables: { dispose(): void }[] = [];
  readonly #body: BodyFeed;
  readonly #hashes: HashFeed;
  readonly #dropped: RareWarning;
  readonly #drops: DropReceiver;
  #render: NodeJS.Timeout | undefined;
  #icon: string | undefined;
  #ready = false;
  #closed = false;
  /** Settles when the last edit is noted. */
  #noted: Promise<unknown> = Promise.resolve();

  constructor(
    panel: vscode.WebviewPanel,
    deliveryId: string,
    notice: string | null,
    options: OnePanelOptions,
  ) {
    this.#panel = panel;
    this.#id = deliveryId;
    this.#notice = notice;
    this.#options = options;
    const { extensionUri, store, book, log } = options;
    this.#dropped = new RareWarning((message) => log.warn(message));
    panel.webview.options = {
      enableScripts: true,
      // Of the folders that are open only images can be loaded: the policy below allows nothing else from there.
      localResourceRoots: [
        ...["dist", "media"].map((folder) => vscode.Uri.joinPath(extensionUri, folder)),
        ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri),
      ],
    };
    this.#body = new BodyFeed({
      find: () => (this.#ready && panel.visible ? store.find(deliveryId) : undefined),
      post: (message) => this.#post(message),
      addressOf: (path) => panel.webview.asWebviewUri(vscode.Uri.file(path)).toString(),
      isPreviewShown: () => options.memory.get(PREVIEW_KEY) === true,
      log: options.log,
    });
    this.#hashes = new HashFeed({
      find: () => store.find(deliveryId),
      post: (message) => this.#post(message),
      hash: hashFile,
      log,
    });
    this.#drops = new DropReceiver({
      made: options.made,
      limit: () => fileLimit(book.find(store.find(deliveryId)?.accountId ?? null)?.provider ?? null),
      put: (paths) => options.put(paths, deliveryId),
      post: (message) => this.#post(message),
      failed: (reason) => options.notifier.failed(reason, { deliveryId }),
    });
    this.#disposables.push(
      this.#hashes,
      panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message)),
      this.#body,
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#loseDrop();
        this.#renderSoon();
        this.#body.restart();
      }),
      panel.onDidDispose(() => {
        this.#close();
        void options.onClosed(this.#noted);
      }),
      store.onDidChange(({ id, delivery }) => {
        if (id !== deliveryId) return;
        if (delivery === undefined) return panel.dispose();
        this.#renderSoon();
        this.#body.updateSoon();
        this.#hashes.update();
      }),
      book.onDidChange(() => this.#renderSoon()),
    );
    panel.webview.html = panelPage(panel.webview, extensionUri, deliveryId);
    this.#send();
  }

  get isVisible(): boolean {
    return this.#panel.visible;
  }

  get title(): string {
    return this.#panel.title;
  }

  reveal(): void {
    this.#panel.reveal();
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #close(): void {
    this.#closed = true;
    this.#drops.stop();
    clearTimeout(this.#render);
    this.#dropped.say(DROPPED);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** The page is gone with its tab, and what it was reading with it. */
  #loseDrop(): void {
    const { coming } = this.#drops;
    this.#drops.stop();
    if (coming === undefined) return;
    const { name, waiting } = coming;
    const what =
      waiting === 0
        ? `“${safeName(name)}” was not added: its mail was hidden meanwhile. Drop it again,`
        : `“${safeName(name)}” and ${waiting} more were not added: their mail was hidden meanwhile. Drop them again,`;
    const message = `${what} and leave the mail in sight.`;
    this.#options.notifier.failed(new FreightError("file-unreadable", message), { deliveryId: this.#id });
  }

  #renderSoon(): void {
    this.#render ??= setTimeout(() => this.#send(), RENDER_MS);
  }

  /** Shows the delivery as it is now. */
  #send(): void {
    clearTimeout(this.#render);
    this.#render = undefined;
    const delivery = this.#options.store.find(this.#id);
    if (delivery === undefined) return;
    const name = mailName(delivery);
    if (this.#panel.title !== name) {
      this.#panel.title = name;
      this.#options.onTitle();
    }
    this.#showIcon(isPracticeMail(delivery) ? "practice-tab" : "mail-tab");
    if (!this.#ready || !this.#panel.visible) return;
    this.#post({ type: "snapshot", snapshot: this.#snapshot(delivery) });
    // A wait counts down in words: the next second has others.
    if (
      delivery.leavesAt !== undefined ||
      delivery.attachments.some(({ flight }) => flight?.waiting !== undefined)
    )
      this.#render = setTimeout(() => this.#send(), 1000);
  }

  #showIcon(name: "mail-tab" | "practice-tab"): void {
    if (this.#icon === name) return;
    this.#icon = name;
    const file = (theme: string) =>
      vscode.Uri.joinPath(this.#options.extensionUri, "media", `${name}-${theme}.svg`);
    this.#panel.iconPath = { light: file("light"), dark: file("dark") };
  }

  #snapshot(delivery: DeliveryRecord): PanelSnapshot {
    const { book, store } = this.#options;
    return panelSnapshot(delivery, {
      ownDomains: managedSetting("ownDomains"),
      history: store.list(),
      xHeadersOnly: takesXHeadersOnly(book.find(delivery.accountId)),
      accounts: book.accounts.map((account) => ({
        id: account.id,
        label: account.email,
        isPractice: isPractice(account),
      })),
      savedRevision: store.savedRevision(delivery.id),
      notice:
        [vscode.workspace.isTrusted ? null : RESTRICTED, this.#notice, this.#refused]
          .filter(Boolean)
          .join(" ") || null,
      now: Date.now(),
    });
  }

  #post(message: ToPanel): void {
    // An answer may come after the panel is gone, and a webview that is gone throws.
    if (!this.#closed) void this.#panel.webview.postMessage(message);
  }

  #receive(message: unknown): void {
    const parsed = FromPanel.safeParse(message);
    if (!parsed.success) {
      this.#dropped.note(DROPPED);
      return;
    }
    this.#post({ type: "heard" });
    const delivery = this.#options.store.find(this.#id);
    if (delivery === undefined || !offers(this.#snapshot(delivery), parsed.data)) {
      this.#dropped.note(DROPPED);
      return;
    }
    const isEdit = parsed.data.type === "edit";
    const acted = this.#actOf(parsed.data).then(
      () => isEdit && this.#refuse(null),
      (reason: unknown) => {
        // Each key is an edit: what is typed meanwhile stays in the page, which says so.
        if (isEdit && reason instanceof FreightError && reason.is("driven-elsewhere", "journal-unwritable"))
          this.#refuse(`${reason.message} What you type in this tab is not saved yet.`);
        else this.#options.notifier.failed(reason, { deliveryId: this.#id });
      },
    );
    if (isEdit) this.#noted = acted;
  }

  #refuse(why: string | null): void {
    if (this.#refused === why) return;
    this.#refused = why;
    this.#renderSoon();
  }

  /** Whatever the page does by itself is no act of a person. */
  async #actOf(intent: FromPanel): Promise<void> {
    if (!OF_THE_PAGE.has(intent.type)) await this.#options.runner.touch(this.#id);
    await this.#act(intent);
  }

  async #act(intent: FromPanel): Promise<void> {
    const { runner, runRemedy, store, addFiles, people } = this.#options;
    switch (intent.type) {
      case "ready":
        this.#ready = true;
        this.#hashes.show(false);
        this.#drops.stop(); // An earlier page began it.
        this.#body.restart();
        return this.#send();
      case "touched":
        return; // That is all it says.
      case "areYouThere":
        return;
      case "edit":
        return runner.edit(this.#id, intent.form);
      case "chooseAccount":
        return runner.chooseAccount(this.#id, intent.accountId);
      case "addAccount":
        return runRemedy("addAccount", { deliveryId: this.#id });
      case "addFiles":
        return addFiles(this.#id);
      case "dropUris":
        return this.#options.dropUris(this.#id, intent.uris);
      case "dropBegin":
        return this.#drops.begin(intent);
      case "dropChunk":
        return this.#drops.chunk(intent);
      case "dropCancel":
        return this.#drops.cancel(intent.id);
      case "peopleWanted": {
        // A mail without files, or with some that were made for it, is about the folder that it began in.
        const { attachments, imageFolders } = store.get(this.#id);
        const paths = [...attachments.map(({ path }) => path), ...(imageFolders ? [imageFolders.root] : [])];
        return people.find(
          paths.map((path) => vscode.Uri.file(path)),
          (found) => this.#post({ type: "people", people: found }),
        );
      }
      case "send":
        return this.#leave(intent.form, { type: "send" });
      case "saveDraft":
        return this.#leave(intent.form, { type: "draft" });
      case "sendLater": {
        await runner.edit(this.#id, intent.form);
        const at = await pickSendTime(Date.now);
        // Somebody may have typed on meanwhile, or forgotten the mail.
        const form = store.find(this.#id)?.form;
        return at === undefined || form === undefined ? undefined : this.#leave(form, { type: "later", at });
      }
      case "cancelScheduled":
        return this.#options.cancelScheduled(this.#id);
      case "sendAgainTo":
        return this.#options.sendAgainTo(this.#id);
      case "openPracticeMailbox":
        return this.#options.openPracticeMailbox();
      case "showHashes":
        return this.#hashes.show(intent.shown);
      case "copyHashes":
        await vscode.env.clipboard.writeText(this.#hashes.lines);
        return void vscode.window.setStatusBarMessage("SHA-256 of the files copied", 3000);
      case "showPreview":
        await this.#options.memory.update(PREVIEW_KEY, intent.shown);
        return this.#body.updateSoon();
      case "withdraw":
        return runner.withdraw(this.#id);
      case "rename":
        return runner.rename(this.#id, intent.attachmentId, intent.name);
      case "attachment":
        return this.#attachmentAction(intent.attachmentId, intent.action);
      case "remedy": {
        const { remedy, attachmentId } = intent;
        const context = { deliveryId: this.#id, accountId: store.get(this.#id).accountId };
        return runRemedy(remedy, attachmentId === null ? context : { ...context, attachmentId });
      }
    }
  }

  async #leave(form: Form, purpose: Purpose): Promise<void> {
    const problem = await this.#options.runner.send(this.#id, form, purpose);
    if (problem !== undefined) this.#post({ type: "focus", ...problem });
  }

  async #attachmentAction(id: string, action: (FromPanel & { type: "attachment" })["action"]): Promise<void> {
    const { runner } = this.#options;
    switch (action) {
      case "tryNow":
        return runner.tryNow(id);
      case "pause":
        return runner.pause(this.#id, id);
      case "resume":
      case "retry":
        return runner.resume(this.#id, id);
      case "keepVersion":
        return runner.keepVersion(this.#id, id);
      case "cancel":
        return runner.cancel(this.#id, id);
      case "remove":
        return runner.detach(this.#id, id);
    }
  }
}
