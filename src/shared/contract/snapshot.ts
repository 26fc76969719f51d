/**
 * Every message between the compose panel and the extension host. The panel speaks first (`ready`), then sends
 * intents; the host answers with whole snapshots. Both sides parse what arrives with these schemas.
 */
import * as z from "zod";
import { BodyElement } from "./bodyTree.ts";

/** What the text of a mail is written in. */
export const BodyFormat = z.enum(["markdown", "text", "html"]);
export type BodyFormat = z.infer<typeof BodyFormat>;

/** What the person typed, as typed: addresses stay raw text until the mail is sent, so that nothing is lost. */
export const Form = z.object({
  /** Grows with each edit. VS Code may bring a panel back with an old state: the text with the higher number counts. */
  revision: z.int().nonnegative(),
  to: z.string().max(100_000),
  cc: z.string().max(100_000),
  bcc: z.string().max(100_000),
  /** Who gets the answers; empty: the sender. */
  replyTo: z.string().max(100_000).default(""),
  /** Headers of the person's own, one in a line. */
  headers: z.string().max(20_000).default(""),
  subject: z.string().max(10_000),
  body: z.string().max(10_000_000),
  /** Text where a record is older than the choice. */
  format: BodyFormat.default("text"),
});
export type Form = z.infer<typeof Form>;
/** The fields alone. */
export type FormTexts = Omit<Form, "revision">;

/** The fields of a form that are text of any length. */
export const TextField = z.enum(["to", "cc", "bcc", "replyTo", "headers", "subject", "body"]);

/** What has changed since a form that the page has told before. */
export const FormChange = z.object({
  /** The revision of that form. */
  since: z.int().nonnegative(),
  revision: z.int().nonnegative(),
  /** In each field the piece that is another one; offsets and lengths in UTF-16 units. */
  texts: z.partialRecord(
    TextField,
    z.object({
      at: z.int().nonnegative(),
      removed: z.int().nonnegative(),
      text: z.string().max(10_000_000),
    }),
  ),
  format: BodyFormat.optional(),
});
export type FormChange = z.infer<typeof FormChange>;

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

/** As many as a page can look through at each key. */
export const MAX_PEOPLE = 500;

/** Somebody whom a mail may be for. */
export const Person = z.object({
  name: z.string().nullable(),
  email: z.string(),
  /** Why: written to before, or an author in the history of the file's repository. */
  origin: z.enum(["mail", "history"]),
});
export type Person = z.infer<typeof Person>;

/** A mail's text as it will be read. */
export const BodyPreview = z.discriminatedUnion("kind", [
  /** The page builds it element by element. */
  z.object({ kind: z.literal("tree"), blocks: z.array(BodyElement) }),
  z.object({ kind: z.literal("text"), text: z.string() }),
  /** Markup as it was typed: for a frame in which nothing can run. */
  z.object({ kind: z.literal("html"), html: z.string() }),
  /** Too long to be read again at each key. */
  z.object({ kind: z.literal("none") }),
]);
export type BodyPreview = z.infer<typeof BodyPreview>;

/** "Make It Hard" beside a practice mail. */
export const SimulatorView = z.object({
  /** How fast the line is; null: as fast as the machine. */
  bytesPerSecond: z.number().nullable(),
  /** The answer to the next Send is going to be lost. */
  losesAnswer: z.boolean(),
  /** What was done to the mail: "line dropped twice, extension host killed". */
  done: z.string(),
  /** How it arrived; null while it has not. */
  arrived: z.object({ words: z.string(), isGood: z.boolean() }).nullable(),
});
export type SimulatorView = z.infer<typeof SimulatorView>;

export const ToPanel = z.discriminatedUnion("type", [
  z.object({ type: z.literal("snapshot"), snapshot: PanelSnapshot }),
  /** Puts the cursor into a field, and shows why when there is a reason. */
  z.object({
    type: z.literal("focus"),
    field: z.enum(["to", "cc", "bcc", "replyTo", "subject", "body", "headers"]),
    message: z.string().nullable(),
  }),
  /** Comes while `showHashes` is on, each time that more is known. */
  z.object({
    type: z.literal("hashes"),
    files: z.array(z.object({ name: z.string(), sha256: z.string().nullable(), note: z.string() })),
  }),
  /** A sign of life, which answers each intent at once: what comes of it may take longer, or change nothing. */
  z.object({ type: z.literal("heard") }),
  /** A change came to a form that the host does not know: the page tells the whole one. */
  z.object({ type: z.literal("formWanted") }),
  /** So much of a dropped file has come; the host waits for the next piece. */
  z.object({ type: z.literal("dropAck"), id: z.string(), offset: z.int().nonnegative() }),
  /** Null: it is closed. */
  z.object({ type: z.literal("simulator"), view: SimulatorView.nullable() }),
  /** Nothing more of a dropped file is wanted: it is attached, or the host has said why not. */
  z.object({ type: z.literal("dropOver"), id: z.string() }),
  /** Answers `peopleWanted`; the likeliest come first. May come again when more are known. */
  z.object({ type: z.literal("people"), people: z.array(Person).max(MAX_PEOPLE) }),
  /** Comes automatically when the text, or what it depends on, has changed. */
  z.object({
    type: z.literal("body"),
    previewShown: z.boolean(),
    /** Null while no preview is shown. */
    preview: BodyPreview.nullable(),
    /** A sentence for each image that cannot be sent. */
    problems: z.array(z.string()),
  }),
]);
export type ToPanel = z.infer<typeof ToPanel>;

