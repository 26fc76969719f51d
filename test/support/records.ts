import type { Account } from "../../src/accounts/accountBook.ts";
import { FreightError, type SavedError, toSavedError } from "../../src/base/errors.ts";
import type { AttachmentRecord, DeliveryRecord, SessionRecord } from "../../src/delivery/record/delivery.ts";
import { newDelivery } from "../../src/delivery/record/newDelivery.ts";
import { emptyForm } from "../../src/shared/contract/form.ts";

/** The instant at which the records of the tests are looked at. */
export const now = Date.UTC(2026, 3, 22, 18, 0, 0);
export const minute = 60_000;

export { emptyForm };

export const savedError: SavedError = toSavedError(
  new FreightError("upload-refused", "The storage refused the upload (status 400).", { remedy: "retry" }),
);

/** A session that was opened just now and lives for an hour. */
export function session(change: Partial<SessionRecord> = {}): SessionRecord {
  return {
    attachmentId: "remote-1",
    createdAt: now,
    expiresAt: now + 60 * minute,
    serviceStatus: "uploading",
    completeAsked: false,
    atOnce: false,
    ...change,
  };
}

/** A file of 1000 bytes that waits in line. */
export function attachment(change: Partial<AttachmentRecord> = {}): AttachmentRecord {
  return {
    id: "file-1",
    path: "/data/report.pdf",
    name: "report.pdf",
    contentType: "application/pdf",
    size: 1000,
    mtimeMs: now - minute,
    ctimeMs: null,
    ino: null,
    agreed: null,
    sentAs: null,
    status: "queued",
    accepted: 0,
    checkpoint: null,
    session: null,
    error: null,
    versionKept: false,
    grows: false,
    reused: false,
    abandoned: 0,
    asLink: false,
    link: null,
    unshared: null,
    inline: null,
    ...change,
  };
}

/** A mail that somebody is writing, with one file. */
export function delivery(change: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const { attachments = [attachment()], ...rest } = change;
  const fresh = newDelivery({
    id: "mail-1",
    createdAt: now,
    accountId: "account",
    form: emptyForm,
    attachments: [],
  });
  return { ...fresh, attachments, ...rest };
}

/** An account at Nylas whose mailbox is Microsoft's. */
export function account(change: Partial<Account> = {}): Account {
  return {
    id: "account",
    service: "nylas",
    serviceName: "Nylas",
    hasCalendar: false,
    email: "ada@example.com",
    provider: "microsoft",
    apiUri: "https://nylas.example",
    grantId: "grant",
    ...change,
  };
}
