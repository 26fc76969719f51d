/** Ways to attach other than a file's menu: drops, an editor's lines or document, and commits. */
import { basename } from "node:path";
import * as vscode from "vscode";
import * as z from "zod";
import type { AccountBook } from "../../accounts/accountBook.ts";
import type { Begin } from "../../delivery/compose/newMailText.ts";
import { isOpen } from "../../delivery/record/queries.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { fileLimit, mailboxOf } from "../../delivery/words/sendMethod.ts";
import type { Room } from "../../files/zip/archives.ts";
import { t } from "../../shared/l10n.ts";
import type { GitExtension } from "../editor/gitExtension.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { type MadeFiles, tooLarge } from "./madeFiles.ts";
import type { NewMail } from "./newMail.ts";
import type { OutsideFiles } from "./outsideFiles.ts";

export interface IncomingFilesOptions {
  readonly store: DeliveryStore;
  readonly book: AccountBook;
  readonly made: MadeFiles;
  readonly outside: OutsideFiles;
  readonly dialogs: Pick<Dialogs, "keep" | "pick" | "tell">;
  readonly newMail: NewMail;
  /** Undefined if there is no Git extension, or it is disabled. */
  readonly git: () => vscode.Extension<GitExtension> | undefined;
  /** Sends files that already exist. */
  readonly send: (uris: readonly vscode.Uri[], deliveryId: string | undefined) => Promise<void>;
  /** Attaches files made for the mail. */
  readonly put: (paths: readonly string[], deliveryId?: string, begin?: Begin) => Promise<void>;
  readonly failed: (reason: unknown) => void;
  readonly now: () => number;
}

const Target = z.object({ deliveryId: z.string() });

export class IncomingFiles {
  readonly #options: IncomingFilesOptions;
  readonly #closing = new AbortController();

  constructor(options: IncomingFilesOptions) {
    this.#options = options;
  }

  /** Stops all work under way. */
  stop(): void {
    this.#closing.abort();
  }

  /** Attaches dropped files to the mail they were dropped on; to a new one if it has left or is missing. */
  async drop(target: unknown, dropped: vscode.DataTransfer): Promise<void> {
    const { store, made, send, put, failed } = this.#options;
    try {
      const delivery = store.find(Target.safeParse(target).data?.deliveryId ?? "");
      const mail = delivery !== undefined && isOpen(delivery) ? delivery : undefined;
      const { uris, loose } = await readDrop(dropped);
      if (loose.length > 0)
        await made.handOver(
          (newRoom) => this.#copy(loose, mail?.accountId ?? null, newRoom),
          (paths) => put(paths, mail?.id),
        );
      if (uris.length > 0) await send(uris, mail?.id);
    } catch (reason) {
      failed(reason);
    }
  }

  /** Attaches what was dropped on a mail's page to that mail. @param texts URIs, as the page gives them */
  async dropOnPanel(deliveryId: string, texts: readonly string[]): Promise<void> {
    const { droppedUris } = await import("./droppedUris.ts");
    const { outside, send } = this.#options;
    const uris = droppedUris(texts);
    const paths = uris.filter(({ scheme }) => scheme === "file").map(({ fsPath }) => fsPath);
    if (await outside.mayComeIn(paths)) await send(uris, deliveryId);
  }

  /** Attaches the selected lines of the editor as shown, saved or not. */
  async sendSelection(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const chosen = editor?.selections.filter(({ isEmpty }) => !isEmpty) ?? [];
    const ordered = [...chosen].sort((a, b) => a.start.compareTo(b.start));
    if (editor === undefined || chosen.length === 0) {
      void this.#options.dialogs.tell("info", t("Select the lines you want to attach."));
      return;
    }
    const { selectionName, selectionText } = await import("../editor/selection.ts");
    const { document } = editor;
    const lines = ordered.map((range) => ({
      first: range.start.line,
      // A selection that ends before a line's first character includes nothing of that line.
      last: range.end.character === 0 && !range.isSingleLine ? range.end.line - 1 : range.end.line,
      text: document.getText(range),
    }));
    const name = selectionName(fileName(document), lines);
    const text = selectionText(lines, document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n");
    await this.#options.made.handOver(
      async (newRoom) => [await (await newRoom()).write(name, text)],
      (paths) => this.#options.put(paths),
    );
  }

  /** Starts a mail whose text is a Markdown document as the editor shows it, saved or not. */
  async sendDocument(chosen: vscode.Uri | undefined): Promise<void> {
    const { put, newMail, dialogs } = this.#options;
    const uri = chosen ?? vscode.window.activeTextEditor?.document.uri;
    const document = uri === undefined ? undefined : await vscode.workspace.openTextDocument(uri);
    if (document?.languageId !== "markdown")
      void dialogs.tell("info", t("Open the Markdown file you want to send."));
    else await put([], undefined, newMail.beginDocument(document));
  }

  /** Attaches commits as patches. @param source the repository's row in Source Control, if any */
  async sendPatch(source: unknown): Promise<void> {
    const { made, newMail, put, git, now, dialogs } = this.#options;
    const { choosePatches } = await import("./gitPatch.ts");
    const { amCommand } = await import("../../files/git/patchText.ts");
    const chosen = await choosePatches(git(), source, now(), dialogs, this.#closing.signal);
    if (chosen === undefined) return;
    const begin: Begin = async (files) => {
      const mail = await newMail.begin(files);
      const command = await amCommand(files.map(({ path }) => path));
      return {
        ...mail,
        subject: chosen.subject,
        isBlank: false, // The person chose the commits.
        ...(command === "git am"
          ? {}
          : { body: `${t("Apply the patches with: {0}", command)}\n\n${mail.body}` }),
      };
    };
    await made.handOver(chosen.write, (paths) => put(paths, undefined, begin));
  }

  /** Copies files from the desktop that have no path where the extension runs. */
  async #copy(
    files: readonly vscode.DataTransferFile[],
    accountId: string | null,
    newRoom: () => Promise<Room>,
  ): Promise<readonly string[]> {
    const { book, failed } = this.#options;
    const account = accountId === null ? book.defaultAccount : book.find(accountId);
    const { bytes: limit } = fileLimit({ ...mailboxOf(account), hasLinks: false });
    const paths: string[] = [];
    for (const file of files) {
      // VS Code can only read the whole file: one at a time, so that memory holds just one.
      const content = await file.data();
      if (content.length > limit) failed(tooLarge(file.name, content.length, limit));
      else paths.push(await (await newRoom()).write(file.name, content));
    }
    return paths;
  }
}

/** URIs on disks that the extension sees, and files without a path. Not folders from the desktop. */
async function readDrop(dropped: vscode.DataTransfer) {
  const list = (await dropped.get("text/uri-list")?.asString()) ?? "";
  const uris = list.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#"));
  const files = [...dropped].flatMap(([, item]) => item.asFile() ?? []);
  const known = new Set([...uris, ...files.flatMap(({ uri }) => uri?.toString() ?? [])]);
  return {
    uris: [...known].map((uri) => vscode.Uri.parse(uri)),
    loose: files.filter(({ uri }) => uri === undefined),
  };
}

/** The document's file name; if it was never saved, its tab's title with `.txt` added. */
function fileName(document: vscode.TextDocument): string {
  const name = basename(document.uri.path);
  return document.isUntitled && !name.includes(".") ? `${name}.txt` : name;
}
