/** "Open Practice Mailbox": lists what was sent there, and shows a mail as it arrived. */
import * as vscode from "vscode";
import * as z from "zod";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import type { hashFile } from "../../files/fileHash.ts";
import { parseAnswer } from "../../net/answers.ts";
import type { Http } from "../../net/http.ts";
import { Here, type PracticeMailbox } from "../../services/practice.ts";
import { oneLine } from "../../shared/foreignText.ts";
import { formatAgo, formatBytes } from "../../shared/format.ts";
import { type Comparison, compareFiles, letterPage, recordOf } from "./practiceLetter.ts";

const Address = z.object({ name: z.string().nullish(), email: z.string() });
const Mail = z.object({
  id: z.string(),
  date: z.iso.datetime(),
  from: z.array(Address),
  to: z.array(Address),
  cc: z.array(Address),
  bcc: z.array(Address),
  subject: z.string(),
  body: z.string(),
  is_plaintext: z.boolean(),
  deliveries: z.number(),
  attachments: z.array(
    z.object({
      filename: z.string(),
      content_type: z.string(),
      size: z.number(),
      sha256: z.string(),
      is_inline: z.boolean(),
      content_id: z.string().nullable(),
      url: Here,
    }),
  ),
  /** Where the whole mail can be fetched, as every mail program reads it. */
  eml: Here,
});
type Mail = z.infer<typeof Mail>;
const Outbox = z.array(Mail);

const LIST_TIMEOUT_MS = 10_000;
/** The largest file of all takes seconds. */
const HASH_TIMEOUT_MS = 60_000;

export interface PracticeOutboxOptions {
  readonly practice: PracticeMailbox;
  readonly http: Http;
  readonly extensionUri: vscode.Uri;
  readonly deliveries: () => readonly DeliveryRecord[];
  /** SHA-256 of a file. */
  readonly hash: typeof hashFile;
  readonly failed: (reason: unknown) => void;
}

export class PracticeOutbox {
  readonly #options: PracticeOutboxOptions;

  constructor(options: PracticeOutboxOptions) {
    this.#options = options;
  }

  /** Lists the mails, newest first; choosing one opens it. */
  async open(): Promise<void> {
    const mails = await this.#list();
    const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly mail?: Mail }>();
    pick.title = "Practice Mailbox";
    // The mailbox may have had to start first: wherever the focus has gone meanwhile, the list stays.
    pick.ignoreFocusOut = true;
    pick.placeholder =
      mails.length === 0
        ? "Nothing has been sent from the practice mailbox yet"
        : "Mails that were sent, newest first";
    pick.items = mails.map((mail) => ({
      label: mail.subject === "" ? "(no subject)" : mail.subject,
      description: formatAgo(Date.now() - Date.parse(mail.date)),
      detail: [`To ${addresses(mail.to)}`, ...mail.attachments.map(attachmentWords)].join(" · "),
      iconPath: new vscode.ThemeIcon("mail"),
      buttons: [
        { iconPath: new vscode.ThemeIcon("desktop-download"), tooltip: "Open the .eml in a Mail Program" },
      ],
      mail,
    }));
    pick.onDidAccept(() => {
      const mail = pick.selectedItems[0]?.mail;
      pick.hide();
      if (mail !== undefined) this.#show(mail).catch(this.#options.failed);
    });
    pick.onDidTriggerItemButton(({ item }) => {
      if (item.mail !== undefined) void vscode.env.openExternal(vscode.Uri.parse(item.mail.eml, true));
    });
    pick.onDidHide(() => pick.dispose());
    pick.show();
  }

  /** Opens a mail as its recipients see it, and compares its files with those on this machine. */
  async #show(mail: Mail): Promise<void> {
    const { extensionUri } = this.#options;
    const compared = await this.#compare(mail);
    const title = oneLine(mail.subject) || "Mail";
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
  }

  async #compare(mail: Mail): Promise<Comparison[]> {
    const { deliveries, hash } = this.#options;
    const sent = recordOf(mail, deliveries())?.attachments;
    return Promise.all(
      mail.attachments.map(async (file) => {
        const own = sent?.find(({ name }) => name === file.filename);
        // Deleted, or not to be read any more: then what was sent is compared with.
        const onDisk =
          own && (await hash(own.path, AbortSignal.timeout(HASH_TIMEOUT_MS)).catch(() => undefined));
        return compareFiles(file, own, onDisk?.sha256);
      }),
    );
  }

  async #list(): Promise<Mail[]> {
    const { practice, http } = this.#options;
    const { outbox } = await practice.addresses();
    const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
    const headers = { accept: "application/json" };
    const answer = await http.send({
      method: "GET",
      url: outbox,
      headers,
      mayQuote: true,
      timeoutMs: LIST_TIMEOUT_MS,
      signal,
    });
    return parseAnswer(Outbox, answer, "list of mails in the practice mailbox");
  }
}

function attachmentWords({ filename, size, content_type }: Mail["attachments"][number]): string {
  return `${filename} (${formatBytes(size)}, ${content_type})`;
}

function addresses(list: Mail["to"]): string {
  return list.map(({ name, email }) => (name ? `${name} <${email}>` : email)).join(", ");
}
