/**
 * Graph's requests about mail and calendars: which paths it answers, which scope each needs, and as which step a fault
 * meets it. Those about files in a drive: `sandbox/drive/drive.ts`.
 */
import { printJson } from "../base/jsonText.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import type { Step } from "../http/faultRules.ts";
import { accessDenied, type GraphAnswers, GraphError, readGraphJson } from "./graphAnswers.ts";
import type { GraphAttachments } from "./graphAttachments.ts";
import type { GraphBehaviour } from "./graphBehaviour.ts";
import type { GraphEvents } from "./graphEvents.ts";
import type { GraphItems, Item } from "./graphItems.ts";
import type { GraphMessages } from "./graphMessages.ts";
import { selected } from "./graphQuery.ts";
import type { GraphSessions } from "./graphSessions.ts";
import type { GraphThrottle } from "./graphThrottle.ts";
import { assertProves, type Claims, type GraphTokens } from "./graphTokens.ts";
import { describeUser, findUser, type GraphUser } from "./graphUsers.ts";

interface Call {
  readonly exchange: Exchange;
  readonly user: GraphUser;
  /** Whether the mailbox belongs to the caller. */
  readonly own: boolean;
  readonly kind: Item["kind"];
  readonly id: string;
  readonly attachment: string;
  readonly immutable: boolean;
}

interface Route {
  readonly method: string;
  /** After `/me` or `/users/{id}`. `:kind` is `messages` or `events`, other words with a colon are any id. */
  readonly path: string;
  readonly step: Step;
  /** One of these is needed; "*" stands for the area of the kind, `Mail` or `Calendars`. */
  readonly scopes: readonly string[];
  readonly run: (call: Call) => Promise<Reply>;
}

interface GraphParts {
  readonly tokens: GraphTokens;
  readonly items: GraphItems;
  readonly messages: GraphMessages;
  readonly attachments: GraphAttachments;
  readonly sessions: GraphSessions;
  readonly events: GraphEvents;
  readonly throttle: GraphThrottle;
  readonly answers: GraphAnswers;
  readonly behaviour: GraphBehaviour;
  /** Where clients find the service, for the links in its answers. */
  readonly origin: () => string;
}

/** The steps that change an existing message. */
const CHANGES: ReadonlySet<Step> = new Set(["draft", "attach", "discard", "send"]);
const reading = ["*.Read", "*.ReadWrite"];
const writing = ["*.ReadWrite"];

export class Graph {
  readonly name = "graph";
  readonly #parts: GraphParts;
  readonly #routes: readonly Route[];

