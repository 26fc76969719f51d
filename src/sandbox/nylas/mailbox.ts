/**
 * Sends mail and keeps drafts, for every grant: which scopes that takes, which addresses are refused, what is too
 * large, when old drafts are deleted. Mail to be sent later: `schedules.ts`.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { mailLifeMs } from "../base/mailLife.ts";
import { Records } from "../base/records.ts";
import type { Reply } from "../http/exchange.ts";
import { changeLetter, emptyLetter, isInline, type Letter } from "../outbox/letter.ts";
import { Draft, describeDraft, describeMail, providerId } from "../outbox/messageViews.ts";
import type { Mail, Outbox, Part } from "../outbox/outbox.ts";
import type { AttachmentUploads } from "./attachmentUploads.ts";
import { type Grant, hasScope } from "./grants.ts";
import type { LetterRequest, WaitRequest } from "./letterRequest.ts";
import type { NylasBehaviour } from "./nylasBehaviour.ts";
import { dataReply, NylasError } from "./nylasErrors.ts";
import { Schedules } from "./schedules.ts";

/** Which drafts to list, and which of their fields. */
interface DraftQuery {
  readonly limit: number;
  /** "key:value" */
  readonly metadataPair: string | null;
  readonly select: readonly string[] | undefined;
}

export class Mailbox {
  readonly #outbox: Outbox;
  readonly #uploads: AttachmentUploads;
  readonly #clock: Clock;
  readonly #drafts: Records<Draft>;
  readonly #behaviour: NylasBehaviour;
  readonly schedules: Schedules;

  constructor(options: {
    folder: string;
    schedules: string;
    outbox: Outbox;
    uploads: AttachmentUploads;
    clock: Clock;
    behaviour: NylasBehaviour;
  }) {
    this.#outbox = options.outbox;
    this.#uploads = options.uploads;
    this.#clock = options.clock;
    this.#drafts = new Records(options.folder, Draft);
    this.#behaviour = options.behaviour;
    this.schedules = new Schedules({
      ...options,
      folder: options.schedules,
      sendDraft: async (grantId, id) => {
        const draft = this.#drafts.get(fileId(id));
        if (draft?.id !== id || draft.grantId !== grantId) throw new Error("the draft has gone");
        await this.#deliverDraft(draft);
      },
    });
  }

  /** Deletes drafts that nobody has changed for twice as long as a mail can be scheduled ahead. */
  forgetOld(): void {
    for (const { id, changedAt, parts } of this.#drafts.values()) {
      if (this.#clock.now() - changedAt * 1000 <= 2 * mailLifeMs) continue;
      this.#drafts.delete(fileId(id));
      this.#outbox.drop(parts);
    }
  }

  /** The files that drafts still need. */
  get parts(): readonly Part[] {
    return [...this.#drafts.values().flatMap(({ parts }) => parts), ...this.schedules.parts];
  }

  /** `idempotency` is stored with the mail, which is how a key survives a restart. */
  async send(
    grant: Grant,
    request: LetterRequest,
    options: { fields: string | null; idempotency?: Mail["idempotency"] },
  ): Promise<Reply> {
    this.#assertMayWrite(grant, true);
    const letter = addressed(grant, changeLetter(emptyLetter(sender(grant)), request.letter));
    const { idempotency } = options;
    if (request.wait) return this.#schedule(grant, letter, request, request.wait, idempotency);
    const parts = await this.#parts(grant, letter, request);
    try {
      this.#assertFits(parts);
      const serviceId = providerId();
      const sending = { grantId: grant.id, letter, parts, threadId: providerId(), serviceId };
      const mail = await this.#outbox.deliver(
        { ...sending, inReplyTo: this.#answered(grant, request), ...(idempotency ? { idempotency } : {}) },
        (sent) => ({
          grant_id: grant.id,
          data: this.#echoed(describeMail(sent, serviceId, options.fields)),
        }),
      );
      return mailReply(mail);
    } finally {
      this.#outbox.drop(parts);
    }
  }

  async #schedule(
    grant: Grant,
    letter: Letter,
    request: LetterRequest,
    wait: WaitRequest,
    idempotency: Mail["idempotency"],
  ): Promise<Reply> {
    this.schedules.check(grant, wait);
    const common = idempotency ? { letter, idempotency } : { letter };
    if (wait.useDraft) {
      const { id } = await this.#keepDraft(grant, letter, request);
      return this.schedules.add(grant, wait, { ...common, parts: [], draftId: id });
    }
    // As they are now; whether the files live long enough shows only when the mail is due.
    const parts = await this.#parts(grant, letter, request);
    const ends = (request.attachments ?? []).flatMap(({ source }) =>
      "id" in source ? [this.#uploads.ready(grant, source.id).expiresAt] : [],
    );
    const first = ends.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
    const files = ends.length > 0 ? { filesUntil: first } : {};
    return this.schedules.add(grant, wait, { ...common, ...files, parts });
  }

  /** The `Message-ID` of the message that a request replies to. */
  #answered(grant: Grant, { answers }: LetterRequest): string | undefined {
    if (answers === undefined) return undefined;
    const found = this.#outbox.mails.find(
      ({ grantId, serviceId }) => grantId === grant.id && serviceId === answers,
    );
    if (found === undefined) throw new NylasError(404, "reply_to_message_id: message not found");
    return found.messageId;
  }

