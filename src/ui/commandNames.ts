/** Every command, without its prefix. A test compares them with package.json. */
export const COMMAND_NAMES = [
  "send",
  "compose",
  "attachToEvent",
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
  "copyDiagnostics",
  "showLog",
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];
