/** What a mailbox can do whose sign-in lets mail be sent and nothing else. Bytes. */

/** A whole request: "The maximum request length supported is 4MB." */
export const SEND_ONLY_MAX_REQUEST_BYTES = 4_000_000;

/** One file beside a short text: base64 makes it a third longer. */
export const SEND_ONLY_MAX_FILE_BYTES = 2_990_000;
