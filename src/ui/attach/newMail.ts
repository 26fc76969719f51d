/** How a new mail starts: the person's settings, a document, and where to look for images in its text. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import { explain, type Log } from "../../base/log.ts";
import type { ComposeRequest } from "../../delivery/compose/composeRequest.ts";
import { readDocument } from "../../delivery/compose/document.ts";
import type { Begin, Beginning } from "../../delivery/compose/newMailText.ts";
import { beginBody } from "../../delivery/compose/newMailText.ts";
import type { Filler } from "../../delivery/record/provenance.ts";
import { locale } from "../../shared/l10n.ts";
import { type GitExtension, openGit } from "../editor/gitExtension.ts";
import { setting } from "../editor/settings.ts";

/** How long a new mail waits for Git to name the branch. */
const GIT_PATIENCE_MS = 2_000;

export interface NewMailOptions {
  /** Undefined if there is no Git extension, or it is disabled. */
  readonly git: () => vscode.Extension<GitExtension> | undefined;
  readonly now: () => number;
  readonly log: Log;
}

export class NewMail {
  readonly #options: NewMailOptions;

  constructor(options: NewMailOptions) {
    this.#options = options;
  }

  /** A mail started from files: the template with the signature. */
  readonly begin: Begin = (files) => this.#begin(files, {});

  /** A mail filled in by somebody else, whose text, if any, replaces the template. */
  beginRequest(request: Omit<ComposeRequest, "files" | "account">, filledBy?: Filler): Begin {
    return async (files) => ({ ...(await this.#begin(files, request)), filledBy });
  }

  async #begin(
    files: Parameters<Begin>[0],
    { body: document, ...wanted }: Omit<ComposeRequest, "files" | "account">,
  ): Promise<Beginning> {
    const [first] = files;
    const root = workspaceFolder(first === undefined ? undefined : vscode.Uri.file(first.path));
    const stationery = await this.#stationery(root);
    const format = wanted.format ?? stationery.format;
    const text = beginBody({ ...stationery, text: document }, files);
    const imageFolders = root === undefined ? null : { root: root.fsPath, folder: root.fsPath };
    const { to, cc, bcc, subject } = wanted;
    const isBlank = [document, to, cc, bcc, subject].every((value) => value === undefined);
    return { ...wanted, ...text, format, imageFolders, isBlank };
  }

  /** A mail whose text is a Markdown document, followed by the signature; image paths start at its folder. */
  beginDocument(document: vscode.TextDocument): Begin {
    return async (files): Promise<Beginning> => {
      const isFile = document.uri.scheme === "file";
      const root = isFile ? vscode.workspace.getWorkspaceFolder(document.uri)?.uri : undefined;
      const stationery = await this.#stationery(root);
      const { subject, text } = await readDocument(document.getText());
      const folder = dirname(document.uri.fsPath);
      return {
        ...beginBody({ ...stationery, text, isDocument: true }, files),
        subject: subject ?? document.uri.path.replace(/^.*\//, ""),
        format: "markdown",
        imageFolders: root === undefined ? null : { root: root.fsPath, folder },
      };
    };
  }

  async #stationery(folder: vscode.Uri | undefined) {
    const branch = folder === undefined ? undefined : await this.#branch(folder);
    const date = new Intl.DateTimeFormat(locale(), { dateStyle: "long" });
    return {
      format: setting("body.format"),
      template: setting("body.template"),
      signature: setting("body.signature"),
      variables: { date: date.format(this.#options.now()), ...(branch === undefined ? {} : { branch }) },
    };
  }

  /** Undefined if Git cannot tell, for whatever reason: the text then shows that something is missing. */
  async #branch(folder: vscode.Uri): Promise<string | undefined> {
    const extension = this.#options.git();
    const isAsked = /\$\{branch\}/.test(setting("body.template") + setting("body.signature"));
    if (!isAsked || extension === undefined || !vscode.workspace.isTrusted) return undefined;
    try {
      const api = await openGit(extension, GIT_PATIENCE_MS);
      return api.getRepository(folder)?.state.HEAD?.name;
    } catch (reason) {
      this.#options.log.info(`The branch is not known: ${explain(reason)}`);
      return undefined;
    }
  }
}

function workspaceFolder(file: vscode.Uri | undefined): vscode.Uri | undefined {
  const own = file === undefined ? undefined : vscode.workspace.getWorkspaceFolder(file)?.uri;
  const folder = own ?? vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder?.scheme === "file" ? folder : undefined;
}
