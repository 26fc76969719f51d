/** The compose panel: shows one delivery in a webview and passes on what the person does. Keeps no state. */
import * as vscode from "vscode";
import {
  type Account,
  type AccountBook,
  accountNote,
  hasMethodChoice,
  takesXHeadersOnly,
} from "../../accounts/accountBook.ts";
import { FreightError } from "../../base/errors.ts";
import { type Log, RareWarning } from "../../base/log.ts";
import type { MailHosts } from "../../delivery/compose/mailHosts.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { tabTitle } from "../../delivery/record/describeMail.ts";
import { nextTurn } from "../../delivery/record/expiry.ts";
import { isPracticeMail } from "../../delivery/record/practiceWords.ts";
import { panelOffer, panelSnapshot } from "../../delivery/words/describe.ts";
import { fileLimit, mailboxOf } from "../../delivery/words/sendMethod.ts";
import { FromPanel, type ToPanel } from "../../shared/contract/messages.ts";
import { offers } from "../../shared/contract/offers.ts";
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { sentences, t } from "../../shared/l10n.ts";
import type { MadeFiles } from "../attach/madeFiles.ts";
import { isManagedSetting, managedSetting } from "../editor/settings.ts";
import type { Notifier } from "../notices/notify.ts";
import { DropReceiver, lostWithItsPage } from "./dropReceiver.ts";
import type { LinkFeedOptions } from "./linkFeed.ts";
import { PageForm, type WholeIntent } from "./pageForm.ts";
import { PanelFeeds } from "./panelFeeds.ts";
import { type IntentOptions, PanelIntents } from "./panelIntents.ts";
import { panelPage } from "./panelPage.ts";
import type { LoadedSimulator } from "./practice/simulatorFeed.ts";

/** At most ten snapshots a second. */
const RENDER_MS = 100;
const MAX_TURN_MS = 3_600_000;
const DROPPED = "A message of the panel was not understood and was dropped.";

export interface ComposePanelOptions extends IntentOptions {
  readonly extensionUri: vscode.Uri;
  readonly book: AccountBook;
  readonly linkRefusals: LinkFeedOptions["ask"];
  /** The largest mail that an account's mailbox sends; null if unknown. */
  readonly sendLimit: (account: Account | undefined) => PanelSnapshot["sendLimit"];
  /** The largest mails that recipients' providers accept; fires when more becomes known. */
  readonly mailHosts: Pick<MailHosts, "of" | "onDidLearn">;
  readonly notifier: Notifier;
  /** Loads "Make It Hard" for a practice mail. */
  readonly loadSimulator: (deliveryId: string, post: (message: ToPanel) => void) => Promise<LoadedSimulator>;
  readonly made: MadeFiles;
  /** Attaches files made for the mail. */
  readonly put: (paths: readonly string[], deliveryId: string) => Promise<void>;
  /** Called when the tab's title has changed. */
  readonly onTitle: () => void;
  /** Called when the panel is closed, with a promise that settles once everything typed is saved. */
  readonly onClosed: (noted: Promise<unknown>) => Promise<void>;
  readonly log: Log;
}

