/**
 * Microsoft Graph: a draft, its attachments, and sending it.
 * https://learn.microsoft.com/graph/outlook-large-attachments
 */
import * as z from "zod";
import { FreightError, withoutDoubt } from "../../base/errors.ts";
import { parseAnswer, serverNow } from "../../net/answers.ts";
import type { Http } from "../../net/http.ts";
import { t } from "../../shared/l10n.ts";
import { GraphRanges } from "../../transfer/graphRanges.ts";
import type { UploadProtocol } from "../../transfer/upload.ts";
import type { CalendarEvent } from "../calendar.ts";
import { type Draft, type DraftKeeper, savedDraftLost } from "../drafts.ts";
import type {
  FileLinks,
  FileToUpload,
  FrozenDraft,
  FrozenSend,
  Leftover,
  Mailbox,
  MailService,
  Receipt,
  ServiceLimits,
  UploadPlace,
  UploadSession,
} from "../mailService.ts";
import { assertUploadUrl, uploadLine } from "../uploadUrl.ts";
import { isFile } from "./attachedFile.ts";
import { GRAPH_MAX_FILE_BYTES, type GraphEndpoint, graphUrl } from "./graphApi.ts";
import { comingEvents } from "./graphCalendar.ts";
import { checkMailbox } from "./graphCheck.ts";
import { GraphDoubts, unconfirmed } from "./graphDoubts.ts";
import { receiptOf, writeDraft } from "./graphDraft.ts";
import { graphError, isConflict, readGraphRefusal, sendError } from "./graphErrors.ts";
import { GraphEventText } from "./graphEventText.ts";
import { GraphInbox } from "./graphInbox.ts";
import { freeze, thaw } from "./graphLetter.ts";
import { attachmentsPath, GraphMessages, messagePath } from "./graphMessages.ts";
import { GraphSchedules } from "./graphSchedules.ts";
import { GraphSendMail } from "./graphSendMail.ts";
import { GraphSmallFile } from "./graphSmallFile.ts";

const LIMITS: ServiceLimits = {
  maxFileBytes: GRAPH_MAX_FILE_BYTES,
  // Each mailbox allows four requests at a time and 150 MB in five minutes: two uploads reach that sooner.
  parallelUploads: 1,
  // A session that expires midway is useless; files that are already attached stay.
  expiryMarginMs: 60_000,
  // Before a repeated send, the draft itself shows whether the mail was sent.
  safeRepeatMs: Number.POSITIVE_INFINITY,
};

/** Below the first size Graph refuses a session, from the second on it requires one; between, it decides. */
const SURELY_SMALL_BYTES = 3_000_000;
const SURELY_LARGE_BYTES = 3_145_728;

const SEND_TIMEOUT_MS = 180_000;
const Session = z.object({ uploadUrl: z.url(), expirationDateTime: z.iso.datetime({ offset: true }) });
export class GraphService implements MailService {
  readonly limits = LIMITS;
  readonly freeze = freeze;
  readonly #endpoint: GraphEndpoint;
  readonly #http: Http;
  readonly #messages: GraphMessages;
  readonly schedules: GraphSchedules;
  readonly inMail: MailService;
  readonly inbox: GraphInbox;
  readonly eventText: GraphEventText;
  readonly links?: FileLinks;
  readonly #monotonicNow: () => number;
  readonly #doubts: GraphDoubts;

