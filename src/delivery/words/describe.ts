/** A delivery in words, for every surface. Pure: the panel, the tree and the status bar print what this says. */
import { basename } from "node:path";
import type { SavedError } from "../../base/errors.ts";
import { unreachable } from "../../base/errors.ts";
import { managed } from "../../policy/accountRules.ts";
import type { AudienceRefusal } from "../../services/fileLinks.ts";
import { SEND_ONLY_MAX_FILE_BYTES } from "../../services/sendOnly.ts";
import type { Form } from "../../shared/contract/form.ts";
import type { Offer } from "../../shared/contract/offers.ts";
import type { AttachmentView, PanelSnapshot, ProblemView, Remedy } from "../../shared/contract/snapshot.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { formatBytes, formatDuration, formatMoment } from "../../shared/format.ts";
import { plural, sentences, t } from "../../shared/l10n.ts";
import { everybody } from "../../shared/message.ts";
import { shownAddress } from "../../shared/shownRecipient.ts";
import { knownAmong } from "../compose/correspondents.ts";
import { learnedLimits } from "../compose/learnedLimits.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isHeldBack } from "../record/mailSet.ts";
import { isPracticeMail, practiceBanner } from "../record/practiceWords.ts";
import { isUnseen, provenanceWords } from "../record/provenance.ts";
import {
  isEditable,
  isFinished,
  isRecallable,
  isUnderWay,
  isWritable,
  standstill,
} from "../record/queries.ts";
import { arrivalSentence, returnProblem } from "./arrivalWords.ts";
import { describeAttachment, waitWords } from "./describeAttachment.ts";
import { fileKind } from "./fileKind.ts";
import { linkState, linkWords } from "./linkWords.ts";
import { scheduledWords, willBe, wordsOf } from "./purposeWords.ts";
import { fitsInMail, methodOf, travelsInMail } from "./sendMethod.ts";
import { describeUndecided, undecided, undecidedHeadline } from "./undecidedWords.ts";

const remedyLabels = (): Readonly<Record<Remedy, string>> => ({
  addAccount: t("Add Account…"),
  checkAccount: t("Check Account"),
  updateKey: t("Update Key…"),
  allowMore: t("Allow More…"),
  retry: t("Retry"),
  uploadNewVersion: t("Upload the New Version"),
  sendAsItIs: t("Send It as It Is Now"),
  compress: t("Compress"),
  packAgain: t("Pack Again…"),
  showLog: t("Show Log"),
  sendAgain: t("Send Again…"),
  saveAgain: t("Save Again…"),
  copyAdminCommand: t("Copy PowerShell Commands"),
  compressAndSend: t("Compress and Send…"),
  sendLink: t("Send a Link…"),
  correctAddress: t("Correct the Address…"),
  sendToRefused: t("Send Again…"),
  openProxySettings: t("Open Proxy Settings"),
});

export function remedyLabel(remedy: Remedy): string {
  return remedyLabels()[remedy];
}

export function describeProblem(error: SavedError | null): ProblemView | null {
  if (error === null) return null;
  return {
    message: error.message,
    remedy: error.remedy === null ? null : { remedy: error.remedy, label: remedyLabel(error.remedy) },
    requestId: error.requestId,
  };
}

/** What keeps a mail from being saved or worked on. Nothing has to be pressed: it ends automatically. */
function describeTrouble({ trouble }: DeliveryRecord): ProblemView | null {
  if (trouble === undefined) return null;
  const more = trouble.code === "journal-unwritable" ? t("Freight Mail keeps trying.") : undefined;
  return { message: sentences(trouble.message, more), remedy: null, requestId: null };
}

/** What helps a file besides a new version: one that has changed may do so again, and again. */
export function otherRemedy({ code, remedy }: SavedError): Remedy | undefined {
  return code === "file-changed" && remedy === "uploadNewVersion" ? "sendAsItIs" : undefined;
}

function fileProblem({ error }: AttachmentRecord): ProblemView | null {
  const problem = describeProblem(error);
  const other = error === null ? undefined : otherRemedy(error);
  if (problem === null || other === undefined) return problem;
  return { ...problem, also: { remedy: other, label: remedyLabel(other) } };
}

/** With a way on besides the one that the error names: what may be out can always be sent again. */
function mailProblem({ phase, error, purpose }: DeliveryRecord): ProblemView | null {
  const problem = describeProblem(error);
  const again = purpose.type === "draft" ? "saveAgain" : "sendAgain";
  if (problem === null || phase !== "unconfirmed" || problem.remedy?.remedy === again) return problem;
  return { ...problem, also: { remedy: again, label: remedyLabel(again) } };
}

