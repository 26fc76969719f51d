/** Limits of a send with its files in it. https://developer.nylas.com/docs/v3/email/attachments/ */

/** The whole request as JSON, with files as base64. */
export const JSON_MAX_BYTES = 3 * 1024 * 1024;
/** The whole request as a form, with the text. */
export const MULTIPART_MAX_BYTES = 25 * 1024 * 1024;
