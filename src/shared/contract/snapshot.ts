/** Everything that the compose panel shows of a mail and its files. The host words it; the page prints it. */
import * as z from "zod";
import { Form } from "./form.ts";

/** A button that fixes an error. The host decides what it does; the panel only shows the label. */
export const Remedy = z.enum([
  "addAccount",
  "checkAccount",
  "updateKey",
  "allowMore",
  "retry",
  "uploadNewVersion",
  "sendAsItIs",
  "compress",
  "packAgain",
  "showLog",
  "sendAgain",
  "saveAgain",
  "copyAdminCommand",
  // For a mail that came back: a new one to those who did not get it.
  "compressAndSend",
  "sendLink",
  "correctAddress",
  "sendToRefused",
  "openProxySettings",
]);
export type Remedy = z.infer<typeof Remedy>;

const RemedyButton = z.object({ remedy: Remedy, label: z.string() });

/** An error as people see it: what happened, and the button for what to do about it. */
export const ProblemView = z.object({
  message: z.string(),
  remedy: RemedyButton.nullable(),
  /** A second button. */
  also: RemedyButton.optional(),
  /** The service's request id, for support; shown small. */
  requestId: z.string().nullable(),
});
export type ProblemView = z.infer<typeof ProblemView>;

export const StepView = z.object({ label: z.string(), state: z.enum(["todo", "doing", "done", "failed"]) });
export type StepView = z.infer<typeof StepView>;

export const AttachmentAction = z.enum([
  "tryNow",
  "pause",
  "resume",
  "retry",
  "keepVersion",
  "asLink",
  "asAttachment",
  "extendLink",
  "stopSharing",
  "deleteLinked",
  "cancel",
  "remove",
  "rename",
]);
export type AttachmentAction = z.infer<typeof AttachmentAction>;

export const AttachmentView = z.object({
  id: z.string(),
  name: z.string(),
  /** "150 MB · Archive" */
  detail: z.string(),
  /** Where the file is on this machine. */
  place: z.string(),
  /** One word for styling; the words for people are in `statusText`. */
  status: z.enum([
    "queued",
    "creating",
    "uploading",
    "completing",
    "ready",
    "sending",
    "sent",
    "saved",
    "scheduled",
    "unconfirmed",
    "paused",
    "failed",
    "expired",
    "cancelled",
  ]),
  /** "uploading 43%", "connection lost, trying again in 8 s", "ready" */
  statusText: z.string(),
  /** Nothing moves until the next try. */
  waits: z.boolean().optional(),
  /** It only needs to know which version of the file is meant. */
  asks: z.boolean().optional(),
  /** In order: create, upload, complete, send; or read and send, where a file travels in its mail. */
  steps: z.array(StepView),
  sizeBytes: z.number(),
  /** Bytes that the service has confirmed. */
  acceptedBytes: z.number(),
  /** Bytes that have left this machine, confirmed or not; never below `acceptedBytes`. */
  handedBytes: z.number(),
  /** "12.3 MB/s · 9 s left"; empty unless bytes are moving. */
  pace: z.string(),
  /** When the service deletes the upload (ms since the epoch); null without one, or when it is irrelevant. */
  expiresAt: z.number().nullable(),
  /** The file is not in the mail, which only has a link to it. */
  asLink: z.boolean(),
  /** The mail's text shows the file. */
  inline: z.boolean().optional(),
  problem: ProblemView.nullable(),
  actions: z.array(AttachmentAction),
});
export type AttachmentView = z.infer<typeof AttachmentView>;

/**
 * composing: a person writes · waiting: Send was pressed, uploads are running or need a decision · sending:
 * the request may be on its way · saved: a draft at the service · scheduled: the service sends it later ·
 * unconfirmed: it may have been sent, nobody can tell
 */
export const Phase = z.enum([
  "composing",
  "waiting",
  "sending",
  "sent",
  "saved",
  "scheduled",
  "failed",
  "unconfirmed",
]);
export type Phase = z.infer<typeof Phase>;

