/** All that the compose panel shows of a mail and its files. The host words it; the page prints it. */
import * as z from "zod";
import { Form } from "./form.ts";

/** A button that mends an error. The host decides what it does; the panel only shows the label. */
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
  // Of a mail that came back: a new one for those who do not have it.
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
  /** A second way on. */
  also: RemedyButton.optional(),
  /** The service's request id, for support; shown small. */
  requestId: z.string().nullable(),
});
export type ProblemView = z.infer<typeof ProblemView>;

export const StepView = z.object({
  label: z.string(),
  state: z.enum(["todo", "doing", "done", "failed"]),
});
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
  /** Where the file lies on this machine. */
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
  /** Nothing moves until another try. */
  waits: z.boolean().optional(),
  /** Which version of the file is meant, is all that it wants to know. */
  asks: z.boolean().optional(),
  /** In their order: create, upload, complete, send; or read and send, where a file travels in its mail. */
  steps: z.array(StepView),
  sizeBytes: z.number(),
  /** Bytes that the service has confirmed. */
  acceptedBytes: z.number(),
  /** Bytes that have left this machine, confirmed or not; never below `acceptedBytes`. */
  handedBytes: z.number(),
  /** "12.3 MB/s · 9 s left"; empty unless bytes are moving. */
  pace: z.string(),
  /** When the service drops the upload (ms since the epoch); null when there is no session or it no longer matters. */
  expiresAt: z.number().nullable(),
  /** It is no part of the mail, which only says where it is. */
  asLink: z.boolean(),
  /** It is shown in the text. */
  inline: z.boolean().optional(),
  problem: ProblemView.nullable(),
  actions: z.array(AttachmentAction),
});
export type AttachmentView = z.infer<typeof AttachmentView>;

/**
 * composing: a person writes · waiting: Send was pressed, uploads are under way or need a decision · sending: the
 * request may be on its way · saved: a draft at the service · scheduled: the service sends it at its time · unconfirmed:
 * it may have arrived, nobody can tell
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
      /** What tells it from another of the same address, or from a real one: "Microsoft 365", "practice mailbox". */
      note: z.string().optional(),
      /** Files can be uploaded, or go in the mail itself, as the person likes. */
      hasMethodChoice: z.boolean().optional(),
    }),
  ),
  accountId: z.string().nullable(),
  /** By what the page tells who is outside: own addresses, and domains that the person has named as their own. */
  ours: z.object({ addresses: z.array(z.string()), domains: z.array(z.string()) }),
  /** Recipients of this mail who were written to before, under these names. */
  known: z.array(z.object({ name: z.string().nullable(), email: z.string() })),
  /** The largest message that the mailbox sends, in bytes, and whether an administrator may have raised it; null where nobody knows. */
  /** `isRefused`: the mailbox has refused a mail of a byte more, and its limit may be lower. */
  sendLimit: z
    .object({ bytes: z.number(), canBeRaised: z.boolean(), isRefused: z.boolean().optional() })
    .nullable(),
  /** What recipients' domains take, in bytes of a message, as mails have shown that came back. */
  learned: z
    .array(z.object({ domain: z.string(), bytes: z.number(), isGuess: z.boolean().optional() }))
    .optional(),
  /** Its files go in several mails already: they are not shared out once more. */
  isOfSet: z.boolean().optional(),
  /** Set where a sample says that zips of the files are worth it: what they would save. */
  shrink: z.object({ words: z.string() }).optional(),
  /** The mailbox takes only headers whose names start with "x-". */
  xHeadersOnly: z.boolean(),
  /** Null where the page has this text, or a newer one: the keyboard is ahead of the host. */
  form: Form.nullable(),
  /** The revision of the form that is on disk, -1 while none is: the page keeps newer texts itself. */
  savedRevision: z.int(),
  phase: Phase,
  /** The event that the files are attached to, in the place of a mail; `startsAt` in ms since the epoch. */
  event: z.object({ subject: z.string(), startsAt: z.number() }).nullable(),
  /** It waits for a person, or for another try: nothing turns meanwhile. */
  stuck: z.boolean(),
  /** One sentence on where the mail stands: "Will be sent automatically once everything is uploaded." */
  headline: z.string(),
  problem: ProblemView.nullable(),
  /** Who has filled the mail, where that was not a person; null once one has edited it. */
  provenance: z.string().nullable(),
  /** Its uploads wait for the first key or click in it, which the page tells with `touched`. */
  unseen: z.boolean(),
  /** False once the mail is on its way or sent: fields become read-only. */
  editable: z.boolean(),
  send: z.object({
    label: z.string(),
    enabled: z.boolean(),
    /** True while "send when ready" is armed: the button that takes it back is in its place. */
    withdrawable: z.boolean(),
    /** "Keep Editing", or "Undo (4 s)" in the moment before it leaves. */
    withdrawLabel: z.string(),
    /** That moment: what takes back the last thing that one did takes this back, too. */
    undoable: z.boolean(),
    /** Buttons in Send's place, where some files go no further unless a person decides. */
    undecided: z
      .object({ retry: z.string().nullable(), without: z.string().nullable(), files: z.array(z.string()) })
      .optional(),
  }),
  /** What else can be done with the mail as a whole. */
  ways: z.object({
    /** Saving it as a draft, or sending it later. */
    others: z.boolean(),
    /** Taking it back from the service, where it waits for its time. */
    cancelScheduled: z.boolean(),
    /** A new mail like this one, for other recipients. */
    sendAgainTo: z.boolean(),
  }),
  /** Says of a mail of the practice mailbox that nobody gets it; null of all others. */
  practice: z.string().nullable(),
  /** What the account could do besides if it were allowed more; null where nothing is missing. */
  lacking: ProblemView.nullable(),
  /** Who can open the files that go as links, until when, and why that will not be allowed; null where none does. */
  links: z.object({ words: z.string(), editable: z.boolean(), problem: z.string().nullable() }).nullable(),
  /** A quiet line, e.g. about Restricted Mode; null when there is nothing to say. */
  notice: z.string().nullable(),
  attachments: z.array(AttachmentView),
  /** Why files were not attached that the person wanted in: a sentence for each. */
  refused: z.array(z.string()).optional(),
  /** How the files reach the service, in a word, and why so: "Upload session", "Microsoft mailbox". Null without any. */
  method: z.object({ label: z.string(), reason: z.string() }).nullable(),
  /** How they could go as well, and the button for it; null where there is no choice. */
  otherMethod: z.object({ label: z.string(), inMail: z.boolean() }).nullable(),
});
export type PanelSnapshot = z.infer<typeof PanelSnapshot>;
