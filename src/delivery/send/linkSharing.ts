/** Opens the files that go as links to the recipients of their mail, before it leaves. */
import { asFreightError, FreightError, isCancellation } from "../../base/errors.ts";
import { explain } from "../../base/log.ts";
import { withRetries } from "../../net/retry.ts";
import { refusal } from "../../policy/accountRules.ts";
import type { EventText } from "../../services/calendar.ts";
import { EndsTooLate, type FileLink, type LinkAccess } from "../../services/fileLinks.ts";
import { linksOf, type MailService } from "../../services/mailService.ts";
import { t } from "../../shared/l10n.ts";
import { everybody } from "../../shared/message.ts";
import { addressKey } from "../../shared/recipients.ts";
import { withLinkCards } from "../links/linkCards.ts";
import { linkEnd } from "../links/linkLimits.ts";
import { linkCards } from "../links/linkWords.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";

type Options = Pick<EnginePorts, "store" | "clock" | "sleep" | "random" | "rules" | "log">;

type Refusals = ReadonlyMap<string, FreightError>;

const DAY_MS = 24 * 60 * 60_000;

export class LinkSharing {
  readonly #options: Options;
  readonly #closing: AbortSignal;
  /** By delivery id: two at a time would each find no link, and create one. */
  readonly #underWay = new Map<string, Promise<Refusals>>();
  /** What was asked for: a link may end at another time, if the service's clock differs from ours by days. */
  readonly #asked = new WeakMap<FileLink, LinkAccess>();

  /** @param closing aborted when the window closes */
  constructor(options: Options, closing: AbortSignal) {
    this.#options = options;
    this.#closing = closing;
  }

