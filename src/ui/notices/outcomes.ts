/** Tells the person what happened to a mail: that it was sent, or that something needs attention. */
import type { SavedError } from "../../base/errors.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { mailName } from "../../delivery/record/describeMail.ts";
import { isPracticeMail } from "../../delivery/record/practiceWords.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { returnProblem } from "../../delivery/words/arrivalWords.ts";
import { isStuck } from "../../delivery/words/headline.ts";
import type { ProblemView, Remedy } from "../../shared/contract/snapshot.ts";
import { formatMoment } from "../../shared/format.ts";
import { listOf, plural, sentences, t } from "../../shared/l10n.ts";
import { everybody } from "../../shared/message.ts";
import { shownRecipient } from "../../shared/shownRecipient.ts";
import type { Dialogs } from "./dialogs.ts";
import type { Notifier, RemedyContext } from "./notify.ts";
import { plain } from "./plain.ts";

export interface OutcomesOptions {
  readonly store: Pick<DeliveryStore, "list" | "onDidChange">;
  readonly notifier: Pick<Notifier, "problem">;
  readonly dialogs: Dialogs;
  readonly runCommand: (command: string, ...args: readonly unknown[]) => Promise<void>;
  /** Whether this window works on the mail. Other windows hear of it too, and must not repeat the message. */
  readonly isOurs: (deliveryId: string) => boolean;
  readonly runRemedy: (remedy: Remedy, context: RemedyContext) => Promise<void>;
  /** True when the mail's panel is visible: it says the same, with the same button. */
  readonly isVisible: (deliveryId: string) => boolean;
  /** The setting `freightMail.notifications`. */
  readonly wanted: () => "needed" | "all" | "errorsOnly";
}

export class Outcomes {
  readonly #options: OutcomesOptions;
  readonly #listening: { dispose(): void };
  /** The last known state of each mail, to notice changes. */
  readonly #known = new Map<string, DeliveryRecord>();

  constructor(options: OutcomesOptions) {
    this.#options = options;
    for (const delivery of options.store.list()) this.#known.set(delivery.id, delivery);
    this.#listening = options.store.onDidChange(({ id, delivery }) => {
      const before = this.#known.get(id);
      if (delivery === undefined) this.#known.delete(id);
      else {
        this.#known.set(id, delivery);
        if (before !== undefined) this.#tell(before, delivery);
      }
    });
  }

  dispose(): void {
    this.#listening.dispose();
  }

  #tell(before: DeliveryRecord, now: DeliveryRecord): void {
    if (!this.#options.isOurs(now.id)) return;
    const context: RemedyContext = { deliveryId: now.id, accountId: now.accountId };
    // The person was told when it was scheduled; its departure need not interrupt them.
    if (now.phase === "sent" && before.phase !== "sent" && before.phase !== "scheduled") this.#sent(now);
    if (now.phase !== before.phase && (now.phase === "saved" || now.phase === "scheduled")) this.#kept(now);
    const back = returnProblem(now);
    if (back !== null && back.message !== returnProblem(before)?.message) this.#cameBack(now, back, context);
    if (now.error !== null && now.error !== before.error) this.#failed(now.error, context);
    for (const attachment of now.attachments) {
      const earlier = before.attachments.find(({ id }) => id === attachment.id)?.error;
      if (attachment.error !== null && attachment.error !== earlier)
        this.#failed(attachment.error, { ...context, attachmentId: attachment.id });
    }
  }

  /** Shows the same buttons as the mail's panel; none of them sends anything. */
  #cameBack(delivery: DeliveryRecord, { message, remedy, also }: ProblemView, context: RemedyContext): void {
    const { isVisible, dialogs, runRemedy, runCommand } = this.#options;
    if (isVisible(delivery.id)) return;
    const ways = [remedy, also].flatMap((way) => way ?? []);
    const text = sentences(t("“{0}” came back.", mailName(delivery)), message);
    const open = t("Show Mail");
    void dialogs.tell("warning", plain(text), ...ways.map(({ label }) => label), open).then((chosen) => {
      const way = ways.find(({ label }) => label === chosen);
      if (way !== undefined) void runRemedy(way.remedy, context);
      else if (chosen === open) void runCommand("freightMail.showSession", { deliveryId: delivery.id });
    });
  }

  #failed(error: SavedError, context: RemedyContext): void {
    if (context.deliveryId !== undefined && this.#options.isVisible(context.deliveryId)) return;
    this.#options.notifier.problem(error, context);
  }

  /** Tells the person that a mail was saved as a draft or scheduled; the panel says so, too. */
  #kept(delivery: DeliveryRecord): void {
    if (!this.#isWanted(delivery)) return;
    const { phase, schedule } = delivery;
    const { subject } = delivery.form;
    if (phase === "saved")
      this.#tellOf(
        subject === "" ? t("The mail was saved in Drafts.") : t("“{0}” was saved in Drafts.", subject),
      );
    else if (schedule !== null) {
      const when = formatMoment(schedule.sendAt, Date.now());
      this.#tellOf(
        subject === "" ? t("The mail will be sent {0}.", when) : t("“{0}” will be sent {1}.", subject, when),
      );
    }
  }

  #sent(delivery: DeliveryRecord): void {
    const { id, message: sent, form, event, attachments } = delivery;
    if (this.#othersFollow(delivery) || !this.#isWanted(delivery)) return;
    if (event !== null) {
      const files = listOf(attachments.map(({ name }) => name));
      this.#tellOf(
        plural(
          attachments.length,
          "{1} is attached to the event “{2}”.",
          "{1} are attached to the event “{2}”.",
          files,
          event.subject,
        ),
      );
      return;
    }
    const { subject } = form;
    // Nobody received it, and nothing here may suggest that somebody did.
    if (isPracticeMail(delivery)) {
      const text =
        subject === ""
          ? t("The mail arrived in the practice mailbox.")
          : t("“{0}” arrived in the practice mailbox.", subject);
      this.#tellOf(text, t("Open Practice Mailbox"), "freightMail.openPracticeMailbox");
      return;
    }
    const recipients = listOf((sent === null ? [] : everybody(sent)).map(shownRecipient));
    const text =
      subject === ""
        ? t("The mail was sent to {0}.", recipients)
        : t("“{0}” was sent to {1}.", subject, recipients);
    this.#tellOf(text, t("Show Session"), "freightMail.showSession", { deliveryId: id });
  }

  /** Whether to interrupt with good news; by default not if the mail's visible panel shows it. */
  #isWanted({ id }: DeliveryRecord): boolean {
    const { wanted, isVisible } = this.#options;
    const which = wanted();
    return which === "all" || (which === "needed" && !isVisible(id));
  }

  /** Only a set's last mail is announced, for all of them. One that needs a person was announced as such, and may stay. */
  #othersFollow({ set }: DeliveryRecord): boolean {
    const others = set === null ? [] : this.#options.store.list().filter(({ id }) => set.mails.includes(id));
    return others.some((mail) => mail.phase === "sending" || (mail.phase === "waiting" && !isStuck(mail)));
  }

  /** Tells good news, with an optional button that runs a command. */
  #tellOf(text: string, button?: string, command = "", ...args: readonly unknown[]): void {
    const { dialogs, runCommand } = this.#options;
    const buttons = button === undefined ? [] : [button];
    void dialogs.tell("info", plain(text), ...buttons).then((chosen) => {
      if (chosen !== undefined) void runCommand(command, ...args);
    });
  }
}
