/** "Open Practice Mailbox": lists what was sent there, and shows a mail as it arrived. */
import * as vscode from "vscode";
import * as z from "zod";
import { parseAnswer } from "../../net/answers.ts";
import type { Http } from "../../net/http.ts";
import { Here, type PracticeMailbox } from "../../services/practice.ts";
import { formatAgo, formatBytes } from "../../shared/format.ts";

const SCHEME = "freight-practice";

const Address = z.object({ name: z.string().nullish(), email: z.string() });
const Mail = z.object({
  id: z.string(),
  date: z.iso.datetime(),
  from: z.array(Address),
  to: z.array(Address),
  cc: z.array(Address),
  bcc: z.array(Address),
  subject: z.string(),
  text: z.string(),
  attachments: z.array(
    z.object({ filename: z.string(), content_type: z.string(), size: z.number(), sha256: z.string() }),
  ),
  /** Where the whole mail can be fetched, as every mail program reads it. */
  eml: Here,
});
type Mail = z.infer<typeof Mail>;
const Outbox = z.array(Mail);

const LIST_TIMEOUT_MS = 10_000;

export class PracticeOutbox implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #practice: PracticeMailbox;
  readonly #http: Http;
  readonly #registration: vscode.Disposable;

  constructor(practice: PracticeMailbox, http: Http) {
    this.#practice = practice;
    this.#http = http;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
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
      if (mail !== undefined) void this.#show(mail);
    });
    pick.onDidTriggerItemButton(({ item }) => {
      if (item.mail !== undefined) void vscode.env.openExternal(vscode.Uri.parse(item.mail.eml, true));
    });
    pick.onDidHide(() => pick.dispose());
    pick.show();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const mail = (await this.#list()).find(({ id }) => id === uri.query);
    return mail === undefined ? "This mail is no longer in the practice mailbox." : letter(mail);
  }

  dispose(): void {
    this.#registration.dispose();
  }

  async #show(mail: Mail): Promise<void> {
    const title = mail.subject.replace(/[\\/]/g, "_").trim() || "Mail";
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}`, query: mail.id });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  async #list(): Promise<Mail[]> {
    const { outbox } = await this.#practice.addresses();
    const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
    const headers = { accept: "application/json" };
    const answer = await this.#http.send({
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

function letter(mail: Mail): string {
  const lines = [
    ["Date", new Date(mail.date).toLocaleString()],
    ["From", addresses(mail.from)],
    ["To", addresses(mail.to)],
    ["Cc", addresses(mail.cc)],
    ["Bcc", addresses(mail.bcc)],
    ["Subject", mail.subject],
  ];
  const head = lines.filter(([, value]) => value !== "").map(([label, value]) => `${label}: ${value}`);
  const files = mail.attachments.map(
    (file) => `Attachment: ${attachmentWords(file)}\n  SHA-256 ${file.sha256}`,
  );
  return [...head, ...files, "", mail.text, ""].join("\n");
}

function attachmentWords({ filename, size, content_type }: Mail["attachments"][number]): string {
  return `${filename} (${formatBytes(size)}, ${content_type})`;
}

function addresses(list: Mail["to"]): string {
  return list.map(({ name, email }) => (name ? `${name} <${email}>` : email)).join(", ");
}
