/** Checks a mail before it may leave: the form, the images of its text, the service; then asks the person. */
import { type Account, takesXHeadersOnly, wantsTo } from "../../accounts/accountBook.ts";
import type { FileVersion } from "../../files/fileVersion.ts";
import { MAX_LINKED_BYTES } from "../../services/fileLinks.ts";
import { carrierOf } from "../../services/mailService.ts";
import { mayWait } from "../../services/scheduling.ts";
import { everybody, type FormProblem, type OutgoingMessage, readForm } from "../../shared/message.ts";
import { addressKey } from "../../shared/recipients.ts";
import type { InlineImages } from "../body/inlineImages.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import { uploadedVersion } from "../record/agreement.ts";
import type { DeliveryRecord, Purpose } from "../record/delivery.ts";
import { isEditable } from "../record/queries.ts";

type Options = Pick<
  EnginePorts,
  "store" | "accounts" | "serviceFor" | "consent" | "inspect" | "rules" | "asksForReceipts" | "clock"
>;

type Replace = (deliveryId: string, attachmentId: string, path: string) => Promise<void>;

/** A mail that can leave as it is. */
export interface Cleared {
  readonly delivery: DeliveryRecord;
  readonly message: OutgoingMessage;
  /** The current version of each file that is not uploaded yet; by attachment id. */
  readonly seen: ReadonlyMap<string, FileVersion>;
}

export class Preflight {
  readonly #options: Options;
  readonly #inlineImages: InlineImages;
  readonly #accountOf: (delivery: DeliveryRecord) => Account;
  readonly #replace: Replace;
  /** Mails whose person is being asked whether they may leave. */
  readonly #asked = new Set<string>();

  /** @param accountOf throws when the account is gone @param replace replaces a file with another one */
  constructor(
    options: Options,
    inlineImages: InlineImages,
    accountOf: (delivery: DeliveryRecord) => Account,
    replace: Replace,
  ) {
    this.#options = options;
    this.#inlineImages = inlineImages;
    this.#accountOf = accountOf;
    this.#replace = replace;
  }

  /**
   * The mail, if it can leave and the person agrees; or what is wrong with its form. Undefined when the
   * person does not want to send it, or it is on its way already.
   * @param asked the message that the person has agreed to: only new recipients make us ask again
   * @throws FreightError `schedule-refused` when the account's service cannot keep the mail that long
   */
  async clear(
    deliveryId: string,
    purpose: Purpose,
    asked?: OutgoingMessage,
  ): Promise<Cleared | { readonly problem: FormProblem } | undefined> {
    for (let known = asked; ; ) {
      const mail = await this.#check(deliveryId, purpose);
      if (mail === undefined || "problem" in mail) return mail;
      // The person may have gone on typing while questions were open or zips were made.
      if (known !== undefined && !hasNewcomers(known, mail.message)) return mail;
      if (purpose.type === "later") await this.#mayWait(mail.delivery, purpose.at);
      const consent = purpose.type === "draft" ? "leave" : await this.#consent(deliveryId, purpose);
      if (consent !== "leave") return consent === "stay" ? undefined : { problem: consent };
      known = mail.message;
    }
  }

  /** The mail as it is, without asking; undefined when it is on its way already, or discarded. */
  async #check(
    deliveryId: string,
    purpose: Purpose,
  ): Promise<Cleared | { readonly problem: FormProblem } | undefined> {
    const { store, accounts } = this.#options;
    const problem = await this.#illustrate(deliveryId);
    const before = store.find(deliveryId);
    const seen = before === undefined ? undefined : await this.#look(before);
    const delivery = store.find(deliveryId);
    // It may have been discarded meanwhile.
    if (seen === undefined || delivery === undefined || !isEditable(delivery)) return undefined;
    const account = accounts.find(delivery.accountId);
    const read = readForm(delivery.form, {
      xHeadersOnly: takesXHeadersOnly(account),
      addressed: purpose.type !== "draft",
      standIn: account !== undefined && wantsTo(account) ? account.email : undefined,
    });
    if ("problem" in read) return read;
    const ruled = this.#options.rules?.problemOf(delivery, read.message);
    if (ruled !== undefined) return { problem: ruled };
    if (problem !== undefined) return { problem };
    const receipt = this.#options.asksForReceipts?.();
    return { delivery, message: { ...read.message, ...(receipt === undefined ? {} : { receipt }) }, seen };
  }

  /** Files not uploaded yet, as they are now: that is agreed to. An unreadable one fails when uploaded. */
  async #look({ attachments }: DeliveryRecord): Promise<ReadonlyMap<string, FileVersion>> {
    const seen = new Map<string, FileVersion>();
    for (const attachment of attachments) {
      if (uploadedVersion(attachment) !== null) continue;
      const { path, asLink } = attachment;
      const maxBytes = asLink ? MAX_LINKED_BYTES : undefined;
      const version = await this.#options.inspect(path, maxBytes).catch(() => undefined);
      if (version !== undefined) seen.set(attachment.id, version);
    }
    return seen;
  }

  /**
   * Attaches the images that the text names, again if it changes meanwhile.
   * @returns what is wrong with one
   */
  async #illustrate(deliveryId: string): Promise<FormProblem | undefined> {
    const { store } = this.#options;
    for (;;) {
      const form = store.find(deliveryId)?.form;
      if (form === undefined) return undefined;
      const [message] = await this.#inlineImages.update(deliveryId);
      // The person went on typing: look again.
      if (store.find(deliveryId)?.form.body !== form.body) continue;
      return message === undefined ? undefined : { field: "body", message };
    }
  }

  async #mayWait(delivery: DeliveryRecord, at: number): Promise<void> {
    const service = await this.#options.serviceFor(this.#accountOf(delivery));
    mayWait(carrierOf(service, delivery), { at, now: this.#options.clock.now(), filesUntil: null });
  }

  /** "stay" also when the mail was discarded, or left by another way, while the person was asked. */
  async #consent(deliveryId: string, purpose: Purpose): Promise<"leave" | "stay" | FormProblem> {
    // Send may be pressed again while zips are made for an earlier answer: those questions are not over.
    if (this.#asked.has(deliveryId)) return "stay";
    this.#asked.add(deliveryId);
    try {
      const consent =
        (await this.#options.consent?.(
          deliveryId,
          (...change) => this.#replace(deliveryId, ...change),
          purpose,
        )) ?? "leave";
      const delivery = this.#options.store.find(deliveryId);
      return delivery !== undefined && isEditable(delivery) ? consent : "stay";
    } finally {
      this.#asked.delete(deliveryId);
    }
  }
}

/** Whether the mail has recipients that it did not have before. */
function hasNewcomers(before: OutgoingMessage, after: OutgoingMessage): boolean {
  const known = new Set(everybody(before).map(({ email }) => addressKey(email)));
  return everybody(after).some(({ email }) => !known.has(addressKey(email)));
}