export const PanelSnapshot = z.object({
  /** The host's clock when this was made (ms since the epoch); countdowns run against it. */
  now: z.number(),
  accounts: z.array(
    z.object({
      id: z.string(),
      /** The address. */
      label: z.string(),
      /** Sets it apart from others of its address, or a real one: "Microsoft 365", "practice mailbox". */
      note: z.string().optional(),
      /** The person can choose whether files are uploaded or travel in the mail itself. */
      hasMethodChoice: z.boolean().optional(),
    }),
  ),
  accountId: z.string().nullable(),
  /** How the page knows who is outside: own addresses, and domains that the person has named as their own. */
  ours: z.object({ addresses: z.array(z.string()), domains: z.array(z.string()) }),
  /** Recipients of this mail who were written to before, under these names. */
  known: z.array(z.object({ name: z.string().nullable(), email: z.string() })),
  /**
   * The largest message that the mailbox sends, in bytes, and whether an administrator may have raised it;
   * null when unknown. `isRefused`: it has refused a mail one byte larger, so its limit may be lower.
   */
  sendLimit: z
    .object({ bytes: z.number(), canBeRaised: z.boolean(), isRefused: z.boolean().optional() })
    .nullable(),
  /** What recipients' domains accept, in bytes of a message, as mails that came back have shown. */
  learned: z
    .array(z.object({ domain: z.string(), bytes: z.number(), isGuess: z.boolean().optional() }))
    .optional(),
  /** Its files are already shared out among several mails, which is done only once. */
  isOfSet: z.boolean().optional(),
  /** Set when a sample shows that zipping the files is worth it: how much that would save. */
  shrink: z.object({ words: z.string() }).optional(),
  /** The mailbox accepts only headers whose names start with "x-". */
  xHeadersOnly: z.boolean(),
  /** Null when the page has this text, or a newer one: the keyboard is ahead of the host. */
  form: Form.nullable(),
  /** The revision of the saved form, -1 when there is none: the page keeps newer texts itself. */
  savedRevision: z.int(),
  phase: Phase,
  /** The event that the files are attached to instead of a mail; `startsAt` in ms since the epoch. */
  event: z.object({ subject: z.string(), startsAt: z.number() }).nullable(),
  /** It waits for a person, or for the next try: no spinner turns. */
  stuck: z.boolean(),
  /** One sentence about the state of the mail: "Will be sent automatically once everything is uploaded." */
  headline: z.string(),
  problem: ProblemView.nullable(),
  /** Who filled in the mail, if it was not a person; null once a person has edited it. */
  provenance: z.string().nullable(),
  /** Its uploads wait for the first keystroke or click in it, which the page reports with `touched`. */
  unseen: z.boolean(),
  /** False once the mail is on its way or sent: fields become read-only. */
  editable: z.boolean(),
  send: z.object({
    label: z.string(),
    enabled: z.boolean(),
    /** True while "send when ready" is armed: a button to withdraw it is shown instead. */
    withdrawable: z.boolean(),
    /** "Keep Editing", or "Undo (4 s)" in the moment before it is sent. */
    withdrawLabel: z.string(),
    /** True in that moment: the key for Undo also takes the mail back. */
    undoable: z.boolean(),
    /** Buttons in place of Send when some files need a person's decision. */
    undecided: z
      .object({ retry: z.string().nullable(), without: z.string().nullable(), files: z.array(z.string()) })
      .optional(),
  }),
  /** What else can be done with the whole mail. */
  ways: z.object({
    /** Saving it as a draft, or sending it later. */
    others: z.boolean(),
    /** Cancelling it at the service where it is scheduled. */
    cancelScheduled: z.boolean(),
    /** A new mail like this one, for other recipients. */
    sendAgainTo: z.boolean(),
  }),
  /** For a practice mail, a sentence that nobody gets it; null for all others. */
  practice: z.string().nullable(),
  /** What else the account could do with more permissions; null when none is missing. */
  lacking: ProblemView.nullable(),
  /** Who can open the files sent as links, until when, and why that will not be allowed; null without any. */
  links: z.object({ words: z.string(), editable: z.boolean(), problem: z.string().nullable() }).nullable(),
  /** A quiet line, e.g. about Restricted Mode; null when there is nothing to say. */
  notice: z.string().nullable(),
  attachments: z.array(AttachmentView),
  /** Why files that the person added were not attached: a sentence for each. */
  refused: z.array(z.string()).optional(),
  /** How the files reach the service and why: "Upload session", "Microsoft mailbox"; null without files. */
  method: z.object({ label: z.string(), reason: z.string() }).nullable(),
  /** The other method and the label of its button; null where there is no choice. */
  otherMethod: z.object({ label: z.string(), inMail: z.boolean() }).nullable(),
});
export type PanelSnapshot = z.infer<typeof PanelSnapshot>;
