/** How facts change the record of a file. Pure, like `advance.ts`. */
import { type ErrorCode, type SavedError, unreachable } from "../../base/errors.ts";
import type { HashCheckpoint } from "../../files/contentHash.ts";
import { type FileVersion, versionOf } from "../../files/fileVersion.ts";
import type { FileLink } from "../../services/fileLinks.ts";
import { agreedTo, uploadedVersion } from "./agreement.ts";
import type { AttachmentRecord, DeliveryRecord } from "./delivery.ts";
import { isUnderWay } from "./queries.ts";

export type AttachmentEvent =
  /** `reused`: it may have been sent before, with this mail or another one */
  | { readonly type: "queued"; readonly reused?: boolean }
  /** `sentAs`: what the file will be called in the service's draft */
  | { readonly type: "sessionRequested"; readonly sentAs: string | null }
  | {
      readonly type: "sessionCreated";
      readonly attachmentId: string | null;
      readonly at: number;
      readonly expiresAt: number | null;
      readonly atOnce: boolean;
    }
  /** All bytes have arrived, and the service has given the file its id. */
  | { readonly type: "stored"; readonly attachmentId: string }
  | { readonly type: "resumed" }
  | {
      readonly type: "progressed";
      readonly accepted: number;
      readonly handed: number;
      readonly bytesPerSecond: number | undefined;
      readonly checkpoint: HashCheckpoint | undefined;
    }
  | { readonly type: "waited"; readonly until: number; readonly reason: ErrorCode }
  | { readonly type: "completeAsked" }
  /** `stays`: from now on the service keeps the file until the mail is sent. */
  | { readonly type: "completed"; readonly stays: boolean }
  | { readonly type: "sessionDropped" }
  | { readonly type: "paused" }
  | { readonly type: "failed"; readonly error: SavedError }
  | { readonly type: "cancelled" }
  | { readonly type: "renamed"; readonly name: string; readonly contentType: string }
  /** A person has chosen link or attachment; what was uploaded for the other is given up. */
  | { readonly type: "wayChosen"; readonly asLink: boolean }
  /** The file can be opened by its link. */
  | { readonly type: "linked"; readonly link: FileLink }
  /** The link no longer works; the file stays in the storage, or was deleted as well. */
  | { readonly type: "unlinked"; readonly file: "stays" | "deleted" }
  | { readonly type: "versionKept" }
  /** A person wants another version: this one; undefined: whichever there is when its upload begins. */
  | { readonly type: "versionWanted"; readonly version: FileVersion | undefined }
  /** `contentType`: of this version; unset: as before */
  | { readonly type: "versionTaken"; readonly version: FileVersion; readonly contentType?: string }
  /** A person wants the file as it is now, whatever is written later. `path`: of the file, or of a copy */
  | {
      readonly type: "heldStill";
      readonly path: string;
      readonly version: FileVersion;
      readonly sha256: string | null;
      readonly grows: boolean;
      readonly contentType: string;
    };

