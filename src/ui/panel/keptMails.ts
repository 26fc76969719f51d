/** What becomes of a mail whose panel a person has closed before it was sent: kept, with a way back. */
import { explain, type Log } from "../../base/log.ts";
import { isUntouched } from "../../delivery/compose/untouched.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { tabTitle } from "../../delivery/record/describeMail.ts";
import { isEditable } from "../../delivery/record/queries.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { t } from "../../shared/l10n.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { plain } from "../notices/plain.ts";

/** Panels that are closed together are told of together. */
const TOGETHER_MS = 200;

export interface KeptMailsOptions {
  readonly store: Pick<DeliveryStore, "find" | "get">;
  readonly runner: Pick<DeliveryRunner, "forget">;
  readonly show: (deliveryId: string) => void;
  /** Asks before it forgets. */
  readonly discard: (deliveryId: string) => Promise<void>;
  readonly isOpen: (deliveryId: string) => boolean;
  /** Says for some seconds that a mail is not kept. @returns true when the person wants it back */
  readonly offerUndo: (name: string) => Promise<boolean>;
  readonly failed: (reason: unknown) => void;
  readonly dialogs: Dialogs;
  readonly runCommand: (command: string) => Promise<void>;
  readonly log: Log;
}

export class KeptMails {
  readonly #options: KeptMailsOptions;
  readonly #closed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KeptMailsOptions) {
    this.#options = options;
  }

  /** A person has closed the panel, and everything that was typed there is noted. */
  closed(deliveryId: string): void {
    this.#closed.add(deliveryId);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), TOGETHER_MS);
  }

  dispose(): void {
    // The window goes away: what is open in it, and what was just closed, stays as it is.
    clearTimeout(this.#timer);
  }

  #tell(): void {
    const ids = [...this.#closed];
    this.#closed.clear();
    const kept: string[] = [];
    for (const id of ids) {
      const delivery = this.#options.store.find(id);
      // What waits or leaves goes on automatically; what was opened again meanwhile is not gone.
      if (delivery === undefined || !isUnsentMail(delivery) || this.#options.isOpen(id)) continue;
      if (isUntouched(delivery)) void this.#letGo(delivery);
      else kept.push(id);
    }
    const [first, ...others] = kept;
    if (first === undefined) return;
    (others.length === 0 ? this.#offer(first) : this.#offerAll(kept)).catch(this.#options.failed);
  }

  /** Until nobody wants it back it stays, and so it does where another window is at it. */
  async #letGo({ id, form, attachments }: DeliveryRecord): Promise<void> {
    const { store, runner, show, isOpen, offerUndo, log } = this.#options;
    const isWanted = attachments.length > 0 && (await offerUndo(tabTitle({ form })));
    const present = store.find(id);
    if (present === undefined) return;
    if (isWanted) return show(id);
    if (isOpen(id) || !isUnsentMail(present) || !isUntouched(present)) return;
    await runner.forget(id).catch((reason: unknown) => log.info(explain(reason)));
  }

  async #offerAll(deliveryIds: readonly string[]): Promise<void> {
    const { store, show, dialogs, runCommand } = this.#options;
    const text = t("{0} mails were saved.", deliveryIds.length);
    const [reopen, showSessions] = [t("Reopen All"), t("Show Sessions")];
    const answer = await dialogs.tell("info", text, reopen, showSessions);
    if (answer === showSessions) await runCommand("freightMail.sessions.focus");
    // Some may have been sent or removed since.
    if (answer === reopen) for (const id of deliveryIds) if (store.find(id) !== undefined) show(id);
  }

  async #offer(deliveryId: string): Promise<void> {
    const { store, show, discard, dialogs } = this.#options;
    const name = tabTitle(store.get(deliveryId));
    const reopen = t("Reopen");
    const text = t("“{0}” was saved.", name);
    const answer = await dialogs.tell("info", plain(text), reopen, t("Discard…"));
    // It may have been sent or removed since.
    if (answer === undefined || store.find(deliveryId) === undefined) return;
    if (answer === reopen) show(deliveryId);
    else await discard(deliveryId);
  }
}

function isUnsentMail(delivery: DeliveryRecord): boolean {
  return delivery.event === null && isEditable(delivery);
}
