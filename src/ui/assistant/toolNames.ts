/** The tools for language models. Schemas and words are in package.json; a test compares the names. */
export const TOOL_NAMES = [
  "freightMail_upload_attachment",
  "freightMail_list_upload_sessions",
  "freightMail_compose_email",
] as const;
export type ToolName = (typeof TOOL_NAMES)[number];
