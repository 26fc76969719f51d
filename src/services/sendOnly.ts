/** Limits of a mailbox whose sign-in only allows sending. Bytes. */

/** A whole request: "The maximum request length supported is 4MB." */
export const SEND_ONLY_MAX_REQUEST_BYTES = 4_000_000;

/** One file with a short text: base64 makes it a third longer. */
export const SEND_ONLY_MAX_FILE_BYTES = 2_990_000;
