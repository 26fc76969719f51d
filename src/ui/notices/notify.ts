/** An error and its remedy's button, or good news. The words come from whoever knew what happened. */
import * as vscode from "vscode";
import {
  asFreightError,
  type FreightError,
  isCancellation,
  type SavedError,
  toSavedError,
} from "../../base/errors.ts";
import { explain, type Log } from "../../base/log.ts";
import { remedyLabel } from "../../delivery/words/describe.ts";
import type { Remedy } from "../../shared/contract.ts";
import { plain } from "./plain.ts";

/** What a remedy is applied to. */
export interface RemedyContext {
  readonly accountId?: string | null;
  readonly deliveryId?: string;
  readonly attachmentId?: string;
}

export type RunRemedy = (remedy: Remedy, context: RemedyContext) => Promise<void>;

const SHOW_LOG = "Show Log";

export class Notifier {
  readonly #log: Log;
  readonly #runRemedy: RunRemedy;

  constructor(log: Log, runRemedy: RunRemedy) {
    this.#log = log;
    this.#runRemedy = runRemedy;
  }

  /** Logs and shows what went wrong in an operation that a person began; says nothing when they cancelled it. */
  failed(reason: unknown, context: RemedyContext = {}): void {
    if (isCancellation(reason) || reason instanceof vscode.CancellationError) return;
    this.#log.error(explain(reason));
    const error = toSavedError(asFreightError(reason));
    // "Retry" tries again what a record says has failed, and would send a mail whose text could not be noted.
    this.problem(error.remedy === "retry" ? { ...error, remedy: null } : error, context);
  }

  /** Logs and shows an error that a step would get over. @returns true when the person wants that step */
  async offer(error: FreightError, advice: string, step: string): Promise<boolean> {
    this.#log.error(explain(error));
    return (await vscode.window.showErrorMessage(plain(`${error.message} ${advice}`), step)) === step;
  }

  /** Shows an error that is logged already, with the button for its remedy. */
  problem(error: SavedError, context: RemedyContext = {}): void {
    const remedy = isApplicable(error.remedy, context) ? error.remedy : null;
    // An error that needs no remedy says all there is to say.
    const buttons =
      remedy === null ? [] : remedy === "showLog" ? [SHOW_LOG] : [remedyLabel(remedy), SHOW_LOG];
    void vscode.window.showErrorMessage(plain(error.message), ...buttons).then(async (chosen) => {
      if (chosen === SHOW_LOG) await vscode.commands.executeCommand("freightMail.showLog");
      else if (chosen !== undefined && remedy !== null) await this.#runRemedy(remedy, context);
    });
  }
}

/** A remedy without what it is for would be a button that does nothing. */
function isApplicable(
  remedy: Remedy | null,
  { accountId, deliveryId, attachmentId }: RemedyContext,
): boolean {
  switch (remedy) {
    case "checkAccount":
    case "updateKey":
    case "copyAdminCommand":
      return accountId !== undefined && accountId !== null;
    case "retry":
    case "uploadNewVersion":
    case "sendAgain":
    case "saveAgain":
      return deliveryId !== undefined;
    case "compress":
    case "packAgain":
      return deliveryId !== undefined && attachmentId !== undefined;
    case "addAccount":
    case "showLog":
    case "openProxySettings":
    case null:
      return true;
  }
}
