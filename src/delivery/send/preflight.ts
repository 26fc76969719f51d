/** What is looked at and asked before a mail may leave: its form, the images of its text, the service, the person. */
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

/** A mail that can leave as it stands. */
export interface Cleared {
  readonly delivery: DeliveryRecord;
  readonly message: OutgoingMessage;
  /** How the files are that are not uploaded yet, by the attachment's id. */
  readonly seen: ReadonlyMap<string, FileVersion>;
}

export class Preflight {
  readonly #options: Options;
  readonly #inlineImages: InlineImages;
  readonly #accountOf: (delivery: DeliveryRecord) => Account;
  readonly #replace: Replace;
  /** Mails whose person is being asked whether they may leave. */
  readonly #asked = new Set<string>();

  /** @param accountOf throws when the account is gone @param replace puts another file in the place of one */
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
   * The mail, if it can leave and the person lets it; or what is wrong with its form; undefined when it stays without
   * more words, or is on its way already.
   * @param asked what the person has let go already: only who gets the mail beyond that is asked about
   * @throws FreightError `schedule-refused` when the account's service cannot keep the mail so long
   */
  async clear(
    deliveryId: string,
    purpose: Purpose,
    asked?: OutgoingMessage,
  ): Promise<Cleared | { readonly problem: FormProblem } | undefined> {
    for (let known = asked; ; ) {
      const mail = await this.#check(deliveryId, purpose);
      if (mail === undefined || "problem" in mail) return mail;
      // Somebody may have typed on while the questions were open, or files were made into zips.
      if (known !== undefined && !hasNewcomers(known, mail.message)) return mail;
      if (purpose.type === "later") await this.#mayWait(mail.delivery, purpose.at);
      const consent = purpose.type === "draft" ? "leave" : await this.#consent(deliveryId, purpose);
      if (consent !== "leave") return consent === "stay" ? undefined : { problem: consent };
      known = mail.message;
    }
  }

  /** The mail as it stands, without a question; undefined when it is on its way already. */
  async #check(
    deliveryId: string,
    purpose: Purpose,
  ): Promise<Cleared | { readonly problem: FormProblem } | undefined> {
    const { store, accounts } = this.#options;
    const problem = await this.#illustrate(deliveryId);
    const before = store.find(deliveryId);
    const seen = before === undefined ? undefined : await this.#look(before);
    const delivery = store.find(deliveryId);
    // Somebody may have discarded it meanwhile.
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

  /** What is not uploaded yet is agreed to as it lies there; of what cannot be looked at, its upload tells. */
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

  /** Has the mail carry the images of its text, as it stands when that is done. */
  async #illustrate(deliveryId: string): Promise<FormProblem | undefined> {
    const { store } = this.#options;
    for (;;) {
      const form = store.find(deliveryId)?.form;
      if (form === undefined) return undefined;
      const [message] = await this.#inlineImages.update(deliveryId);
      // Somebody typed on meanwhile.
      if (store.find(deliveryId)?.form.body !== form.body) continue;
      return message === undefined ? undefined : { field: "body", message };
    }
  }

  async #mayWait(delivery: DeliveryRecord, at: number): Promise<void> {
    const service = await this.#options.serviceFor(this.#accountOf(delivery));
    mayWait(carrierOf(service, delivery), { at, now: this.#options.clock.now(), filesUntil: null });
  }

  /** "stay" also when the mail was discarded, or has left on another way, while the person was asked. */
  async #consent(deliveryId: string, purpose: Purpose): Promise<"leave" | "stay" | FormProblem> {
    // Send may be pressed again while zips are made: what was asked then is still being answered.
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

/** Whether a mail goes to somebody whom it did not go to before. */
function hasNewcomers(before: OutgoingMessage, after: OutgoingMessage): boolean {
  const known = new Set(everybody(before).map(({ email }) => addressKey(email)));
  return everybody(after).some(({ email }) => !known.has(addressKey(email)));
}
