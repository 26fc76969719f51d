/** What a person can do with a whole mail: edit it, send it, take that back, send it again, discard it. */
import { isDeepStrictEqual } from "node:util";
import { versionOf } from "../../files/fileVersion.ts";
import { type Form, isSameText } from "../../shared/contract/form.ts";
import { t } from "../../shared/l10n.ts";
import type { FormProblem } from "../../shared/message.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { AttachmentEvent } from "../record/advanceAttachment.ts";
import { lastingProperties } from "../record/advanceSending.ts";
import type { DeliveryRecord, Purpose } from "../record/delivery.ts";
import { isUnseen } from "../record/provenance.ts";
import { isEditable, isWritable } from "../record/queries.ts";
import { tooLate } from "../send/tooLateError.ts";
import type { ActParts } from "./actParts.ts";
import type { Discards } from "./discards.ts";
import type { MailSets } from "./mailSets.ts";
import type { WayActs } from "./wayActs.ts";

interface Parts extends Pick<ActParts, "ownership" | "takeBack" | "preflight" | "inlineImages" | "kick"> {
  readonly ways: WayActs;
  readonly sets: MailSets;
  readonly discards: Discards;
}

export class SendActs {
  readonly #options: Pick<EnginePorts, "store" | "clock">;
  readonly #parts: Parts;
  readonly #edits = new Set<Promise<void>>();

