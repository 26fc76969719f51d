/** Types for the files that `agent.ts` imports: undici has none. */
declare module "undici/lib/api/api-connect.js" {
  const connect: import("undici").Dispatcher["connect"];
  export = connect;
}
declare module "undici/lib/api/api-request.js" {
  const request: import("undici").Dispatcher["request"];
  export = request;
}
declare module "undici/lib/core/connect.js" {
  const buildConnector: typeof import("undici").buildConnector;
  export = buildConnector;
}
declare module "undici/lib/dispatcher/agent.js" {
  const Agent: typeof import("undici").Agent;
  export = Agent;
}
declare module "undici/lib/dispatcher/client.js" {
  const Client: typeof import("undici").Client;
  export = Client;
}
declare module "undici/lib/dispatcher/dispatcher.js" {
  const Dispatcher: typeof import("undici").Dispatcher;
  export = Dispatcher;
}
