/** "Open Practice Mailbox": lists what was sent there, and shows a mail as it arrived. */
import * as vscode from "vscode";
import { shortened } from "../../delivery/record/describeMail.ts";
import { oneLine } from "../../shared/foreignText.ts";
import { described, formatAgo, formatBytes, noted } from "../../shared/format.ts";
import { listOf, t } from "../../shared/l10n.ts";
import { letterPage } from "./practiceLetter.ts";
import type { PracticeMail as Mail, PracticeMails } from "./practiceMails.ts";

export interface PracticeOutboxOptions {
  readonly mails: PracticeMails;
  readonly extensionUri: vscode.Uri;
  readonly failed: (reason: unknown) => void;
}

export class PracticeOutbox {
  readonly #options: PracticeOutboxOptions;

  constructor(options: PracticeOutboxOptions) {
    this.#options = options;
  }

  /** Lists the mails, newest first; choosing one opens it. */
  async open(): Promise<void> {
    const mails = await this.#options.mails.list();
    const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly mail?: Mail }>();
    pick.title = t("Practice Mailbox");
    // Starting the mailbox may have taken a while: keep the list, wherever the focus has gone since.
    pick.ignoreFocusOut = true;
    pick.placeholder =
      mails.length === 0
        ? t("Nothing has been sent from the practice mailbox yet")
        : t("Mails that were sent, newest first");
    const letters = mails.map((mail) => ({
      label: mail.subject === "" ? t("(no subject)") : mail.subject,
      description: formatAgo(Date.now() - Date.parse(mail.date)),
      detail: [t("To {0}", addresses(mail.to)), ...mail.attachments.map(attachmentWords)].join(" · "),
      iconPath: new vscode.ThemeIcon("mail"),
      buttons: [
        { iconPath: new vscode.ThemeIcon("desktop-download"), tooltip: t("Open the .eml in a Mail Program") },
      ],
      mail,
    }));
    const first = { label: t("Send a File…"), description: t("It arrives here, and nobody gets it") };
    pick.items = letters.length === 0 ? [{ ...first, iconPath: new vscode.ThemeIcon("add") }] : letters;
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      pick.hide();
      if (chosen?.mail !== undefined) this.#show(chosen.mail).catch(this.#options.failed);
      else if (chosen !== undefined) void vscode.commands.executeCommand("freightMail.send");
    });
    pick.onDidTriggerItemButton(({ item }) => {
      if (item.mail !== undefined) void vscode.env.openExternal(vscode.Uri.parse(item.mail.eml, true));
    });
    pick.onDidHide(() => pick.dispose());
    pick.show();
  }

  /** Opens a mail as its recipients see it, and compares its files with those on this machine. */
  async #show(mail: Mail): Promise<void> {
    const { extensionUri, mails } = this.#options;
    const compared = await mails.compare(mail);
    // Beside the tab of the mail that was sent, which is called by its subject.
    const title = t("Arrived: {0}", shortened(oneLine(mail.subject) || t("Mail")));
    const panel = vscode.window.createWebviewPanel("freightMail.arrived", title, vscode.ViewColumn.Active, {
      enableScripts: false,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, "media")],
    });
    const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, "media", `practice-tab-${theme}.svg`);
    panel.iconPath = { light: icon("light"), dark: icon("dark") };
    const { cspSource } = panel.webview;
    const styleSheet = panel.webview
      .asWebviewUri(vscode.Uri.joinPath(extensionUri, "media", "panel.css"))
      .toString();
    panel.webview.html = letterPage({ mail, compared, styleSheet, cspSource });
    // This completes the walkthrough's last step; an empty list would not, as it shows no arrival.
    void vscode.commands.executeCommand("setContext", "freightMail.hasSeenArrival", true);
  }
}

function attachmentWords({ filename, size, content_type }: Mail["attachments"][number]): string {
  return noted(filename, described(formatBytes(size), content_type));
}

function addresses(list: Mail["to"]): string {
  return listOf(list.map(({ name, email }) => (name ? `${name} <${email}>` : email)));
}
