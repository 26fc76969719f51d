/**
 * The standard method of Nylas v3, for mailboxes of every provider: the files travel in the send request.
 * https://developer.nylas.com/docs/v3/email/attachments/
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import type { Http, StreamBody } from "../../net/http.ts";
import { bytesInFull } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { assembled, assembledLength } from "../../transfer/assembly.ts";
import { LocalReading } from "../../transfer/localReading.ts";
import type { UploadProtocol } from "../../transfer/upload.ts";
import type { SavedDrafts } from "../drafts.ts";
import type {
  AttachmentRef,
  Departure,
  FinalMessage,
  FrozenDraft,
  FrozenSend,
  Mailbox,
  MailService,
  Receipt,
  ServiceLimits,
  UploadSession,
} from "../mailService.ts";
import { type AskNylas, call, grantPath, type NylasEndpoint } from "./nylasApi.ts";
import { NylasDrafts } from "./nylasDrafts.ts";
import { checkGrant, providerMailboxes, whyRejected } from "./nylasGrants.ts";
import { NylasInbox } from "./nylasInbox.ts";
import { letterOf, SAFE_REPEAT_MS, sendMessage } from "./nylasMessages.ts";
import { NylasSchedules } from "./nylasSchedules.ts";
import { MULTIPART_MAX_BYTES } from "./standardLimits.ts";
import { contentTypeOf, piecesOf, StandardMail, standardMail } from "./standardMail.ts";

export interface StandardMailbox {
  /** A grant's id, or "me" with an access token. */
  readonly grantId: string;
  /** "google", "imap", … */
  readonly provider: string;
}

/** The parts of a letter that identify its draft. */
const Letter = z.object({ subject: z.string(), to: z.array(z.object({ email: z.string() })).default([]) });

export class NylasStandard implements MailService {
  readonly limits: ServiceLimits;
  readonly carriesFiles = true;
  readonly #endpoint: NylasEndpoint;
  readonly #mailbox: StandardMailbox;
  readonly #http: Http;
  readonly #newId: () => string;
  readonly #drafts: NylasDrafts;
  readonly schedules: NylasSchedules;
  readonly inbox: NylasInbox;

  /** @param monotonicNow milliseconds on a clock that does not jump */
  constructor(
    endpoint: NylasEndpoint,
    mailbox: StandardMailbox,
    http: Http,
    newId = randomUUID,
    monotonicNow = () => performance.now(),
  ) {
    const ask: AskNylas = (method, path, signal, options) =>
      call(http, endpoint, method, grantPath(mailbox.grantId, path), signal, options);
    this.#drafts = new NylasDrafts(ask, monotonicNow);
    this.inbox = new NylasInbox(ask);
    this.schedules = new NylasSchedules(ask, this.#drafts, mailbox.provider);
    this.#endpoint = endpoint;
    this.#mailbox = mailbox;
    this.#http = http;
    this.#newId = newId;
    this.limits = {
      maxFileBytes: MULTIPART_MAX_BYTES,
      limitOf: this.#whose,
      // Files are only read here, and reading two at once from one disk is no faster.
      parallelUploads: 1,
      expiryMarginMs: 0,
      safeRepeatMs: SAFE_REPEAT_MS,
    };
  }

  check(signal: AbortSignal): Promise<Mailbox> {
    return checkGrant(this.#endpoint, this.#mailbox.grantId, this.#http, signal);
  }

  /** Nothing to open: the service only gets the file when the mail is sent. */
  async createSession(): Promise<UploadSession> {
    return { attachmentId: null, target: null, expiresAt: null, atOnce: true };
  }

  protocol(): UploadProtocol {
    return new LocalReading();
  }

  async complete(): Promise<void> {}

  async cancel(): Promise<void> {}

  /** @throws FreightError `message-too-large` that names the size and the limit */
  freeze(message: FinalMessage, attachments: readonly AttachmentRef[], departure?: Departure): string {
    const mail = standardMail(letterOf(message, departure), attachments, `freight-${this.#newId()}`);
    const bytes = assembledLength(piecesOf(mail));
    if (bytes > MULTIPART_MAX_BYTES)
      throw new FreightError(
        "message-too-large",
        this.#isMicrosoft
          ? t(
              "The mail is {0} with its files and its text; without upload sessions Nylas takes {1}. Remove something.",
              bytesInFull(bytes),
              bytesInFull(MULTIPART_MAX_BYTES),
            )
          : t(
              "The mail is {0} with its files and its text; the limit for {1} is {2}. Remove something, or send from a Microsoft mailbox.",
              bytesInFull(bytes),
              this.#whose,
              bytesInFull(MULTIPART_MAX_BYTES),
            ),
      );
    return JSON.stringify(mail);
  }

  async send({ body, idempotencyKey, gate }: FrozenSend, signal: AbortSignal): Promise<Receipt> {
    const mail = StandardMail.parse(JSON.parse(body));
    const request = {
      idempotencyKey,
      contentType: contentTypeOf(mail),
      body: bodyOf(mail, signal),
      echoedBytes: Buffer.byteLength(mail.message),
      gate,
    };
    try {
      return await sendMessage(this.#http, this.#endpoint, this.#mailbox.grantId, request, signal);
    } catch (reason) {
      throw await this.#explained(reason, signal);
    }
  }

  get savedDrafts(): SavedDrafts {
    return this.#drafts;
  }

  /** The files travel with the draft as they do with a mail. */
  async saveDraft(frozen: FrozenDraft, signal: AbortSignal): Promise<Receipt> {
    const mail = StandardMail.parse(JSON.parse(frozen.body));
    const { subject, to } = Letter.parse(JSON.parse(mail.message));
    const letter = { subject, to, fileCount: mail.files.length };
    const bytes = () => bodyOf(mail, signal);
    try {
      const contentType = contentTypeOf(mail);
      const echoedBytes = Buffer.byteLength(mail.message);
      return await this.#drafts.save({ ...frozen, letter, contentType, bytes, echoedBytes }, signal);
    } catch (reason) {
      throw await this.#explained(reason, signal);
    }
  }

  async #explained(reason: unknown, signal: AbortSignal): Promise<unknown> {
    const { grantId } = this.#mailbox;
    return this.#inItsWords(await whyRejected(reason, this.#endpoint, grantId, this.#http, signal));
  }

  /** Rewords errors that speak of Microsoft mailboxes for the other providers. */
  #inItsWords(reason: unknown): unknown {
    if (!(reason instanceof FreightError) || this.#isMicrosoft) return reason;
    const { code, status, requestId, mayHaveActed, isOwnWord, ofSize } = reason;
    const details = { cause: reason, status, requestId, mayHaveActed, isOwnWord, ofSize };
    if (reason.is("message-too-large"))
      return new FreightError(code, t("The mail is larger than the limit for {0}.", this.#whose), details);
    if (reason.is("scope-missing"))
      return new FreightError(
        code,
        t("The mailbox does not allow sending: reconnect it to Nylas with permission to send mail."),
        { ...details, remedy: "checkAccount" },
      );
    return reason;
  }

  /** True for a mailbox that Nylas normally offers upload sessions for. */
  get #isMicrosoft(): boolean {
    return this.#mailbox.provider === "microsoft";
  }

  get #whose(): string {
    return this.#isMicrosoft ? t("mails without upload sessions") : providerMailboxes(this.#mailbox.provider);
  }
}

function bodyOf(mail: StandardMail, signal: AbortSignal): StreamBody {
  const pieces = piecesOf(mail);
  return { length: assembledLength(pieces), chunks: assembled(pieces, signal) };
}
