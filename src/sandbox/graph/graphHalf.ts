/**
 * Builds the part of the sandbox that plays Microsoft Graph, and issues its access tokens: for whom, with which scopes,
 * for how long. What it answers: `graph.ts`.
 */
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Inbox } from "../inbox/inbox.ts";
import type { Outbox, Part } from "../outbox/outbox.ts";
import { Graph } from "./graph.ts";
import { GraphAnswers } from "./graphAnswers.ts";
import { GraphAttachments } from "./graphAttachments.ts";
import { type GraphBehaviour, usualGraph } from "./graphBehaviour.ts";
import { GraphEvents } from "./graphEvents.ts";
import { GraphItems } from "./graphItems.ts";
import { GraphMessages } from "./graphMessages.ts";
import { GraphSessions } from "./graphSessions.ts";
import { GraphThrottle } from "./graphThrottle.ts";
import { GraphTokens, graphAudience } from "./graphTokens.ts";
import { GraphUploadHost } from "./graphUploadHost.ts";
import { findUser, graphTenant, graphUsers } from "./graphUsers.ts";

/** The practice user's scopes: all that mail and calendars need; files in a drive are allowed separately. */
const usualScopes = [
  "User.Read",
  "Mail.ReadWrite",
  "Mail.Send",
  "Mail.ReadWrite.Shared",
  "Mail.Send.Shared",
  "Calendars.ReadWrite",
];
const yearMs = 365 * 24 * 3600 * 1000;

export class GraphHalf {
  readonly behaviour: GraphBehaviour = { ...usualGraph };
  readonly api: Graph;
  readonly uploadHost: GraphUploadHost;
  readonly #clock: Clock;
  readonly #items: GraphItems;
  readonly #sessions: GraphSessions;
  readonly #messages: GraphMessages;
  readonly tokens: GraphTokens;
  readonly answers: GraphAnswers;

  constructor(options: {
    folder: string;
    /** Signs the tokens. */
    secret: string;
    outbox: Outbox;
    inbox: Inbox;
    clock: Clock;
    origin: () => string;
    uploadOrigin: () => string;
  }) {
    const { outbox, inbox, clock, origin, uploadOrigin } = options;
    const { behaviour } = this;
    const folder = join(options.folder, "graph");
    const answers = new GraphAnswers(clock, behaviour);
    const throttle = new GraphThrottle(clock, behaviour);
    const tokens = new GraphTokens(options.secret, clock);
    const items = new GraphItems({ folder, outbox, clock, behaviour });
    const attachments = new GraphAttachments({ items, outbox, behaviour });
    const messages = new GraphMessages({ items, attachments, outbox, inbox, clock, behaviour });
    const events = new GraphEvents(items, clock);
    const sessions = new GraphSessions({ folder, items, outbox, tokens, clock, behaviour, uploadOrigin });
    const common = { items, sessions, throttle, answers, behaviour };
    this.api = new Graph({ ...common, tokens, messages, attachments, events, origin });
    this.uploadHost = new GraphUploadHost(common);
    this.#clock = clock;
    this.#items = items;
    this.#sessions = sessions;
    this.#messages = messages;
    this.tokens = tokens;
    this.answers = answers;
  }

  /** The files that drafts and events still need. */
  get parts(): readonly Part[] {
    return this.#items.parts;
  }

  /** Issues an access token (default: the practice user's, with the usual scopes, for a year). */
  issueToken({ user, scopes = usualScopes, lifeMs = yearMs, proves = [], opaque }: TokenWish = {}): string {
    const me = findUser(user ?? "") ?? graphUsers[0];
    const claims = { aud: graphAudience, scp: scopes.join(" "), oid: me.id, upn: me.mail };
    const token = this.tokens.issue(
      { ...claims, acrs: [...proves], name: me.displayName, tid: graphTenant },
      lifeMs,
    );
    return opaque === true ? this.tokens.opaque(token) : token;
  }

  /** Sends the messages whose time has come. */
  async deliverDue(): Promise<void> {
    await this.#messages.deliverDue();
  }

  forgetOld(): void {
    this.#sessions.forgetOld();
  }

  /** Whether a token of an earlier run is valid for another month, and for everything that we do by now. */
  isFresh(token: string): boolean {
    try {
      const { exp, scp } = this.tokens.read(token);
      return exp * 1000 > this.#clock.now() + yearMs / 12 && scp === usualScopes.join(" ");
    } catch {
      return false; // Signed with another secret, or expired: a new one takes its place.
    }
  }
}

export interface TokenWish {
  /** Whose token it is (default: the practice user's). */
  readonly user?: string;
  readonly scopes?: readonly string[];
  readonly lifeMs?: number;
  /** Authentication contexts, which Conditional Access may require. */
  readonly proves?: readonly string[];
  /** Only the service can read it, as with those of personal accounts. */
  readonly opaque?: boolean;
}
