/**
 * Nylas v3: grants, attachment uploads and sending.
 * https://developer.nylas.com/docs/v3/email/send-large-attachments/
 */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { parseAnswer, serverNow } from "../../net/answers.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import { formatBytes } from "../../shared/format.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { GcsResumable } from "../../transfer/gcsResumable.ts";
import type { UploadProtocol } from "../../transfer/upload.ts";
import type { Draft, SavedDrafts } from "../drafts.ts";
import { sentence } from "../forbidden.ts";
import {
  type AttachmentRef,
  type Departure,
  type FileToUpload,
  type FinalMessage,
  type FrozenDraft,
  type FrozenSend,
  type Leftover,
  type Mailbox,
  type MailService,
  type Receipt,
  ServiceId,
  type ServiceLimits,
  SessionsRefused,
  type UploadPlace,
  type UploadSession,
} from "../mailService.ts";
import { assertTextFits } from "../textLimit.ts";
import { assertUploadUrl, uploadHeaders, uploadLine } from "../uploadUrl.ts";
import { type AskNylas, call, grantPath, type NylasEndpoint } from "./nylasApi.ts";
import { NylasDrafts } from "./nylasDrafts.ts";
import { completeError, createError, readRefusal } from "./nylasErrors.ts";
import { checkGrant, notMicrosoft, whyRejected } from "./nylasGrants.ts";
import { NylasInbox } from "./nylasInbox.ts";
import { letterOf, SAFE_REPEAT_MS, sendMessage } from "./nylasMessages.ts";
import { NylasSchedules } from "./nylasSchedules.ts";
import { NylasStandard } from "./nylasStandard.ts";
import { JSON_MAX_BYTES, MULTIPART_MAX_BYTES } from "./standardLimits.ts";

/** Nylas's limit for an uploaded attachment: 150 MiB. */
export const NYLAS_MAX_FILE_BYTES = 157_286_400;

const LIMITS: ServiceLimits = {
  maxFileBytes: NYLAS_MAX_FILE_BYTES,
  // Once two uploads fill the line, a third only costs memory.
  parallelUploads: 2,
  // Nylas fetches the files from its storage while it sends, which may take two minutes.
  expiryMarginMs: 3 * 60_000,
  safeRepeatMs: SAFE_REPEAT_MS,
};

const CreateAnswer = z.object({
  data: z.object({
    attachment_id: ServiceId,
    method: z.literal("PUT"),
    url: z.url(),
    headers: z.record(z.string(), z.string()).nullish(),
    expires_at: z.iso.datetime({ offset: true }),
  }),
});
const CompleteAnswer = z.object({
  data: z.object({ attachment_id: z.string(), status: z.literal("ready") }),
});
/** The parts of a frozen body that identify its draft. */
const Frozen = z.object({
  subject: z.string(),
  to: z.array(z.object({ email: z.string() })).default([]),
  attachments: z.array(z.unknown()).default([]),
});

export class NylasSessions implements MailService {
  readonly limits = LIMITS;
  readonly #endpoint: NylasEndpoint;
  readonly #grant: string;
  readonly #http: Http;
  readonly #drafts: NylasDrafts;
  readonly schedules: NylasSchedules;
  readonly inbox: NylasInbox;
  readonly inMail: MailService;

