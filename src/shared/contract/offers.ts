/**
 * Which clicks of a page count: only those on something that its panel shows. What is gone by now is not acted upon,
 * and a page that asks for something that it was never offered is not ours.
 */
import type { FromPanel } from "./messages.ts";
import type { PanelSnapshot } from "./snapshot.ts";

/** The part of a snapshot that decides whether an intent is a click on something that it shows. */
export type Offer = Pick<
  PanelSnapshot,
  | "problem"
  | "attachments"
  | "accounts"
  | "ways"
  | "editable"
  | "practice"
  | "lacking"
  | "otherMethod"
  | "links"
>;

/**
 * Whether the panel shows what the intent is a click on.
 * @param shown only the properties that the intent is about are read
 */
export function offers(shown: Offer, intent: FromPanel): boolean {
  const view = (wanted: string) => shown.attachments.find(({ id }) => id === wanted);
  switch (intent.type) {
    case "chooseAccount":
      return shown.accounts.some(({ id }) => id === intent.accountId);
    case "chooseMethod":
      return shown.otherMethod?.inMail === intent.inMail;
    case "sendInMails":
    case "copyAdminCommands":
    case "shrink":
    case "dropUris":
    case "dropBegin":
    case "dropChunk":
      return shown.editable;
    case "saveDraft":
    case "sendLater":
      return shown.ways.others;
    case "cancelScheduled":
      return shown.ways.cancelScheduled;
    case "sendAgainTo":
      return shown.ways.sendAgainTo;
    case "openPracticeMailbox":
    case "makeItHard":
    case "lineSpeed":
      return shown.practice !== null;
    case "chooseLinks":
      return shown.links?.editable === true;
    case "attachment":
      return view(intent.attachmentId)?.actions.includes(intent.action) ?? false;
    case "openFile":
      return view(intent.attachmentId) !== undefined;
    case "rename":
      return view(intent.attachmentId)?.actions.includes("rename") ?? false;
    case "remedy": {
      const { remedy, attachmentId } = intent;
      const problem = attachmentId === null ? shown.problem : view(attachmentId)?.problem;
      if (problem?.remedy?.remedy === remedy || problem?.also?.remedy === remedy) return true;
      return remedy === "allowMore" && attachmentId === null && shown.lacking !== null;
    }
    default:
      return true;
  }
}
