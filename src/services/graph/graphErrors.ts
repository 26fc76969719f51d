/** What Microsoft Graph's refusals mean, and what to do about each. https://learn.microsoft.com/graph/errors */
import * as z from "zod";
import { type ErrorDetails, FreightError, messageTooLarge, saysTooLarge } from "../../base/errors.ts";
import { redirectError, transientError } from "../../net/answers.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { sentence, speaksOfScopes } from "../forbidden.ts";
import type { Draft } from "../mailService.ts";

const SERVICE = "Microsoft";

const Text = z
  .string()
  .transform((text) => text.slice(0, 500))
  .optional()
  .catch(undefined);
const ErrorBody = z.object({ error: z.object({ code: Text, message: Text }) });

export interface GraphRefusal {
  /** Empty when the body is none of Graph's: a gateway may have answered. */
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

/** `ResourceNotFound` is what `/me` answers without one; of a message or file that is gone Graph says other words. */
const NO_MAILBOX =
  /^(?:Mailbox(?:NotEnabled|NotSupported)ForRESTAPI|MailboxNotHostedInExchangeOnline|ResourceNotFound)$/;
/** Exchange is moving a mailbox, or is busy: nothing was done, whatever the status says. */
const LATER = /^Error(?:MailboxStoreUnavailable|MailboxMoveInProgress|ServerBusy)$/;

/**
 * A draft was touched a moment ago: by Outlook, an add-in, or Exchange itself. Nothing was done, and a repetition helps
 * (`ErrorIrresolvableConflict`).
 */
export function isConflict({ status }: HttpAnswer): boolean {
  return status === 409 || status === 412;
}

/**
 * A refusal as an error.
 * @param doing "open a draft", as in "Microsoft refused to open a draft"
 * @param inside what the request went into: "not found" is then about that
 */
export function graphError(answer: HttpAnswer, doing: string, inside?: Draft["kind"]): FreightError {
  const { code, message, details } = readGraphRefusal(answer);
  if (code !== "" && saysTooLarge(answer.text)) return messageTooLarge({ ...details, ofSize: message });
  if (/^Error(ExceededMessageLimit|QuotaExceeded)$/.test(code) || answer.status === 507)
    return new FreightError(
      "provider-refused",
      `The mailbox is full or has reached its sending limit: ${code}.`,
      {
        ...details,
        remedy: "retry",
      },
    );
  const transient = transientError(answer, SERVICE);
  if (transient !== undefined) return transient;
  if (NO_MAILBOX.test(code) || /inactive, soft-deleted, or is hosted on-premise/.test(message))
    return new FreightError(
      "provider-unsupported",
      "This account has no mailbox at Exchange Online: it may be an administrator's account, have no license, or have its mailbox on your company's own Exchange server. Choose another account.",
      { ...details, remedy: "addAccount" },
    );
  if (isConflict(answer))
    return new FreightError(
      "service-fault",
      `Microsoft could not ${doing}: somebody or something else was at it a moment ago (status ${answer.status}).`,
      { ...details, mayHaveActed: code === "", remedy: "retry" },
    );
  if (LATER.test(code))
    return new FreightError("service-fault", `Microsoft is having trouble (${code}).`, {
      ...details,
      remedy: "retry",
    });
  if (code === "ErrorSendAsDenied")
    return new FreightError("provider-refused", "The account may not send from this mailbox.", {
      ...details,
      remedy: "checkAccount",
    });
  const redirected = redirectError(answer);
  if (redirected !== undefined) return redirected;
  // Permissions and mailboxes are Graph's to speak of.
  if (code === "" && (answer.status === 403 || (answer.status === 404 && inside === undefined)))
    return new FreightError(
      "request-refused",
      `Something between here and Microsoft refused to ${doing} (status ${answer.status}).`,
      { ...details, remedy: "retry" },
    );
  switch (answer.status) {
    case 401:
      return new FreightError("credential-rejected", "Microsoft no longer accepts this account's sign-in.", {
        ...details,
        remedy: "updateKey",
      });
    case 403:
      if (code !== "" && !speaksOfScopes(code, message))
        return new FreightError(
          "provider-refused",
          `Microsoft does not let the account ${doing}: ${sentence(message || code)}`,
          { ...details, remedy: "retry" },
        );
      return new FreightError(
        "scope-missing",
        `Microsoft does not let the account ${doing}: it needs Mail.ReadWrite and Mail.Send, and for a shared mailbox Mail.ReadWrite.Shared and Mail.Send.Shared.`,
        { ...details, remedy: "checkAccount" },
      );
    case 404:
      if (inside === "event")
        return new FreightError("request-refused", "The event is no longer in the calendar.", {
          ...details,
          remedy: "retry",
        });
      if (inside === "message")
        return new FreightError("draft-lost", "The draft of the mail is no longer in the mailbox.", {
          ...details,
          remedy: "retry",
        });
      return new FreightError("grant-unknown", "Microsoft does not know this mailbox.", {
        ...details,
        remedy: "checkAccount",
      });
    case 413:
      return messageTooLarge(details);
    default:
      return new FreightError(
        "request-refused",
        `Microsoft refused to ${doing}: ${sentence(message || code || `status ${answer.status}`)}`,
        { ...details, remedy: "retry" },
      );
  }
}
