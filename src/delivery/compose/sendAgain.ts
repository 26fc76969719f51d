/** A copy of a mail, for other recipients. Pure. */
import { uploadedVersion } from "../record/agreement.ts";
import type { DeliveryRecord, SavedAttachment } from "../record/delivery.ts";
import { newDelivery } from "../record/newDelivery.ts";
import { isAlive } from "../record/queries.ts";

export interface CopyOptions extends Pick<DeliveryRecord, "provider" | "inMail" | "hasLinks"> {
  readonly newId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long before a session's end nothing new is started with it, in milliseconds; undefined where no file can be used twice. */
  readonly reuseMarginMs: number | undefined;
  /** Whom it is for; nobody unless told. */
  readonly to?: readonly string[];
}

/**
 * A new mail with the text and the files of one that was sent, and nobody to read it unless told. A file that the service still
 * has is used again; the others start anew, if they still are what they were. Images of the text come with the text.
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
    // Whom the first one is open to is the first mail's.
    !attachment.asLink &&
    session?.serviceStatus === "ready" &&
    session.attachmentId !== null &&
    isAlive(session, now, reuseMarginMs);
  // Others get what the first ones got, or the person is asked.
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
