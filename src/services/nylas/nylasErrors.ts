/** What Nylas's refusals mean, and what to do about each. https://developer.nylas.com/docs/api/errors/ */
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
import { t } from "../../shared/l10n.ts";
import { sentence, speaksOfScopes, RefusalText as Text } from "../forbidden.ts";
import { ProviderError } from "./providerError.ts";

const SERVICE = "Nylas";

const ErrorBody = z.object({
  request_id: Text,
  /** Where gateways put their reason. */
  message: Text,
  error: z
    .object({ type: Text, message: Text, provider_error: ProviderError.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** A parsed refusal: types come with and without a namespace, and bodies may be HTML or empty. */
export interface Refusal {
  readonly status: number;
  /** The body has the form of Nylas's errors; otherwise a gateway or a proxy may have answered. */
  readonly isNylas: boolean;
  /** Without its namespace ("api.", "token."); empty when there is none. */
  readonly type: string;
  readonly message: string;
  readonly provider: string;
  readonly providerCode: string;
  readonly providerMessage: string;
  readonly details: ErrorDetails;
  /** See `errorsOf`. */
  readonly refused: ReturnType<typeof errorsOf>;
}

export function readRefusal(answer: HttpAnswer): Refusal {
  const body = ErrorBody.safeParse(parseJson(answer.text)).data;
  const error = body?.error;
  const message = error?.message ?? body?.message ?? "";
  const requestId = answer.requestId ?? body?.request_id;
  const details: ErrorDetails = {
    status: answer.status,
    isOwnWord: error !== undefined,
    requestId,
    cause: new Error(`status ${answer.status}: ${message || answer.text.slice(0, 300)}`),
  };
  return {
    status: answer.status,
    isNylas: error !== undefined,
    type: (error?.type ?? "").replace(/^[a-z]+\./, ""),
    message,
    provider: [error?.provider_error?.code, error?.provider_error?.message].filter(Boolean).join(": "),
    providerCode: error?.provider_error?.code ?? "",
    providerMessage: error?.provider_error?.message ?? "",
    details,
    refused: errorsOf(details),
  };
}

/** What only an administrator of the Nylas application can fix. */
function administratorsMatter(refusal: Refusal): FreightError | undefined {
  const { status, type, providerCode, message, providerMessage, refused } = refusal;
  if (status === 423 || type === "resource_blocked")
    return refused(
      "grant-invalid",
      t("Nylas has blocked this mailbox or its application. Ask your Nylas administrator."),
      "checkAccount",
    );
  const said = [type, providerCode, message, providerMessage].join(" ");
  // AADSTS7000222: the connector's client secret has expired.
  if (/\binvalid_client\b|\bAADSTS7000222\b/.test(said))
    return refused(
      "grant-invalid",
      t(
        "Nylas can no longer sign in to the mail provider: the secret of its connector has expired. Ask your Nylas administrator to renew it.",
      ),
      "checkAccount",
    );
  return undefined;
}

/** The refusals that mean the same at every step. */
export function commonError(answer: HttpAnswer): FreightError | undefined {
  const refusal = readRefusal(answer);
  const { status, type, refused } = refusal;
  const common = administratorsMatter(refusal) ?? transientError(answer, SERVICE) ?? redirectError(answer);
  // A bad key is a 400 on some endpoints.
  const isKeyRefused = status === 401 || (status === 400 && type === "unauthorized_access");
  if (common !== undefined || !isKeyRefused) return common;
  return refused("credential-rejected", t("Nylas does not accept this account's key."), "updateKey");
}

/** Any other refusal. @param say what was refused, and why */
function otherError(answer: HttpAnswer, say: (why: string) => string): FreightError {
  const { message, refused } = readRefusal(answer);
  return commonError(answer) ?? refused("request-refused", say(message || statusOf(answer)));
}

/** The error when Nylas refuses to say something about a mailbox. */
export function accountError(answer: HttpAnswer): FreightError {
  return otherError(answer, (why) => t("Nylas refused to look up the mailbox: {0}.", why));
}

/** True when Nylas itself does not know it; a gateway may answer 404 to anything. */
export function isUnknown(answer: HttpAnswer): boolean {
  return answer.status === 404 && readRefusal(answer).isNylas;
}

export function createError(answer: HttpAnswer): FreightError {
  return otherError(answer, (why) => t("Nylas refused to open an upload session: {0}.", why));
}

/** 409, 410 and 422 share one type: only the status tells them apart. */
export function completeError(answer: HttpAnswer): FreightError {
  const { refused } = readRefusal(answer);
  switch (answer.status) {
    case 404:
      return refused("session-lost", t("Nylas does not know this upload session."));
    case 409:
      return refused("session-lost", t("Nylas closed this upload session; it has to start again."));
    case 410:
      return refused("session-expired", t("The upload session expired before it was complete."));
    case 422:
      return refused("upload-mismatch", t("Nylas does not have all the bytes of the file."));
    default:
      return otherError(answer, (why) => t("Nylas refused to complete the upload: {0}.", why));
  }
}

/** The provider's own sign-in was revoked, has expired, or needs the person again. RFC 6749, section 5.2. */
const SIGN_IN_ENDED =
  /\b(?:invalid_grant|interaction_required)\b|\bAADSTS(?:50173|50076|50079|50078|70008|700082|70043)\b/;
/** The mailbox may not send, whatever the status: some providers' refusals come with 400. */
const MAY_NOT_SEND = /^Error(?:SendAsDenied|MessageSubmissionBlocked|AccountSuspend)$/;

/** Statuses of gateways that say nothing about the mail. Not 413: what is too large never gets through. */
const OF_A_GATEWAY: readonly number[] = [400, 402, 403, 404, 409, 422];

/** @param replayed the answer is the one stored for an earlier try with the same key: it will never change */
export function sendError(answer: HttpAnswer, replayed: boolean): FreightError {
  const refusal = readRefusal(answer);
  const { type, message, provider, details, isNylas, refused } = refusal;
  const reason = provider || message || statusOf(answer);
  // Whatever the status, and even if it is stored under the key: the provider has said that nothing was sent.
  if (isNylas && saysTooLarge(answer.text))
    return messageTooLarge({ ...details, ofSize: `${message} ${refusal.providerMessage}` });
  if (type === "partial_success_error") return someMayHaveIt(reason, details);
  const matter = administratorsMatter(refusal);
  if (matter !== undefined) return matter;
  const { providerCode, providerMessage } = refusal;
  if (SIGN_IN_ENDED.test(`${providerCode} ${providerMessage}`)) return reconnect(refusal);
  if (MAY_NOT_SEND.test(providerCode)) return forbidden(refusal);
  if (replayed && answer.status >= 500)
    return new FreightError(
      "send-unconfirmed",
      t("Nylas could not confirm that the mail was sent. Check Sent Items before you send it again."),
      { ...details, mayHaveActed: true, remedy: "sendAgain" },
    );
  // Nylas stores the first answer to a key, even a 429: waiting does not change it, and it means "not sent".
  if (replayed && answer.status === 429) {
    const { retryAfterMs } = transientError(answer, SERVICE) ?? {};
    return new FreightError("rate-limited", t("Nylas asked to slow down."), {
      ...details,
      retryAfterMs,
      keySpent: true,
      remedy: "retry",
    });
  }
  // A gateway may say so after letting the mail through: only Nylas knows whether it was sent, and a retry
  // with the same key finds out.
  if (!isNylas && !replayed && OF_A_GATEWAY.includes(answer.status))
    return new FreightError(
      "service-fault",
      t("Something between here and Nylas refused the mail (status {0}).", String(answer.status)),
      { ...details, mayHaveActed: true, remedy: "retry" },
    );
  switch (answer.status) {
    case 402:
      return someMayHaveIt(reason, details);
    case 403:
      return forbidden(refusal);
    case 404:
      return refused(
        "grant-unknown",
        t("Nylas no longer knows the mailbox of this account."),
        "checkAccount",
      );
    case 409:
      return type === "concurrent_idempotent_request"
        ? // The first try is still running: its answer will come under the same key.
          new FreightError("rate-limited", t("Nylas is still sending the mail."), {
            ...details,
            retryAfterMs: 3_000,
            mayHaveActed: true,
          })
        : refused("request-refused", t("Nylas refused the mail: {0}", sentence(reason)));
    case 413:
      return messageTooLarge(details);
    case 422:
      return refused("provider-refused", t("The mail provider refused the mail: {0}", sentence(reason)));
    default:
      return (
        commonError(answer) ?? refused("request-refused", t("Nylas refused the mail: {0}", sentence(reason)))
      );
  }
}

function someMayHaveIt(reason: string, details: ErrorDetails): FreightError {
  // No button that would send to everybody again.
  return new FreightError(
    "recipients-refused",
    t(
      "The mail provider refused the mail or a recipient ({0}). Other recipients may already have it: check Sent Items, and correct the recipients before you press Send again.",
      reason,
    ),
    details,
  );
}

/** A missing scope, the end of the mailbox's sign-in, or a reason that the provider itself gives. */
function forbidden(refusal: Refusal): FreightError {
  const { type, providerCode, providerMessage, refused } = refusal;
  if (type === "insufficient_scopes" || speaksOfScopes(providerCode, providerMessage))
    return refused(
      "scope-missing",
      t("The mailbox does not allow sending: reconnect it with the scopes Mail.ReadWrite and Mail.Send."),
      "checkAccount",
    );
  if (/^Error/.test(providerCode))
    return refused(
      "provider-refused",
      t(
        "The mail provider does not let the account send the mail: {0}",
        sentence(providerMessage || providerCode),
      ),
    );
  return reconnect(refusal);
}

function reconnect({ refused }: Refusal): FreightError {
  return refused("grant-invalid", t("The mailbox has to be reconnected to Nylas."), "checkAccount");
}

function statusOf({ status }: HttpAnswer): string {
  return t("status {0}", String(status));
}
