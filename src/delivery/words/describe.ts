/** Everything that the panel shows of a mail. Pure: the page prints what this says. */
import { basename } from "node:path";
import { managed } from "../../policy/accountRules.ts";
import type { AudienceRefusal } from "../../services/fileLinks.ts";
import { SEND_ONLY_MAX_FILE_BYTES } from "../../services/sendOnly.ts";
import type { Form } from "../../shared/contract/form.ts";
import type { Offer } from "../../shared/contract/offers.ts";
import type { AttachmentView, PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { withoutHidden } from "../../shared/foreignText.ts";
import { formatBytes, formatDuration } from "../../shared/format.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { knownAmong } from "../compose/correspondents.ts";
import { learnedLimits } from "../compose/learnedLimits.ts";
import { linkState, linkWords } from "../links/linkWords.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { isPracticeMail, practiceBanner } from "../record/practiceWords.ts";
import { isUnseen, provenanceWords } from "../record/provenance.ts";
import { isEditable, isFinished, isRecallable, isWritable, standstill } from "../record/queries.ts";
import { returnProblem } from "./arrivalWords.ts";
import { describeAttachment } from "./describeAttachment.ts";
import { fileKind } from "./fileKind.ts";
import { headline, isStuck } from "./headline.ts";
import { describeTrouble, fileProblem, mailProblem, remedyLabel } from "./problemWords.ts";
import { fitsInMail, methodOf } from "./sendMethod.ts";
import { describeUndecided } from "./undecidedWords.ts";

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
    // The headline beside it says what is going on.
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

/** The other method, if a person can choose it: files that do not fit in the mail must be uploaded. */
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

/** What a person can click in the panel. Parts are computed on demand, because most clicks need only one. */
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

/** The name on disk, if the mail has another: two files had the same, or not every system allows it. */
function diskName({ name, path, copyOf = path }: AttachmentRecord): string[] {
  const own = basename(copyOf).normalize("NFC");
  return own === name ? [] : [t("“{0}” on this machine", withoutHidden(own, "�"))];
}

/** The path to show: of the original, not of a copy or an archive made of it. */
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

/** Everything that the panel shows of a delivery. */
export function panelSnapshot(
  delivery: DeliveryRecord,
  around: {
    readonly accounts: PanelSnapshot["accounts"];
    readonly notice: string | null;
    /** The part of the form to send to the page, see `PageForm` (default: all of it). */
    readonly form?: Form | null;
    /** Domains that the person has declared as their own (default: none). */
    readonly ownDomains?: readonly string[];
    /** Earlier mails, whose recipients count as known (default: none). */
    readonly history?: readonly DeliveryRecord[];
    /** See `messageLimit` (default: none). */
    readonly sendLimit?: PanelSnapshot["sendLimit"];
    /** What recipients' providers accept, see `MailHosts` (default: not known). */
    readonly mailHosts?: NonNullable<PanelSnapshot["learned"]>;
    /** See `ShrinkFeed` (default: none). */
    readonly shrink?: PanelSnapshot["shrink"];
    /** See `LinkFeed` (default: none). */
    readonly refusedLinks?: readonly AudienceRefusal[];
    /** See `takesXHeadersOnly` (default: true). */
    readonly xHeadersOnly?: boolean;
    /** See `DeliveryStore.savedRevision` (default: the form's own). */
    readonly savedRevision?: number;
    /** Whether an organization sets how long Undo is possible (default: false). */
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
    // If the person did not fill in the mail, every address is spelled out.
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
