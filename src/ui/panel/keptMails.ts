/** What happens to an unsent mail whose panel a person closes: it is kept, with a way back. */
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

/** Panels closed within this time share one message. */
const TOGETHER_MS = 200;

export interface KeptMailsOptions {
  readonly store: Pick<DeliveryStore, "find" | "get">;
  readonly runner: Pick<DeliveryRunner, "forget">;
  readonly show: (deliveryId: string) => void;
  /** Forgets a mail once the person has confirmed. */
  readonly discard: (deliveryId: string) => Promise<void>;
  readonly isOpen: (deliveryId: string) => boolean;
  /** Shows for some seconds that a mail was not kept. @returns true when the person wants it back */
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

  /** Call when a person has closed the panel, once everything typed there is saved. */
  closed(deliveryId: string): void {
    this.#closed.add(deliveryId);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), TOGETHER_MS);
  }

  dispose(): void {
    // The window is closing: mails that are open or were just closed stay as they are.
    clearTimeout(this.#timer);
  }

  #tell(): void {
    const ids = [...this.#closed];
    this.#closed.clear();
    const kept: string[] = [];
    for (const id of ids) {
      const delivery = this.#options.store.find(id);
      // A mail that waits or is leaving goes on automatically; one that was reopened is not closed.
      if (delivery === undefined || !isUnsentMail(delivery) || this.#options.isOpen(id)) continue;
      if (isUntouched(delivery)) void this.#letGo(delivery);
      else kept.push(id);
    }
    const [first, ...others] = kept;
    if (first === undefined) return;
    (others.length === 0 ? this.#offer(first) : this.#offerAll(kept)).catch(this.#options.failed);
  }

  /** Forgets a mail unless the person wants it back, or another window works on it. */
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
