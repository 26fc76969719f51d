/**
 * Who may open a file in OneDrive. Permissions are read before each change, so that a lost answer never makes
 * a second link.
 * https://learn.microsoft.com/graph/api/driveitem-createlink, …/driveitem-invite
 */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { assertOwn, parseAnswer } from "../../net/answers.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { listOf, t } from "../../shared/l10n.ts";
import { addressKey } from "../../shared/recipients.ts";
import type { Audience, LinkAccess } from "../fileLinks.ts";
import { ServiceId } from "../mailService.ts";
import { driveError, linkError } from "./driveErrors.ts";
import { type DriveFiles, type DriveItem, isMissing } from "./driveFiles.ts";

const Person = z.object({ email: z.string().nullish() }).nullish();
const Permission = z.object({
  id: ServiceId,
  roles: z.array(z.string()).default([]),
  expirationDateTime: z.string().nullish(),
  inheritedFrom: z.unknown().optional(),
  hasPassword: z.boolean().nullish(),
  link: z
    .object({ type: z.string().nullish(), scope: z.string().nullish(), webUrl: z.url().nullish() })
    .nullish(),
  grantedToV2: z.object({ user: Person, siteUser: Person }).nullish(),
  invitation: z.object({ email: z.string().nullish() }).nullish(),
});
type Permission = z.infer<typeof Permission>;
const Permissions = z.object({ value: z.array(z.unknown()) });
const Refusals = z.object({
  value: z.array(
    z.object({ error: z.object({ code: z.string() }), invitation: z.object({ email: z.string() }) }),
  ),
});

/** The service rounds to seconds. */
const SAME_TIME_MS = 1_000;

export class DriveSharing {
  readonly #files: DriveFiles;

  constructor(files: DriveFiles) {
    this.#files = files;
  }

  /** @returns the address where those who may open the file can do so */
  async open(item: DriveItem, access: LinkAccess, signal: AbortSignal): Promise<string> {
    const there = await this.#list(item.id, signal);
    return access.audience === "recipients"
      ? this.#openToPeople(item, there, access, signal)
      : this.#openByLink(item, there, access, signal);
  }

