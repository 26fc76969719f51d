/**
 * Nylas's API for mailboxes and mail: which paths it answers, who may ask, and as which step a fault meets each.
 * Signing in: `hostedAuth.ts`; the bytes of files: `sandbox/storage/storage.ts`.
 */
import { printJson } from "../base/jsonText.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import { Refused } from "../http/faultInjection.ts";
import type { Step } from "../http/faultRules.ts";
import { refusedReply } from "../http/service.ts";
import type { AttachmentUploads } from "./attachmentUploads.ts";
import { type Caller, type Directory, describeGrant, type Grant } from "./grants.ts";
import type { IdempotencyKeys } from "./idempotency.ts";
import type { Mailbox } from "./mailbox.ts";
import { isJson, parseJson, parseMessage, readMessageBody } from "./messageBody.ts";
import type { NylasBehaviour } from "./nylasBehaviour.ts";
import { dataReply, errorReply, NylasError } from "./nylasErrors.ts";
import type { NylasInbox } from "./nylasInbox.ts";

interface Call {
  readonly exchange: Exchange;
  readonly caller: Caller;
  /** How the path names the grant. */
  readonly identifier: string;
  /** The id that follows in the path; empty when there is none. */
  readonly id: string;
}

interface Route {
  readonly method: string;
  /** `:grant` stands for a grant's identifier, `:id` for any id. */
  readonly path: string;
  readonly step: Step;
  readonly run: (call: Call, grant: Grant) => Promise<Reply>;
}

export class Nylas {
  readonly name = "nylas";
  readonly #directory: Directory;
  readonly #uploads: AttachmentUploads;
  readonly #mailbox: Mailbox;
  readonly #messages: NylasInbox;
  readonly #keys: IdempotencyKeys;
  readonly #behaviour: NylasBehaviour;
  readonly #routes: readonly Route[];

