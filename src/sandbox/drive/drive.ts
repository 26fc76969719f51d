/**
 * OneDrive as Graph offers it: which requests about files it answers, how it describes a file, and how it says that a
 * user has no drive. Links: `driveSharing.ts`; the address that bytes go to: `driveUploadHost.ts`.
 */
import { type GraphAnswers, GraphError, readGraphJson } from "../graph/graphAnswers.ts";
import type { GraphTokens } from "../graph/graphTokens.ts";
import { findUser, type GraphUser } from "../graph/graphUsers.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import type { Step } from "../http/faultRules.ts";
import type { DriveBehaviour } from "./driveBehaviour.ts";
import { type DriveItems, type Item, invalidRequest } from "./driveItems.ts";
import { DrivePage } from "./drivePage.ts";
import type { DriveSessions } from "./driveSessions.ts";
import type { DriveSharing } from "./driveSharing.ts";

/** What a path leads to: an item or the place for one, and what to do with it. */
interface Place {
  /** Undefined for the root. */
  readonly id: string | undefined;
  /** The path from there on. */
  readonly names: readonly string[];
  readonly action: string;
  /** What the action is done with, such as the id of a permission. */
  readonly object: string;
}

interface Call {
  readonly exchange: Exchange;
  readonly user: GraphUser;
  readonly place: Place;
  readonly item: () => Item;
}

interface Route {
  readonly method: string;
  readonly action: string;
  readonly step: Step;
  readonly run: (call: Call) => Reply | Promise<Reply>;
}

/** The answers to a user without a license, or whose drive was never set up. */
const ABSENT = {
  mysite: () => new GraphError(404, "ResourceNotFound", "User's mysite not found."),
  address: () => new GraphError(400, "BadRequest", "Unable to retrieve user's mysite URL."),
  file: () => new GraphError(404, "UnknownError", "404 FILE NOT FOUND"),
  license: () => new GraphError(400, "BadRequest", "Tenant does not have a SPO license."),
};

const ACTIONS = ["", "children", "content", "createUploadSession", "createLink", "invite", "permissions"];

export class Drive {
  readonly name = "drive";
  readonly #tokens: GraphTokens;
  readonly #items: DriveItems;
  readonly #answers: GraphAnswers;
  readonly #behaviour: DriveBehaviour;
  readonly #pages: () => string;
  readonly #routes: readonly Route[];

