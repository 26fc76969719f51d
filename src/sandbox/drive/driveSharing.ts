/**
 * Lets people open items, by link or by invitation, within what the organization allows: passwords, expiry, outsiders.
 * What it allows: `driveBehaviour.ts`; what people then find: `drivePage.ts`.
 */
import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { GraphError } from "../graph/graphAnswers.ts";
import type { GraphUser } from "../graph/graphUsers.ts";
import type { Reply } from "../http/exchange.ts";
import type { DriveBehaviour } from "./driveBehaviour.ts";
import { type DriveItems, type Item, invalidRequest, type Permission } from "./driveItems.ts";

const Expiry = z.iso.datetime({ offset: true }).nullish();
const LinkBody = z.strictObject({
  type: z.enum(["view", "edit"]),
  scope: z.enum(["anonymous", "organization"]).optional(),
  expirationDateTime: Expiry,
  password: z.string().min(1).nullish(),
  message: z.string().optional(),
  retainInheritedPermissions: z.boolean().optional(),
});
const InviteBody = z.strictObject({
  recipients: z.array(z.strictObject({ email: z.email() })).min(1),
  roles: z.array(z.enum(["read", "write"])).min(1),
  requireSignIn: z.boolean().optional(),
  sendInvitation: z.boolean().optional(),
  message: z.string().optional(),
  expirationDateTime: Expiry,
  password: z.string().nullish(),
});
const ChangeBody = z.strictObject({
  expirationDateTime: Expiry,
  roles: z.array(z.enum(["read", "write"])).optional(),
});

const dayMs = 24 * 3600 * 1000;

export class DriveSharing {
  readonly #items: DriveItems;
  readonly #clock: Clock;
  readonly #behaviour: DriveBehaviour;
  readonly #origin: () => string;

  constructor(options: {
    items: DriveItems;
    clock: Clock;
    behaviour: DriveBehaviour;
    origin: () => string;
  }) {
    this.#items = options.items;
    this.#clock = options.clock;
    this.#behaviour = options.behaviour;
    this.#origin = options.origin;
  }