/** How many files one drop may name. */
export const MAX_DROPPED = 1_000;

/** How much of a dropped file travels in one message. */
export const DROP_CHUNK_BYTES = 1024 * 1024;

/** The page's name for a file that it hands over. */
const DropId = z.string().min(1).max(64);

export const FromPanel = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  /** Asks for a sign of life only. */
  z.object({ type: z.literal("areYouThere") }),
  /** The first key or click in a mail that is `unseen`. */
  z.object({ type: z.literal("touched") }),
  z.object({ type: z.literal("edit"), form: Form }),
  /** An edit that goes on from the form that the page told last. */
  z.object({ type: z.literal("typed"), change: FormChange }),
  z.object({ type: z.literal("chooseAccount"), accountId: z.string() }),
  /** Has the files go in the mail itself, or be uploaded. */
  z.object({ type: z.literal("chooseMethod"), inMail: z.boolean() }),
  z.object({ type: z.literal("addAccount") }),
  z.object({ type: z.literal("addFiles") }),
  /** The person has read which files were not attached. */
  z.object({ type: z.literal("dismissRefused") }),
  /** Files of the Explorer were dropped on the page: their addresses. */
  z.object({
    type: z.literal("dropUris"),
    uris: z.array(z.string().min(1).max(8_192)).min(1).max(MAX_DROPPED),
  }),
  /** A file of the desktop was dropped, which the page alone can read: it hands it over in pieces, one file at a time. */
  z.object({
    type: z.literal("dropBegin"),
    id: DropId,
    name: z.string().max(1_000),
    size: z.int().nonnegative(),
    /** Files that come after it. */
    waiting: z.int().nonnegative(),
  }),
  /** Answers `dropAck`. */
  z.object({
    type: z.literal("dropChunk"),
    id: DropId,
    offset: z.int().nonnegative(),
    bytes: z.instanceof(Uint8Array).refine(({ length }) => length <= DROP_CHUNK_BYTES),
  }),
  z.object({ type: z.literal("dropCancel"), id: DropId }),
  /** A field for recipients has the focus: time to look for suggestions. */
  z.object({ type: z.literal("peopleWanted") }),
  /** Remembered for every mail. */
  z.object({ type: z.literal("showPreview"), shown: z.boolean() }),
  z.object({ type: z.literal("showHashes"), shown: z.boolean() }),
  z.object({ type: z.literal("copyHashes") }),
  /** The form travels along, so that an edit still waiting in the panel cannot be missed. */
  z.object({
    type: z.literal("send"),
    form: Form,
    /** What becomes of the files that the button meant: tried again, or left out. */
    undecided: z.object({ way: z.enum(["retry", "without"]), files: z.array(z.string()) }).optional(),
  }),
  /** The same in several mails, each small enough for both ends. `inParts`: what fits in none is cut */
  z.object({ type: z.literal("sendInMails"), form: Form, inParts: z.boolean() }),
  z.object({ type: z.literal("saveDraft"), form: Form }),
  /** The host asks when. */
  z.object({ type: z.literal("sendLater"), form: Form }),
  z.object({ type: z.literal("withdraw") }),
  z.object({ type: z.literal("cancelScheduled") }),
  z.object({ type: z.literal("sendAgainTo") }),
  z.object({ type: z.literal("openPracticeMailbox") }),
  z.object({
    type: z.literal("makeItHard"),
    act: z.enum(["open", "close", "dropLine", "loseAnswer", "expireSessions", "killHost"]),
  }),
  /** Null: as fast as the machine. */
  z.object({ type: z.literal("lineSpeed"), bytesPerSecond: z.int().min(1).nullable() }),
  /** Asks who is to open the files that go as links. */
  z.object({ type: z.literal("chooseLinks") }),
  /** Copies what an administrator runs to have the mailbox send more. */
  z.object({ type: z.literal("copyAdminCommands") }),
  /** Puts zips in the place of the files that become smaller. */
  z.object({ type: z.literal("shrink") }),
  z.object({
    type: z.literal("attachment"),
    attachmentId: z.string(),
    action: AttachmentAction.exclude(["rename"]),
  }),
  /** Shows the file as it is on this machine. */
  z.object({ type: z.literal("openFile"), attachmentId: z.string() }),
  z.object({ type: z.literal("rename"), attachmentId: z.string(), name: z.string().min(1).max(255) }),
  /** `attachmentId` is null for a remedy of the whole mail. */
  z.object({ type: z.literal("remedy"), remedy: Remedy, attachmentId: z.string().nullable() }),
]);
export type FromPanel = z.infer<typeof FromPanel>;

/** What the panel keeps across a reload of the window (`vscode.setState`): enough to find its delivery again. */
export const PanelState = z.object({ deliveryId: z.string(), form: Form.nullable() });
export type PanelState = z.infer<typeof PanelState>;

/** What the page holds in the browser's storage until the host has heard of it. */
export const KeptForm = z.object({ keptAt: z.number(), form: Form });
export type KeptForm = z.infer<typeof KeptForm>;
