import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { FreightError } from "../../src/base/errors.ts";
import type { Network } from "../../src/net/connect/dialler.ts";
import { HttpLine, type HttpRequest } from "../../src/net/http.ts";
import { Company } from "../support/company.ts";
import { breakOff, OpenSockets } from "../support/openSockets.ts";
import { Shipping } from "../support/shipping.ts";
import { SocksServer } from "../support/socksServer.ts";

/** What the systems call a connection that is lost; macOS says ENETDOWN when Wi-Fi goes. */
const codes = ["EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "EHOSTDOWN", "ENOTCONN", "EADDRNOTAVAIL"].concat([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EIO",
  "EPROTO",
  "ENOBUFS",
]);

/** When the connection ends, as the server sees it. */
type Moment = "while it is opened" | "in the body" | "after the body" | "in the answer";

describe("A connection that ends", () => {
  let sockets: OpenSockets;
  let server: Server;
  let port: number;
  /** What the server does with a request. */
  let answering: RequestListener;
  let line: HttpLine;

  before(async () => {
    sockets = new OpenSockets();
    server = createServer((request, response) => answering(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });
  after(async () => {
    sockets.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  afterEach(() => {
    sockets.onOpening = () => {};
    line.dispose();
  });

  const ask = (url: string, change: Partial<HttpRequest> = {}) =>
    line.send({
      method: "POST",
      url,
      body: "x".repeat(100_000),
      timeoutMs: 5_000,
      signal: new AbortController().signal,
      ...change,
    });
  const failure = async (asked: Promise<unknown>): Promise<FreightError> => {
    const reason = await asked.then(
      () => assert.fail("it was answered"),
      (thrown: unknown) => thrown,
    );
    assert.ok(reason instanceof FreightError, String(reason));
    return reason;
  };

  for (const code of codes)
    for (const [moment, mayHaveActed] of [
      ["while it is opened", false],
      ["in the body", true],
      ["after the body", true],
      ["in the answer", true],
    ] as const satisfies readonly (readonly [Moment, boolean])[])
      it(`with ${code} ${moment}: ${mayHaveActed ? "the service may have acted" : "nothing was sent"}`, async () => {
        line = new HttpLine();
        // Before the system can answer: it takes the connection at its next turn.
        if (moment === "while it is opened")
          sockets.onOpening = (socket) => process.nextTick(() => breakOff(socket, code));
        answering = (request, response) => {
          const end = () => sockets.break(port, code);
          if (moment === "in the body") return void request.once("data", end);
          request.resume().once("end", () => {
            if (moment === "after the body") return end();
            response.writeHead(200, { "content-length": 100 });
            response.write("{", () => setImmediate(end));
          });
        };
        const error = await failure(ask(`http://127.0.0.1:${port}/send`));
        assert.equal(error.mayHaveActed, mayHaveActed, error.message);
      });
});

describe("A connection through a proxy that ends", () => {
  let shipping: Shipping;
  let company: Company;
  let socks: SocksServer;
  let sockets: OpenSockets;
  before(async () => {
    shipping = await Shipping.start();
    company = await Company.start(shipping.sandbox);
    socks = await SocksServer.start({ routes: company.routes });
    sockets = new OpenSockets();
  });
  after(async () => {
    sockets.dispose();
    await socks.close();
    await company.close();
    await shipping.close();
  });

  const portOf = (url: string) => Number(new URL(url).port);
  for (const kind of ["http", "socks"] as const)
    for (const target of ["https://mail.test", "http://plain.test"])
      for (const code of ["EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ECONNRESET", "ETIMEDOUT"])
        it(`${kind}, to ${target}, with ${code}: certain only until the way is open`, async () => {
          const url = kind === "http" ? company.proxy.url() : socks.url();
          const network = (): Network => company.wayOut({ proxy: url });
          const request = (line: HttpLine) =>
            line.send({
              method: "GET",
              url: `${target}/v3/grants`,
              headers: { authorization: `Bearer ${shipping.sandbox.nylas.apiKey}` },
              timeoutMs: 5_000,
              signal: new AbortController().signal,
            });
          const caught = (asked: Promise<unknown>) =>
            asked.then(
              () => assert.fail("it was answered"),
              (reason: unknown) => reason,
            );

          const opening = new HttpLine({ network });
          company.proxy.mood = "hang";
          socks.mood = "hang";
          const wanted = [company.proxy.asked.length, socks.asked.length];
          const early = caught(request(opening));
          while (company.proxy.asked.length === wanted[0] && socks.asked.length === wanted[1])
            await new Promise(setImmediate);
          sockets.break(portOf(url), code);
          const before = await early;
          opening.dispose();
          company.proxy.mood = "open";
          socks.mood = "open";
          assert.ok(before instanceof FreightError);
          assert.equal(before.mayHaveActed, false);

          const open = new HttpLine({ network });
          shipping.sandbox.faults.arm({ step: "account", fault: "stall", afterCommit: true });
          const late = caught(request(open));
          while (shipping.sandbox.faults.unmet.length > 0) await new Promise(setImmediate);
          sockets.break(portOf(url), code);
          const after = await late;
          open.dispose();
          assert.ok(after instanceof FreightError);
          assert.equal(after.mayHaveActed, true, after.message);
        });
});
