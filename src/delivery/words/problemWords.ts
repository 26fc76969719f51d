/**
 * Errors of mails and files as people see them: the label of each remedy's button, and which error gets a second one.
 * What such a button does: `ui/actions/remedies.ts`.
 */
import type { SavedError } from "../../base/errors.ts";
import type { ProblemView, Remedy } from "../../shared/contract/snapshot.ts";
import { sentences, t } from "../../shared/l10n.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";

const remedyLabels = (): Readonly<Record<Remedy, string>> => ({
  addAccount: t("Add Account…"),
  checkAccount: t("Check Account"),
  updateKey: t("Update Key…"),
  allowMore: t("Allow More…"),
  retry: t("Retry"),
  uploadNewVersion: t("Upload the New Version"),
  sendAsItIs: t("Send It as It Is Now"),
  compress: t("Compress"),
  packAgain: t("Pack Again…"),
  showLog: t("Show Log"),
  sendAgain: t("Send Again…"),
  saveAgain: t("Save Again…"),
  copyAdminCommand: t("Copy PowerShell Commands"),
  compressAndSend: t("Compress and Send…"),
  sendLink: t("Send a Link…"),
  correctAddress: t("Correct the Address…"),
  sendToRefused: t("Send Again…"),
  openProxySettings: t("Open Proxy Settings"),
});

export function remedyLabel(remedy: Remedy): string {
  return remedyLabels()[remedy];
}

export function describeProblem(error: SavedError | null): ProblemView | null {
  if (error === null) return null;
  return {
    message: error.message,
    remedy: error.remedy === null ? null : { remedy: error.remedy, label: remedyLabel(error.remedy) },
    requestId: error.requestId,
  };
}

/** What keeps a mail from being saved or worked on. No remedy: it ends by itself. */
export function describeTrouble({ trouble }: DeliveryRecord): ProblemView | null {
  if (trouble === undefined) return null;
  const more = trouble.code === "journal-unwritable" ? t("Freight Mail keeps trying.") : undefined;
  return { message: sentences(trouble.message, more), remedy: null, requestId: null };
}

/** A second remedy for a changed file: a new version may change again and again. */
export function otherRemedy({ code, remedy }: SavedError): Remedy | undefined {
  return code === "file-changed" && remedy === "uploadNewVersion" ? "sendAsItIs" : undefined;
}

export function fileProblem({ error }: AttachmentRecord): ProblemView | null {
  const problem = describeProblem(error);
  const other = error === null ? undefined : otherRemedy(error);
  if (problem === null || other === undefined) return problem;
  return { ...problem, also: { remedy: other, label: remedyLabel(other) } };
}

/** An unconfirmed mail can always be sent again, besides the remedy that the error names. */
export function mailProblem({ phase, error, purpose }: DeliveryRecord): ProblemView | null {
  const problem = describeProblem(error);
  const again = purpose.type === "draft" ? "saveAgain" : "sendAgain";
  if (problem === null || phase !== "unconfirmed" || problem.remedy?.remedy === again) return problem;
  return { ...problem, also: { remedy: again, label: remedyLabel(again) } };
}