/** One sentence on where a mail stands. @param mailbox what the account is called */
export function headline(delivery: DeliveryRecord, now: number, mailbox?: string): string {
  switch (delivery.phase) {
    case "composing":
      if (delivery.accountId === null)
        return t("Add an account to send from; the upload then starts automatically.");
      if (isUnseen(delivery) && delivery.attachments.length > 0)
        return t("Nothing is uploaded until you click or type in this mail.");
      return isStuck(delivery) ? undecidedHeadline(undecided(delivery)) : uploadWords(delivery, now);
    case "waiting":
      if (undecided(delivery).length > 0) return undecidedHeadline(undecided(delivery));
      if (delivery.set?.at !== 0 && isHeldBack(delivery))
        return t("Will be sent after the first of {0} mails.", delivery.set?.mails.length ?? 0);
      if (delivery.event !== null) return t("The files are attached to the event once they are uploaded.");
      if (delivery.leavesAt !== undefined)
        return t("Sending in {0}.", formatDuration(Math.max(1000, delivery.leavesAt - now)));
      return delivery.attachments.every(({ status }) => status === "ready")
        ? sendingWords(delivery, now)
        : sentences(willBe(delivery, now), waitSentence(delivery, now));
    case "sending":
      return sendingWords(delivery, now);
    case "saved": {
      const moment = formatMoment(delivery.finishedAt ?? now, now);
      return mailbox === undefined
        ? t("Saved in Drafts {0}.", moment)
        : t("Saved in Drafts of {0} {1}.", mailbox, moment);
    }
    case "scheduled":
      return scheduledWords(delivery, now);
    case "sent":
      return sentences(
        sentWords(delivery, formatMoment(delivery.finishedAt ?? now, now)),
        arrivalSentence(delivery, now),
      );
    case "failed":
      return wordsOf(delivery).notDone;
    case "unconfirmed":
      return delivery.purpose.type === "draft"
        ? t("We could not confirm that the draft was saved.")
        : t("We could not confirm that the mail was sent.");
    default:
      return unreachable(delivery.phase);
  }
}

/** It waits for a person, and for nothing else that was begun. Who has paused a file while they write knows that. */
function isStuck(delivery: DeliveryRecord): boolean {
  const { phase, attachments } = delivery;
  if (phase === "waiting") return undecided(delivery).length > 0;
  return (
    phase === "composing" &&
    attachments.some(({ status }) => status === "failed" || status === "cancelled") &&
    !attachments.some(({ status }) => isUnderWay(status))
  );
}

function uploadWords(delivery: DeliveryRecord, now: number): string {
  const underWay = delivery.attachments.filter(({ status }) => isUnderWay(status));
  if (underWay.length === 0)
    return delivery.savedDraft === null ? "" : t("Your changes are not in the saved draft yet.");
  if (travelsInMail(delivery)) return t("The files are read while you write.");
  return waitSentence(delivery, now) ?? t("The files are uploaded while you write.");
}

/** Why none of the files moves; undefined while one does. */
function waitSentence(delivery: DeliveryRecord, now: number): string | undefined {
  const wait = standstill(delivery, now);
  return wait === undefined ? undefined : t("Uploading: {0}.", waitWords(wait, now));
}

/** @param when "today at 20:34" */
function sentWords(delivery: DeliveryRecord, when: string): string {
  if (delivery.event !== null) return t("Attached {0}.", when);
  if (isPracticeMail(delivery)) return t("Arrived in the practice mailbox {0}.", when);
  const people = delivery.message === null ? [] : everybody(delivery.message);
  const [only, ...others] = people;
  if (only === undefined) return t("Sent {0}.", when);
  return others.length === 0
    ? t("Sent {0} to {1}.", when, shownAddress(only.email))
    : plural(people.length, "Sent {1} to {0} person.", "Sent {1} to {0} people.", when);
}

/** Why it takes long, where that is known. */
function sendingWords(delivery: DeliveryRecord, now: number): string {
  const { ongoing, waits, notYet, paused } = wordsOf(delivery);
  const { sendWait, error } = delivery;
  if (error !== null) return paused;
  if (sendWait === undefined || sendWait.until <= now) return ongoing;
  // Once it may have left nobody says that it has not.
  const isHere = delivery.phase === "waiting" || isRecallable(delivery);
  const why = waitWords(sendWait, now);
  return isHere ? notYet(why) : waits(why);
}

function sendLabel(delivery: DeliveryRecord): string {
  if (isPracticeMail(delivery)) return t("Send to Practice Mailbox");
  return delivery.attachments.every(({ status }) => status === "ready") ? t("Send") : t("Send When Ready");
}