  constructor(parts: {
    tokens: GraphTokens;
    items: DriveItems;
    sessions: DriveSessions;
    sharing: DriveSharing;
    answers: GraphAnswers;
    behaviour: DriveBehaviour;
    /** Where the pages behind links are. */
    pages: () => string;
  }) {
    this.#tokens = parts.tokens;
    this.#items = parts.items;
    this.#answers = parts.answers;
    this.#behaviour = parts.behaviour;
    this.#pages = parts.pages;
    const { items, sessions, sharing } = parts;
    const json = ({ exchange }: Call) => (exchange.announcedBytes === 0 ? {} : readGraphJson(exchange));
    const route = (method: string, action: string, step: Step, run: Route["run"]): Route => ({
      method,
      action,
      step,
      run,
    });
    this.#routes = [
      route("GET", "", "look", ({ item }) => ({ status: 200, json: this.describe(item()) })),
      route("GET", "children", "look", ({ item }) => ({
        status: 200,
        json: { value: items.children(item()).map((one) => this.describe(one)) },
      })),
      route("DELETE", "", "discard", ({ item }) => {
        if (item().parent === null) throw invalidRequest("The root cannot be deleted.");
        items.delete(item());
        return { status: 204 };
      }),
      // https://learn.microsoft.com/graph/api/driveitem-put-content
      route("PUT", "content", "attach", async ({ exchange, user, place }) => {
        const pieces: Buffer[] = [];
        for await (const piece of exchange.body()) pieces.push(piece);
        const from = place.id === undefined ? items.root(user) : items.find(user, place.id);
        const folder = items.folderAt(from, place.names.slice(0, -1));
        const name = place.names.at(-1) ?? "";
        return { status: 201, json: this.describe(items.addBytes(folder, name, Buffer.concat(pieces))) };
      }),
      route("POST", "createUploadSession", "create", async (call) => {
        const body = await json(call);
        const { id, names } = call.place;
        const from = id === undefined ? items.root(call.user) : items.find(call.user, id);
        return sessions.create(call.user, from, names, body);
      }),
      route("POST", "createLink", "share", async (call) => sharing.createLink(call.item(), await json(call))),
      route("POST", "invite", "share", async (call) => {
        const body = await json(call);
        return sharing.invite(call.item(), call.user, body);
      }),
      route("GET", "permissions", "look", ({ item, user }) => sharing.list(item(), user)),
      route("GET", "permissions/", "look", ({ item, place }) => sharing.read(item(), place.object)),
      route("PATCH", "permissions/", "share", async (call) =>
        sharing.change(call.item(), call.place.object, await json(call)),
      ),
      route("DELETE", "permissions/", "discard", ({ item, place }) => sharing.delete(item(), place.object)),
    ];
  }

  static serves(path: string): boolean {
    return /^\/v1\.0\/me\/drive(\/|$)/.test(path);
  }

  stepOf(exchange: Exchange): Step | undefined {
    const place = placeOf(exchange);
    if (place === undefined) return "look";
    return this.#routes.find(({ method, action }) => method === exchange.method && action === place.action)
      ?.step;
  }

  refusal(status: number, message: string, code?: string): Reply {
    return this.#answers.refusal(status, message, code ?? codes[status]);
  }

  async handle(exchange: Exchange): Promise<Reply> {
    return this.#answers.answer(exchange, async () => {
      const [, token] = /^Bearer\s+(\S+)$/i.exec(exchange.header("authorization") ?? "") ?? [];
      const claims = this.#tokens.read(token);
      const scopes = claims.scp.split(" ");
      const wanted =
        exchange.method === "GET" ? /^Files\.Read(Write)?(\.All)?$/ : /^Files\.ReadWrite(\.All)?$/;
      if (!scopes.some((scope) => wanted.test(scope)))
        throw new GraphError(
          403,
          "accessDenied",
          "Either scp or roles claim need to be present in the token.",
        );
      const user = findUser(claims.oid);
      if (user === undefined) throw new GraphError(404, "itemNotFound", "User not found");
      const { absent } = this.#behaviour;
      if (absent !== "no") throw ABSENT[absent]();
      return exchange.act(async () => this.#route(exchange, user));
    });
  }

  /** A file as the drive describes it. */
  describe(item: Item): Record<string, unknown> {
    const { id, name, parent, createdAt, file } = item;
    const names = this.#items.namesOf(item);
    const at = new Date(createdAt).toISOString();
    return {
      id,
      name,
      size: file?.size ?? 0,
      createdDateTime: at,
      lastModifiedDateTime: at,
      webUrl: DrivePage.urlOf(this.#pages(), names),
      parentReference: {
        driveId: "b!practice",
        id: parent,
        path: ["/drive/root:", ...names.slice(0, -1).map(encodeURIComponent)].join("/"),
      },
      ...(file === undefined
        ? { folder: { childCount: this.#items.children(item).length } }
        : { file: { mimeType: file.contentType, hashes: { sha256Hash: file.sha256.toUpperCase() } } }),
    };
  }

  #route(exchange: Exchange, user: GraphUser): Reply | Promise<Reply> {
    const place = placeOf(exchange);
    if (place === undefined) {
      if (exchange.method === "GET" && /^\/v1\.0\/me\/drive\/?$/.test(exchange.url.pathname))
        return { status: 200, json: this.#describeDrive(user) };
      throw new GraphError(400, "BadRequest", `Resource not found for ${exchange.url.pathname}.`);
    }
    const route = this.#routes.find(
      ({ method, action }) => method === exchange.method && action === place.action,
    );
    if (route === undefined)
      throw new GraphError(405, "invalidRequest", `${exchange.method} is not supported here.`);
    const item = () => {
      const from = place.id === undefined ? this.#items.root(user) : this.#items.find(user, place.id);
      return this.#items.walk(from, place.names);
    };
    return route.run({ exchange, user, place, item });
  }

  #describeDrive(user: GraphUser): Record<string, unknown> {
    const { quotaBytes: total, kind } = this.#behaviour;
    const used = this.#items.used(user.id);
    return {
      id: "b!practice",
      driveType: kind,
      owner: { user: { id: user.id, displayName: user.displayName } },
      webUrl: DrivePage.urlOf(this.#pages(), []),
      quota: { total, used, remaining: Math.max(0, total - used), deleted: 0, state: "normal" },
    };
  }
}

const codes: Readonly<Record<number, string>> = {
  401: "InvalidAuthenticationToken",
  403: "accessDenied",
  404: "itemNotFound",
  409: "nameAlreadyExists",
  416: "invalidRange",
  429: "activityLimitReached",
  500: "generalException",
  503: "serviceNotAvailable",
  507: "quotaLimitReached",
};

/** `root`, `root:/a/b:/action`, `items/{id}/action`, `items/{id}:/a/b:/action`; undefined for other paths. */
function placeOf(exchange: Exchange): Place | undefined {
  const [first = "", ...others] = (exchange.segments ?? []).slice(3);
  const isItem = first === "items";
  const [start = "", ...rest] = isItem ? others : [first, ...others];
  if (!isItem && start !== "root" && start !== "root:") return undefined;
  const id = isItem ? start.replace(/:$/, "") : undefined;
  let names: readonly string[] = [];
  let actions = rest;
  if (start.endsWith(":")) {
    const end = rest.findIndex((part) => part.endsWith(":"));
    names = end < 0 ? rest : [...rest.slice(0, end), rest[end]?.slice(0, -1) ?? ""];
    actions = end < 0 ? [] : rest.slice(end + 1);
  }
  const [action = "", object = "", ...more] = actions;
  if (!ACTIONS.includes(action) || more.length > 0) return undefined;
  return { id, names, action: object === "" ? action : `${action}/`, object };
}