  #assertMayWrite(grant: Grant, sending: boolean): void {
    mayWrite(grant, sending);
    this.#assertSignedIn();
  }

  /** The provider asks for the person's sign-in whatever is wanted of the mailbox. */
  #assertSignedIn(): void {
    if (this.#behaviour.signInEnded !== "no")
      throw new NylasError(401, "Unauthorized", "api.authentication_error");
  }

  /** Throws the provider's refusal of a mail that is too large, as Nylas passes it on. */
  #assertFits(parts: readonly Part[]): void {
    const { messageMaxBytes, tooLarge, tooLargeStatus } = this.#behaviour;
    if (parts.reduce((sum, { size }) => sum + size, 0) <= messageMaxBytes) return;
    const flat = {
      code: "ErrorMessageSizeExceeded",
      message: "The message exceeds the maximum supported size.",
    };
    const forms = { flat, nested: { error: flat }, text: flat.message };
    throw new NylasError(
      tooLargeStatus,
      "The provider refused the request",
      "provider_error",
      forms[tooLarge],
    );
  }

  async createDraft(grant: Grant, request: LetterRequest): Promise<Reply> {
    this.#assertMayWrite(grant, false);
    noWait(request);
    const letter = checked(grant, changeLetter(emptyLetter(sender(grant)), request.letter));
    return this.#draftReply(await this.#keepDraft(grant, letter, request));
  }

  async #keepDraft(grant: Grant, letter: Letter, request: LetterRequest): Promise<Draft> {
    const parts = await this.#parts(grant, letter, request);
    const draft: Draft = {
      // The only ids of the service that are known to need percent-encoding.
      id: `${providerId()}#draft`,
      grantId: grant.id,
      threadId: providerId(),
      letter,
      parts,
      metadata: { ...request.metadata },
      changedAt: this.#clock.nowSeconds(),
    };
    this.#drafts.put(fileId(draft.id), draft);
    return draft;
  }

  /** Newest first. */
  listDrafts(grant: Grant, { limit, metadataPair, select }: DraftQuery): Reply {
    const { metadataPair: belief, select: selecting } = this.#behaviour;
    if (metadataPair !== null && belief === "refused")
      throw new NylasError(400, "metadata_pair is not supported for this grant");
    const [, key = "", value] = /^([^:]*):(.*)$/s.exec(metadataPair ?? "") ?? [];
    const fits = ({ metadata }: Draft) =>
      metadataPair === null || belief === "ignored" || metadata[key] === value;
    const drafts = this.#drafts
      .values()
      .filter((draft) => draft.grantId === grant.id && fits(draft))
      .sort((a, b) => b.changedAt - a.changedAt)
      .slice(0, limit);
    const fields = selecting === "honoured" ? select : undefined;
    return dataReply(200, { data: drafts.map((draft) => only(fields, this.#describe(draft))) });
  }

  readDraft(grant: Grant, id: string): Reply {
    return this.#draftReply(this.#find(grant, id));
  }

  #draftReply(draft: Draft): Reply {
    return dataReply(200, { grant_id: draft.grantId, data: this.#describe(draft) });
  }

  #describe(draft: Draft): Record<string, unknown> {
    const described = describeDraft(draft, this.#behaviour.draftMetadata === "told");
    return this.#echoed(described);
  }

  #echoed({ body, ...rest }: Record<string, unknown>): Record<string, unknown> {
    return this.#behaviour.echo === "whole" ? { ...rest, body } : rest;
  }

  async updateDraft(grant: Grant, id: string, request: LetterRequest): Promise<Reply> {
    this.#assertMayWrite(grant, false);
    noWait(request);
    const old = this.#find(grant, id);
    const letter = checked(grant, changeLetter(old.letter, request.letter));
    const parts = request.attachments ? await this.#parts(grant, letter, request) : old.parts;
    const metadata = request.metadata ?? old.metadata;
    const draft = { ...old, letter, parts, metadata, changedAt: this.#clock.nowSeconds() };
    this.#drafts.put(fileId(id), draft);
    if (request.attachments) this.#outbox.drop(old.parts);
    return this.#draftReply(draft);
  }

  async sendDraft(grant: Grant, id: string): Promise<Reply> {
    this.#assertMayWrite(grant, true);
    const draft = this.#find(grant, id);
    return this.#deliverDraft({ ...draft, letter: addressed(grant, draft.letter) });
  }

  async #deliverDraft(draft: Draft): Promise<Reply> {
    const { id, letter, grantId } = draft;
    this.#assertFits(draft.parts);
    // It leaves the drafts first, so that nobody can find it here and send it a second time.
    this.#drafts.delete(fileId(id));
    try {
      const mail = await this.#outbox.deliver(
        { grantId, letter, parts: draft.parts, threadId: draft.threadId },
        (sent) => ({
          grant_id: grantId,
          data: describeMail(sent, id, null),
        }),
      );
      this.#outbox.drop(draft.parts);
      return mailReply(mail);
    } catch (reason) {
      this.#drafts.put(fileId(id), draft);
      throw reason;
    }
  }

  deleteDraft(grant: Grant, id: string): Reply {
    this.#assertSignedIn();
    const draft = this.#find(grant, id);
    this.#drafts.delete(fileId(id));
    this.#outbox.drop(draft.parts);
    return dataReply(200, {});
  }

  #find(grant: Grant, id: string): Draft {
    const draft = this.#drafts.get(fileId(id));
    if (draft?.id !== id || draft.grantId !== grant.id) throw new NylasError(404, "draft not found");
    return draft;
  }

  /** Gives every attachment its own file, so that the mail no longer depends on where it came from. */
  async #parts(grant: Grant, letter: Letter, { attachments = [] }: LetterRequest): Promise<Part[]> {
    const sources = attachments.map(({ source, contentId }) => ({
      contentId,
      source: "id" in source ? this.#uploads.ready(grant, source.id) : source,
    }));
    const parts: Part[] = [];
    for (const { source, contentId } of sources) {
      const kept =
        "content" in source
          ? { id: providerId(), ...this.#outbox.keepBytes(source.content) }
          : {
              id: source.id,
              path: await this.#outbox.keepFile(source.path),
              size: source.object.size,
              sha256: source.object.sha256,
            };
      const { filename, contentType } = source;
      const shown = contentId === undefined ? {} : { contentId };
      parts.push({ ...kept, filename, contentType, ...shown, inline: isInline(letter, contentId) });
    }
    return parts;
  }
}

/** The answer that a sender got for a mail; after a restart it is made again from what was saved. */
export function mailReply(mail: Mail): Reply {
  return dataReply(200, { ...(typeof mail.answer === "object" ? mail.answer : {}) });
}

const sender = ({ email, name }: Grant) => ({ email, name });

function mayWrite(grant: Grant, sending: boolean): void {
  if (grant.grant_status !== "valid")
    throw new NylasError(
      403,
      "The provider no longer accepts this grant; the user has to authenticate again",
      "api.authentication_error",
      {
        code: "InvalidAuthenticationToken",
        message: "Lifetime validation failed, the token is expired.",
      },
    );
  if (grant.provider !== "microsoft") return;
  const missing = ["Mail.ReadWrite", ...(sending ? ["Mail.Send"] : [])].filter(
    (scope) => !hasScope(grant, scope),
  );
  if (missing.length > 0) throw new NylasError(403, `The grant lacks the scopes ${missing.join(", ")}`);
}

/** Throws when no mail can be made from the letter. */
function checked(grant: Grant, letter: Letter): Letter {
  const addresses = [...letter.to, ...letter.cc, ...letter.bcc, ...letter.replyTo];
  for (const { email } of addresses) {
    if (/[^ -~]/.test(email))
      throw new NylasError(402, "Sending to at least one recipient failed", "provider_error", {
        code: "ErrorInvalidRecipients",
        message: `At least one recipient isn't valid: ${email}`,
      });
    if (!/^[^\s@,;<>"]+@[^\s@,;<>"]+$/.test(email))
      throw new NylasError(400, `invalid e-mail address: ${email}`);
  }
  if (letter.from.some(({ email }) => email.toLowerCase() !== grant.email))
    throw new NylasError(400, "from: the address does not belong to the grant");
  if (grant.provider === "microsoft" && letter.headers.some(({ name }) => !/^x-/i.test(name)))
    throw new NylasError(400, "custom_headers: the provider takes only names that start with x-");
  return letter;
}

function addressed(grant: Grant, letter: Letter): Letter {
  if (letter.to.length === 0) throw new NylasError(400, "to: at least one recipient is required");
  return checked(grant, letter);
}

/** A draft is sent by a request, not at a given time. */
function noWait({ wait }: LetterRequest): void {
  if (wait) throw new NylasError(400, "send_at: a draft takes no time to be sent at");
}

/** The named fields of something; all of them when none are named. */
function only(
  fields: readonly string[] | undefined,
  whole: Record<string, unknown>,
): Record<string, unknown> {
  return fields === undefined
    ? whole
    : Object.fromEntries(Object.entries(whole).filter(([name]) => fields.includes(name)));
}

/** A file name for a draft's id. */
function fileId(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