  /**
   * Changes made meanwhile count the next time: see `areOpen`.
   * @param isDue whether the mail still waits to be sent by this service
   * @returns why files cannot be opened; by attachment id
   */
  async open(deliveryId: string, service: MailService, isDue: () => boolean): Promise<Refusals> {
    // Work that is under way may be for earlier recipients.
    for (let before = this.#underWay.get(deliveryId); before; before = this.#underWay.get(deliveryId))
      await before.catch(() => {}); // Its own caller gets the error.
    const work = this.#open(deliveryId, service, isDue).finally(() => this.#underWay.delete(deliveryId));
    this.#underWay.set(deliveryId, work);
    return work;
  }

  /** Whether each linked file is open to exactly the current recipients, for as long as the mail says. */
  areOpen(delivery: DeliveryRecord): boolean {
    return delivery.attachments.every((file) => {
      if (!file.asLink) return true;
      const { link } = file;
      return link !== null && this.#isOpen(link, this.#wanted(delivery, file, link.people));
    });
  }

  #isOpen(link: FileLink, access: LinkAccess): boolean {
    return isSameAccess(link, access) || isSameAccess(this.#asked.get(link) ?? link, access);
  }

  /** Writes the links into the text of the event that the files are for. */
  async tellEvent(deliveryId: string, service: MailService): Promise<void> {
    const delivery = this.#options.store.get(deliveryId);
    const cards = linkCards(delivery);
    const { event } = delivery;
    if (event === null || cards.length === 0) return;
    await this.#repeatedly(() =>
      eventTextOf(service).change(event.id, (html) => withLinkCards(html, cards), this.#closing),
    );
  }

  async #open(deliveryId: string, service: MailService, isDue: () => boolean): Promise<Refusals> {
    const { store } = this.#options;
    const refusals = new Map<string, FreightError>();
    for (const { id } of store.find(deliveryId)?.attachments ?? []) {
      if (!isDue()) break;
      const delivery = store.find(deliveryId);
      const attachment = delivery?.attachments.find((one) => one.id === id);
      const fileId = attachment?.session?.attachmentId;
      if (delivery === undefined || attachment?.asLink !== true || fileId == null) continue;
      let access: LinkAccess | undefined;
      // Meanwhile another version may be on its way to another place, or the file is to be attached instead.
      const isThere = (asked?: LinkAccess) => {
        const mail = store.find(deliveryId);
        const file = mail?.attachments.find((one) => one.id === id);
        if (mail === undefined || file?.asLink !== true || file.session?.attachmentId !== fileId)
          return false;
        return asked === undefined || isSameAccess(this.#wanted(mail, file, asked.people), asked);
      };
      try {
        const people = await this.#people(delivery, service);
        access = this.#accessOf(delivery, people, attachment);
        if (isOverBefore(delivery, access.until)) throw refusal(tooShort());
        if (attachment.link !== null && this.#isOpen(attachment.link, access)) continue;
        const link = await this.#openTo(fileId, access, delivery, service);
        await store.assertOurs(deliveryId);
        if (!isThere()) continue;
        this.#asked.set(link, access);
        store.apply(deliveryId, { type: "attachment", attachmentId: id, event: { type: "linked", link } });
        await store.flushed(deliveryId);
      } catch (reason) {
        if (isCancellation(reason)) throw reason;
        // A refusal counts only for what is still asked for.
        if (isThere(access)) refusals.set(id, asFreightError(reason));
      }
    }
    return refusals;
  }

  /** What the mail asks for now. @param invited to its event, as far as is known: only the service knows them */
  #wanted(delivery: DeliveryRecord, file: AttachmentRecord, invited: readonly string[]): LinkAccess {
    return this.#accessOf(delivery, peopleOf(delivery) ?? invited, file);
  }

  /** The organization may count the days from now, also for a scheduled mail: then the link ends earlier. */
  async #openTo(
    fileId: string,
    access: LinkAccess,
    delivery: DeliveryRecord,
    service: MailService,
  ): Promise<FileLink> {
    const openUntil = (until: number | null) =>
      this.#repeatedly(() => linksOf(service).open(fileId, { ...access, until }, this.#closing));
    try {
      return await openUntil(access.until);
    } catch (reason) {
      const { days } = delivery.links;
      const earlier = days === null ? null : linkEnd(this.#options.clock.now(), days);
      if (!(reason instanceof EndsTooLate) || earlier === null || earlier >= (access.until ?? 0))
        throw reason;
      if (isOverBefore(delivery, earlier))
        throw new FreightError("link-refused", tooShort(), { cause: reason, remedy: "retry" });
      return openUntil(earlier);
    }
  }

  /** Whom a file is to be open to, and how long. @param emails the recipients' addresses */
  #accessOf(
    { links, purpose }: DeliveryRecord,
    emails: readonly string[],
    { link }: AttachmentRecord,
  ): LinkAccess {
    const { clock, rules } = this.#options;
    const { audience, days } = links;
    const people = [...new Set(emails.map(addressKey))].sort();
    if (days === null) return { audience, people, until: null };
    const now = clock.now();
    const known = link?.until ?? null;
    // Nobody has the link before the mail leaves; an organization's limit counts from now all the same.
    const leaves = purpose.type === "later" ? Math.max(now, purpose.at) : now;
    const most = now + (rules?.mostLinkDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
    return { audience, people, until: endOf(Math.min(leaves, most - days * DAY_MS), days, known) };
  }

  /** The addresses of the mail's recipients, or of everyone invited to the event. */
  async #people(delivery: DeliveryRecord, service: MailService): Promise<readonly string[]> {
    const { event } = delivery;
    const known = peopleOf(delivery);
    if (known !== undefined || event === null) return known ?? [];
    return this.#repeatedly(() => eventTextOf(service).people(event.id, this.#closing));
  }

  #repeatedly<T>(operation: () => Promise<T>): Promise<T> {
    const { sleep, random, log } = this.#options;
    return withRetries(operation, {
      signal: this.#closing,
      sleep,
      random,
      onWait: (error) => log.warn(`A link waits: ${explain(error)}`),
    });
  }
}

/** @throws FreightError at a service without a calendar */
function eventTextOf({ eventText }: MailService): EventText {
  if (eventText !== undefined) return eventText;
  throw new FreightError(
    "link-refused",
    t("This account cannot write into events. Attach the file instead."),
  );
}

/** The addresses in the record; undefined where they are those of everyone invited to an event. */
function peopleOf({ message, event, links }: DeliveryRecord): readonly string[] | undefined {
  if (links.audience !== "recipients") return [];
  if (event !== null) return undefined;
  return message === null ? [] : everybody(message).map(({ email }) => email);
}

function isOverBefore({ purpose }: DeliveryRecord, until: number | null): boolean {
  return purpose.type === "later" && until !== null && until <= purpose.at;
}

function tooShort(): string {
  return t("The link would end before the mail leaves. Choose an earlier time, or attach the file.");
}

/** Keeps a known end that is at most a day off. @param known when the link ends so far */
function endOf(now: number, days: number, known: number | null): number {
  const end = linkEnd(now, days);
  return known !== null && Math.abs(known - end) <= DAY_MS ? known : end;
}

function isSameAccess(one: LinkAccess, other: LinkAccess): boolean {
  return (
    one.audience === other.audience &&
    one.until === other.until &&
    one.people.join("\n") === other.people.join("\n")
  );
}
