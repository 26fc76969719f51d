/**
 * What differs between clouds and tenants, or is not known about the real Graph; and its limits: messages, files,
 * ranges, throttling. Tests switch all of it.
 */
import * as z from "zod";
import { JsonEscapes } from "../base/jsonText.ts";

const ms = z.int().min(0);
const bytes = z.int().min(1);

export const GraphBehaviour = z.strictObject({
  /**
   * How the answer to a range spells its properties: "documented" is `ExpirationDateTime` beside
   * `nextExpectedRanges`, as the reference shows it; the Chinese cloud writes both in Pascal case.
   */
  casing: z.enum(["documented", "camel", "pascal"]),
  /** How `nextExpectedRanges` says where to continue. */
  nextRange: z.enum(["N", "N-", "N-M"]),
  /** Answer to a GET on the upload URL, which is not documented. */
  sessionStatus: z.literal([200, 404, 405]),
  /** Answer on the upload URL when the session has expired, was cancelled or is finished. */
  gone: z.literal([404, 410]),
  /** Answer to a range out of order; 200 stores nothing and says where to continue. */
  wrongRange: z.literal([416, 400, 200]),
  /** What happens to the bytes of a range whose connection broke. */
  brokenRange: z.enum(["drop", "keep"]),
  /** How long the upload URL answers 404 after it was handed out. */
  sessionYouthMs: ms,
  /**
   * The largest range. "4 MB" may also mean 4,194,304 bytes; this is the strictest reading, so that nothing
   * passes here that the real service might refuse.
   */
  rangeBytes: bytes,
  /** "3 MB": a session for less is refused, and so is a file of this size or more in one request. */
  sessionMinBytes: bytes,
  /** "150 MB": a session for more is refused. */
  sessionMaxBytes: bytes,
  /** Limit of a message, as the bytes of all its attachments; a new tenant has 35 MB. */
  messageMaxBytes: bytes,
  /** Status of `ErrorMessageSizeExceeded`, of which we only know the code. */
  messageTooLarge: z.literal([413, 400]),
  /** Whether a session in another person's mailbox is refused with 403. */
  sharedSessions: z.enum(["refuse", "allow"]),
  /** How long after the 202 a sent message is not in Sent Items yet. */
  sentItemsAfterMs: ms,
  /** What such a message looks like meanwhile: invisible, or still a draft, which can be sent twice. */
  whileSending: z.enum(["hidden", "draft"]),
  /**
   * Which kind of id `Location` has at the end of an upload: the one that the request for the session asked
   * for, or the ordinary one, as that request's `Prefer` says nothing about the ranges.
   */
  locationId: z.enum(["asked", "ordinary"]),
  /** Whether a draft returns its `internetMessageHeaders` when selected; a sent message never does. */
  headersTold: z.enum(["selected", "never"]),
  /** Whether messages can be filtered by their extended properties. */
  propertyFilter: z.enum(["honoured", "refused"]),
  /** How the first change of each kind to a message is refused, as if something else was changing it. */
  conflicts: z.enum(["none", "409", "412"]),
  /** "none": the user is in the directory but has no mailbox here. */
  mailbox: z.enum(["there", "none"]),
  /** Why the user may not send, for reasons that no scope would change. */
  maySend: z.enum(["yes", "suspended", "blocked", "rule"]),
  /** "c1": a token that does not prove this context is answered with a claims challenge. */
  conditionalAccess: z.enum(["none", "c1"]),
  innerError: z.enum(["innerError", "innererror"]),
  /** The answer to a change that asks for `return=minimal`: the whole message, 204, or an empty 200. */
  minimalAnswer: z.enum(["ignored", "204", "200"]),
  escapes: JsonEscapes,
  /** Whether the two limits below are enforced for each mailbox. */
  throttling: z.boolean(),
  concurrentRequests: z.int().min(1),
  /** Of all bodies within five minutes. */
  incomingBytes: bytes,
  /** How a 429 says how long to wait, if at all. */
  retryAfter: z.enum(["seconds", "date", "none"]),
});
export type GraphBehaviour = z.infer<typeof GraphBehaviour>;

export const usualGraph: Readonly<GraphBehaviour> = {
  casing: "documented",
  nextRange: "N",
  sessionStatus: 200,
  gone: 404,
  wrongRange: 416,
  brokenRange: "drop",
  sessionYouthMs: 0,
  rangeBytes: 4_000_000,
  sessionMinBytes: 3 * 1024 * 1024,
  sessionMaxBytes: 150 * 1024 * 1024,
  messageMaxBytes: 150 * 1024 * 1024,
  messageTooLarge: 413,
  sharedSessions: "refuse",
  sentItemsAfterMs: 0,
  whileSending: "hidden",
  locationId: "ordinary",
  headersTold: "never",
  propertyFilter: "honoured",
  conflicts: "none",
  mailbox: "there",
  maySend: "yes",
  conditionalAccess: "none",
  innerError: "innerError",
  minimalAnswer: "ignored",
  escapes: "least",
  throttling: false,
  concurrentRequests: 4,
  incomingBytes: 150_000_000,
  retryAfter: "seconds",
};
