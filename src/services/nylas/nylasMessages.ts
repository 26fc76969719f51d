/** Sending with Nylas v3: a letter in its format, and the request with its key. */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { serverNow } from "../../net/answers.ts";
import type { Http, StreamBody } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { t } from "../../shared/l10n.ts";
import type { Recipient } from "../../shared/recipients.ts";
import type { Departure, FinalMessage, Receipt } from "../mailService.ts";
import { call, grantPath, type NylasEndpoint } from "./nylasApi.ts";
import { markMetadata } from "./nylasDrafts.ts";
import { sendError } from "./nylasErrors.ts";

/** An Idempotency-Key protects for one hour from its first use; five minutes of it stay unused. */
export const SAFE_REPEAT_MS = 55 * 60_000;
/** Nylas's guide recommends at least 150 s: it moves the files to the provider within this request. */
const SEND_TIMEOUT_MS = 180_000;

/** Makes the answer include the Message-ID, by which we notice that the mail comes back. */
const SEND_PATH = "/messages/send?fields=include_basic_headers";

const ScheduleName = z.string().max(2_000).nullish();
/** The schedule's id of a scheduled mail is inside `data` or beside it; empty means that there is none. */
const SendAnswer = z
  .object({
    request_id: z.string().nullish(),
    schedule_id: ScheduleName,
    data: z
      .object({
        id: z.string().max(2_000).nullish(),
        schedule_id: ScheduleName,
        thread_id: z.string().max(2_000).nullish().catch(null),
        headers: z
          .array(z.object({ name: z.string(), value: z.string() }))
          .nullish()
          .catch(null),
      })
      .optional(),
  })
  .refine(({ data, schedule_id }) => data !== undefined || Boolean(schedule_id));

export interface NylasSend {
  readonly idempotencyKey: string;
  readonly contentType: string;
  readonly body: string | StreamBody;
  /** How many bytes of a stream the answer repeats: the letter, not the files. */
  readonly echoedBytes?: number;
  /** See `FrozenSend`. */
  readonly gate?: (() => void) | undefined;
}

/** A message without its files. */
export function letterOf(message: FinalMessage, departure?: Departure) {
  return {
    // A draft may not have recipients yet.
    ...(message.to.length > 0 ? { to: message.to.map(wireRecipient) } : {}),
    ...(message.cc.length > 0 ? { cc: message.cc.map(wireRecipient) } : {}),
    ...(message.bcc.length > 0 ? { bcc: message.bcc.map(wireRecipient) } : {}),
    ...(message.replyTo.length > 0 ? { reply_to: message.replyTo.map(wireRecipient) } : {}),
    ...(message.headers.length > 0 ? { custom_headers: message.headers } : {}),
    // Nylas adds In-Reply-To and References.
    // https://developer.nylas.com/docs/cookbook/email/threads/reply-to-a-thread/
    ...(message.answers?.messageId == null ? {} : { reply_to_message_id: message.answers.messageId }),
    subject: message.subject,
    body: message.body,
    is_plaintext: message.format === "text",
    ...(departure === undefined ? {} : wireDeparture(departure)),
  };
}

export async function sendMessage(
  http: Http,
  endpoint: NylasEndpoint,
  grant: string,
  { idempotencyKey, contentType, ...content }: NylasSend,
  signal: AbortSignal,
): Promise<Receipt> {
  const answer = await call(http, endpoint, "POST", grantPath(grant, SEND_PATH), signal, {
    ...content,
    headers: { "content-type": contentType, "idempotency-key": idempotencyKey },
    timeoutMs: SEND_TIMEOUT_MS,
    statusCounts: true,
  });
  // Nylas marks answers that it has stored under the key; a sign-in page of the network has no such mark.
  const isReplayed = answer.headers["idempotent-response"] === "true";
  if (answer.status !== 200 && answer.status !== 202) throw sendError(answer, isReplayed);
  const sent = SendAnswer.safeParse(parseJson(answer.text));
  // It will never be readable, but its status says that the mail was sent: only its id stays unknown.
  if (!sent.success && isReplayed) return { messageId: null, requestId: answer.requestId ?? null };
  // A truncated answer, or a sign-in page of the network: the same key gets the real answer next time.
  if (!sent.success)
    throw new FreightError("service-fault", t("The answer to the send request could not be read."), {
      cause: sent.error,
      requestId: answer.requestId,
      mayHaveActed: true,
      remedy: "retry",
    });
  const sentAt = serverNow(answer);
  const scheduleId = sent.data.data?.schedule_id || sent.data.schedule_id;
  return {
    messageId: sent.data.data?.id ?? null,
    requestId: answer.requestId ?? sent.data.request_id ?? null,
    ...namesOf(sent.data.data),
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(scheduleId ? { scheduleId } : {}),
  };
}

/** The mail's other ids, where the answer contains them. */
function namesOf(data: z.infer<typeof SendAnswer>["data"]): Pick<Receipt, "internetMessageId" | "threadId"> {
  const internetMessageId = data?.headers
    ?.find(({ name }) => /^message-id$/i.test(name))
    ?.value.slice(0, 998);
  const threadId = data?.thread_id;
  return { ...(internetMessageId ? { internetMessageId } : {}), ...(threadId ? { threadId } : {}) };
}

function wireDeparture({ mark, schedule }: Departure) {
  return {
    metadata: markMetadata(mark),
    ...(schedule === undefined
      ? {}
      : {
          send_at: Math.round(schedule.sendAt / 1000),
          ...(schedule.keeper === "provider" ? { use_draft: true } : {}),
        }),
  };
}

function wireRecipient({ name, email }: Recipient): { name?: string; email: string } {
  return name === null ? { email } : { name, email };
}