  /** https://learn.microsoft.com/graph/api/driveitem-createlink */
  createLink(item: Item, json: unknown): Reply {
    const { type, scope = "organization", expirationDateTime, password } = read(LinkBody, json);
    const { sharing, passwords, kind, longestDays, secondLink } = this.#behaviour;
    if (sharing === "off" || sharing === "people") throw this.#disabled();
    if (scope === "anonymous") {
      if (sharing !== "anyone") throw this.#disabled();
      if (password != null && kind === "business")
        throw invalidRequest("Passwords are not supported for links of this drive.");
      if (passwords === "required" && password == null)
        throw invalidRequest("A password is required for links that anyone can open.");
    } else if (kind === "personal") throw invalidRequest("The scope 'organization' is not supported here.");
    const expiresAt = this.#expiry(expirationDateTime);
    if (scope === "anonymous" && longestDays !== null) {
      const latest = this.#clock.now() + longestDays * dayMs;
      if (expiresAt === undefined || expiresAt > latest)
        throw invalidRequest(`A link that anyone can open expires within ${longestDays} days.`);
    }
    const there = item.permissions.find(
      (one) => one.link?.type === type && one.link.scope === scope && !this.#isOver(one),
    );
    if (there !== undefined && secondLink === "same") return { status: 200, json: this.describe(there) };
    const link: Permission = {
      id: newId(),
      link: {
        token: `E${randomBytes(30).toString("base64url")}`,
        type,
        scope,
        ...(password ? { password } : {}),
      },
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    this.#items.change(item, [...item.permissions, link]);
    return { status: 201, json: this.describe(link) };
  }

  /** https://learn.microsoft.com/graph/api/driveitem-invite */
  invite(item: Item, user: GraphUser, json: unknown): Reply {
    const { recipients, requireSignIn, sendInvitation, expirationDateTime } = read(InviteBody, json);
    const { sharing, secondLink } = this.#behaviour;
    if (sharing === "off") throw this.#disabled();
    if (requireSignIn === undefined || sendInvitation === undefined)
      throw invalidRequest("requireSignIn and sendInvitation are required.");
    if (!requireSignIn && sharing !== "anyone") throw this.#disabled();
    const isOutside = (email: string) => domainOf(email) !== domainOf(user.mail);
    const refused = recipients.filter(({ email }) => sharing === "organization" && isOutside(email));
    if (refused.length === recipients.length) throw this.#disabled();
    const expiresAt = this.#expiry(expirationDateTime);
    const invited = recipients
      .filter((one) => !refused.includes(one))
      .map(({ email }): Permission => {
        const there = item.permissions.find((one) => one.email === email.toLowerCase());
        const id = there !== undefined && secondLink === "same" ? there.id : newId();
        return { id, email: email.toLowerCase(), ...(expiresAt === undefined ? {} : { expiresAt }) };
      });
    const kept = item.permissions.filter(({ id }) => !invited.some((one) => one.id === id));
    this.#items.change(item, [...kept, ...invited]);
    const refusals = refused.map(({ email }) => ({
      invitation: { email },
      error: { code: "sharingDisabled", message: "Sharing with people outside is disabled." },
    }));
    const value = [...invited.map((one) => this.describe(one)), ...refusals];
    return { status: refusals.length > 0 ? 207 : 200, json: { value } };
  }

  list(item: Item, user: GraphUser): Reply {
    const owner = { id: "owner", roles: ["owner"], grantedToV2: { user: { email: user.mail } } };
    const live = item.permissions.filter((one) => !this.#isOver(one));
    return { status: 200, json: { value: [owner, ...live.map((one) => this.describe(one))] } };
  }

  read(item: Item, id: string): Reply {
    return { status: 200, json: this.describe(this.#find(item, id)) };
  }

  /** https://learn.microsoft.com/graph/api/permission-update */
  change(item: Item, id: string, json: unknown): Reply {
    const { expirationDateTime } = read(ChangeBody, json);
    const { expiresAt: _, ...there } = this.#find(item, id);
    const expiresAt = this.#expiry(expirationDateTime);
    const { longestDays } = this.#behaviour;
    if (there.link?.scope === "anonymous" && longestDays !== null)
      if (expiresAt === undefined || expiresAt > this.#clock.now() + longestDays * dayMs)
        throw invalidRequest(`A link that anyone can open expires within ${longestDays} days.`);
    const changed = { ...there, ...(expiresAt === undefined ? {} : { expiresAt }) };
    this.#items.change(
      item,
      item.permissions.map((one) => (one.id === id ? changed : one)),
    );
    return { status: 200, json: this.describe(changed) };
  }

  delete(item: Item, id: string): Reply {
    this.#find(item, id);
    this.#items.change(
      item,
      item.permissions.filter((one) => one.id !== id),
    );
    return { status: 204 };
  }

  describe({ id, link, email, expiresAt }: Permission): Record<string, unknown> {
    return {
      id,
      roles: [link?.type === "edit" ? "write" : "read"],
      ...(expiresAt === undefined ? {} : { expirationDateTime: new Date(expiresAt).toISOString() }),
      hasPassword: link?.password !== undefined,
      ...(link === undefined
        ? {}
        : {
            link: {
              type: link.type,
              scope: link.scope,
              preventsDownload: false,
              webUrl: this.linkUrl(link.token),
            },
          }),
      ...(email === undefined
        ? {}
        : { grantedToV2: { user: { email } }, invitation: { email, signInRequired: true } }),
    };
  }

  linkUrl(token: string): string {
    return `${this.#origin()}/:u:/g/personal/practice/${token}`;
  }

  /** What the link with this token leads to; undefined when there is none, or no longer. */
  behind(token: string): { readonly item: Item; readonly permission: Permission } | undefined {
    for (const item of this.#items.values())
      for (const permission of item.permissions)
        if (permission.link?.token === token && !this.#isOver(permission)) return { item, permission };
    return undefined;
  }

  /** Whether somebody who uses the address of an item itself may open it. */
  isInvited({ permissions }: Item, email: string): boolean {
    return permissions.some((one) => one.email === email.toLowerCase() && !this.#isOver(one));
  }

  #isOver({ expiresAt }: Permission): boolean {
    return expiresAt !== undefined && expiresAt <= this.#clock.now();
  }

  #find({ permissions }: Item, id: string): Permission {
    const found = permissions.find((one) => one.id === id);
    if (found === undefined) throw new GraphError(404, "itemNotFound", "The permission was not found.");
    return found;
  }

  #expiry(text: string | null | undefined): number | undefined {
    if (text == null) return undefined;
    const at = Date.parse(text);
    if (at <= this.#clock.now()) throw invalidRequest("The expiration date is in the past.");
    return at;
  }

  #disabled(): GraphError {
    const why = "Sharing has been disabled on this site by an administrator.";
    return this.#behaviour.sharingRefusal === "code"
      ? new GraphError(403, "sharingDisabled", why)
      : new GraphError(403, "accessDenied", why, {}, "sharingDisabled");
  }
}

export const domainOf = (email: string) => email.toLowerCase().split("@").at(-1);

const newId = () => randomBytes(20).toString("base64url");

function read<T>(schema: z.ZodType<T>, json: unknown): T {
  const body = schema.safeParse(json);
  if (!body.success) throw invalidRequest("The request is malformed or incorrect.");
  return body.data;
}