export function describeSend(delivery: DeliveryRecord, now: number): PanelSnapshot["send"] {
  const withdrawable = (delivery.phase === "waiting" && delivery.event === null) || isRecallable(delivery);
  const enabled = isWritable(delivery) && delivery.accountId !== null;
  const { leavesAt } = delivery;
  const undoable = leavesAt !== undefined;
  const withdrawLabel = undoable
    ? t("Undo ({0})", formatDuration(Math.max(1000, leavesAt - now)))
    : t("Keep Editing");
  const decision = describeUndecided(delivery);
  return {
    // What goes on is said beside it, once.
    label: sendLabel(delivery),
    enabled,
    withdrawable,
    withdrawLabel,
    undoable,
    ...(decision === undefined ? {} : { undecided: decision }),
  };
}

export function describeWays({ phase, schedule, ...delivery }: DeliveryRecord): PanelSnapshot["ways"] {
  return {
    others:
      isWritable({ phase }) &&
      delivery.accountId !== null &&
      delivery.event === null &&
      delivery.inMail !== "sendOnly",
    cancelScheduled: phase === "scheduled" && schedule?.id != null,
    sendAgainTo: phase === "sent" && delivery.event === null,
  };
}

function describeLacking(delivery: DeliveryRecord): PanelSnapshot["lacking"] {
  if (!isEditable(delivery) || delivery.inMail !== "sendOnly") return null;
  const most = formatBytes(SEND_ONLY_MAX_FILE_BYTES);
  return {
    message: delivery.hasLinks
      ? t(
          "This account may only send mail: files of up to {0}, larger ones as links, no drafts, no Send Later.",
          most,
        )
      : t("This account may only send mail: files of up to {0}, no drafts, no Send Later.", most),
    remedy: { remedy: "allowMore", label: remedyLabel("allowMore") },
    requestId: null,
  };
}

function describeMethod({
  accountId,
  provider,
  inMail,
  attachments,
  form,
  event,
}: DeliveryRecord): PanelSnapshot["method"] {
  const wanted = attachments.filter(({ status }) => status !== "cancelled");
  const carried = wanted.filter(({ asLink }) => !asLink);
  if (carried.length === 0 && wanted.length > 0) return { label: t("Link"), reason: t("in your OneDrive") };
  return methodOf({
    provider: provider ?? (accountId === null ? null : "microsoft"),
    inMail,
    sizes: carried.map(({ size }) => size),
    textBytes: Buffer.byteLength(form.body),
    areSmall: carried.every(({ session }) => session?.atOnce === true),
    isForEvent: event !== null,
    isPractice: isPracticeMail({ accountId }),
  });
}

/** What does not fit in the mail is uploaded, whatever a person would like. */
function describeOtherMethod(
  delivery: DeliveryRecord,
  accounts: PanelSnapshot["accounts"],
): PanelSnapshot["otherMethod"] {
  const { accountId, inMail, attachments, form, event } = delivery;
  const account = accounts.find(({ id }) => id === accountId);
  if (!isWritable(delivery) || event !== null || account?.hasMethodChoice !== true) return null;
  if (inMail === "chosen") return { label: t("Upload Instead"), inMail: false };
  const carried = attachments.filter(({ status, asLink }) => status !== "cancelled" && !asLink);
  const sizes = carried.map(({ size }) => size);
  const fits = sizes.length > 0 && fitsInMail(sizes, Buffer.byteLength(form.body));
  return inMail === null && fits ? { label: t("Send in the Mail Instead"), inMail: true } : null;
}

/** What the panel lets a person click on. Each part is worked out when it is asked for, for most clicks need one only. */
export function panelOffer(
  delivery: DeliveryRecord,
  { accounts, now }: { readonly accounts: PanelSnapshot["accounts"]; readonly now: number },
): Offer {
  return {
    accounts,
    get problem() {
      return describeTrouble(delivery) ?? mailProblem(delivery) ?? returnProblem(delivery);
    },
    get editable() {
      return isWritable(delivery);
    },
    get ways() {
      return describeWays(delivery);
    },
    get lacking() {
      return describeLacking(delivery);
    },
    get otherMethod() {
      return describeOtherMethod(delivery, accounts);
    },
    get links() {
      return linkWords(delivery);
    },
    get practice() {
      return isPracticeMail(delivery) ? practiceBanner() : null;
    },
    get attachments() {
      return delivery.attachments.map((attachment) => attachmentView(delivery, attachment, now));
    },
  };
}

/** Said where the file has another name in the mail: two had the same, or not every system can have it. */
function diskName({ name, path, copyOf = path }: AttachmentRecord): string[] {
  const own = basename(copyOf).normalize("NFC");
  return own === name ? [] : [t("“{0}” on this machine", withoutHidden(own, "�"))];
}