  constructor(options: Pick<EnginePorts, "store" | "clock">, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * Notes what was typed. While the mail waits to be sent, its text is fixed: call `withdraw` first.
   * @throws FreightError `send-late` for a different text then
   */
  async edit(deliveryId: string, form: Form): Promise<void> {
    const edit = this.#edit(deliveryId, form);
    this.#edits.add(edit);
    await edit.finally(() => this.#edits.delete(edit));
  }

  /** Resolves when all edits so far are in the records. */
  async noted(): Promise<void> {
    await Promise.allSettled(this.#edits);
  }

  async #edit(deliveryId: string, form: Form): Promise<void> {
    const { store } = this.#options;
    const { ownership, takeBack, inlineImages } = this.#parts;
    await ownership.claim(deliveryId);
    const before = store.find(deliveryId)?.form;
    if (before !== undefined && before.revision < form.revision && !isSameText(before, form))
      await takeBack.reopen(deliveryId);
    const known = store.find(deliveryId);
    if (known === undefined || !isEditable(known)) {
      // The page may repeat the text that came with Send.
      if (known !== undefined && (known.form.revision >= form.revision || isSameText(known.form, form)))
        return;
      throw tooLate(known);
    }
    store.apply(deliveryId, { type: "edited", form });
    inlineImages.updateSoon(deliveryId);
  }

  /** Notes that a person has done something in the mail, even just clicked into it. */
  async touch(deliveryId: string): Promise<void> {
    if (!isUnseen(this.#there(deliveryId))) return;
    await this.#parts.ownership.claim(deliveryId);
    this.#there(deliveryId);
    this.#options.store.apply(deliveryId, { type: "touched" });
    this.#parts.kick(deliveryId);
  }

  /**
   * Sends the mail, or saves or schedules it: immediately if every file is ready, else as soon as the last one is.
   * @returns what is wrong with the form, if anything
   * @throws FreightError `schedule-refused` when the service cannot keep the mail that long
   */
  async send(
    deliveryId: string,
    form: Form,
    purpose: Purpose = { type: "send" },
  ): Promise<FormProblem | undefined> {
    const { store } = this.#options;
    const { ownership, takeBack, preflight, ways, sets, kick } = this.#parts;
    await ownership.claim(deliveryId);
    await this.touch(deliveryId);
    const known = this.#there(deliveryId);
    // The person here has not read what was typed in another window.
    if (isWritable(known) && known.form.revision >= form.revision && !isSameText(known.form, form))
      return { field: "body", message: t("The mail was changed in another window. Review it, then send.") };
    await takeBack.reopen(deliveryId);
    await this.edit(deliveryId, form);
    // An unsent set of mails becomes one mail again, and is planned anew.
    await sets.takeApart(deliveryId);
    const cleared = await preflight.clear(deliveryId, purpose);
    if (cleared === undefined) return undefined;
    if ("problem" in cleared) return cleared.problem;
    // The questions may have been open for long: another window may have taken the mail over.
    await ownership.claim(deliveryId);
    if (store.find(deliveryId) === undefined) return undefined;
    store.apply(deliveryId, { type: "versionsAgreed", seen: cleared.seen });
    const wanted = lastingProperties(cleared.message, purpose);
    if (!cleared.delivery.propertiesWritten.every((name) => wanted.includes(name)))
      await ways.startOver(deliveryId);
    for (;;) {
      await ownership.claim(deliveryId);
      // During any of these waits, somebody may have typed on or pressed Send again.
      const last = await preflight.clear(deliveryId, purpose, cleared.message);
      if (last === undefined) return undefined;
      if ("problem" in last) return last.problem;
      const { delivery, message } = last;
      const isSplit = purpose.type === "send" && purpose.inMails === true;
      const set = isSplit ? await sets.plan(delivery, purpose) : undefined;
      const now = store.find(deliveryId);
      if (now === undefined || !ownership.holds(deliveryId)) return undefined;
      if (now.form !== delivery.form || now.phase !== delivery.phase || now.accountId !== delivery.accountId)
        continue;
      if (set !== undefined && !haveSameFiles(now, delivery)) continue;
      store.apply(deliveryId, { type: "sendRequested", message, purpose, set });
      kick(deliveryId);
      return undefined;
    }
  }

  /** As `TakeBack.withdraw`; for a mail of a set, takes the whole set back. */
  async withdraw(deliveryId: string): Promise<void> {
    const { sets, takeBack } = this.#parts;
    const whole = sets.firstUnsent(deliveryId) ?? deliveryId;
    await takeBack.withdraw(whole);
    await sets.takeApart(whole);
  }

  /** Sends an unconfirmed mail once more, because a person says that it did not arrive. */
  async sendAgain(deliveryId: string): Promise<void> {
    const { store, clock } = this.#options;
    await this.#parts.ownership.claim(deliveryId);
    const { phase, message, attachments, purpose } = this.#there(deliveryId);
    if (phase !== "unconfirmed" || message === null) return;
    // The scheduled time is over: send it now.
    const isOver = purpose.type === "later" && purpose.at <= clock.now();
    const wanted: Purpose = isOver ? { type: "send" } : purpose;
    store.apply(deliveryId, { type: "sendRequested", message, purpose: wanted });
    // The send may have failed because the service has lost a file: check the files before sending again.
    for (const { id: attachmentId, status, reused, asLink } of attachments) {
      // A linked file is not in the mail, and the earlier try may have given somebody the link.
      if (status !== "ready" || asLink) continue;
      const note = (event: AttachmentEvent) =>
        store.apply(deliveryId, { type: "attachment", attachmentId, event });
      // The service may have refused the mail because of a reused file: upload it again.
      if (reused) note({ type: "sessionDropped" });
      note({ type: "queued", reused: !reused });
    }
    this.#parts.kick(deliveryId);
  }

  /**
   * Stops all work on a mail and forgets it. The other mails of an unsent set become one mail again first.
   * @throws FreightError `send-late` once it may be leaving
   */
  async forget(deliveryId: string): Promise<void> {
    const { sets, discards } = this.#parts;
    const first = sets.firstUnsent(deliveryId);
    if (first !== undefined) await sets.leaveOut(first, deliveryId);
    const delivery = this.#options.store.find(deliveryId);
    if (first === undefined || first === deliveryId) await discards.discard(deliveryId);
    if (delivery !== undefined) sets.wakeOthers(delivery);
  }

  /** The mail that somebody acts on. @throws FreightError `send-late` for one that was discarded, here or elsewhere */
  #there(deliveryId: string): DeliveryRecord {
    const delivery = this.#options.store.find(deliveryId);
    if (delivery === undefined) throw tooLate(delivery);
    return delivery;
  }
}

/** Whether a mail had the same files at two moments, all unchanged. */
function haveSameFiles(one: DeliveryRecord, other: DeliveryRecord): boolean {
  const files = ({ attachments }: DeliveryRecord) =>
    attachments.map(({ id, name, path, asLink, ...file }) => [id, name, path, asLink, versionOf(file)]);
  return isDeepStrictEqual(files(one), files(other));
}
