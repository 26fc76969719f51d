/** What Microsoft Graph's refusals mean, and the remedy for each. https://learn.microsoft.com/graph/errors */
import * as z from "zod";
import {
  type ErrorDetails,
  errorsOf,
  FreightError,
  messageTooLarge,
  saysTooLarge,
} from "../../base/errors.ts";
import { redirectError, transientError } from "../../net/answers.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { sentences, t } from "../../shared/l10n.ts";
import type { Draft } from "../drafts.ts";
import { RefusalText, sentence, speaksOfScopes } from "../forbidden.ts";

const SERVICE = "Microsoft";

const ErrorBody = z.object({ error: z.object({ code: RefusalText, message: RefusalText }) });

export interface GraphRefusal {
  /** Empty when the body is not Graph's: a gateway may have answered. */
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
}

export function readGraphRefusal(answer: HttpAnswer): GraphRefusal {
  const error = ErrorBody.safeParse(parseJson(answer.text)).data?.error;
  return {
    code: error?.code ?? "",
    message: error?.message ?? "",
    details: {
      status: answer.status,
      isOwnWord: error?.code !== undefined,
      requestId: answer.requestId,
      cause: new Error(`status ${answer.status}: ${error?.code ?? answer.text.slice(0, 300)}`),
    },
  };
}

/** `ResourceNotFound` is what `/me` answers without a mailbox; a missing message or file has other codes. */
const NO_MAILBOX =
  /^(?:Mailbox(?:NotEnabled|NotSupported)ForRESTAPI|MailboxNotHostedInExchangeOnline|ResourceNotFound)$/;
/** Exchange is moving the mailbox or is busy: nothing was done, whatever the status. */
const LATER = /^Error(?:MailboxStoreUnavailable|MailboxMoveInProgress|ServerBusy)$/;

/**
 * Outlook, an add-in or Exchange was changing the draft: nothing was done, and trying again helps
 * (`ErrorIrresolvableConflict`).
 */
export function isConflict({ status }: HttpAnswer): boolean {
  return status === 409 || status === 412;
}

/** The sentence for each request that Microsoft may refuse. */
const REFUSED_TO = {
  "open a draft": () => t("Microsoft refused to open a draft."),
  "look for the draft": () => t("Microsoft refused to look for the draft."),
  "write the mail": () => t("Microsoft refused to save the mail."),
  "look at the mail": () => t("Microsoft refused to look up the mail."),
  "delete the draft": () => t("Microsoft refused to delete the draft."),
  "open an upload session": () => t("Microsoft refused to open an upload session."),
  "attach the file": () => t("Microsoft refused to attach the file."),
  "look at the files": () => t("Microsoft refused to list the files."),
  "remove a file": () => t("Microsoft refused to remove a file."),
  "send the mail": () => t("Microsoft refused to send the mail."),
  "check Sent Items": () => t("Microsoft refused to show Sent Items."),
  "write into the event": () => t("Microsoft refused to write into the event."),
  "read the calendar": () => t("Microsoft refused to show the calendar."),
  "read the inbox": () => t("Microsoft refused to show the inbox."),
  "read the mailbox": () => t("Microsoft refused to show the mailbox."),
};
export type GraphErrand = keyof typeof REFUSED_TO;

/** Something between here and Microsoft answered in its place. */
export function refusedOnTheWay(status: number): string {
  return t("Something between here and Microsoft refused the request (status {0}).", String(status));
}

/**
 * A refusal as an error.
 * @param inside what kind of thing the request was about: "not found" then means that it is gone
 */
export function graphError(answer: HttpAnswer, errand: GraphErrand, inside?: Draft["kind"]): FreightError {
  const { code, message, details } = readGraphRefusal(answer);
  const refused = errorsOf(details);
  if (code !== "" && saysTooLarge(answer.text)) return messageTooLarge({ ...details, ofSize: message });
  if (/^Error(ExceededMessageLimit|QuotaExceeded)$/.test(code) || answer.status === 507)
    return refused("provider-refused", t("The mailbox is full or has reached its sending limit: {0}.", code));
  const transient = transientError(answer, SERVICE);
  if (transient !== undefined) return transient;
  if (NO_MAILBOX.test(code) || /inactive, soft-deleted, or is hosted on-premise/.test(message))
    return refused(
      "provider-unsupported",
      t(
        "This account has no mailbox at Exchange Online: it may be an administrator's account, have no license, or have its mailbox on your company's own Exchange server. Choose another account.",
      ),
      "addAccount",
    );
  if (isConflict(answer))
    return new FreightError(
      "service-fault",
      sentences(
        REFUSED_TO[errand](),
        t("Somebody or something else was changing it a moment ago (status {0}).", String(answer.status)),
      ),
      { ...details, mayHaveActed: code === "", remedy: "retry" },
    );
  if (LATER.test(code)) return refused("service-fault", t("Microsoft is having trouble ({0}).", code));
  if (code === "ErrorSendAsDenied")
    return refused("provider-refused", t("The account may not send from this mailbox."), "checkAccount");
  const redirected = redirectError(answer);
  if (redirected !== undefined) return redirected;
  // Only Graph itself can say something about permissions and mailboxes.
  if (code === "" && (answer.status === 403 || (answer.status === 404 && inside === undefined)))
    return refused("request-refused", refusedOnTheWay(answer.status));
  switch (answer.status) {
    case 401:
      return refused(
        "credential-rejected",
        t("Microsoft no longer accepts this account's sign-in."),
        "updateKey",
      );
    case 403:
      if (code !== "" && !speaksOfScopes(code, message))
        return refused("provider-refused", sentences(REFUSED_TO[errand](), itsAnswer(message || code)));
      return refused(
        "scope-missing",
        sentences(
          REFUSED_TO[errand](),
          t(
            "The account needs Mail.ReadWrite and Mail.Send, and for a shared mailbox Mail.ReadWrite.Shared and Mail.Send.Shared.",
          ),
        ),
        "checkAccount",
      );
    case 404:
      if (inside === "event") return refused("request-refused", t("The event is no longer in the calendar."));
      if (inside === "message")
        return refused("draft-lost", t("The draft of the mail is no longer in the mailbox."));
      return refused("grant-unknown", t("Microsoft does not know this mailbox."), "checkAccount");
    case 413:
      return messageTooLarge(details);
    default:
      return refused(
        "request-refused",
        sentences(REFUSED_TO[errand](), itsAnswer(message || code || t("status {0}", String(answer.status)))),
      );
  }
}

function itsAnswer(words: string): string {
  return t("The answer was: {0}", sentence(words));
}

/** The error for an answer to the send request other than its success. */
export function sendError(answer: HttpAnswer): FreightError {
  const { status, requestId } = answer;
  if (status > 299) return graphError(answer, "send the mail", "message");
  // For example a sign-in page of the network: the next try first looks up what became of the mail.
  return new FreightError("service-fault", t("The answer to the send request could not be read."), {
    status,
    requestId,
    mayHaveActed: true,
    remedy: "retry",
  });
}