  async close(fileId: string, signal: AbortSignal): Promise<void> {
    for (const { id } of await this.#list(fileId, signal)) await this.#delete(fileId, id, signal);
  }

  async #openByLink(
    { id }: DriveItem,
    there: readonly Permission[],
    { audience, until }: LinkAccess,
    signal: AbortSignal,
  ): Promise<string> {
    const scope = audience === "organization" ? "organization" : "anonymous";
    const isFit = ({ link, hasPassword }: Permission) =>
      link?.type === "view" && link.scope === scope && hasPassword !== true && link.webUrl != null;
    const known = there.find(isFit) ?? (await this.#make(id, scope, audience, until, signal));
    const link = isUntil(known, until) ? known : await this.#move(id, known, audience, until, signal);
    for (const one of there) if (one.id !== link.id) await this.#delete(id, one.id, signal);
    const url = known.link?.webUrl;
    if (url == null) throw withoutAddress();
    return url;
  }

  async #make(
    fileId: string,
    scope: "anonymous" | "organization",
    audience: Audience,
    until: number | null,
    signal: AbortSignal,
  ): Promise<Permission> {
    const answer = await this.#files.call("POST", `${at(fileId)}/createLink`, signal, {
      type: "view",
      scope,
      ...expiry(until),
    });
    if (answer.status !== 200 && answer.status !== 201) throw linkError(answer, audience);
    return parseAnswer(Permission, answer, "link");
  }

  async #openToPeople(
    item: DriveItem,
    there: readonly Permission[],
    { people, until }: LinkAccess,
    signal: AbortSignal,
  ): Promise<string> {
    const wanted = new Map(people.map((email) => [addressKey(email), email]));
    const isWanted = (one: Permission) => {
      const email = emailOf(one);
      return email !== undefined && wanted.has(addressKey(email)) && isUntil(one, until);
    };
    // One per person: a repeated invitation may have made two.
    const fit = new Map(there.filter(isWanted).map((one) => [addressKey(emailOf(one) ?? ""), one]));
    const missing = [...wanted].filter(([key]) => !fit.has(key)).map(([, email]) => ({ email }));
    if (missing.length > 0) await this.#invite(item.id, missing, until, signal);
    const kept = missing.length === 0 ? there : await this.#list(item.id, signal);
    const seen = new Set<string>();
    for (const one of kept) {
      const key = addressKey(emailOf(one) ?? "");
      if (isWanted(one) && !seen.has(key)) seen.add(key);
      else await this.#delete(item.id, one.id, signal);
    }
    return item.webUrl;
  }

  async #invite(
    fileId: string,
    recipients: readonly { email: string }[],
    until: number | null,
    signal: AbortSignal,
  ): Promise<void> {
    const answer = await this.#files.call("POST", `${at(fileId)}/invite`, signal, {
      recipients,
      roles: ["read"],
      requireSignIn: true,
      sendInvitation: false,
      ...expiry(until),
    });
    const isDone = answer.status === 200 || answer.status === 201 || answer.status === 207;
    if (!isDone) throw linkError(answer, "recipients");
    assertOwn(answer, "invitation");
    const refused = refusedOf(answer);
    if (refused.length === 0) return;
    throw new FreightError(
      "link-refused",
      t(
        "OneDrive does not let {0} open the file. Change who can open it, or send it as an attachment.",
        listOf(refused),
      ),
      { requestId: answer.requestId, remedy: "retry" },
    );
  }

  /** Changes when a link ends. */
  async #move(
    fileId: string,
    { id }: Permission,
    audience: Audience,
    until: number | null,
    signal: AbortSignal,
  ): Promise<Permission> {
    const expirationDateTime = expiry(until).expirationDateTime ?? null;
    const answer = await this.#files.call(
      "PATCH",
      `${at(fileId)}/permissions/${encodeURIComponent(id)}`,
      signal,
      { expirationDateTime },
    );
    if (answer.status !== 200) throw linkError(answer, audience);
    return parseAnswer(Permission, answer, "link");
  }

  /** The permissions of a file, without those inherited from its folder and the owner's. */
  async #list(fileId: string, signal: AbortSignal): Promise<readonly Permission[]> {
    const answer = await this.#files.call("GET", `${at(fileId)}/permissions`, signal);
    if (isMissing(answer)) return [];
    if (answer.status !== 200) throw driveError(answer, "lookAtAccess");
    // Permissions of kinds that we never create may not be readable.
    return parseAnswer(Permissions, answer, "list of permissions")
      .value.flatMap((one) => Permission.safeParse(one).data ?? [])
      .filter(({ roles, inheritedFrom }) => inheritedFrom == null && !roles.includes("owner"));
  }

  async #delete(fileId: string, id: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#files.call(
      "DELETE",
      `${at(fileId)}/permissions/${encodeURIComponent(id)}`,
      signal,
    );
    if (answer.status !== 204 && !isMissing(answer)) throw driveError(answer, "endLink");
  }
}

const at = (fileId: string) => `items/${encodeURIComponent(fileId)}`;

function expiry(until: number | null): { expirationDateTime?: string } {
  return until === null ? {} : { expirationDateTime: new Date(until).toISOString() };
}

function isUntil({ expirationDateTime }: Permission, until: number | null): boolean {
  if (until === null || expirationDateTime == null) return until === null && expirationDateTime == null;
  return Math.abs(Date.parse(expirationDateTime) - until) <= SAME_TIME_MS;
}

function emailOf({ invitation, grantedToV2 }: Permission): string | undefined {
  return invitation?.email ?? grantedToV2?.user?.email ?? grantedToV2?.siteUser?.email ?? undefined;
}

/** The people whose invitation was refused: none, some or all. */
function refusedOf(answer: HttpAnswer): string[] {
  const json = parseJson(answer.text);
  const list = typeof json === "object" && json !== null && "value" in json ? json.value : [];
  return (Array.isArray(list) ? list : []).flatMap(
    (one) => Refusals.shape.value.element.safeParse(one).data?.invitation.email ?? [],
  );
}

function withoutAddress(): FreightError {
  return new FreightError("bad-answer", t("OneDrive made a link but did not say where it leads."), {
    remedy: "retry",
    mayHaveActed: true,
  });
}
