/** The form of Graph's answers (each has its ids, each error its code), and how large the JSON of a request may be. */
import { randomUUID } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import type { GraphBehaviour } from "./graphBehaviour.ts";

/** A refusal in Graph's form. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A more exact code, inside the error. */
  readonly innerCode: string | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    innerCode?: string,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.innerCode = innerCode;
  }
}

export const itemNotFound = () =>
  new GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.");
export const accessDenied = () =>
  new GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");

const codes: Readonly<Record<number, string>> = {
  401: "InvalidAuthenticationToken",
  403: "ErrorAccessDenied",
  404: "ErrorItemNotFound",
  429: "ApplicationThrottled",
  500: "ErrorInternalServerError",
  502: "BadGateway",
  503: "ErrorServerBusy",
  504: "GatewayTimeout",
  507: "ErrorQuotaExceeded",
};

export class GraphAnswers {
  readonly #clock: Clock;
  readonly #behaviour: GraphBehaviour;

  constructor(clock: Clock, behaviour: GraphBehaviour) {
    this.#clock = clock;
    this.#behaviour = behaviour;
  }

  async answer(exchange: Exchange, work: () => Promise<Reply>): Promise<Reply> {
    const ids = requestIds(exchange.header("client-request-id"));
    try {
      const reply = await work();
      return { ...reply, headers: { ...ids, ...reply.headers } };
    } catch (reason) {
      if (reason instanceof GraphError) return this.#refuse(reason, ids);
      throw reason;
    }
  }

  /** A refusal by the fault layer or the server, which do not know the client's own id. */
  refusal(status: number, message: string, code = codes[status] ?? "BadRequest"): Reply {
    return this.#refuse(new GraphError(status, code, message), requestIds(undefined));
  }

  #refuse({ status, code, message, headers, innerCode }: GraphError, ids: Record<string, string>): Reply {
    const more = innerCode === undefined ? {} : { code: innerCode };
    const inner = { ...more, date: this.#clock.iso().replace(/\.\d+Z$/, ""), ...ids };
    return {
      status,
      headers: { ...ids, ...headers },
      json: { error: { code, message, [this.#behaviour.innerError]: inner } },
    };
  }
}

/** When the client sends no id of its own, the service's id takes its place. */
function requestIds(given: string | undefined): Record<string, string> {
  const requestId = randomUUID();
  return { "request-id": requestId, "client-request-id": given ?? requestId };
}

const requestBytes = 4 * 1024 * 1024;

/** The JSON of a request. */
export async function readGraphJson(exchange: Exchange): Promise<unknown> {
  const bytes = await exchange.bytes(requestBytes);
  if (!bytes) throw new GraphError(413, "BadRequest", "The maximum request length supported is 4MB.");
  if (!/^application\/json\s*(;|$)/i.test(exchange.header("content-type") ?? ""))
    throw new GraphError(415, "UnsupportedMediaType", "A body has to be application/json.");
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new GraphError(400, "BadRequest", "Unable to read JSON request payload.");
  }
}
