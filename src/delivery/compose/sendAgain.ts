/** A copy of a mail, for other recipients. Pure. */
import { uploadedVersion } from "../record/agreement.ts";
import type { DeliveryRecord, SavedAttachment } from "../record/delivery.ts";
import { newDelivery } from "../record/newDelivery.ts";
import { isAlive } from "../record/queries.ts";

export interface CopyOptions extends Pick<DeliveryRecord, "provider" | "inMail" | "hasLinks"> {
  readonly newId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A session with less time left is not reused, in milliseconds; undefined: no upload can be used twice. */
  readonly reuseMarginMs: number | undefined;
  /** The recipients (default: none). */
  readonly to?: readonly string[];
}

/**
 * A new mail with the text and files of one that was sent. A file that the service still has is reused; the
 * others are uploaded again, if they are still unchanged. Images of the text are left out: they come with the
 * text.
 */
export function copyOf(
  sent: DeliveryRecord,
  { newId, now, reuseMarginMs, to = [], ...mailbox }: CopyOptions,
): DeliveryRecord {
  const { accountId, form, fillsIn, marks, imageFolders, links, attachments } = sent;
  return newDelivery({
    id: newId(),
    createdAt: now,
    accountId,
    ...mailbox,
    form: { ...form, revision: 0, to: to.join(", "), cc: "", bcc: "" },
    fillsIn,
    marks,
    imageFolders,
    links,
    attachments: attachments
      .filter(({ inline }) => inline === null)
      .map(({ flight: _, ...attachment }) => copyOfFile({ ...attachment, id: newId() }, now, reuseMarginMs)),
  });
}

/** The same file for another mail. Parameters as in `CopyOptions`. */
export function copyOfFile(
  attachment: SavedAttachment,
  now: number,
  reuseMarginMs: number | undefined,
): SavedAttachment {
  const { status, session } = attachment;
  const isThere =
    reuseMarginMs !== undefined &&
    status === "ready" &&
    // A link is open only to the recipients of the first mail.
    !attachment.asLink &&
    session?.serviceStatus === "ready" &&
    session.attachmentId !== null &&
    isAlive(session, now, reuseMarginMs);
  // The new recipients get the version that the first ones got, or the person is asked.
  const agreed = uploadedVersion(attachment) ?? attachment.agreed;
  return isThere
    ? { ...attachment, agreed, reused: true }
    : {
        ...attachment,
        agreed,
        status: "queued",
        sentAs: null,
        accepted: 0,
        checkpoint: null,
        session: null,
        link: null,
        unshared: null,
        error: null,
        versionKept: false,
      };
}
