/** What OneDrive's refusals mean, and what to do about each. https://learn.microsoft.com/graph/errors */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { redirectError, transientError } from "../../net/answers.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { t } from "../../shared/l10n.ts";
import { sentence } from "../forbidden.ts";
import { readGraphRefusal } from "../graph/graphErrors.ts";

const InnerBody = z.object({
  error: z.object({
    innerError: z.object({ code: z.string() }).optional().catch(undefined),
    innererror: z.object({ code: z.string() }).optional().catch(undefined),
  }),
});

/** Of somebody without a license for OneDrive, or who has never opened it. There is no code of its own for that. */
const NO_DRIVE = /\bmysite\b|\bSPO license\b|^404 FILE NOT FOUND$/i;

/** A refusal as an error. @param doing "make a link", as in "OneDrive refused to make a link" */
export function driveError(answer: HttpAnswer, doing: string): FreightError {
  const known = storageError(answer);
  if (known !== undefined) return known;
  const transient = transientError(answer, "OneDrive");
  if (transient !== undefined) return transient;
  const redirected = redirectError(answer);
  if (redirected !== undefined) return redirected;
  const { code, message, details } = readGraphRefusal(answer);
  if (NO_DRIVE.test(message))
    return new FreightError(
      "link-refused",
      t(
        "This account has no OneDrive, or it has not been set up yet. Open OneDrive in a browser once, or send the file as an attachment.",
      ),
      { ...details, remedy: "retry" },
    );
  switch (answer.status) {
    case 401:
      return new FreightError("credential-rejected", "Microsoft no longer accepts this account's sign-in.", {
        ...details,
        remedy: "updateKey",
      });
    case 403:
      return new FreightError(
        "scope-missing",
        `OneDrive does not let the account ${doing}: it needs Files.ReadWrite, and a OneDrive of its own.`,
        { ...details, remedy: "checkAccount" },
      );
    case 404:
      return new FreightError("file-lost", "The file is no longer in your OneDrive. Upload it again.", {
        ...details,
        remedy: "retry",
      });
    default:
      return new FreightError(
        "request-refused",
        `OneDrive refused to ${doing}: ${sentence(message || code || `status ${answer.status}`)}`,
        { ...details, remedy: "retry" },
      );
  }
}

/** What only a storage says, also to a range; undefined for what others say as well. */
export function storageError(answer: HttpAnswer): FreightError | undefined {
  const { code, details } = readGraphRefusal(answer);
  if (answer.status === 507 || code === "quotaLimitReached")
    return new FreightError(
      "no-room",
      "There is not enough room in your OneDrive. Delete something there, or send the file as an attachment.",
      { ...details, remedy: "retry" },
    );
  if (code === "maxFileSizeExceeded")
    return new FreightError("file-too-large", "The file is larger than OneDrive takes (250 GB).", details);
  // Each file has a folder of its own, so another one has taken the name this moment: a new folder helps.
  if (answer.status === 409 && code === "nameAlreadyExists")
    return new FreightError(
      "upload-refused",
      "OneDrive already has a file of this name in the place of the upload. Try again: it is then uploaded to another folder.",
      { ...details, remedy: "retry" },
    );
  return undefined;
}

export const NO_ORGANIZATION =
  "A personal OneDrive has no organization. Choose who else can open the file, or send it as an attachment.";

/** A link could be made that ends earlier. */
export class EndsTooLate extends FreightError {}

/** Why a link could not be made. @param whom "everyone who has the link" */
export function linkError(answer: HttpAnswer, whom: string): FreightError {
  const { code, message, details } = readGraphRefusal(answer);
  const refused = (text: string) => new FreightError("link-refused", text, { ...details, remedy: "retry" });
  if (answer.status === 403 && [code, innerCode(answer)].includes("sharingDisabled"))
    return refused(
      `Your organization does not allow links for ${whom}. Choose who else can open the file, or send it as an attachment.`,
    );
  if (answer.status === 400 && /\bpassword\b/i.test(message))
    return refused(
      `Your organization wants a password on links for ${whom}, and OneDrive for work takes none. Choose who else can open the file.`,
    );
  // Only a personal drive knows no such scope.
  if (answer.status === 400 && /\bscope\b/i.test(message)) return refused(NO_ORGANIZATION);
  if (answer.status === 400 && /\bexpir/i.test(message))
    return new EndsTooLate(
      "link-refused",
      `Your organization ends links for ${whom} earlier. Choose fewer days.`,
      { ...details, remedy: "retry" },
    );
  return driveError(answer, "make a link");
}

function innerCode(answer: HttpAnswer): string | undefined {
  const error = InnerBody.safeParse(parseJson(answer.text)).data?.error;
  return error?.innerError?.code ?? error?.innererror?.code;
}
