/** What a person does about a mail as a whole: types in it, has it sent, takes that back, or has it sent once more. */
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
import { tooLate } from "../send/tooLate.ts";
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
   * Notes what was typed. While the mail waits to be sent its text is fixed: `withdraw` first.
   * @throws FreightError `send-late` for another text then
   */
  async edit(deliveryId: string, form: Form): Promise<void> {
    const edit = this.#edit(deliveryId, form);
    this.#edits.add(edit);
    await edit.finally(() => this.#edits.delete(edit));
  }

  /** Resolves when what was typed so far is part of the records. */
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
      // The page may say once more what it has said with Send.
      if (known !== undefined && (known.form.revision >= form.revision || isSameText(known.form, form)))
        return;
      throw tooLate(known);
    }
    store.apply(deliveryId, { type: "edited", form });
    inlineImages.updateSoon(deliveryId);
  }

  /** A person has done something in the mail, if only clicked into it. */
  async touch(deliveryId: string): Promise<void> {
    if (!isUnseen(this.#there(deliveryId))) return;
    await this.#parts.ownership.claim(deliveryId);
    this.#there(deliveryId);
    this.#options.store.apply(deliveryId, { type: "touched" });
    this.#parts.kick(deliveryId);
  }

  /**
   * Sends the mail, or saves or schedules it: immediately if every file is ready, else as soon as the last one is.
   * @returns what is wrong with the form, when something is
   * @throws FreightError `schedule-refused` when it cannot wait so long
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
    // What another window has noted is not what the person at this one has read.
    if (isWritable(known) && known.form.revision >= form.revision && !isSameText(known.form, form))
      return { field: "body", message: t("The mail was changed in another window. Review it, then send.") };
    await takeBack.reopen(deliveryId);
    await this.edit(deliveryId, form);
    // What was to go in several mails is one again as long as none of them has left.
    await sets.takeApart(deliveryId);
    const cleared = await preflight.clear(deliveryId, purpose);
    if (cleared === undefined) return undefined;
    if ("problem" in cleared) return cleared.problem;
    // The questions may have been open for long, and another window may have gone on with the mail.
    await ownership.claim(deliveryId);
    if (store.find(deliveryId) === undefined) return undefined;
    store.apply(deliveryId, { type: "versionsAgreed", seen: cleared.seen });
    const wanted = lastingProperties(cleared.message, purpose);
    if (!cleared.delivery.propertiesWritten.every((name) => wanted.includes(name)))
      await ways.startOver(deliveryId);
    for (;;) {
      await ownership.claim(deliveryId);
      // Somebody may have typed on, or pressed Send once more, in any of these waits.
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

  /** See `TakeBack`; of a mail that goes with others, the whole set. */
  async withdraw(deliveryId: string): Promise<void> {
    const { sets, takeBack } = this.#parts;
    const whole = sets.firstUnsent(deliveryId) ?? deliveryId;
    await takeBack.withdraw(whole);
    await sets.takeApart(whole);
  }

  /** After a send whose outcome nobody knows: sends once more, on a person's word that it did not arrive. */
  async sendAgain(deliveryId: string): Promise<void> {
    const { store, clock } = this.#options;
    await this.#parts.ownership.claim(deliveryId);
    const { phase, message, attachments, purpose } = this.#there(deliveryId);
    if (phase !== "unconfirmed" || message === null) return;
    // Its time is over: to send it again is to send it now.
    const isOver = purpose.type === "later" && purpose.at <= clock.now();
    const wanted: Purpose = isOver ? { type: "send" } : purpose;
    store.apply(deliveryId, { type: "sendRequested", message, purpose: wanted });
    // The send may have failed because the service has lost a file: it is asked before it is told to send again.
    for (const { id: attachmentId, status, reused, asLink } of attachments) {
      // What goes as a link is not in it, and the earlier try may have told somebody where it is.
      if (status !== "ready" || asLink) continue;
      const note = (event: AttachmentEvent) =>
        store.apply(deliveryId, { type: "attachment", attachmentId, event });
      // One that was used before may be what the service did not want: it is uploaded once more.
      if (reused) note({ type: "sessionDropped" });
      note({ type: "queued", reused: !reused });
    }
    this.#parts.kick(deliveryId);
  }

  /**
   * Stops everything of a mail and forgets it; of one that goes with others, these are one mail again before.
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

/** Whether two moments of a mail have the same files, each as it was. */
function haveSameFiles(one: DeliveryRecord, other: DeliveryRecord): boolean {
  const files = ({ attachments }: DeliveryRecord) =>
    attachments.map(({ id, name, path, asLink, ...file }) => [id, name, path, asLink, versionOf(file)]);
  return isDeepStrictEqual(files(one), files(other));
}