/** Where what is sent lies, for people: not the copy or the archive that was made of it. */
function placeOf({ path, copyOf, madeFrom }: AttachmentRecord): string {
  return madeFrom ?? copyOf ?? path;
}

function attachmentView(delivery: DeliveryRecord, attachment: AttachmentRecord, now: number): AttachmentView {
  const words = describeAttachment(delivery, attachment, now);
  return {
    id: attachment.id,
    name: attachment.name,
    place: placeOf(attachment),
    detail: [
      attachment.grows ? t("first {0}", formatBytes(attachment.size)) : formatBytes(attachment.size),
      fileKind(attachment.contentType),
      ...diskName(attachment),
      ...(delivery.filledBy === null ? [] : [placeOf(attachment)]),
      ...(attachment.inline === null ? [] : [t("inline: shown in the text")]),
      ...(attachment.asLink ? [linkState(delivery, attachment, now) ?? t("goes as a link")] : []),
    ]
      .filter((part) => part !== undefined)
      .join(" · "),
    status: words.status,
    statusText: words.statusText,
    ...(words.waits ? { waits: true } : {}),
    ...(words.asks ? { asks: true } : {}),
    steps: [...words.steps],
    sizeBytes: attachment.size,
    acceptedBytes: attachment.accepted,
    handedBytes: words.handedBytes,
    pace: words.pace,
    expiresAt: words.expiresAt,
    asLink: attachment.asLink,
    ...(attachment.inline === null ? {} : { inline: true }),
    problem: words.status === "failed" || isFinished(delivery) ? fileProblem(attachment) : null,
    actions: [...words.actions],
  };
}

/** All that the panel shows of a delivery. */
export function panelSnapshot(
  delivery: DeliveryRecord,
  around: {
    readonly accounts: PanelSnapshot["accounts"];
    readonly notice: string | null;
    /** What of the form must travel to the page, see `PageForm`; all of it unless told. */
    readonly form?: Form | null;
    /** Domains that the person has named as their own; none unless told. */
    readonly ownDomains?: readonly string[];
    /** Mails by which somebody is known; none unless told. */
    readonly history?: readonly DeliveryRecord[];
    /** See `messageLimit`; none unless told. */
    readonly sendLimit?: PanelSnapshot["sendLimit"];
    /** What recipients' providers take, see `MailHosts`; nothing unless told. */
    readonly mailHosts?: NonNullable<PanelSnapshot["learned"]>;
    /** See `ShrinkFeed`; none unless told. */
    readonly shrink?: PanelSnapshot["shrink"];
    /** See `LinkFeed`; none unless told. */
    readonly refusedLinks?: readonly AudienceRefusal[];
    /** See `takesXHeadersOnly`; true unless told. */
    readonly xHeadersOnly?: boolean;
    /** See `DeliveryStore.savedRevision`; the form's own unless told. */
    readonly savedRevision?: number;
    /** Whether an organization decides how long a mail can be taken back; false unless told. */
    readonly undoIsManaged?: boolean;
    readonly now: number;
  },
): PanelSnapshot {
  const { now } = around;
  const mailbox = around.accounts.find(({ id }) => id === delivery.accountId)?.label;
  const isManagedWait = around.undoIsManaged === true && delivery.leavesAt !== undefined;
  return {
    now,
    ...panelOffer(delivery, around),
    links: linkWords(delivery, around.refusedLinks),
    accountId: delivery.accountId,
    ours: {
      addresses: around.accounts.map(({ label }) => label),
      domains: [...(around.ownDomains ?? [])],
    },
    // In a mail that somebody else has filled everybody is spelled out.
    known: delivery.filledBy === null ? knownAmong(delivery.form, around.history ?? []) : [],
    sendLimit: around.sendLimit ?? null,
    learned: [...learnedLimits(around.history ?? []), ...(around.mailHosts ?? [])],
    ...(delivery.set === null ? {} : { isOfSet: true }),
    ...(around.shrink === undefined ? {} : { shrink: around.shrink }),
    xHeadersOnly: around.xHeadersOnly ?? true,
    form: around.form === undefined ? delivery.form : around.form,
    savedRevision: around.savedRevision ?? delivery.form.revision,
    phase: delivery.phase,
    event:
      delivery.event === null ? null : { subject: delivery.event.subject, startsAt: delivery.event.startsAt },
    headline: sentences(headline(delivery, now, mailbox), isManagedWait ? managed() : undefined),
    provenance:
      isEditable(delivery) && delivery.filledBy !== null ? provenanceWords(delivery.filledBy) : null,
    unseen: isUnseen(delivery),
    stuck: isStuck(delivery) || standstill(delivery, now) !== undefined,
    send: describeSend(delivery, now),
    notice: around.notice,
    method: describeMethod(delivery),
  };
}
