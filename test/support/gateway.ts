/** A gateway that looks like Nylas until a file comes, and then refuses it in the words that a test chooses. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface GatewayRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

export interface Gateway {
  readonly apiUri: string;
  readonly email: string;
  readonly requests: readonly GatewayRequest[];
  /** What it says for a request that it refuses; undefined lets the mailbox be read. */
  words: ((request: GatewayRequest) => string) | undefined;
  close(): Promise<void>;
}

export async function startGateway(email: string): Promise<Gateway> {
  const requests: GatewayRequest[] = [];
  const grant = { id: "g", provider: "microsoft", email, grant_status: "valid", scope: [] };
  const server = createServer((incoming, response) => {
    incoming.resume().on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const request = { method, path: url, headers };
      requests.push(request);
      const [status, body] =
        gateway.words !== undefined
          ? [418, { error: { type: "refused", message: gateway.words(request) } }]
          : [200, { data: url.startsWith("/v3/grants?") ? [grant] : grant }];
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const gateway: Gateway = {
    apiUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    email,
    requests,
    words: undefined,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return gateway;
}
