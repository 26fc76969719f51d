import type { FromPanel, PanelSnapshot } from "./contract.ts";

/**
 * Whether the panel shows what the intent is a click on. What is gone meanwhile is nothing to act upon, and a page that
 * asks for what it was never offered is not ours.
 */
export function offers(
  { problem, attachments, accounts, ways, editable, practice }: PanelSnapshot,
  intent: FromPanel,
): boolean {
  const view = (wanted: string) => attachments.find(({ id }) => id === wanted);
  switch (intent.type) {
    case "chooseAccount":
      return accounts.some(({ id }) => id === intent.accountId);
    case "dropUris":
    case "dropBegin":
    case "dropChunk":
      return editable;
    case "saveDraft":
    case "sendLater":
      return ways.others;
    case "cancelScheduled":
      return ways.cancelScheduled;
    case "sendAgainTo":
      return ways.sendAgainTo;
    case "openPracticeMailbox":
      return practice !== null;
    case "attachment":
      return view(intent.attachmentId)?.actions.includes(intent.action) ?? false;
    case "rename":
      return view(intent.attachmentId)?.actions.includes("rename") ?? false;
    case "remedy": {
      const shown = intent.attachmentId === null ? problem : view(intent.attachmentId)?.problem;
      return shown?.remedy?.remedy === intent.remedy || shown?.also?.remedy === intent.remedy;
    }
    default:
      return true;
  }
}