  constructor(parts: GraphParts) {
    this.#parts = parts;
    const { messages, attachments, events } = parts;
    const route = (
      method: string,
      path: string,
      step: Step,
      scopes: readonly string[],
      run: (call: Call) => Reply | Promise<Reply>,
    ): Route => ({ method, path, step, scopes, run: async (call) => run(call) });
    const query = ({ exchange }: Call) => exchange.url.searchParams;
    const json = ({ exchange }: Call) => readGraphJson(exchange);
    const folder = "mailFolders/:folder";
    const list = ":kind/:id/attachments";
    const one = `${list}/:attachment`;
    this.#routes = [
      route("GET", "", "account", ["User.Read"], (call) => ({
        status: 200,
        json: selected(describeUser(call.user), query(call)),
      })),
      route("POST", "messages", "draft", writing, async (call) =>
        messages.create(call.user, await json(call), call.immutable),
      ),
      route("GET", "messages", "look", reading, (call) =>
        messages.list(call.user, undefined, this.#url(call), call.immutable),
      ),
      route("GET", `${folder}/messages`, "look", reading, (call) =>
        messages.list(call.user, call.id, this.#url(call), call.immutable),
      ),
      route("GET", folder, "look", reading, (call) => messages.folder(call.user, call.id)),
      route("GET", "messages/:id", "look", reading, (call) =>
        messages.read(call.user, call.id, query(call), call.immutable),
      ),
      route("GET", "messages/:id/$value", "look", reading, (call) => messages.content(call.user, call.id)),
      route("PATCH", "messages/:id", "draft", writing, async (call) =>
        this.#inBrief(call, messages.change(call.user, call.id, await json(call), call.immutable)),
      ),
      route("DELETE", "messages/:id", "discard", writing, (call) => messages.delete(call.user, call.id)),
      route("POST", "messages/:id/send", "send", ["Mail.Send"], (call) => this.#send(call)),
      route("POST", "sendMail", "send", ["Mail.Send"], async (call) =>
        messages.sendAtOnce(call.user, await json(call)),
      ),
      route("GET", "events", "look", reading, (call) =>
        events.list(call.user, this.#url(call), call.immutable),
      ),
      route("GET", "calendarView", "look", reading, (call) =>
        events.view(call.user, this.#url(call), call.immutable),
      ),
      route("GET", "events/:id", "look", reading, (call) =>
        events.read(call.user, this.#item(call), query(call), call.immutable),
      ),
      route("PATCH", "events/:id", "draft", writing, async (call) =>
        events.change(
          call.user,
          this.#item(call),
          await json(call),
          call.immutable,
          call.exchange.header("if-match"),
        ),
      ),
      route("POST", `${list}/createUploadSession`, "create", writing, (call) => this.#createSession(call)),
      route("POST", list, "attach", writing, async (call) => {
        const file = await json(call);
        return attachments.add(this.#item(call), file, call.immutable);
      }),
      route("GET", list, "look", reading, (call) =>
        attachments.list(this.#item(call), this.#url(call), call.immutable),
      ),
      route("GET", one, "look", reading, (call) =>
        attachments.read(this.#item(call), call.attachment, query(call), call.immutable),
      ),
      route("GET", `${one}/$value`, "look", reading, (call) =>
        attachments.content(this.#item(call), call.attachment),
      ),
      route("DELETE", one, "discard", writing, (call) =>
        attachments.delete(this.#item(call), call.attachment),
      ),
    ];
  }

  stepOf(exchange: Exchange): Step | undefined {
    return this.#match(exchange).find(({ route }) => route.method === exchange.method)?.route.step;
  }

  print(json: unknown): string {
    return printJson(json, this.#parts.behaviour.escapes);
  }

  refusal(status: number, message: string, code?: string): Reply {
    return this.#parts.answers.refusal(status, message, code);
  }

  async handle(exchange: Exchange): Promise<Reply> {
    return this.#parts.answers.answer(exchange, () => this.#route(exchange));
  }

  #match(exchange: Exchange) {
    const [version, root, ...rest] = exchange.segments ?? [];
    if (version !== "v1.0" || (root !== "me" && root !== "users")) return [];
    const who = root === "me" ? "me" : rest.shift();
    return this.#routes.flatMap((route) => {
      const pattern = route.path === "" ? [] : route.path.split("/");
      const fits = (part: string, index: number) =>
        part === ":kind"
          ? /^(messages|events)$/.test(rest[index] ?? "")
          : part.startsWith(":") || part === rest[index];
      if (who === undefined || pattern.length !== rest.length || !pattern.every(fits)) return [];
      const at = (name: string) => rest[pattern.indexOf(name)] ?? "";
      const kind: Item["kind"] = /^(events|calendar)/.test(rest[0] ?? "") ? "events" : "messages";
      return [{ route, who, kind, id: at(":id") || at(":folder"), attachment: at(":attachment") }];
    });
  }

  async #route(exchange: Exchange): Promise<Reply> {
    const [, token] = /^Bearer\s+(\S+)$/i.exec(exchange.header("authorization") ?? "") ?? [];
    const claims = this.#parts.tokens.read(token);
    const { conditionalAccess } = this.#parts.behaviour;
    if (conditionalAccess !== "none") assertProves(claims, conditionalAccess);
    const matches = this.#match(exchange);
    if (matches.length === 0)
      throw new GraphError(400, "BadRequest", `Resource not found for ${exchange.url.pathname}.`);
    const match = matches.find(({ route }) => route.method === exchange.method);
    if (!match) throw new GraphError(405, "BadRequest", `${exchange.method} is not supported here.`);
    const { route, who, kind, id, attachment } = match;
    const user = findUser(who === "me" ? claims.oid : who);
    if (!user) throw new GraphError(404, "ErrorInvalidUser", `The requested user '${who}' is invalid.`);
    const own = user.id === claims.oid;
    mayDo(claims, route, kind, own);
    if (this.#parts.behaviour.mailbox === "none" && route.path !== "")
      throw new GraphError(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
      );
    const immutable = /\bIdType\s*=\s*"?ImmutableId"?/i.test(exchange.header("prefer") ?? "");
    const call: Call = { exchange, user, own, kind, id, attachment, immutable };
    const reply = await this.#parts.throttle.run(user.id, exchange, () =>
      exchange.act(async () => {
        if (kind === "messages" && id !== "" && CHANGES.has(route.step))
          this.#parts.items.meetConflict(id, route.step);
        return route.run(call);
      }),
    );
    const applied = immutable ? { "Preference-Applied": 'IdType="ImmutableId"' } : {};
    return { ...reply, headers: { ...applied, ...reply.headers }, ...this.#inContext(reply.json) };
  }

  /** The answer to a change for a client that asks for `return=minimal`. */
  #inBrief({ exchange }: Call, reply: Reply): Reply {
    const { minimalAnswer } = this.#parts.behaviour;
    if (minimalAnswer === "ignored" || !/\breturn=minimal\b/i.test(exchange.header("prefer") ?? ""))
      return reply;
    return { status: Number(minimalAnswer), headers: { "Preference-Applied": "return=minimal" } };
  }

  /** Every JSON answer says where its description is. */
  #inContext(json: unknown): Pick<Reply, "json"> {
    if (typeof json !== "object" || json === null) return {};
    return { json: { "@odata.context": `${this.#parts.origin()}/v1.0/$metadata`, ...json } };
  }

  async #send({ exchange, user, id }: Call): Promise<Reply> {
    if (exchange.announcedBytes === undefined)
      throw new GraphError(411, "BadRequest", "Content-Length is required.");
    if ((await exchange.bytes(0)) === undefined)
      throw new GraphError(400, "BadRequest", "Sending a draft takes no body.");
    return this.#parts.messages.send(user, id);
  }

  async #createSession(call: Call): Promise<Reply> {
    const json = await readGraphJson(call.exchange);
    const item = this.#item(call);
    if (!call.own && this.#parts.behaviour.sharedSessions === "refuse") throw accessDenied();
    return this.#parts.sessions.create(call.user, item, json, call.immutable);
  }

  #item({ kind, user, id }: Call): Item {
    return this.#parts.items.find(kind, user.id, id);
  }

  #url({ exchange }: Call): URL {
    return new URL(exchange.record.path, this.#parts.origin());
  }
}

/** Throws unless the token has one of the scopes; for another's mailbox, in its form for shared ones. */
function mayDo(claims: Claims, route: Route, kind: Item["kind"], own: boolean): void {
  const area = kind === "events" ? "Calendars" : "Mail";
  const wanted = route.scopes.map((scope) => scope.replace("*", area));
  const shared = wanted.map((scope) => (scope.startsWith("User.") ? scope : `${scope}.Shared`));
  const granted = claims.scp.split(" ");
  if (!(own ? wanted : shared).some((scope) => granted.includes(scope))) throw accessDenied();
}
