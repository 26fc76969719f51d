/** Whether a Microsoft 365 mailbox exists, and what the sign-in may do with it. */
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
 * @param links where files that are sent as links go; undefined: nowhere
 * @throws FreightError `provider-unsupported` without a mailbox, `scope-missing` with what the sign-in lacks
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
  // A person may be in the directory without a mailbox at Exchange Online.
  const inbox = await messages.call("GET", "mailFolders/inbox?$select=id", signal);
  const refusal = inbox.status === 200 ? undefined : graphError(inbox, "read the mailbox");
  // This is where an opaque token shows what it lacks.
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

/** Why there is no storage for files, in a sentence; undefined when there is some. */
async function whyNoPlace(links: FileLinks | undefined, signal: AbortSignal): Promise<string | undefined> {
  try {
    await links?.assertThere(signal);
    return undefined;
  } catch (reason) {
    if (reason instanceof FreightError && reason.is("link-refused")) return reason.message;
    throw reason;
  }
}

/** Opens an upload and cancels it: an opaque token, as of a personal account, does not list its scopes. */
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
    // The permission is there, only the storage is missing.
    if (reason.is("link-refused")) return true;
    if (isTransient(reason)) throw reason;
    return false;
  }
}

/** Mail.ReadWrite.Shared includes Mail.ReadWrite, and User.ReadWrite includes User.Read. */
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