/** The record of a file after a fact about it. */
export function advanceAttachment(attachment: AttachmentRecord, event: AttachmentEvent): AttachmentRecord {
  // Events of the upload end the flight; only "progressed" and "waited" set a new one.
  const { flight, ...saved } = attachment;
  switch (event.type) {
    case "queued":
      return { ...saved, status: "queued", error: null, reused: event.reused ?? saved.reused };
    case "sessionRequested":
      return {
        ...saved,
        status: "creating",
        sentAs: event.sentAs,
        accepted: 0,
        checkpoint: null,
        session: null,
        error: null,
      };
    case "sessionCreated":
      return {
        ...saved,
        status: "uploading",
        session: {
          attachmentId: event.attachmentId,
          createdAt: event.at,
          expiresAt: event.expiresAt,
          serviceStatus: "uploading",
          completeAsked: false,
          atOnce: event.atOnce,
        },
      };
    case "stored":
      return {
        ...saved,
        session: saved.session === null ? null : { ...saved.session, attachmentId: event.attachmentId },
      };
    case "resumed":
      return { ...saved, status: "uploading", error: null };
    case "progressed": {
      const { bytesPerSecond } = event;
      const accepted = Math.min(event.accepted, saved.size);
      const checkpoint = event.checkpoint ?? saved.checkpoint;
      const handed = Math.max(accepted, event.handed);
      return { ...saved, accepted, checkpoint, flight: { handed, bytesPerSecond, waiting: undefined } };
    }
    case "waited": {
      const waiting = { until: event.until, reason: event.reason };
      return { ...saved, flight: { handed: saved.accepted, bytesPerSecond: undefined, waiting } };
    }
    case "completeAsked":
      return {
        ...saved,
        status: "completing",
        accepted: saved.size,
        session: saved.session === null ? null : { ...saved.session, completeAsked: true },
      };
    case "completed":
      return {
        ...(saved.agreed === null ? saved : agreedTo(saved)),
        status: "ready",
        session:
          saved.session === null
            ? null
            : {
                ...saved.session,
                serviceStatus: "ready",
                expiresAt: event.stays ? null : saved.session.expiresAt,
              },
      };
    case "sessionDropped":
      return {
        ...saved,
        sentAs: null,
        accepted: 0,
        checkpoint: null,
        session: null,
        link: null,
        reused: false,
      };
    case "paused":
      return { ...saved, status: "paused" };
    case "failed":
      return { ...saved, status: "failed", error: event.error };
    case "cancelled":
      return {
        ...saved,
        status: "cancelled",
        sentAs: null,
        accepted: 0,
        checkpoint: null,
        session: null,
        error: null,
      };
    case "renamed":
      return { ...attachment, name: event.name, contentType: event.contentType };
    case "wayChosen":
      return { ...saved, asLink: event.asLink, link: null };
    case "linked":
      return { ...attachment, link: event.link };
    case "unlinked":
      return {
        ...saved,
        link: null,
        // The service may confirm the end of the link after the file was deleted.
        unshared: event.file === "deleted" || attachment.unshared === "deleted" ? "deleted" : "stopped",
        error: null,
      };
    case "versionKept":
      return {
        ...saved,
        status: "queued",
        error: null,
        versionKept: true,
        agreed: uploadedVersion(saved) ?? saved.agreed,
      };
    case "versionWanted": {
      const agreed = event.version === undefined ? null : { ...event.version, sha256: null };
      return { ...saved, agreed, versionKept: false, grows: false };
    }
    case "versionTaken":
      return {
        ...saved,
        ...versionOf(event.version),
        contentType: event.contentType ?? saved.contentType,
        accepted: 0,
        checkpoint: null,
        versionKept: false,
      };
    case "heldStill": {
      const { path, version, sha256, grows, contentType } = event;
      const copied = path === saved.path ? {} : { copyOf: saved.path };
      const agreed = { ...versionOf(version), sha256 };
      const fresh = { accepted: 0, checkpoint: null, versionKept: false };
      return { ...saved, ...versionOf(version), ...fresh, ...copied, path, grows, agreed, contentType };
    }
    default:
      return unreachable(event);
  }
}

/** The record of a mail in which one file has changed. */
export function withFile(
  delivery: DeliveryRecord,
  attachmentId: string,
  change: (file: AttachmentRecord) => AttachmentRecord,
): DeliveryRecord {
  const attachments = delivery.attachments.map((file) => (file.id === attachmentId ? change(file) : file));
  return { ...delivery, attachments };
}

/** An attachment whose bytes the service no longer has; what was ready or under way starts again. */
export function withoutSession({ flight: _, ...saved }: AttachmentRecord): AttachmentRecord {
  const isWanted = saved.status === "ready" || isUnderWay(saved.status);
  return {
    ...saved,
    status: isWanted ? "queued" : saved.status,
    sentAs: null,
    accepted: 0,
    checkpoint: null,
    session: null,
    link: null,
  };
}