  /**
   * @param grantId a grant's id, or "me" with an access token
   * @param monotonicNow milliseconds on a clock that does not jump
   */
  constructor(endpoint: NylasEndpoint, grantId: string, http: Http, monotonicNow = () => performance.now()) {
    this.#endpoint = endpoint;
    this.#grant = grantId;
    this.#http = http;
    const ask: AskNylas = (method, path, signal, options) =>
      call(http, endpoint, method, this.#path(path), signal, options);
    this.#drafts = new NylasDrafts(ask, monotonicNow);
    this.inbox = new NylasInbox(ask);
    this.inMail = new NylasStandard(
      endpoint,
      { grantId, provider: "microsoft" },
      http,
      undefined,
      monotonicNow,
    );
    // Only Microsoft mailboxes send large files this way.
    this.schedules = new NylasSchedules(ask, this.#drafts, "microsoft");
  }

  check(signal: AbortSignal): Promise<Mailbox> {
    return checkGrant(this.#endpoint, this.#grant, this.#http, signal);
  }

  async createSession(file: FileToUpload, _draft: Draft | null, signal: AbortSignal): Promise<UploadSession> {
    const body = JSON.stringify({ filename: file.name, content_type: file.contentType, size: file.size });
    const answer = await call(this.#http, this.#endpoint, "POST", this.#path("/attachment-uploads"), signal, {
      body,
    });
    if (answer.status === 401) {
      // This status has four possible causes: reading the mailbox shows which it is.
      const { email, id, provider } = await this.check(signal);
      if (provider !== "microsoft") throw notMicrosoft(email ?? id, provider);
      throw new FreightError(
        "scope-missing",
        t(
          "Nylas knows the mailbox but does not open an upload session for it: it may be connected without Mail.ReadWrite and Mail.Send.",
        ),
        { ...readRefusal(answer).details, remedy: "checkAccount" },
      );
    }
    // A sign-in page of the network also comes with 200, but cannot be parsed as a session.
    if (SESSIONS_REFUSED.includes(answer.status)) throw sessionsRefused(answer);
    if (answer.status !== 201 && answer.status !== 200) throw createError(answer);
    const { data } = parseAnswer(CreateAnswer, answer, "upload session");
    assertUploadUrl(data.url, this.#endpoint.apiUri);
    return {
      attachmentId: data.attachment_id,
      target: { url: data.url, headers: uploadHeaders(data.headers) },
      expiresAt: Date.parse(data.expires_at) + clockSkewMs(answer),
    };
  }

  protocol({ target, file }: UploadPlace, line: Http): UploadProtocol {
    if (target === null) throw new Error("Files are uploaded to a storage only");
    assertUploadUrl(target.url, this.#endpoint.apiUri);
    return new GcsResumable(uploadLine(line, this.#endpoint.apiUri), { ...target, total: file.size });
  }

  async complete(attachmentId: string, asked: boolean, signal: AbortSignal): Promise<void> {
    let answer = await this.#complete(this.#grant, attachmentId, signal);
    if (answer.status === 401 && this.#grant !== "me") {
      // A session belongs to the grant's id: only here does an email address in its place not do.
      const { id } = await this.check(signal);
      if (id !== this.#grant) answer = await this.#complete(id, attachmentId, signal);
    }
    // 409 also means "already complete": the answer to our own earlier call was lost.
    if (answer.status === 409 && asked && readRefusal(answer).isNylas) return;
    if (answer.status !== 200) throw await this.#explained(completeError(answer), signal);
    parseAnswer(CompleteAnswer, answer, "completed upload");
  }

  #complete(grant: string, attachmentId: string, signal: AbortSignal): Promise<HttpAnswer> {
    const path = grantPath(grant, `/attachment-uploads/${encodeURIComponent(attachmentId)}/complete`);
    return call(this.#http, this.#endpoint, "POST", path, signal, { body: "{}" });
  }

  #explained(reason: unknown, signal: AbortSignal): Promise<unknown> {
    return whyRejected(reason, this.#endpoint, this.#grant, this.#http, signal);
  }

  /** Nylas documents no way to end a session, but its storage has one; the session itself then expires. */
  async cancel({ target, size }: Leftover, signal: AbortSignal): Promise<void> {
    if (target === undefined) return;
    const line = uploadLine(this.#http, this.#endpoint.apiUri);
    await new GcsResumable(line, { ...target, total: size }).cancel(signal);
  }

  /** A file appears in the text only with its content id here as well: upload sessions do not know it. */
  freeze(message: FinalMessage, attachments: readonly AttachmentRef[], departure?: Departure): string {
    const body = JSON.stringify({
      ...letterOf(message, departure),
      attachments: attachments.map(({ id, contentId }) =>
        contentId === undefined ? { id } : { id, content_id: contentId },
      ),
    });
    assertTextFits(body, JSON_MAX_BYTES, "Nylas");
    return body;
  }

  async send({ body, idempotencyKey, gate }: FrozenSend, signal: AbortSignal): Promise<Receipt> {
    const request = { idempotencyKey, contentType: "application/json", body, gate };
    try {
      return await sendMessage(this.#http, this.#endpoint, this.#grant, request, signal);
    } catch (reason) {
      throw await this.#explained(reason, signal);
    }
  }

  get savedDrafts(): SavedDrafts {
    return this.#drafts;
  }

  async saveDraft(frozen: FrozenDraft, signal: AbortSignal): Promise<Receipt> {
    const { subject, to, attachments } = Frozen.parse(JSON.parse(frozen.body));
    const letter = { subject, to, fileCount: attachments.length };
    const draft = { ...frozen, letter, contentType: "application/json", bytes: () => frozen.body };
    try {
      return await this.#drafts.save(draft, signal);
    } catch (reason) {
      throw await this.#explained(reason, signal);
    }
  }

  #path(rest: string): string {
    return grantPath(this.#grant, rest);
  }
}

/** The endpoint is in beta: it may be disabled for an application, or unknown to an older gateway. */
const SESSIONS_REFUSED: readonly number[] = [403, 404, 405, 501];

function sessionsRefused(answer: HttpAnswer): SessionsRefused {
  const { message, details } = readRefusal(answer);
  return new SessionsRefused(
    "provider-unsupported",
    sentences(
      t(
        "Nylas opens no upload sessions for this mailbox (status {0}), and the mail is larger than the {1} that can go in the mail itself.",
        String(answer.status),
        formatBytes(MULTIPART_MAX_BYTES),
      ),
      message === "" ? "" : t("Nylas says: {0}", sentence(message)),
      t("Remove files, or ask your Nylas administrator to enable attachment uploads."),
    ),
    { ...details, remedy: "retry" },
  );
}

/** Our clock minus the service's, from the `Date` header (whole seconds); 0 when it has none. */
function clockSkewMs(answer: HttpAnswer): number {
  const skew = answer.receivedAt - (serverNow(answer) ?? answer.receivedAt);
  // A smaller difference comes from the header's resolution or a slow answer, not from the clocks.
  return Math.abs(skew) < 2_000 ? 0 : skew;
}
