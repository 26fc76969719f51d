/** The list of mails scheduled at the services, ours and others, each with a button that cancels it. */
import * as vscode from "vscode";
import type { Account, AccountBook } from "../../accounts/accountBook.ts";
import { explain, type Log } from "../../base/log.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import type { MailService } from "../../services/mailService.ts";
import type { ListedSchedule } from "../../services/scheduling.ts";
import { oneLine } from "../../shared/foreignText.ts";
import { formatMoment } from "../../shared/format.ts";
import { listOf, t } from "../../shared/l10n.ts";
import { everybody } from "../../shared/message.ts";
import { shownRecipient } from "../../shared/shownRecipient.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import type { Notifier } from "../notices/notify.ts";
import { plain, withoutIcons } from "../notices/plain.ts";

export interface ScheduledMailsOptions {
  readonly store: DeliveryStore;
  readonly runner: DeliveryRunner;
  readonly book: AccountBook;
  readonly serviceFor: (account: Account) => Promise<MailService>;
  readonly show: (deliveryId: string) => void;
  readonly dialogs: Dialogs;
  readonly notifier: Notifier;
  readonly log: Log;
}

interface MailItem extends vscode.QuickPickItem {
  readonly deliveryId?: string;
  readonly cancel?: () => Promise<void>;
}

const PATIENCE_MS = 30_000;
const cancelButton = (): vscode.QuickInputButton => ({
  iconPath: new vscode.ThemeIcon("trash"),
  tooltip: t("Cancel Scheduled Mail"),
});

export class ScheduledMails {
  readonly #options: ScheduledMailsOptions;
  /** Asks only one question at a time, however often somebody clicks. */
  #isAsking = false;

  constructor(options: ScheduledMailsOptions) {
    this.#options = options;
  }

  /** Cancels a scheduled mail once confirmed; it can then be edited again. */
  async cancel(deliveryId: string): Promise<void> {
    const delivery = this.#options.store.find(deliveryId);
    if (delivery?.phase !== "scheduled" || this.#isAsking) return;
    this.#isAsking = true;
    const isMeant = await this.#ask(delivery).finally(() => {
      this.#isAsking = false;
    });
    if (!isMeant) return;
    const isDraftLeft = await this.#options.runner.cancelScheduled(deliveryId);
    this.#options.show(deliveryId);
    if (isDraftLeft)
      void this.#options.dialogs.tell(
        "info",
        t("The mail was cancelled and will not be sent. A draft of it may still be in the mailbox's Drafts."),
      );
  }

  async #ask(delivery: DeliveryRecord): Promise<boolean> {
    const cancel = t("Cancel Scheduled Mail");
    const question = plain(t("Cancel “{0}”?", subjectOf(delivery)));
    const detail = t("It will not be sent. You can change it and send it again.");
    return (await this.#options.dialogs.ask("warning", question, detail, cancel)) === cancel;
  }

  async list(): Promise<void> {
    const pick = vscode.window.createQuickPick<MailItem>();
    pick.title = t("Scheduled Mails");
    pick.placeholder = t("Loading scheduled mails…");
    pick.busy = true;
    pick.matchOnDescription = true;
    const ended = new Promise<void>((resolve) => pick.onDidHide(resolve));
    const fill = async () => {
      pick.items = await this.#items();
      pick.busy = false;
      pick.placeholder =
        pick.items.length === 0 ? t("No mails are scheduled.") : t("Choose a mail to open or cancel it");
    };
    pick.onDidTriggerItemButton(({ item }) => {
      pick.hide();
      void item.cancel?.().catch((reason: unknown) => this.#options.notifier.failed(reason));
    });
    pick.onDidAccept(() => {
      const [{ deliveryId } = { deliveryId: undefined }] = pick.selectedItems;
      if (deliveryId === undefined) return;
      pick.hide();
      this.#options.show(deliveryId);
    });
    pick.show();
    try {
      await fill();
      await ended;
    } finally {
      pick.dispose();
    }
  }

  async #items(): Promise<MailItem[]> {
    const { store, book } = this.#options;
    const ours = store.list().filter(({ phase }) => phase === "scheduled");
    const known = new Set(ours.map(({ schedule }) => schedule?.id));
    const others = await Promise.all(book.accounts.map((account) => this.#listed(account)));
    return [
      ...ours.map((delivery) => this.#ourItem(delivery)),
      ...others
        .flat()
        .filter(({ id }) => !known.has(id))
        .map(({ item }) => item),
    ];
  }

  #ourItem(delivery: DeliveryRecord): MailItem {
    const { id, schedule, message } = delivery;
    const moment = schedule === null ? "" : formatMoment(schedule.sendAt, Date.now());
    const isCancellable = schedule?.id != null;
    return {
      label: withoutIcons(oneLine(subjectOf(delivery))),
      description: withoutIcons(
        [moment, message === null ? "" : listOf(everybody(message).map(shownRecipient))]
          .filter(Boolean)
          .join(" · "),
      ),
      deliveryId: id,
      ...(isCancellable ? { buttons: [cancelButton()], cancel: () => this.cancel(id) } : {}),
    };
  }

  /** What a service lists: mails scheduled here, on another machine, or forgotten here. */
  async #listed(account: Account): Promise<{ readonly id: string; readonly item: MailItem }[]> {
    try {
      const { schedules } = await this.#options.serviceFor(account);
      const listed = (await schedules?.list?.(AbortSignal.timeout(PATIENCE_MS))) ?? [];
      return listed
        .filter(({ state }) => state === "pending")
        .map((schedule) => ({ id: schedule.id, item: this.#foreignItem(account, schedule) }));
    } catch (reason) {
      this.#options.log.warn(explain(reason));
      const label = `$(warning) ${t("{0} could not be reached", account.email)}`;
      return [{ id: account.id, item: { label, description: t("see the log") } }];
    }
  }

  #foreignItem(account: Account, { id, sendAt }: ListedSchedule): MailItem {
    const moment = sendAt === null ? "" : `${formatMoment(sendAt, Date.now())} · `;
    return {
      label: t("Scheduled elsewhere"),
      description: `${moment}${account.email}`,
      detail: id,
      buttons: [cancelButton()],
      cancel: () => this.#cancelForeign(account, id, sendAt),
    };
  }

  async #cancelForeign(account: Account, id: string, sendAt: number | null): Promise<void> {
    const cancel = t("Cancel Scheduled Mail");
    const detail = t("It was not scheduled here: its text and its files will be lost.");
    const question = t("Cancel a mail that was scheduled elsewhere?");
    const { dialogs, serviceFor } = this.#options;
    if ((await dialogs.ask("warning", question, detail, cancel)) !== cancel) return;
    const { schedules } = await serviceFor(account);
    const schedule = { id, sendAt: sendAt ?? 0, keeper: "service" as const };
    await schedules?.cancel(schedule, null, null, AbortSignal.timeout(PATIENCE_MS));
    void dialogs.tell(
      "info",
      t("The mail was cancelled. If it was in the mailbox's Drafts, it is still there."),
    );
  }
}

function subjectOf({ form }: DeliveryRecord): string {
  return form.subject === "" ? t("(no subject)") : form.subject;
}
