/**
 * What can be made to go wrong, and at which step of a mail's way: refusals, resets, lost answers, lost bytes, stalls.
 * What each then does to a request: `faultInjection.ts`.
 */
import * as z from "zod";

/** What a request is for; faults are aimed at one of these. */
export const Step = z.enum([
  "account", // applications, grants
  "signIn", // Nylas only: the answer on the page, tokens
  "create",
  "upload",
  "probe",
  "cancel",
  "complete",
  "send",
  "draft", // Nylas: everything about drafts but sending one. Graph: creating and changing one
  "sendDraft",
  "schedule", // Nylas only: lists, looks at and cancels scheduled mail
  "look", // everything that only reads messages; at Graph also folders, events and their attachments
  // Graph only, which has no "complete":
  "attach", // a small file in one request
  "discard", // deletes a draft or an attachment, a file of a drive or a link to it
  "share", // a drive only: creates and changes links
]);
export type Step = z.infer<typeof Step>;

const count = z.int().min(0);
const aim = {
  step: Step,
  /** How many requests it hits (default: one; of a "hold", all). */
  times: z.int().min(1).optional(),
  /** How many requests of this step pass unharmed first. */
  skip: count.optional(),
};

/**
 * One thing that goes wrong. A request meets at most one; rules of the same step are met in the order in
 * which they were armed. A rule whose moment never comes (a body shorter than `afterBytes`) stays armed.
 */
export const Fault = z.discriminatedUnion("fault", [
  /** Answers `status` instead (default: before the service has seen the request). */
  z.strictObject({
    ...aim,
    fault: z.literal("refuse"),
    status: z.int().min(400).max(599),
    /** Value of `Retry-After`: seconds, or a date. */
    retryAfter: z.union([count, z.string()]).optional(),
    /** Reads this many bytes of the body first; what the storage has stored of them stays. */
    afterBytes: count.optional(),
    /** Does the work, then denies it: a 504 for a mail that was sent. */
    afterCommit: z.boolean().optional(),
    /**
     * "gateway" (default): something in front of the service answers, and nothing is stored under an
     * idempotency key. "service": the service itself fails, so the same key gets the same answer again.
     */
    by: z.enum(["gateway", "service"]).optional(),
    type: z.string().optional(),
    message: z.string().optional(),
    body: z.enum(["json", "html", "empty"]).optional(),
  }),
  /** The connection is reset before any of the body is read. */
  z.strictObject({ ...aim, fault: z.literal("resetBeforeBody") }),
  /** The connection is reset after `afterBytes` of the body. */
  z.strictObject({ ...aim, fault: z.literal("resetMidBody"), afterBytes: count }),
  /** The work is done, and the connection is reset instead of an answer. */
  z.strictObject({ ...aim, fault: z.literal("dropReplyAfterCommit") }),
  /** The storage reads the whole body, but keeps only its first `bytes` (on the 256 KiB grid) and says so. */
  z.strictObject({ ...aim, fault: z.literal("keepFewerBytes"), bytes: count }),
  /** The storage accepts the body, but stores its first byte changed. */
  z.strictObject({ ...aim, fault: z.literal("corruptBytes") }),
  /** The storage loses what it had beyond the first `bytes` (on its grid) before it looks at the request. */
  z.strictObject({ ...aim, fault: z.literal("forgetBytes"), bytes: count }),
  /** The answer announces its whole length, but the connection ends after `bytes` of it (default: half). */
  z.strictObject({ ...aim, fault: z.literal("truncatedBody"), bytes: count.optional() }),
  /** The work is done, but the answer is an HTML page. */
  z.strictObject({ ...aim, fault: z.literal("htmlBody"), status: z.int().min(200).max(599).optional() }),
  /** The work is done, but the answer has no body. */
  z.strictObject({ ...aim, fault: z.literal("emptyBody"), status: z.int().min(200).max(599).optional() }),
  /** The work is done, but the answer says this instead of the truth. */
  z.strictObject({
    ...aim,
    fault: z.literal("otherBody"),
    json: z.json(),
    status: z.int().min(200).max(599).optional(),
  }),
  /**
   * The service's clock moves forward by `ms` (back, if negative), before it looks at the request or after
   * its work: a session expires at that moment, or the `Date` of every answer is wrong from then on.
   */
  z.strictObject({
    ...aim,
    fault: z.literal("timePasses"),
    ms: z.int(),
    afterCommit: z.boolean().optional(),
  }),
  /** Everything stops: before the body, after `afterBytes` of it, or after the work; for `ms`, or forever. */
  z.strictObject({
    ...aim,
    fault: z.literal("stall"),
    afterBytes: count.optional(),
    afterCommit: z.boolean().optional(),
    ms: count.optional(),
  }),
  /**
   * Everything stops until the rule is released or cleared: before the body, after `afterBytes` (of all the
   * bodies that meet the rule together), while the service is at work, or after the work. Without `times` it
   * holds every request from then on: a client that gives up and comes back gets no further. In this way a
   * test can keep a request running for as long as it needs, on any machine.
   */
  z.strictObject({
    ...aim,
    fault: z.literal("hold"),
    afterBytes: count.optional(),
    atWork: z.boolean().optional(),
    afterCommit: z.boolean().optional(),
  }),
  /** The service takes `ms` for its work; the request counts as running all that time. */
  z.strictObject({ ...aim, fault: z.literal("delay"), ms: count }),
  /** The body is read at this rate. */
  z.strictObject({ ...aim, fault: z.literal("slow"), bytesPerSecond: z.int().min(1) }),
]);
export type Fault = z.infer<typeof Fault>;
