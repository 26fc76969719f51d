/**
 * Reads the JSON of a message in a request to Graph: which fields, headers and MAPI properties are taken, and which
 * refused. The JSON of an answer: `graphViews.ts`.
 */
import * as z from "zod";
import type { changeLetter, Letter, Person } from "../outbox/letter.ts";
import { GraphError } from "./graphAnswers.ts";

const Address = z.object({
  emailAddress: z.object({ address: z.string().nullish(), name: z.string().nullish() }),
});
const recipients = z.array(Address).optional();

export const FileAttachment = z.strictObject({
  "@odata.type": z.literal("#microsoft.graph.fileAttachment"),
  name: z.string().min(1),
  contentBytes: z.base64(),
  contentType: z.string().nullish(),
  isInline: z.boolean().nullish(),
  contentId: z.string().nullish(),
  contentLocation: z.string().nullish(),
  size: z.number().nullish(),
});
export type FileAttachment = z.infer<typeof FileAttachment>;

const MessageBody = z.strictObject({
  "@odata.type": z.literal("#microsoft.graph.message").optional(),
  subject: z.string().nullish(),
  body: z
    .object({ contentType: z.string().regex(/^(html|text)$/i), content: z.string().nullish() })
    .nullish(),
  from: Address.nullish(),
  sender: Address.nullish(),
  toRecipients: recipients,
  ccRecipients: recipients,
  bccRecipients: recipients,
  replyTo: recipients,
  importance: z
    .string()
    .regex(/^(low|normal|high)$/i)
    .nullish(),
  categories: z.array(z.string()).optional(),
  internetMessageHeaders: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  singleValueExtendedProperties: z.array(z.strictObject({ id: z.string(), value: z.string() })).optional(),
  isRead: z.boolean().nullish(),
  isDeliveryReceiptRequested: z.boolean().nullish(),
  isReadReceiptRequested: z.boolean().nullish(),
  attachments: z.array(FileAttachment).optional(),
});

/** A message that is sent without a draft. https://learn.microsoft.com/graph/api/user-sendmail */
export const SendMail = z.strictObject({ message: z.unknown(), saveToSentItems: z.boolean().nullish() });

/** What a request says about a message; undefined where it says nothing. */
export interface MessageRequest {
  readonly letter: Parameters<typeof changeLetter>[1];
  readonly importance: string | undefined;
  readonly wantsReceipt: boolean | undefined;
  readonly categories: readonly string[] | undefined;
  readonly attachments: readonly FileAttachment[];
  /** Headers as properties of the message; unlike the list of headers, they are added to existing ones. */
  readonly namedHeaders: Letter["headers"];
  readonly properties: readonly { readonly id: string; readonly value: string }[];
  /** When the message should leave, in milliseconds since 1970. */
  readonly deferredTo: number | undefined;
}

/** Reads the JSON of a message. Throws the service's answer to a malformed one. */
export function readMessage(json: unknown): MessageRequest {
  const { body, ...message } = readGraph(MessageBody, json);
  const headers = message.internetMessageHeaders;
  const foreign = headers?.find(({ name }) => !/^x-/i.test(name));
  if (foreign)
    throw new GraphError(
      400,
      "InvalidInternetMessageHeader",
      `The internet message header name '${foreign.name}' should start with 'x-' or 'X-'.`,
    );
  if (headers && headers.length > 5)
    throw new GraphError(
      400,
      "InvalidInternetMessageHeaderCollection",
      "Maximum number of headers in one message should be less than or equal to 5.",
    );
  const from = message.from ?? message.sender;
  return {
    letter: {
      from: from && readPeople([from]),
      to: readPeople(message.toRecipients),
      cc: readPeople(message.ccRecipients),
      bcc: readPeople(message.bccRecipients),
      replyTo: readPeople(message.replyTo),
      subject: message.subject,
      body: body?.content,
      isPlaintext: body && /^text$/i.test(body.contentType),
      headers,
    },
    importance: message.importance?.toLowerCase(),
    wantsReceipt: message.isDeliveryReceiptRequested ?? undefined,
    categories: message.categories,
    attachments: message.attachments ?? [],
    ...readProperties(message.singleValueExtendedProperties ?? []),
  };
}

/**
 * MAPI properties with a meaning here: PS_INTERNET_HEADERS, PidTagDeferredSendTime, and those of threads.
 * Others are kept.
 */
function readProperties(given: readonly { id: string; value: string }[]) {
  const namedHeaders: Letter["headers"] = [];
  const properties: { id: string; value: string }[] = [];
  let deferredTo: number | undefined;
  for (const { id, value } of given) {
    const [, name] = /^String \{00020386-0000-0000-C000-000000000046\} Name (\S+)$/i.exec(id) ?? [];
    if (name !== undefined) namedHeaders.push({ name, value });
    else if (/^SystemTime 0x3FEF$/i.test(id) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value))
      deferredTo = Date.parse(value);
    // PidTagInReplyToId and PidTagInternetReferences, which Exchange turns into headers.
    else if (/^String 0x(1042|1039)$/i.test(id)) properties.push({ id, value });
    else if (/^String \{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\} Name \S+$/i.test(id))
      properties.push({ id, value });
    else
      throw new GraphError(
        400,
        "ErrorInvalidExtendedProperty",
        `The property '${id}' is not supported here.`,
      );
  }
  return { namedHeaders, deferredTo, properties };
}

/** Throws the service's answer to JSON of another form. */
export function readGraph<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GraphError(
    400,
    "RequestBodyRead",
    `An error was found in the request body at '${issue?.path.join("/")}': ${issue?.message ?? "invalid"}`,
  );
}

function readPeople(list: z.infer<typeof recipients>): Person[] | undefined {
  return list?.map(({ emailAddress: { address, name } }) =>
    name ? { email: address ?? "", name } : { email: address ?? "" },
  );
}
