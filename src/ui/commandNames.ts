/** Every command, without its prefix. A test compares them with package.json. */
export const COMMAND_NAMES = [
  "send",
  "compose",
  "sendDocument",
  "addAccount",
  "removeAccount",
  "setDefaultAccount",
  "checkAccount",
  "updateKey",
  "showSession",
  "pause",
  "resume",
  "retry",
  "cancel",
  "copyAttachmentId",
  "revealFile",
  "forget",
  "clearHistory",
  "openPracticeMailbox",
  "showLog",
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];
