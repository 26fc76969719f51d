/** The ways to attach files to a mail or an event; all end in `MailActs`. */
import type * as vscode from "vscode";
import type { Account, AccountBook } from "../../accounts/accountBook.ts";
import type { ComposeRequest } from "../../delivery/compose/composeRequest.ts";
import type { Filler } from "../../delivery/record/provenance.ts";
import type { CalendarEvent } from "../../services/calendar.ts";
import type { NewMail } from "../attach/newMail.ts";
import type { AccountActs } from "./accountActs.ts";
import type { MailActs } from "./mailActs.ts";

/** How files are chosen: clicked, dropped, picked in a dialog, or named in a text. */
export interface FileSelection {
  /** The paths of what was clicked or dropped; empty when the person does not want to send anything. */
  local(uris: readonly vscode.Uri[]): Promise<readonly string[]>;
  /** Lets the person choose files. */
  choose(): Promise<readonly string[]>;
  /** The paths that a text names. @returns undefined when the person declines them @throws FreightError */
  requested(names: readonly string[]): Promise<readonly string[] | undefined>;
}

export interface AttachActsOptions {
  readonly files: FileSelection;
  readonly mails: Pick<MailActs, "attachToEvent" | "begin" | "put">;
  readonly accounts: Pick<AccountActs, "withCalendar">;
  readonly book: Pick<AccountBook, "named">;
  readonly newMail: Pick<NewMail, "beginRequest">;
  /** @returns undefined when the person dismissed the list */
  readonly chooseEvent: (account: Account) => Promise<CalendarEvent | undefined>;
}

export class AttachActs {
  readonly #options: AttachActsOptions;

  constructor(options: AttachActsOptions) {
    this.#options = options;
  }

  /** Starts a mail with what was clicked, or with what the person picks now. */
  async send(clicked: readonly vscode.Uri[]): Promise<void> {
    const paths = await this.#pathsOf(clicked);
    if (paths.length > 0) await this.#options.mails.begin(paths);
  }

  /** Adds what was dropped to a mail. @param deliveryId a mail that has not left yet; undefined: a new one */
  async sendInto(dropped: readonly vscode.Uri[], deliveryId: string | undefined): Promise<void> {
    const paths = await this.#options.files.local(dropped);
    if (paths.length > 0) await this.#options.mails.put(paths, deliveryId);
  }

  /** Lets the person pick files for a mail that has not left yet. */
  async addFiles(deliveryId: string): Promise<void> {
    const paths = await this.#options.files.choose();
    if (paths.length > 0) await this.#options.mails.put(paths, deliveryId);
  }

  /** Opens a new mail filled in as requested. @throws FreightError when a file or account does not exist */
  async fill(request: ComposeRequest, who: Filler): Promise<{ readonly deliveryId: string } | undefined> {
    const { book, newMail, files, mails } = this.#options;
    const account = request.account === undefined ? undefined : book.named(request.account);
    const paths = await files.requested(request.files);
    if (paths === undefined) return undefined;
    const begin = newMail.beginRequest(request, isEmpty(request) ? undefined : who);
    const deliveryId = await mails.begin(paths, begin, account);
    return deliveryId === undefined ? undefined : { deliveryId };
  }

  /** Attaches files to a calendar event, without a mail. */
  async attachToEvent(clicked: readonly vscode.Uri[]): Promise<void> {
    const { accounts, chooseEvent, mails } = this.#options;
    const paths = await this.#pathsOf(clicked);
    if (paths.length === 0) return;
    const account = await accounts.withCalendar();
    const event = account === undefined ? undefined : await chooseEvent(account);
    if (account === undefined || event === undefined) return;
    await mails.attachToEvent(paths, account, event);
  }

  #pathsOf(clicked: readonly vscode.Uri[]): Promise<readonly string[]> {
    const { files } = this.#options;
    return clicked.length > 0 ? files.local(clicked) : files.choose();
  }
}

/** True for a request for a mail with nothing filled in. */
function isEmpty({ files, account: _, format: __, ...texts }: ComposeRequest): boolean {
  return files.length === 0 && Object.values(texts).every((text) => (text ?? "") === "");
}
