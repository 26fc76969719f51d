/** What an answer means: its body, checked by a schema, or the error its status means at every service. */
import type * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { t } from "../shared/l10n.ts";
import type { HttpAnswer } from "./http.ts";
import { faults, parseJson } from "./json.ts";
import { retryAfterMs } from "./retry.ts";

/**
 * The answer's body, checked.
 * @param what the request was for, for the log
 * @throws FreightError `bad-answer` when it is not what the service documents
 */
export function parseAnswer<T extends z.ZodType>(schema: T, answer: HttpAnswer, what: string): z.infer<T> {
  const parsed = schema.safeParse(parseJson(answer.text));
  if (parsed.success) return parsed.data;
  throw redirectError(answer) ?? notTheService(answer, what, faults(parsed.error));
}

/**
 * Whether a 2xx may come from the service itself: the body is JSON, even if cut off, or empty. A network's
 * sign-in page answers 200 to every request.
 */
export function isOwn({ text }: HttpAnswer): boolean {
  return /^\s*([[{]|$)/.test(text);
}

/**
 * For an answer whose status alone matters.
 * @throws FreightError `bad-answer` when a web page came instead
 */
export function assertOwn(answer: HttpAnswer, what: string): void {
  if (!isOwn(answer)) throw notTheService(answer, what, "no JSON");
}

function notTheService({ status, requestId }: HttpAnswer, what: string, fault: string): FreightError {
  return new FreightError(
    "bad-answer",
    t(
      "The answer is not what the service documents. A proxy or the network's sign-in page may be in the way.",
    ),
    {
      cause: new Error(`“${what}”, status ${status}: ${fault}`),
      requestId,
      status,
      mayHaveActed: true,
      remedy: "retry",
    },
  );
}

/**
 * A redirect as an error. None is followed: neither a key nor a file goes where an answer points. Of all
 * redirects, only 303 says that the request was carried out.
 * https://www.rfc-editor.org/rfc/rfc9110#section-15.4
 */
export function redirectError(answer: HttpAnswer): FreightError | undefined {
  const { status, requestId } = answer;
  if (status < 300 || status > 399) return undefined;
  return new FreightError(
    "bad-answer",
    t(
      "The answer points to another address (status {0}), and Freight Mail sends no key or file there. The network's sign-in page may be in the way, or the account's address is wrong.",
      String(status),
    ),
    { status, requestId, mayHaveActed: status === 303, remedy: "retry" },
  );
}

/** The service's clock when it answered (`Date` header, whole seconds), in milliseconds since the epoch. */
export function serverNow(answer: HttpAnswer): number | undefined {
  const at = Date.parse(answer.headers["date"] ?? "");
  return Number.isNaN(at) ? undefined : at;
}

/** A 408, 429 or 5xx as an error worth retrying after a wait; undefined for every other status. */
export function transientError(answer: HttpAnswer, service: string): FreightError | undefined {
  const details = {
    status: answer.status,
    requestId: answer.requestId,
    retryAfterMs: retryAfterMs(answer.headers["retry-after"], serverNow(answer) ?? answer.receivedAt),
  };
  if (answer.status === 429)
    return new FreightError("rate-limited", t("{0} asked to slow down.", service), {
      ...details,
      remedy: "retry",
    });
  if (answer.status === 408 || answer.status >= 500)
    return new FreightError(
      "service-fault",
      t("{0} is having trouble (status {1}).", service, String(answer.status)),
      { ...details, mayHaveActed: true, remedy: "retry" },
    );
  return undefined;
}
