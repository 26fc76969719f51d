/** Whether a mailbox of Microsoft 365 is there, and what the sign-in may do with it. */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { assertOwn, parseAnswer } from "../../net/answers.ts";
import { isTransient } from "../../net/retry.ts";
import { listOf, t } from "../../shared/l10n.ts";
import { type FileLinks, type Mailbox, ServiceId } from "../mailService.ts";
import {
  DRAFTS_SCOPE,
  GRAPH_FILES_SCOPE,
  GRAPH_LEAST_SCOPES,
  type GraphEndpoint,
  readToken,
} from "./graphApi.ts";
import { graphError } from "./graphErrors.ts";
import type { GraphMessages } from "./graphMessages.ts";

const User = z.object({
  id: ServiceId,
  mail: z.string().max(500).nullish(),
  userPrincipalName: z.string().max(500).nullish(),
});

/**
 * @param links where the files go that are sent as links; unset: nowhere
 * @throws FreightError `scope-missing` that names what the sign-in lacks, `provider-unsupported` without a mailbox
 */
export async function checkMailbox(
  messages: GraphMessages,
  { token }: GraphEndpoint,
  links: FileLinks | undefined,
  signal: AbortSignal,
): Promise<Mailbox> {
  const answer = await messages.call("GET", "?$select=id,mail,userPrincipalName,displayName", signal);
  if (answer.status !== 200) throw graphError(answer, "read the mailbox");
  const user = parseAnswer(User, answer, "mailbox");
  const { scopes } = readToken(await token(false)) ?? {};
  const allows = (scope: string) => scopes === undefined || covers(scopes, scope);
  const missing = GRAPH_LEAST_SCOPES.filter((scope) => !allows(scope));
  if (missing.length > 0)
    throw new FreightError("scope-missing", t("The sign-in does not allow {0}.", listOf(missing)), {
      requestId: answer.requestId,
      remedy: "updateKey",
    });
  // Somebody may be known to the directory and have no mailbox at Exchange Online.
  const inbox = await messages.call("GET", "mailFolders/inbox?$select=id", signal);
  const refusal = inbox.status === 200 ? undefined : graphError(inbox, "read the mailbox");
  // A token that cannot be read shows here what it lacks.
  const sendOnly = !allows(DRAFTS_SCOPE) || (scopes === undefined && refusal?.is("scope-missing") === true);
  if (refusal !== undefined && !(sendOnly && refusal.is("scope-missing"))) throw refusal;
  if (refusal === undefined) assertOwn(inbox, "inbox");
  const { id, mail, userPrincipalName } = user;
  const mayLink = scopes === undefined ? await takesFiles(links, signal) : covers(scopes, GRAPH_FILES_SCOPE);
  const lacking = mayLink ? await whyNoPlace(links, signal) : undefined;
  return {
    id,
    email: mail ?? userPrincipalName ?? null,
    provider: "microsoft",
    ...(sendOnly ? { sendOnly } : {}),
    ...(mayLink && lacking === undefined ? { hasLinks: true } : {}),
    ...(lacking === undefined ? {} : { doubt: lacking }),
  };
}

/** In a sentence; undefined where there is a place for files. */
async function whyNoPlace(links: FileLinks | undefined, signal: AbortSignal): Promise<string | undefined> {
  try {
    await links?.assertThere(signal);
    return undefined;
  } catch (reason) {
    if (reason instanceof FreightError && reason.is("link-refused")) return reason.message;
    throw reason;
  }
}

/** Tried with an upload that never begins: a token that cannot be read, as personal accounts' are, does not tell. */
async function takesFiles(links: FileLinks | undefined, signal: AbortSignal): Promise<boolean> {
  if (links === undefined) return false;
  const size = 1;
  const file = { name: "Upload check.txt", contentType: "text/plain", size };
  try {
    const { target } = await links.createSession(file, null, signal);
    await links.cancel({ attachmentId: null, target: target ?? undefined, size, draft: null }, signal);
    return true;
  } catch (reason) {
    if (!(reason instanceof FreightError)) throw reason;
    // It would be allowed, and there is no place for it.
    if (reason.is("link-refused")) return true;
    if (isTransient(reason)) throw reason;
    return false;
  }
}

/** Mail.ReadWrite.Shared allows what Mail.ReadWrite does, and User.ReadWrite what User.Read does. */
function covers(scopes: readonly string[], wanted: string): boolean {
  return scopes.some((scope) => {
    const name = scope.replace(/^https?:\/\/[^/]+\//, "");
    return (
      name === wanted ||
      name === `${wanted}.Shared` ||
      name === `${wanted}.All` ||
      (wanted === "User.Read" && /^User\.Read/.test(name))
    );
  });
}