export class ComposePanel implements vscode.Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #id: string;
  readonly #options: ComposePanelOptions;
  /** Shown above the mail in this panel. */
  readonly #notice: string | null;
  /** Why the last edit could not be saved. */
  #unnoted: string | null = null;
  readonly #disposables: { dispose(): void }[] = [];
  readonly #feeds: PanelFeeds;
  readonly #dropped: RareWarning;
  readonly #drops: DropReceiver;
  readonly #intents: PanelIntents;
  readonly #pageForm = new PageForm();
  #render: NodeJS.Timeout | undefined;
  /** Renders again when what is shown goes out of date. */
  #turn: NodeJS.Timeout | undefined;
  #icon: string | undefined;
  #ready = false;
  #closed = false;
  /** Settles once the last edit is saved. */
  #noted: Promise<unknown> = Promise.resolve();

  constructor(
    panel: vscode.WebviewPanel,
    deliveryId: string,
    notice: string | null,
    options: ComposePanelOptions,
  ) {
    this.#panel = panel;
    this.#id = deliveryId;
    this.#notice = notice;
    this.#options = options;
    const { extensionUri, store, book, log } = options;
    this.#dropped = new RareWarning((message) => log.warn(message));
    panel.webview.options = {
      enableScripts: true,
      // From open folders only images can be loaded: the page's policy allows nothing else from there.
      localResourceRoots: [
        ...["dist", "media"].map((folder) => vscode.Uri.joinPath(extensionUri, folder)),
        ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri),
      ],
    };
    this.#feeds = new PanelFeeds({
      find: () => store.find(deliveryId),
      isShown: () => this.#ready && panel.visible,
      post: (message) => this.#post(message),
      changed: () => this.#renderSoon(),
      addressOf: (path) => panel.webview.asWebviewUri(vscode.Uri.file(path)).toString(),
      linkRefusals: options.linkRefusals,
      loadSimulator: () => options.loadSimulator(deliveryId, (message) => this.#post(message)),
      memory: options.memory,
      log,
    });
    this.#drops = new DropReceiver({
      made: options.made,
      limit: () => fileLimit(mailboxOf(book.find(store.find(deliveryId)?.accountId ?? null))),
      put: (paths) => options.put(paths, deliveryId),
      post: (message) => this.#post(message),
      failed: (reason) => options.notifier.failed(reason, { deliveryId }),
    });
    this.#intents = new PanelIntents(deliveryId, options, {
      feeds: this.#feeds,
      drops: this.#drops,
      post: (message) => this.#post(message),
    });
    this.#disposables.push(
      this.#feeds,
      panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message)),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#loseDrop();
        this.#renderSoon();
        this.#feeds.body.restart();
      }),
      panel.onDidDispose(() => {
        this.#close();
        options.refusedFiles.clear(deliveryId);
        void options.onClosed(this.#noted);
      }),
      store.onDidChange(({ id, delivery }) => {
        if (id !== deliveryId) return;
        if (delivery === undefined) return panel.dispose();
        this.#renderSoon();
        this.#feeds.update();
      }),
      book.onDidChange(() => this.#renderSoon()),
      options.mailHosts.onDidLearn(() => this.#renderSoon()),
      options.refusedFiles.onDidChange((id) => id === deliveryId && this.#renderSoon()),
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
    clearTimeout(this.#turn);
    this.#dropped.say(DROPPED);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** A hidden tab loses its page, and with it the file that the page was reading. */
  #loseDrop(): void {
    const { coming } = this.#drops;
    this.#drops.stop();
    if (coming === undefined) return;
    this.#options.notifier.failed(lostWithItsPage(coming), { deliveryId: this.#id });
  }

  #renderSoon(): void {
    this.#render ??= setTimeout(() => this.#send(), RENDER_MS);
  }

  /** Sends the page the delivery as it is now. */
  #send(): void {
    clearTimeout(this.#render);
    clearTimeout(this.#turn);
    this.#render = undefined;
    const delivery = this.#options.store.find(this.#id);
    if (delivery === undefined) return;
    const name = tabTitle(delivery);
    if (this.#panel.title !== name) {
      this.#panel.title = name;
      this.#options.onTitle();
    }
    this.#showIcon(isPracticeMail(delivery) ? "practice-tab" : "mail-tab");
    if (!this.#ready || !this.#panel.visible) return;
    this.#post({ type: "snapshot", snapshot: this.#snapshot(delivery) });
    const now = Date.now();
    const turn = nextTurn(delivery, now);
    // A timer holds at most 24 days, so a turn further off is checked again every hour.
    if (turn !== undefined) this.#turn = setTimeout(() => this.#send(), Math.min(turn - now, MAX_TURN_MS));
  }

  #showIcon(name: "mail-tab" | "practice-tab"): void {
    if (this.#icon === name) return;
    this.#icon = name;
    const file = (theme: string) =>
      vscode.Uri.joinPath(this.#options.extensionUri, "media", `${name}-${theme}.svg`);
    this.#panel.iconPath = { light: file("light"), dark: file("dark") };
  }

  get #accounts(): PanelSnapshot["accounts"] {
    const { accounts } = this.#options.book;
    return accounts.map((account) => ({
      id: account.id,
      label: account.email,
      note: accountNote(account, accounts),
      hasMethodChoice: hasMethodChoice(account),
    }));
  }

  #snapshot(delivery: DeliveryRecord): PanelSnapshot {
    const { book, store } = this.#options;
    const account = book.find(delivery.accountId);
    const refused = this.#options.refusedFiles.of(delivery.id);
    const snapshot = panelSnapshot(delivery, {
      form: this.#pageForm.toPost(delivery.form),
      ownDomains: managedSetting("ownDomains"),
      history: store.list(),
      xHeadersOnly: takesXHeadersOnly(account),
      sendLimit: this.#options.sendLimit(account),
      mailHosts: this.#options.mailHosts.of(delivery),
      shrink: this.#feeds.shrink.offer,
      refusedLinks: this.#feeds.links.refused,
      accounts: this.#accounts,
      savedRevision: store.savedRevision(delivery.id),
      undoIsManaged: isManagedSetting("undoSendSeconds"),
      notice:
        sentences(
          vscode.workspace.isTrusted
            ? undefined
            : t("Restricted Mode: nothing that this folder provides is used for the mail."),
          this.#notice ?? undefined,
          this.#unnoted ?? undefined,
        ) || null,
      now: Date.now(),
    });
    return refused.length === 0 ? snapshot : { ...snapshot, refused: [...refused] };
  }

  #post(message: ToPanel): void {
    // An answer may come after the panel is closed, and a disposed webview throws.
    if (!this.#closed) void this.#panel.webview.postMessage(message);
  }

  #receive(message: unknown): void {
    const parsed = FromPanel.safeParse(message);
    if (!parsed.success) {
      this.#dropped.note(DROPPED);
      return;
    }
    this.#post({ type: "heard" });
    const intent = this.#pageForm.read(parsed.data);
    if (intent === undefined) {
      this.#post({ type: "formWanted" });
      return;
    }
    const delivery = this.#options.store.find(this.#id);
    const accounts = this.#accounts;
    if (delivery === undefined || !offers(panelOffer(delivery, { accounts, now: Date.now() }), intent)) {
      this.#dropped.note(DROPPED);
      return;
    }
    const isEdit = intent.type === "edit";
    const acted = this.#act(intent).then(
      () => isEdit && this.#sayUnnoted(null),
      (reason: unknown) => {
        // Not a message for each keystroke: the page keeps what is typed, and shows this notice.
        if (isEdit && reason instanceof FreightError && reason.is("driven-elsewhere", "journal-unwritable"))
          this.#sayUnnoted(sentences(reason.message, t("What you type in this tab is not saved yet.")));
        else this.#options.notifier.failed(reason, { deliveryId: this.#id });
      },
    );
    if (isEdit) this.#noted = acted;
  }

  #sayUnnoted(why: string | null): void {
    if (this.#unnoted === why) return;
    this.#unnoted = why;
    this.#renderSoon();
  }

  async #act(intent: WholeIntent): Promise<void> {
    await this.#intents.actOf(intent);
    if (intent.type !== "ready") return;
    this.#ready = true;
    this.#pageForm.forget();
    this.#send();
  }
}
