/** Shows errors with the buttons of their remedies. The words come from the code that knows what happened. */
import {
  asFreightError,
  type FreightError,
  isCancellation,
  type SavedError,
  toSavedError,
} from "../../base/errors.ts";
import { Emitter } from "../../base/lifecycle.ts";
import { explain, type Log } from "../../base/log.ts";
import { otherRemedy, remedyLabel } from "../../delivery/words/problemWords.ts";
import type { Remedy } from "../../shared/contract/snapshot.ts";
import { sentences } from "../../shared/l10n.ts";
import type { Dialogs } from "./dialogs.ts";
import { plain } from "./plain.ts";

/** What a remedy is applied to. */
export interface RemedyContext {
  readonly accountId?: string | null;
  readonly deliveryId?: string;
  readonly attachmentId?: string;
}

export interface ChosenRemedy {
  readonly remedy: Remedy;
  readonly context: RemedyContext;
}

export type RunRemedy = (remedy: Remedy, context: RemedyContext) => Promise<void>;

export class Notifier {
  readonly #log: Log;
  readonly #dialogs: Dialogs;
  readonly #remedyChosen = new Emitter<ChosenRemedy>();
  /** Fires when the person presses an error's button. */
  readonly onDidChooseRemedy = this.#remedyChosen.event;

  constructor(log: Log, dialogs: Dialogs) {
    this.#log = log;
    this.#dialogs = dialogs;
  }

  /** Logs and shows what went wrong in an operation that a person started, unless they cancelled it. */
  failed(reason: unknown, context: RemedyContext = {}): void {
    if (isCancellation(reason) || isCanceled(reason)) return;
    this.#log.error(explain(reason));
    const error = toSavedError(asFreightError(reason));
    // No "Retry": that would retry what the record says has failed, and send a mail whose text was not saved.
    this.problem(error.remedy === "retry" ? { ...error, remedy: null } : error, context);
  }

  /** Logs and shows an error that `step` would resolve. @returns true when the person wants that step */
  async offer(error: FreightError, advice: string, step: string): Promise<boolean> {
    this.#log.error(explain(error));
    return (await this.#dialogs.tell("error", plain(sentences(error.message, advice)), step)) === step;
  }

  /** Shows an error that is already logged, with buttons for what helps. */
  problem(error: SavedError, context: RemedyContext = {}): void {
    const helps = [error.remedy, otherRemedy(error)].flatMap((one) => one ?? []);
    const applicable = helps.filter((remedy) => isApplicable(remedy, context));
    // Without a remedy there is no "Show Log" either: the message says it all.
    const offered = new Set<Remedy>(applicable.length === 0 ? [] : [...applicable, "showLog"]);
    const buttons = new Map([...offered].map((remedy) => [remedyLabel(remedy), remedy]));
    void this.#dialogs.tell("error", plain(error.message), ...buttons.keys()).then((chosen) => {
      const remedy = chosen === undefined ? undefined : buttons.get(chosen);
      if (remedy !== undefined) this.#remedyChosen.fire({ remedy, context });
    });
  }
}

/** VS Code's own `CancellationError`, recognized by the name that it has in all of VS Code's processes. */
function isCanceled(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "Canceled";
}

/** A remedy without its object would be a button that does nothing. */
function isApplicable(remedy: Remedy, { accountId, deliveryId, attachmentId }: RemedyContext): boolean {
  switch (remedy) {
    case "checkAccount":
    case "updateKey":
    case "allowMore":
    case "copyAdminCommand":
      return accountId !== undefined && accountId !== null;
    case "retry":
    case "uploadNewVersion":
    case "compressAndSend":
    case "sendLink":
    case "correctAddress":
    case "sendToRefused":
    case "sendAgain":
    case "saveAgain":
      return deliveryId !== undefined;
    case "compress":
    case "packAgain":
    case "sendAsItIs":
      return deliveryId !== undefined && attachmentId !== undefined;
    case "addAccount":
    case "showLog":
    case "openProxySettings":
      return true;
  }
}
