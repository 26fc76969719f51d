/** The mailboxes of a Nylas application: lists them, and finds what keeps them from sending large files. */
import * as z from "zod";
import { type ErrorCode, FreightError } from "../../base/errors.ts";
import { isOwn, parseAnswer } from "../../net/answers.ts";
import type { Http, HttpAnswer } from "../../net/http.ts";
import type { Remedy } from "../../shared/contract/snapshot.ts";
import { listOf, plural, t } from "../../shared/l10n.ts";
import { type Mailbox, ServiceId } from "../mailService.ts";
import { call, grantPath, NYLAS_REGIONS, type NylasEndpoint } from "./nylasApi.ts";
import { accountError, readRefusal } from "./nylasErrors.ts";

const Grant = z.object({
  id: ServiceId,
  provider: z.string().max(100),
  email: z.string().max(500).nullish(),
  grant_status: z.string().nullish(),
  blocked: z.boolean().nullish(),
  scope: z.array(z.string()).nullish(),
});
type Grant = z.infer<typeof Grant>;
const GrantAnswer = z.object({ data: Grant });
const GrantPage = z.object({ data: z.array(Grant) });

/** A mailbox in a list to choose from. */
export interface ListedGrant {
  readonly id: string;
  readonly email: string | null;
  readonly provider: string;
  /** Why files cannot, or perhaps cannot, be sent from it, in a few words; null when they can. */
  readonly obstacle: string | null;
}

/**
 * All grants of an application, newest first.
 * @throws FreightError `credential-rejected` or `wrong-region` among others
 */
export async function listGrants(
  endpoint: NylasEndpoint,
  http: Http,
  signal: AbortSignal,
): Promise<ListedGrant[]> {
  const grants: ListedGrant[] = [];
  const limit = 200;
  for (let offset = 0; ; offset += limit) {
    const answer = await call(http, endpoint, "GET", `/v3/grants?limit=${limit}&offset=${offset}`, signal);
    if (answer.status !== 200)
      throw await credentialError(answer, endpoint, http, signal, "/v3/grants?limit=1");
    const page = parseAnswer(GrantPage, answer, "list of mailboxes").data;
    // A gateway that ignores the offset would return the same page forever.
    if (grants.some(({ id }) => id === page[0]?.id)) return grants;
    for (const grant of page)
      grants.push({
        id: grant.id,
        email: grant.email ?? null,
        provider: grant.provider,
        obstacle: obstacleOf(grant)?.inShort ?? doubtOf(grant)?.inShort ?? null,
      });
    if (page.length < limit) return grants;
  }
}

