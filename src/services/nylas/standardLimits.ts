/** What a send may have that carries its files itself. https://developer.nylas.com/docs/v3/email/attachments/ */

/** The whole request as JSON, with the growth of base64. */
export const JSON_MAX_BYTES = 3 * 1024 * 1024;
/** The whole request as a form, the text included. */
export const MULTIPART_MAX_BYTES = 25 * 1024 * 1024;