  constructor(parts: {
    directory: Directory;
    uploads: AttachmentUploads;
    mailbox: Mailbox;
    messages: NylasInbox;
    keys: IdempotencyKeys;
    behaviour: NylasBehaviour;
  }) {
    this.#behaviour = parts.behaviour;
    this.#directory = parts.directory;
    this.#uploads = parts.uploads;
    this.#mailbox = parts.mailbox;
    this.#messages = parts.messages;
    this.#keys = parts.keys;
    const drafts = "/v3/grants/:grant/drafts";
    const schedules = "/v3/grants/:grant/messages/schedules";
    const uploads = "/v3/grants/:grant/attachment-uploads";
    this.#routes = [
      { method: "GET", path: "/v3/applications", step: "account", run: async () => this.#application() },
      { method: "GET", path: "/v3/grants", step: "account", run: async (call) => this.#listGrants(call) },
      {
        method: "GET",
        path: "/v3/grants/:grant",
        step: "account",
        run: async (_, grant) => dataReply(200, { data: this.#describe(grant) }),
      },
      {
        method: "POST",
        path: uploads,
        step: "create",
        run: async ({ exchange }, grant) => this.#uploads.create(grant, await readJson(exchange)),
      },
      {
        method: "POST",
        path: `${uploads}/:id/complete`,
        step: "complete",
        run: async ({ exchange, id, identifier }, grant) => {
          await readOptionalJson(exchange);
          return this.#uploads.complete(grant, id, identifier);
        },
      },
      {
        method: "POST",
        path: "/v3/grants/:grant/messages/send",
        step: "send",
        run: (call, grant) => this.#send(call, grant),
      },
      {
        method: "GET",
        path: schedules,
        step: "schedule",
        run: (_, grant) => this.#mailbox.schedules.list(grant),
      },
      {
        method: "GET",
        path: `${schedules}/:id`,
        step: "schedule",
        run: ({ id }, grant) => this.#mailbox.schedules.read(grant, id),
      },
      {
        method: "DELETE",
        path: `${schedules}/:id`,
        step: "schedule",
        run: ({ id }, grant) => this.#mailbox.schedules.cancel(grant, id),
      },
      {
        method: "GET",
        path: "/v3/grants/:grant/messages",
        step: "look",
        run: async ({ exchange }, grant) => this.#messages.list(grant, exchange.url.searchParams),
      },
      {
        method: "GET",
        path: "/v3/grants/:grant/messages/:id",
        step: "look",
        run: async ({ exchange, id }, grant) => this.#messages.read(grant, id, exchange.url.searchParams),
      },
      {
        method: "POST",
        path: drafts,
        step: "draft",
        run: async ({ exchange }, grant) =>
          this.#mailbox.createDraft(grant, parseMessage(await readMessageBody(exchange))),
      },
      {
        method: "GET",
        path: drafts,
        step: "draft",
        run: async ({ exchange }, grant) =>
          this.#mailbox.listDrafts(grant, {
            limit: readCount(exchange.url.searchParams, "limit", 50),
            metadataPair: exchange.url.searchParams.get("metadata_pair"),
            select: exchange.url.searchParams.get("select")?.split(","),
          }),
      },
      {
        method: "GET",
        path: `${drafts}/:id`,
        step: "draft",
        run: async ({ id }, grant) => this.#mailbox.readDraft(grant, id),
      },
      {
        method: "PUT",
        path: `${drafts}/:id`,
        step: "draft",
        run: async ({ exchange, id }, grant) =>
          this.#mailbox.updateDraft(grant, id, parseMessage(await readMessageBody(exchange))),
      },
      {
        method: "POST",
        path: `${drafts}/:id`,
        step: "sendDraft",
        run: async ({ exchange, id }, grant) => {
          await readOptionalJson(exchange);
          return this.#mailbox.sendDraft(grant, id);
        },
      },
      {
        method: "DELETE",
        path: `${drafts}/:id`,
        step: "draft",
        run: async ({ id }, grant) => this.#mailbox.deleteDraft(grant, id),
      },
    ];
  }

  stepOf(exchange: Exchange): Step | undefined {
    return this.#match(exchange).find(({ route }) => route.method === exchange.method)?.route.step;
  }

  async handle(exchange: Exchange): Promise<Reply> {
    try {
      return await this.#route(exchange);
    } catch (reason) {
      if (reason instanceof NylasError)
        return errorReply(reason, exchange.url.pathname.includes("/attachment-uploads"));
      throw reason;
    }
  }

  print(json: unknown): string {
    return printJson(json, this.#behaviour.escapes);
  }

  refusal(status: number, message: string, type?: string): Reply {
    return errorReply(new NylasError(status, message, type), false);
  }

  #match(exchange: Exchange): { route: Route; identifier: string | undefined; id: string }[] {
    const segments = exchange.segments;
    return this.#routes.flatMap((route) => {
      const pattern = route.path.split("/").slice(1);
      if (pattern.length !== segments?.length) return [];
      if (!pattern.every((part, index) => part.startsWith(":") || part === segments[index])) return [];
      const at = (name: string) => segments[pattern.indexOf(name)];
      return [{ route, identifier: at(":grant"), id: at(":id") ?? "" }];
    });
  }

  async #route(exchange: Exchange): Promise<Reply> {
    const accept = exchange.header("accept");
    if (accept !== undefined && !/(application\/(json|\*)|\*\/\*)/i.test(accept))
      throw new NylasError(406, "Only application/json can be answered");
    const matches = this.#match(exchange);
    if (matches.length === 0) throw new NylasError(404, `no such endpoint: ${exchange.url.pathname}`);
    const match = matches.find(({ route }) => route.method === exchange.method);
    if (!match) throw new NylasError(405, `${exchange.method} is not supported here`);
    const { route, identifier, id } = match;
    const caller = this.#directory.authenticate(exchange);
    if (identifier === undefined) this.#directory.requireApplication(caller);
    const grant =
      identifier === undefined ? this.#directory.grants[0] : this.#directory.find(caller, identifier);
    if (!grant) throw unknownGrant(route);
    const run = () => route.run({ exchange, caller, id, identifier: identifier ?? "" }, grant);
    // Sending calls `act` itself, so that the answer is stored under its idempotency key.
    return route.step === "send" ? run() : exchange.act(run);
  }

  #describe(grant: Grant): Record<string, unknown> {
    const ended = this.#behaviour.signInEnded === "noticed" ? { grant_status: "invalid" } : {};
    return { ...describeGrant(grant), ...ended };
  }

  #application(): Reply {
    return dataReply(200, {
      data: {
        application_id: "practice-application",
        organization_id: "practice-organization",
        region: "us",
        environment: "sandbox",
        branding: { name: "Practice Mailbox" },
        callback_uris: [],
      },
    });
  }

  #listGrants({ exchange }: Call): Reply {
    const query = exchange.url.searchParams;
    const limit = readCount(query, "limit", 10);
    const offset = readCount(query, "offset", 0);
    if (limit < 1 || limit > 200) throw new NylasError(400, "limit must be between 1 and 200");
    const fits = (grant: Grant) =>
      (["email", "provider", "grant_status"] as const).every(
        (field) => !query.has(field) || query.get(field) === grant[field],
      ) &&
      grant.created_at >= readCount(query, "since", 0) &&
      grant.created_at <= readCount(query, "before", Number.MAX_SAFE_INTEGER);
    const found = this.#directory.grants.filter(fits).sort((a, b) => a.created_at - b.created_at);
    if (query.get("order_by") === "desc") found.reverse();
    const data = found.slice(offset, offset + limit).map((grant) => this.#describe(grant));
    return dataReply(200, { limit, offset, data });
  }

  async #send({ exchange }: Call, grant: Grant): Promise<Reply> {
    const raw = await readMessageBody(exchange);
    const fields = exchange.url.searchParams.get("fields");
    const key = exchange.header("idempotency-key");
    if (key === undefined)
      return exchange.act(async () => this.#mailbox.send(grant, parseMessage(raw), { fields }));
    return this.#keys.once({ grantId: grant.id, key, payload: raw.digest }, (firstAt) =>
      this.#settled(() =>
        exchange.act(async () => {
          const idempotency = { key, payload: raw.digest, firstAt };
          return this.#mailbox.send(grant, parseMessage(raw), { fields, idempotency });
        }),
      ),
    );
  }

  /** An error of the service itself is an answer as well, and is stored as one. */
  async #settled(work: () => Promise<Reply>): Promise<Reply> {
    try {
      return await work();
    } catch (reason) {
      if (reason instanceof NylasError) return errorReply(reason, false);
      if (reason instanceof Refused && reason.fault.by === "service") return refusedReply(this, reason.fault);
      throw reason;
    }
  }
}

/** The upload service answers 401 for an unknown grant; everything else answers 404. */
function unknownGrant(route: Route): NylasError {
  return route.step === "create" || route.step === "complete"
    ? new NylasError(401, "grant not found")
    : new NylasError(404, "grant not found");
}

async function readJson(exchange: Exchange): Promise<unknown> {
  if (!isJson(exchange.header("content-type") ?? ""))
    throw new NylasError(400, "Content-Type must be application/json");
  const bytes = await exchange.bytes(1024 * 1024);
  if (!bytes) throw new NylasError(413, "the request is too large");
  return parseJson(bytes.toString());
}

async function readOptionalJson(exchange: Exchange): Promise<void> {
  const bytes = await exchange.bytes(1024 * 1024);
  if (!bytes) throw new NylasError(413, "the request is too large");
  if (bytes.length > 0) parseJson(bytes.toString());
}

function readCount(query: URLSearchParams, name: string, otherwise: number): number {
  const value = query.get(name);
  if (value === null) return otherwise;
  if (!/^\d{1,15}$/.test(value)) throw new NylasError(400, `${name} must be a number`);
  return Number(value);
}
