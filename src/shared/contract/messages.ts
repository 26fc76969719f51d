/**
 * Every message between the compose panel and the extension host. The panel speaks first (`ready`), then
 * sends intents; the host answers with whole snapshots. Both sides parse what arrives with these schemas.
 */
import * as z from "zod";
import { BodyElement } from "./bodyTree.ts";
import { Form, FormChange } from "./form.ts";
import { AttachmentAction, PanelSnapshot, Remedy } from "./snapshot.ts";

/** As many as a page can search on each keystroke. */
export const MAX_PEOPLE = 500;

/** A person who may be a recipient. */
export const Person = z.object({
  name: z.string().nullable(),
  email: z.string(),
  /** Why they are suggested: written to before, or an author in the history of the file's repository. */
  origin: z.enum(["mail", "history"]),
});
export type Person = z.infer<typeof Person>;

/** A mail's text as it will be read. */
export const BodyPreview = z.discriminatedUnion("kind", [
  /** The page builds it element by element. */
  z.object({ kind: z.literal("tree"), blocks: z.array(BodyElement) }),
  z.object({ kind: z.literal("text"), text: z.string() }),
  /** HTML as it was typed, for a frame in which nothing can run. */
  z.object({ kind: z.literal("html"), html: z.string() }),
  /** The text is too long to be rendered on each keystroke. */
  z.object({ kind: z.literal("none") }),
]);
export type BodyPreview = z.infer<typeof BodyPreview>;

/** "Make It Hard" beside a practice mail. */
export const SimulatorView = z.object({
  /** The speed of the line; null: no limit. */
  bytesPerSecond: z.number().nullable(),
  /** The answer to the next Send will be lost. */
  losesAnswer: z.boolean(),
  /** What was done to the mail: "line dropped twice, extension host killed". */
  done: z.string(),
  /** How it arrived; null until it has. */
  arrived: z.object({ words: z.string(), isGood: z.boolean() }).nullable(),
});
export type SimulatorView = z.infer<typeof SimulatorView>;

export const ToPanel = z.discriminatedUnion("type", [
  z.object({ type: z.literal("snapshot"), snapshot: PanelSnapshot }),
  /** Puts the cursor into a field, and shows the reason if there is one. */
  z.object({
    type: z.literal("focus"),
    field: z.enum(["to", "cc", "bcc", "replyTo", "subject", "body", "headers"]),
    message: z.string().nullable(),
  }),
  /** Sent while `showHashes` is on, whenever more is known. */
  z.object({
    type: z.literal("hashes"),
    files: z.array(z.object({ name: z.string(), sha256: z.string().nullable(), note: z.string() })),
  }),
  /** A sign of life in answer to each intent, whose effect may take longer, or be none. */
  z.object({ type: z.literal("heard") }),
  /** A change refers to a form that the host does not have: the page sends the whole form. */
  z.object({ type: z.literal("formWanted") }),
  /** How much of a dropped file has arrived; the host waits for the next piece. */
  z.object({ type: z.literal("dropAck"), id: z.string(), offset: z.int().nonnegative() }),
  /** Null: "Make It Hard" is closed. */
  z.object({ type: z.literal("simulator"), view: SimulatorView.nullable() }),
  /** The host wants no more of a dropped file: it is attached, or the host has said why not. */
  z.object({ type: z.literal("dropOver"), id: z.string() }),
  /** Answers `peopleWanted`, likeliest first. May be sent again when more are known. */
  z.object({ type: z.literal("people"), people: z.array(Person).max(MAX_PEOPLE) }),
  /** Sent without being asked for, whenever the text or what it depends on has changed. */
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

/** The page's id for a file that it transfers. */
const DropId = z.string().min(1).max(64);

export const FromPanel = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  /** Only asks for a sign of life. */
  z.object({ type: z.literal("areYouThere") }),
  /** The first keystroke or click in a mail that is `unseen`. */
  z.object({ type: z.literal("touched") }),
  z.object({ type: z.literal("edit"), form: Form }),
  /** An edit, as a change to the form that the page sent last. */
  z.object({ type: z.literal("typed"), change: FormChange }),
  z.object({ type: z.literal("chooseAccount"), accountId: z.string() }),
  /** Chooses whether files travel in the mail itself or are uploaded. */
  z.object({ type: z.literal("chooseMethod"), inMail: z.boolean() }),
  z.object({ type: z.literal("addAccount") }),
  z.object({ type: z.literal("addFiles") }),
  /** The person has read which files were not attached. */
  z.object({ type: z.literal("dismissRefused") }),
  /** Files from the Explorer were dropped on the page: their URIs. */
  z.object({
    type: z.literal("dropUris"),
    uris: z.array(z.string().min(1).max(8_192)).min(1).max(MAX_DROPPED),
  }),
  /** A file from the desktop was dropped: only the page can read it, and sends it in pieces, file by file. */
  z.object({
    type: z.literal("dropBegin"),
    id: DropId,
    name: z.string().max(1_000),
    size: z.int().nonnegative(),
    /** How many files come after it. */
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
  /** A recipient field has the focus: time to look for suggestions. */
  z.object({ type: z.literal("peopleWanted") }),
  /** Remembered for all mails. */
  z.object({ type: z.literal("showPreview"), shown: z.boolean() }),
  z.object({ type: z.literal("showHashes"), shown: z.boolean() }),
  z.object({ type: z.literal("copyHashes") }),
  /** The form travels along, so that an edit still waiting in the panel cannot be missed. */
  z.object({
    type: z.literal("send"),
    form: Form,
    /** What to do with the files that the button is about: try them again, or leave them out. */
    undecided: z.object({ way: z.enum(["retry", "without"]), files: z.array(z.string()) }).optional(),
  }),
  /** Sends several mails, each small enough for both mailboxes. `inParts`: files that fit in none are cut */
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
  /** Null: no limit. */
  z.object({ type: z.literal("lineSpeed"), bytesPerSecond: z.int().min(1).nullable() }),
  /** Asks who should be able to open the files that are sent as links. */
  z.object({ type: z.literal("chooseLinks") }),
  /** Copies what an administrator runs so that the mailbox can send more. */
  z.object({ type: z.literal("copyAdminCommands") }),
  /** Replaces the files that become smaller by zips. */
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