/** Checks that a mailbox can send files. @param grantId a grant's id, or "me" with an access token */
export async function checkGrant(
  endpoint: NylasEndpoint,
  grantId: string,
  http: Http,
  signal: AbortSignal,
): Promise<Mailbox> {
  const path = grantPath(grantId, "");
  const answer = await call(http, endpoint, "GET", path, signal);
  if (answer.status === 404 || answer.status === 400) {
    const { details, type } = readRefusal(answer);
    if (type !== "unauthorized_access") {
      await throwIfOtherRegion(endpoint, http, signal, path);
      throw new FreightError("grant-unknown", t("Nylas has no mailbox “{0}” for this key.", grantId), {
        ...details,
        remedy: "checkAccount",
      });
    }
  }
  if (answer.status !== 200) throw await credentialError(answer, endpoint, http, signal, path);
  const grant = parseAnswer(GrantAnswer, answer, "mailbox").data;
  const obstacle = obstacleOf(grant);
  if (obstacle !== undefined) throw obstacle.error;
  const doubt = doubtOf(grant)?.message;
  return {
    id: grant.id,
    email: grant.email ?? null,
    provider: grant.provider,
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/**
 * Finds out why Nylas refused a key: when a mailbox's sign-in has ended, this is its first sign, up to ten
 * minutes before the grant shows it. https://developer.nylas.com/docs/v3/notifications/
 * @returns `reason` itself unless it is a refused key that has another explanation
 */
export async function whyRejected(
  reason: unknown,
  endpoint: NylasEndpoint,
  grantId: string,
  http: Http,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(reason instanceof FreightError && reason.is("credential-rejected"))) return reason;
  const { requestId, status } = reason;
  const details = { cause: reason, requestId, status };
  const other = await checkGrant(endpoint, grantId, http, signal).then(
    () => undefined,
    (told: unknown) => told,
  );
  signal.throwIfAborted();
  if (other instanceof FreightError && !other.is("credential-rejected"))
    return other.is("grant-invalid", "grant-unknown", "wrong-region")
      ? new FreightError(other.code, other.message, { ...details, remedy: other.remedy })
      : reason;
  if (other !== undefined && !(await reachesGrants(endpoint, grantId, http, signal))) return reason;
  return new FreightError(
    "grant-invalid",
    t(
      "Nylas can no longer access the mailbox, or no longer accepts the account's key. Reconnect the mailbox to Nylas; if that does not help, update the key.",
    ),
    { ...details, remedy: "checkAccount" },
  );
}

/** Whether a key still gives access to its application; an access token never does. */
async function reachesGrants(endpoint: NylasEndpoint, grantId: string, http: Http, signal: AbortSignal) {
  if (grantId === "me") return false;
  const answer = await call(http, endpoint, "GET", "/v3/grants?limit=1", signal).catch(() => undefined);
  signal.throwIfAborted();
  return answer?.status === 200 && isOwn(answer);
}

/**
 * The error for a refused read.
 * @throws FreightError `wrong-region` when the key, which looks wrong here, is of the other region
 */
async function credentialError(
  answer: HttpAnswer,
  endpoint: NylasEndpoint,
  http: Http,
  signal: AbortSignal,
  path: string,
): Promise<FreightError> {
  const error = accountError(answer);
  if (error.is("credential-rejected")) await throwIfOtherRegion(endpoint, http, signal, path);
  return error;
}

/**
 * Sends the same request to the other region. Both hosts are Nylas's own, so the key stays with Nylas.
 * @throws FreightError `wrong-region` when the key is accepted there
 */
async function throwIfOtherRegion(
  endpoint: NylasEndpoint,
  http: Http,
  signal: AbortSignal,
  path: string,
): Promise<void> {
  const regions = Object.values(NYLAS_REGIONS);
  if (!regions.some((region) => region.apiUri === endpoint.apiUri)) return;
  for (const region of regions) {
    if (region.apiUri === endpoint.apiUri) continue;
    const answer = await call(http, { ...endpoint, apiUri: region.apiUri }, "GET", path, signal).catch(
      () => undefined,
    );
    signal.throwIfAborted();
    if (answer?.status === 200 && isOwn(answer))
      throw new FreightError("wrong-region", t("This key belongs to Nylas's region “{0}”.", region.label), {
        remedy: "checkAccount",
      });
  }
}

export interface Obstacle {
  /** Shown beside the mailbox's name in a list. */
  readonly inShort: string;
  readonly error: FreightError;
}

/** Grants that are not mailboxes. https://developer.nylas.com/docs/v3/auth/ */
const NO_MAIL: ReadonlySet<string> = new Set(["virtual-calendar", "zoom"]);

/** What keeps a mailbox from sending files. */
function obstacleOf(grant: Grant): Obstacle | undefined {
  const name = grant.email ?? grant.id;
  const obstacle = (code: ErrorCode, inShort: string, message: string, remedy: Remedy): Obstacle => ({
    inShort,
    error: new FreightError(code, message, { remedy }),
  });
  if (grant.blocked === true)
    return obstacle(
      "grant-invalid",
      t("blocked by Nylas"),
      t("Nylas has blocked access to {0}.", name),
      "checkAccount",
    );
  if (grant.grant_status === "invalid")
    return obstacle(
      "grant-invalid",
      t("signed out: has to be reconnected"),
      t("{0} has to be reconnected to Nylas: its sign-in has expired.", name),
      "checkAccount",
    );
  if (NO_MAIL.has(grant.provider))
    return obstacle(
      "provider-unsupported",
      t("not a mailbox: it cannot send mail"),
      t("{0} ({1}) is not a mailbox: it cannot send mail.", name, providerName(grant.provider)),
      "addAccount",
    );
  return undefined;
}

/** What may keep a mailbox from sending files; it stops nobody, as only the provider knows. */
function doubtOf(grant: Grant): { readonly inShort: string; readonly message: string } | undefined {
  const name = grant.email ?? grant.id;
  if (grant.provider === "ews")
    return {
      inShort: t("EWS, which Exchange Online has blocked since October 2026"),
      message: t(
        "{0} is connected through EWS, which Exchange Online has blocked since October 2026 and will remove in April 2027. If the mailbox is there, reconnect it to Nylas as a Microsoft mailbox.",
        name,
      ),
    };
  // What others lack shows only in their refusals.
  if (grant.provider !== "microsoft") return undefined;
  const scopes = new Set((grant.scope ?? []).map(shortScope));
  const missing = ["Mail.ReadWrite", "Mail.Send"].filter((scope) => !scopes.has(scope.toLowerCase()));
  // An empty list stands for the connector's defaults, `.default` for earlier consent: we see neither.
  if (scopes.size === 0 || scopes.has(".default") || missing.length === 0) return undefined;
  return {
    inShort: t("connected without {0}", listOf(missing)),
    message: plural(
      missing.length,
      "{1} seems to be connected without {2}. If it cannot send, reconnect it with this scope.",
      "{1} seems to be connected without {2}. If it cannot send, reconnect it with these scopes.",
      name,
      listOf(missing),
    ),
  };
}

/** The scope's name without its host; one for shared mailboxes includes the person's own. */
function shortScope(scope: string): string {
  return scope
    .toLowerCase()
    .replace(/^https?:\/\/[^/]+\//, "")
    .replace(/\.shared$/, "");
}

const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  microsoft: "Microsoft",
  google: "Google",
  ews: "Exchange (EWS)",
  imap: "IMAP",
  icloud: "iCloud",
  yahoo: "Yahoo",
  nylas: "Nylas",
  zoom: "Zoom",
};

export function providerName(provider: string): string {
  return provider === "virtual-calendar" ? t("virtual calendar") : (PROVIDER_NAMES[provider] ?? provider);
}

/** Used after "the limit for": "Google mailboxes" */
export function providerMailboxes(provider: string): string {
  return t("{0} mailboxes", providerName(provider));
}

/** The account's mailbox has changed provider since it was added. */
export function notMicrosoft(mailbox: string, provider: string): FreightError {
  return new FreightError(
    "provider-unsupported",
    t(
      "{0} is no longer a Microsoft mailbox: its provider is now {1}. Add the account again.",
      mailbox,
      providerName(provider),
    ),
    { remedy: "addAccount" },
  );
}