  /**
   * @param monotonicNow milliseconds on a clock that does not jump
   * @param links where files that are sent as links go
   */
  constructor(
    endpoint: GraphEndpoint,
    http: Http,
    monotonicNow = () => performance.now(),
    links?: FileLinks,
  ) {
    if (links !== undefined) this.links = links;
    this.#endpoint = endpoint;
    this.#http = http;
    this.#messages = new GraphMessages(http, endpoint);
    this.schedules = new GraphSchedules(this.#messages);
    this.inMail = new GraphSendMail(endpoint, http);
    this.inbox = new GraphInbox(this.#messages);
    this.eventText = new GraphEventText(this.#messages);
    this.#doubts = new GraphDoubts(this.#messages, monotonicNow);
    this.#monotonicNow = monotonicNow;
  }

  get drafts(): DraftKeeper {
    return this.#messages;
  }

  /** @throws FreightError `scope-missing` that names what the sign-in lacks */
  async check(signal: AbortSignal): Promise<Mailbox> {
    const { mailbox } = this.#endpoint;
    const found = await checkMailbox(this.#messages, this.#endpoint, this.links, signal);
    if (mailbox !== "me" && found.sendOnly !== true) await this.#probe(mailbox, signal);
    return found;
  }

  comingEvents(signal: AbortSignal): Promise<readonly CalendarEvent[]> {
    return comingEvents(this.#messages, signal);
  }

  async createSession(file: FileToUpload, draft: Draft | null, signal: AbortSignal): Promise<UploadSession> {
    const holder = held(draft);
    try {
      return await this.#createSession(file, holder, signal);
    } catch (reason) {
      throw await this.#messages.whyRefused(holder, reason, signal);
    }
  }

  async #createSession(file: FileToUpload, holder: Draft, signal: AbortSignal): Promise<UploadSession> {
    const path = attachmentsPath(holder);
    await this.#makeRoom(holder, file.name, signal);
    const small: UploadSession = {
      attachmentId: null,
      target: { url: graphUrl(this.#endpoint, path), headers: {} },
      expiresAt: null,
      atOnce: true,
    };
    if (file.size < SURELY_SMALL_BYTES) return small;
    const { name, contentType, size, inline } = file;
    const body = JSON.stringify({
      AttachmentItem: {
        attachmentType: "file",
        name,
        size,
        contentType,
        ...(inline === undefined ? {} : { isInline: true, contentId: inline.contentId }),
      },
    });
    const answer = await this.#messages.call("POST", `${path}/createUploadSession`, signal, { body });
    if (answer.status !== 201 && answer.status !== 200) {
      const { code } = readGraphRefusal(answer);
      if (size < SURELY_LARGE_BYTES && code === "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")
        return small;
      throw graphError(answer, "open an upload session", holder.kind);
    }
    const { uploadUrl, expirationDateTime } = parseAnswer(Session, answer, "upload session");
    assertUploadUrl(uploadUrl, this.#endpoint.baseUrl);
    return {
      attachmentId: null,
      target: { url: uploadUrl, headers: {} },
      expiresAt:
        Date.parse(expirationDateTime) + answer.receivedAt - (serverNow(answer) ?? answer.receivedAt),
    };
  }

  protocol({ target, file, draft }: UploadPlace, line: Http): UploadProtocol {
    const holder = held(draft);
    if (target === null) throw new Error("Files are uploaded into a draft or an event only");
    const path = attachmentsPath(holder);
    // There was no file of this name before the upload.
    const findStored = async (signal: AbortSignal) =>
      (await this.#messages.attachments(holder, signal)).find((listed) => isFile(listed, file))?.id;
    if (this.#isSmall(target.url, path)) {
      const { kind } = holder;
      const whyRefused = (reason: FreightError, signal: AbortSignal) =>
        this.#messages.whyRefused(holder, reason, signal);
      return new GraphSmallFile(line, { endpoint: this.#endpoint, file, path, kind, findStored, whyRefused });
    }
    assertUploadUrl(target.url, this.#endpoint.baseUrl);
    return new GraphRanges(uploadLine(line, this.#endpoint.baseUrl), {
      url: target.url,
      total: file.size,
      findStored,
      monotonicNow: this.#monotonicNow,
    });
  }

  /** Nothing to do: the file is attached once its last byte is there. */
  async complete(): Promise<void> {}

  async cancel({ target, attachmentId, draft, size }: Leftover, signal: AbortSignal): Promise<void> {
    if (draft === null) return;
    const path = attachmentsPath(draft);
    if (attachmentId !== null) return this.#messages.deleteAttachment(draft, attachmentId, signal);
    if (target === undefined || this.#isSmall(target.url, path)) return;
    const findStored = async () => undefined;
    await new GraphRanges(uploadLine(this.#http, this.#endpoint.baseUrl), {
      url: target.url,
      total: size,
      findStored,
      monotonicNow: this.#monotonicNow,
    }).cancel(signal);
  }

  /**
   * Writes the letter into the draft and sends it. No key makes a repeated send safe, so what became of an
   * earlier try is looked up. https://learn.microsoft.com/graph/api/message-send
   */
  async send(
    { body, draft, mayBeOut = false, saved, gate }: FrozenSend,
    signal: AbortSignal,
  ): Promise<Receipt> {
    if (draft == null) throw new Error("A mail without a draft cannot be sent here");
    const { isDeferred } = thaw(body);
    if (mayBeOut || this.#doubts.has(draft)) {
      const receipt = await this.#doubts.settle(draft, isDeferred, signal);
      if (receipt !== undefined) return receipt;
    } else if (saved !== undefined) await withoutDoubt(this.#messages.assertUnsent(saved, signal));
    // A failure here leaves no doubt: nothing is sent before the request below.
    const written = await withoutDoubt(writeDraft(this.#messages, draft, body, signal));
    if (!written.isDraft) return written.receipt;
    const path = messagePath(draft.id);
    const sent = await this.#messages.call("POST", `${path}/send`, signal, {
      timeoutMs: SEND_TIMEOUT_MS,
      statusCounts: true,
      gate: () => {
        gate?.();
        this.#doubts.begin(draft);
      },
    });
    if (sent.status !== 202) {
      const error = sendError(sent);
      // A refusal by Graph itself is certain; anything between here and Graph cannot know.
      const isOfGraph = readGraphRefusal(sent).code !== "";
      if (isOfGraph && isConflict(sent)) this.#doubts.conflicted(draft);
      else if (isOfGraph && !error.mayHaveActed) this.#doubts.end(draft);
      const isRefusal = sent.status > 399 && !error.is("rate-limited", "service-fault");
      if (!isOfGraph && isRefusal) return this.#doubts.lookAfterRefusal(draft, sent, signal);
      throw error.is("draft-lost") ? unconfirmed(error) : error;
    }
    this.#doubts.end(draft);
    const receipt = { ...receiptOf(draft, sent), sentAt: this.#messages.now };
    return isDeferred ? { ...receipt, scheduleId: draft.id } : receipt;
  }

  /** The draft with the files becomes the saved one: writing it twice creates no second one. */
  async saveDraft({ body, draft, saved, gate }: FrozenDraft, signal: AbortSignal): Promise<Receipt> {
    if (draft === null) throw new Error("A mail without a draft cannot be saved here");
    if (saved !== undefined) await this.#messages.assertUnsent(draft, signal);
    const { isDraft, receipt } = await writeDraft(this.#messages, draft, body, signal, gate);
    if (!isDraft) throw savedDraftLost();
    return receipt;
  }

  /** Checks that large files can be added in a shared mailbox, which Microsoft refuses in some. */
  async #probe(mailbox: string, signal: AbortSignal): Promise<void> {
    const draft = await this.#messages.open("probe", false, signal);
    const leftover = { draft, attachmentId: null, size: SURELY_LARGE_BYTES };
    try {
      const file = { name: "probe.bin", contentType: "application/octet-stream", size: SURELY_LARGE_BYTES };
      const { target } = await this.createSession(file, draft, signal);
      await this.cancel({ ...leftover, target: target ?? undefined }, signal);
    } catch (reason) {
      if (!(reason instanceof FreightError && reason.status === 403)) throw reason;
      throw new FreightError(
        "provider-unsupported",
        t(
          "Microsoft does not accept large files in {0} from another account. Sign in as that mailbox.",
          mailbox,
        ),
        { cause: reason, requestId: reason.requestId, remedy: "checkAccount" },
      );
    } finally {
      await this.#messages.discard(draft, signal);
    }
  }

  /** Files are recognized by name, so it must be free. @throws FreightError when the event has such a file */
  async #makeRoom(holder: Draft, name: string, signal: AbortSignal): Promise<void> {
    for (const listed of await this.#messages.attachments(holder, signal)) {
      if (listed.name !== name) continue;
      if (holder.kind === "event")
        throw new FreightError(
          "request-refused",
          t("The event already has a file “{0}”. Give yours another name.", name),
          { remedy: "retry" },
        );
      // Ours, from an upload that was abandoned.
      await this.#messages.deleteAttachment(holder, listed.id, signal);
    }
  }

  /** Small files are posted straight to the list of attachments, which no upload URL points to. */
  #isSmall(url: string, path: string): boolean {
    return url === graphUrl(this.#endpoint, path);
  }
}

function held(draft: Draft | null): Draft {
  if (draft === null) throw new Error("Files are attached to a draft or an event only");
  return draft;
}
