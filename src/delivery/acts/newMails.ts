/** Starts mails: with files, for a calendar event, or as a copy of one that was sent. */
import { MAX_LINKED_BYTES } from "../../services/fileLinks.ts";
import type { Form } from "../../shared/contract/form.ts";
import { wholeFiles } from "../compose/cutFiles.ts";
import { type Attached, type Begin, filesSubject } from "../compose/newMailText.ts";
import { copyOf } from "../compose/sendAgain.ts";
import { fingerprint } from "../compose/untouched.ts";
import { NO_LINK_LIMITS, usualLinks } from "../links/linkLimits.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { DeliveryRecord, EventRef } from "../record/delivery.ts";
import { newDelivery } from "../record/newDelivery.ts";
import { tooLate } from "../send/tooLateError.ts";
import { chooseWays, mostBytesOf } from "../words/fileWays.ts";
import { mailboxOf } from "../words/sendMethod.ts";
import type { ActParts } from "./actParts.ts";

type Options = Pick<
  EnginePorts,
  "store" | "accounts" | "mostBytes" | "serviceFor" | "clock" | "newId" | "begin" | "linkLimits"
>;
type Parts = Pick<ActParts, "intake" | "ownership" | "inlineImages" | "accountOf" | "kick">;

export class NewMails {
  readonly #options: Options;
  readonly #parts: Parts;

  constructor(options: Options, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Starts a mail, or attaches to an event, and uploads the files immediately. @param event unset: a mail */
  async begin(
    paths: readonly string[],
    accountId: string | null,
    { begin, event = null }: { readonly begin?: Begin | undefined; readonly event?: EventRef | null } = {},
  ): Promise<Attached> {
    const { clock, newId, accounts, linkLimits } = this.#options;
    const known = mailboxOf(accounts.find(accountId));
    // `inMail` applies to mails only: files are attached to events in another way.
    const inMail = event === null ? known.inMail : null;
    const maxBytes = known.hasLinks ? MAX_LINKED_BYTES : undefined;
    const { attachments: taken, problems } = await this.#parts.intake.takeAll(paths, [], maxBytes);
    const mostBytes = mostBytesOf(this.#options, accountId);
    const attachments = chooseWays(taken, [], { ...known, inMail, mostBytes });
    if (attachments.length === 0 && paths.length > 0) return { deliveryId: undefined, problems };
    const id = newId();
    const files = attachments.map(({ path, name, size }) => ({ path, name, size, sha256: null }));
    const usual = event === null ? this.#options.begin : undefined;
    const { to = "", cc = "", bcc = "", ...begun } = await (begin ?? usual ?? emptyPage)(files);
    const { body, format, fillsIn, marks = null, imageFolders, isBlank = false } = begun;
    const filledBy = begun.filledBy === undefined ? null : { who: begun.filledBy, touched: false };
    const subject = begun.subject ?? filesSubject(attachments.map(({ name }) => name));
    const people = { to, cc, bcc, replyTo: "", headers: "" };
    const form: Form = { revision: 0, ...people, subject, body, format };
    const createdAt = clock.now();
    const mailbox = { accountId, ...known, inMail };
    // A mail with a zip was not opened by mistake: packing took questions and time.
    const isUntouched = isBlank && attachments.every(({ madeFrom }) => madeFrom === undefined);
    const blank = isUntouched ? fingerprint(form, attachments) : null;
    const text = { form, blank, fillsIn, marks, imageFolders, filledBy };
    const links = usualLinks(linkLimits?.() ?? NO_LINK_LIMITS);
    await this.#add(newDelivery({ id, createdAt, ...mailbox, ...text, links, attachments, event }));
    if (body !== "") this.#parts.inlineImages.updateSoon(id);
    return { deliveryId: id, problems };
  }

  /**
   * Starts a copy of a sent mail. Files that the service still has are not uploaded again.
   * @param to the copy's recipients, if known
   * @returns the copy's id; undefined when the mail was not sent
   */
  async like(deliveryId: string, to: readonly string[] = []): Promise<string | undefined> {
    const { store, clock, newId, serviceFor } = this.#options;
    const sent = store.find(deliveryId);
    if (sent === undefined) throw tooLate(sent);
    if (sent.phase !== "sent" || sent.event !== null) return undefined;
    const account = this.#parts.accountOf(sent);
    const { limits, drafts, carriesFiles } = await serviceFor(account);
    const isReusable = drafts === undefined && carriesFiles !== true && sent.inMail === null;
    const reuseMarginMs = isReusable ? limits.expiryMarginMs : undefined;
    // A part is useful only to those who get the others as well: the copy has the whole file.
    const whole = wholeFiles(sent.attachments, sent.set?.cut ?? [], newId);
    const attachments = [...sent.attachments.filter(({ part }) => part === undefined), ...whole];
    const mailbox = mailboxOf(account);
    const copy = copyOf({ ...sent, attachments }, { ...mailbox, newId, now: clock.now(), reuseMarginMs, to });
    await this.#add(copy);
    this.#parts.inlineImages.updateSoon(copy.id);
    return copy.id;
  }

  async #add(mail: DeliveryRecord): Promise<void> {
    const { ownership, kick } = this.#parts;
    await ownership.begin(mail.id);
    this.#options.store.add(mail);
    kick(mail.id);
  }
}

const emptyPage: Begin = async () => ({ body: "", format: "text", fillsIn: false, imageFolders: null });
