/** What OneDrive's refusals mean, and what to do about each. https://learn.microsoft.com/graph/errors */
import * as z from "zod";
import { errorsOf, FreightError } from "../../base/errors.ts";
import { redirectError, transientError } from "../../net/answers.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { formatBytes } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { type Audience, EndsTooLate, MAX_LINKED_BYTES } from "../fileLinks.ts";
import { sentence } from "../forbidden.ts";
import { readGraphRefusal } from "../graph/graphErrors.ts";

const InnerBody = z.object({
  error: z.object({
    innerError: z.object({ code: z.string() }).optional().catch(undefined),
    innererror: z.object({ code: z.string() }).optional().catch(undefined),
  }),
});

/** For a person without a license for OneDrive, or who never opened it: there is no code for that. */
const NO_DRIVE = /\bmysite\b|\bSPO license\b|^404 FILE NOT FOUND$/i;

/** What OneDrive was asked to do. */
export type DriveAct = "upload" | "find" | "delete" | "lookAtDrive" | "lookAtAccess" | "makeLink" | "endLink";

export function driveError(answer: HttpAnswer, act: DriveAct): FreightError {
  const known = storageError(answer);
  if (known !== undefined) return known;
  const transient = transientError(answer, "OneDrive");
  if (transient !== undefined) return transient;
  const redirected = redirectError(answer);
  if (redirected !== undefined) return redirected;
  const { code, message, details } = readGraphRefusal(answer);
  const refused = errorsOf(details);
  if (NO_DRIVE.test(message))
    return refused(
      "link-refused",
      t(
        "This account has no OneDrive, or it has not been set up yet. Open OneDrive in a browser once, or send the file as an attachment.",
      ),
    );
  switch (answer.status) {
    case 401:
      return refused(
        "credential-rejected",
        t("Microsoft no longer accepts this account's sign-in."),
        "updateKey",
      );
    case 403:
      return refused(
        "scope-missing",
        t("OneDrive does not allow this: the account needs Files.ReadWrite, and a OneDrive of its own."),
        "checkAccount",
      );
    case 404:
      return refused("file-lost", t("The file is no longer in your OneDrive. Upload it again."));
    default:
      return refused(
        "request-refused",
        refusal(act, sentence(message || code || t("status {0}", String(answer.status)))),
      );
  }
}

function refusal(act: DriveAct, why: string): string {
  switch (act) {
    case "upload":
      return t("OneDrive refused to open an upload session: {0}", why);
    case "find":
      return t("OneDrive refused to look for a file: {0}", why);
    case "delete":
      return t("OneDrive refused to delete a file: {0}", why);
    case "lookAtDrive":
      return t("OneDrive refused to look at the drive: {0}", why);
    case "lookAtAccess":
      return t("OneDrive refused to look at who can open the file: {0}", why);
    case "makeLink":
      return t("OneDrive refused to make a link: {0}", why);
    case "endLink":
      return t("OneDrive refused to take a link away: {0}", why);
  }
}

/** What only a storage answers, to a range too; undefined for what other services answer as well. */
export function storageError(answer: HttpAnswer): FreightError | undefined {
  const { code, details } = readGraphRefusal(answer);
  const refused = errorsOf(details);
  if (answer.status === 507 || code === "quotaLimitReached")
    return refused(
      "no-room",
      t(
        "There is not enough room in your OneDrive. Delete something there, or send the file as an attachment.",
      ),
    );
  if (code === "maxFileSizeExceeded")
    return new FreightError(
      "file-too-large",
      t("The file is larger than OneDrive accepts ({0}).", formatBytes(MAX_LINKED_BYTES)),
      details,
    );
  // Each file has a folder of its own, so another upload took the name just now: a new folder helps.
  if (answer.status === 409 && code === "nameAlreadyExists")
    return refused(
      "upload-refused",
      t(
        "OneDrive already has a file of this name in the place of the upload. Try again: it is then uploaded to another folder.",
      ),
    );
  return undefined;
}

export function noOrganization(): string {
  return t(
    "A personal OneDrive has no organization. Change who can open the file, or send it as an attachment.",
  );
}

/** Why a link could not be made. */
export function linkError(answer: HttpAnswer, audience: Audience): FreightError {
  const { code, message, details } = readGraphRefusal(answer);
  const refused = (text: string) => errorsOf(details)("link-refused", text);
  if (answer.status === 403 && [code, innerCode(answer)].includes("sharingDisabled"))
    return refused(notAllowed(audience));
  if (answer.status === 400 && /\bpassword\b/i.test(message)) return refused(wantsPassword(audience));
  // Only a personal drive does not know the scope "organization".
  if (answer.status === 400 && /\bscope\b/i.test(message)) return refused(noOrganization());
  if (answer.status === 400 && /\bexpir/i.test(message))
    return new EndsTooLate("link-refused", endsEarlier(audience), { ...details, remedy: "retry" });
  return driveError(answer, "makeLink");
}

function notAllowed(audience: Audience): string {
  switch (audience) {
    case "recipients":
      return t(
        "Your organization does not allow links for these recipients. Change who can open the file, or send it as an attachment.",
      );
    case "organization":
      return t(
        "Your organization does not allow links for everyone in it. Change who can open the file, or send it as an attachment.",
      );
    case "anyone":
      return t(
        "Your organization does not allow links for everyone who has them. Change who can open the file, or send it as an attachment.",
      );
  }
}

function wantsPassword(audience: Audience): string {
  switch (audience) {
    case "recipients":
      return t(
        "Your organization requires a password on links for these recipients, which OneDrive for work does not support. Change who can open the file.",
      );
    case "organization":
      return t(
        "Your organization requires a password on links for everyone in it, which OneDrive for work does not support. Change who can open the file.",
      );
    case "anyone":
      return t(
        "Your organization requires a password on links for everyone who has them, which OneDrive for work does not support. Change who can open the file.",
      );
  }
}

function endsEarlier(audience: Audience): string {
  switch (audience) {
    case "recipients":
      return t("Your organization ends links for these recipients earlier. Choose fewer days.");
    case "organization":
      return t("Your organization ends links for everyone in it earlier. Choose fewer days.");
    case "anyone":
      return t("Your organization ends links for everyone who has them earlier. Choose fewer days.");
  }
}

function innerCode(answer: HttpAnswer): string | undefined {
  const error = InnerBody.safeParse(parseJson(answer.text)).data?.error;
  return error?.innerError?.code ?? error?.innererror?.code;
}
