/**
 * Sends from a Microsoft 365 mailbox whose sign-in allows nothing else: the files travel in the request.
 * Nothing can be read there, so nobody can look up what became of a mail.
 * https://learn.microsoft.com/graph/api/user-sendmail
 */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import { formatBytes } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { assembled, assembledLength, type Piece } from "../../transfer/assembly.ts";
import { LocalReading } from "../../transfer/localReading.ts";
import type { UploadProtocol } from "../../transfer/upload.ts";
import { FrozenFile, frozenFiles } from "../frozenFile.ts";
import type {
  AttachmentRef,
  Departure,
  FileToUpload,
  FinalMessage,
  FrozenSend,
  Mailbox,
  MailService,
  Receipt,
  ServiceLimits,
  UploadSession,
} from "../mailService.ts";
import { SEND_ONLY_MAX_FILE_BYTES, SEND_ONLY_MAX_REQUEST_BYTES } from "../sendOnly.ts";
import { callGraph, GRAPH_MAX_FILE_BYTES, type GraphEndpoint } from "./graphApi.ts";
import { checkMailbox } from "./graphCheck.ts";
import { graphError, readGraphRefusal } from "./graphErrors.ts";
import { letterOf } from "./graphLetter.ts";
import { GraphMessages } from "./graphMessages.ts";

const LIMITS: ServiceLimits = {
  // The smaller limit is checked in `createSession`, where the error can offer a way out.
  maxFileBytes: GRAPH_MAX_FILE_BYTES,
  // Files are only read here, and reading two at once from one disk is no faster.
  parallelUploads: 1,
  expiryMarginMs: 0,
  // No key makes a repeated send safe, and nothing can be looked up.
  safeRepeatMs: 0,
};

const TIMEOUT_MS = 180_000;

/** Everything that determines the bytes of the request. */
const Frozen = z.object({ message: z.record(z.string(), z.unknown()), files: z.array(FrozenFile) });
type Frozen = z.infer<typeof Frozen>;

export class GraphSendMail implements MailService {
  readonly limits = LIMITS;
  readonly carriesFiles = true;
  readonly #endpoint: GraphEndpoint;
  readonly #http: Http;

  constructor(endpoint: GraphEndpoint, http: Http) {
    this.#endpoint = endpoint;
    this.#http = http;
  }

  check(signal: AbortSignal): Promise<Mailbox> {
    return checkMailbox(new GraphMessages(this.#http, this.#endpoint), this.#endpoint, undefined, signal);
  }

  /** Nothing to open: Microsoft only gets the file when the mail is sent. */
  async createSession({ name, size }: FileToUpload): Promise<UploadSession> {
    if (size > SEND_ONLY_MAX_FILE_BYTES)
      throw new FreightError(
        "file-too-large",
        t(
          "“{0}” is {1}. This account may only send mail, with files of up to {2}. Allow it to write drafts to attach larger ones.",
          name,
          formatBytes(size),
          formatBytes(SEND_ONLY_MAX_FILE_BYTES),
        ),
        { remedy: "allowMore" },
      );
    return { attachmentId: null, target: null, expiresAt: null, atOnce: true };
  }

  protocol(): UploadProtocol {
    return new LocalReading();
  }

  async complete(): Promise<void> {}

  async cancel(): Promise<void> {}

  /** @throws FreightError `message-too-large` with size and limit, `scope-missing` unless it is sent now */
  freeze(message: FinalMessage, attachments: readonly AttachmentRef[], departure?: Departure): string {
    if (departure !== undefined) throw onlySends();
    const frozen = { message: letterOf(message), files: frozenFiles(attachments) };
    const bytes = assembledLength(piecesOf(frozen));
    if (bytes > SEND_ONLY_MAX_REQUEST_BYTES)
      throw new FreightError(
        "message-too-large",
        t(
          "The mail is {0} with its files and its text; an account that may only send mail can send {1} in all. Remove something, or allow it to write drafts.",
          formatBytes(bytes),
          formatBytes(SEND_ONLY_MAX_REQUEST_BYTES),
        ),
        { remedy: "allowMore" },
      );
    return JSON.stringify(frozen);
  }

  async send({ body, gate }: FrozenSend, signal: AbortSignal): Promise<Receipt> {
    // Small enough to be held in memory: a file that has changed is noticed before anything leaves.
    const chunks: Uint8Array[] = [];
    for await (const chunk of assembled(piecesOf(Frozen.parse(JSON.parse(body))), signal)) chunks.push(chunk);
    const answer = await callGraph(this.#http, this.#endpoint, "POST", "sendMail", signal, {
      body: Buffer.concat(chunks).toString("utf8"),
      timeoutMs: TIMEOUT_MS,
      statusCounts: true,
      gate,
    });
    if (answer.status === 202) return { messageId: null, requestId: answer.requestId ?? null };
    throw sendError(answer);
  }

  async saveDraft(): Promise<Receipt> {
    throw onlySends();
  }
}

function piecesOf({ message, files }: Frozen): Piece[] {
  const entries = files.flatMap(
    ({ path, start, name, contentType, size, sha256, contentId }, index): Piece[] => {
      const head = JSON.stringify({
        "@odata.type": "#microsoft.graph.fileAttachment",
        name,
        contentType,
        ...(contentId === null ? {} : { isInline: true, contentId }),
        contentBytes: "",
      }).slice(0, -2);
      return [`${index === 0 ? "" : ","}${head}`, { path, start, size, sha256, as: "base64" }, '"}'];
    },
  );
  const head = JSON.stringify({ message: { ...message, attachments: [] } }).slice(0, -"]}}".length);
  return [head, ...entries, ']},"saveToSentItems":true}'];
}

/** For any answer but 202. A refusal by Graph itself is certain; anything on the way there cannot know. */
function sendError(answer: HttpAnswer): FreightError {
  const { status, requestId } = answer;
  if (status > 299) {
    const error = graphError(answer, "send the mail");
    if (readGraphRefusal(answer).code !== "" || error.is("rate-limited", "service-fault")) return error;
  }
  return new FreightError(
    "send-unconfirmed",
    t(
      "Something between here and Microsoft answered in its place (status {0}), and the mail may have been sent all the same. Check Sent Items before you send it again.",
      String(status),
    ),
    { status, requestId, mayHaveActed: true, remedy: "sendAgain" },
  );
}

function onlySends(): FreightError {
  return new FreightError(
    "scope-missing",
    t(
      "This account may only send mail immediately. Drafts and Send Later need the permission Mail.ReadWrite.",
    ),
    { remedy: "allowMore" },
  );
}
