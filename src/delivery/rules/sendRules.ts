/** An organization's rules, which the engine checks before a mail leaves, and the log of what has left. */
import type { Account } from "../../accounts/accountBook.ts";
import { explain, type Log } from "../../base/log.ts";
import { managed, refusal } from "../../policy/accountRules.ts";
import type { AuditLog, Departure, Outcome } from "../../policy/auditLog.ts";
import { assertSize, linkObjection, recipientObjection } from "../../policy/mailRules.ts";
import type { Policy } from "../../policy/policySchema.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { encodedBytes, everybody, type FormProblem, type OutgoingMessage } from "../../shared/message.ts";
import { uploadedVersion } from "../record/agreement.ts";
import type { DeliveryRecord, LinkChoice } from "../record/delivery.ts";
import type { DeliveryStore } from "../store/store.ts";

export interface SendRulesOptions {
  readonly store: Pick<DeliveryStore, "find">;
  /** The rules in force now. @throws FreightError `policy-unusable` */
  readonly policy: () => Policy;
  readonly audit: AuditLog;
  readonly log: Log;
}

export class SendRules {
  readonly #options: SendRulesOptions;

  constructor(options: SendRulesOptions) {
    this.#options = options;
  }

  /** @throws FreightError `policy-refused` or `policy-unusable` when no file of the mail may be uploaded */
  assertUpload(delivery: DeliveryRecord): void {
    const policy = this.#options.policy();
    assertSize(bytesOf(delivery, ""), policy);
    // Everyone invited gets the file, but the service does not tell us who that is: no rule about them can be
    // checked.
    const isAboutPeople =
      policy.recipients !== undefined || Object.values(policy.questions ?? {}).some(Boolean);
    if (delivery.event !== null && isAboutPeople)
      throw refusal(t("Files cannot be attached to calendar events here."));
    // For a mail this is checked when Send is pressed.
    if (delivery.event !== null && delivery.attachments.some(({ asLink }) => asLink))
      this.assertLinks(delivery.links);
  }

  /**
   * What the rules do not allow about a mail as it is, for the person who is about to send it.
   * @throws FreightError as `assertUpload`
   */
  problemOf(delivery: DeliveryRecord, message: OutgoingMessage): FormProblem | undefined {
    const problem = this.#problemOf(delivery, message);
    return problem && { ...problem, message: sentences(problem.message, managed()) };
  }

  #problemOf(delivery: DeliveryRecord, message: OutgoingMessage): FormProblem | undefined {
    const policy = this.#options.policy();
    this.assertUpload(delivery);
    assertSize(bytesOf(delivery, message.body), policy);
    const links = delivery.attachments.some(({ asLink }) => asLink)
      ? linkObjection(delivery.links, policy)
      : undefined;
    if (links !== undefined) return { field: "to", message: links };
    for (const field of ["to", "cc", "bcc"] as const) {
      const words = recipientObjection(
        message[field].map(({ email }) => email),
        policy,
      );
      if (words !== undefined) return { field, message: words };
    }
    return undefined;
  }

  /** @throws FreightError `policy-refused` when files may not be open to these people, or not for so long */
  assertLinks(links: LinkChoice): void {
    const objection = linkObjection(links, this.#options.policy());
    if (objection !== undefined) throw refusal(objection);
  }

  /** For how many days from now links may be open at most; undefined: without a limit. */
  get mostLinkDays(): number | undefined {
    return this.#options.policy().mostLinkDays;
  }

  /** Called right before a mail leaves. @throws FreightError `policy-refused` or `policy-unusable` */
  assertDeparture(delivery: DeliveryRecord): void {
    this.assertUpload(delivery);
    const problem = delivery.message === null ? undefined : this.#problemOf(delivery, delivery.message);
    if (problem !== undefined) throw refusal(problem.message);
  }

  /** Writes the lines that an earlier window could not write. @throws FreightError `audit-unwritable` */
  async catchUp(): Promise<void> {
    await this.#options.audit.catchUp((id) => outcomeOf(this.#options.store.find(id)));
  }

  /** Notes that a mail is about to leave. @throws FreightError when it may not */
  async begin(delivery: DeliveryRecord, account: Account): Promise<void> {
    this.assertDeparture(delivery);
    await this.catchUp();
    await this.#options.audit.begin(departureOf(delivery, account));
  }

  /** Logs the outcome. A line that cannot be written now is written before the next mail leaves. */
  async end(deliveryId: string, account: Account): Promise<void> {
    const delivery = this.#options.store.find(deliveryId);
    // A mail that is still being sent is left to the next window, which finds the note.
    if (delivery === undefined || delivery.phase === "sending") return;
    const { audit, log } = this.#options;
    const outcome = outcomeOf(delivery);
    const noted =
      outcome === undefined ? audit.withdraw(deliveryId) : audit.end(departureOf(delivery, account), outcome);
    await noted.catch((reason: unknown) => log.error(explain(reason)));
  }
}

function bytesOf({ attachments }: DeliveryRecord, body: string): number {
  const inMail = attachments.filter(({ asLink }) => !asLink);
  return encodedBytes(inMail.map(({ size }) => size)) + Buffer.byteLength(body);
}

function departureOf(delivery: DeliveryRecord, account: Account): Departure {
  const { id, message, attachments, purpose, event } = delivery;
  const emails = message === null ? [] : everybody(message).map(({ email }) => email);
  const domains = emails.map((email) => email.slice(email.lastIndexOf("@") + 1).toLowerCase());
  return {
    id,
    account: account.email,
    purpose: event === null ? purpose.type : "event",
    recipients: emails.length,
    domains: [...new Set(domains)].sort(),
    files: attachments.map((attachment) => ({
      name: attachment.name,
      size: attachment.size,
      sha256: uploadedVersion(attachment)?.sha256 ?? attachment.checkpoint?.sha256 ?? null,
    })),
  };
}

/** Undefined while there is no outcome. */
function outcomeOf(delivery: DeliveryRecord | undefined): Outcome | undefined {
  if (delivery === undefined) return { result: "unknown", messageId: null };
  const { phase, messageId } = delivery;
  switch (phase) {
    case "sent":
    case "scheduled":
    case "saved":
    case "unconfirmed":
      return { result: phase, messageId };
    case "failed":
      return { result: phase, messageId: null };
    default:
      return undefined;
  }
}
