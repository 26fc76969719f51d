import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { HttpLine, type HttpRequest } from "../../../src/net/http.ts";

describe("A gate before a request", () => {
  let server: Server;
  let url: string;
  const sockets = new Set<Socket>();
  let received = "";
  let line: HttpLine;

  beforeEach(async () => {
    received = "";
    line = new HttpLine({ connections: 1 });
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        received += bytes.toString("latin1");
        if (received.endsWith("end")) socket.write("HTTP/1.1 204 No Content\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    url = `http://127.0.0.1:${address.port}/`;
  });
  afterEach(async () => {
    line.dispose();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const ask = (change: Partial<HttpRequest>) =>
    line.send({ method: "POST", url, timeoutMs: 5_000, signal: new AbortController().signal, ...change });
  const stream = (read: () => void) => ({
    length: 3,
    chunks: (async function* () {
      read();
      yield Buffer.from("end");
    })(),
  });

  for (const kind of ["a text", "a stream"] as const)
    it(`keeps ${kind} here when it throws, and the line takes the next one`, async () => {
      let read = 0;
      const body = () => (kind === "a text" ? "end" : stream(() => read++));
      const reason = new Error("Not now");
      const refused = ask({
        body: body(),
        gate: () => {
          throw reason;
        },
      });
      await assert.rejects(refused, (thrown) => thrown === reason);
      assert.equal(received, "");
      assert.equal(read, 0);
      let asked = 0;
      assert.equal((await ask({ body: body(), gate: () => void asked++ })).status, 204);
      assert.equal(asked, 1);
      assert.equal(received.match(/POST/g)?.length, 1);
    });

  it("is asked when a connection takes the request, not while it waits for one", async () => {
    const order: string[] = [];
    const first = ask({ body: "first, ", gate: () => void order.push("first") });
    const second = ask({ body: "end", gate: () => void order.push("second") });
    while (!received.endsWith("first, ")) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(order, ["first"]);
    for (const socket of sockets) socket.write("HTTP/1.1 204 No Content\r\n\r\n");
    await Promise.all([first, second]);
    assert.deepEqual(order, ["first", "second"]);
  });

  it("is not asked for a request that is cancelled while it waits, and that ends at once", async () => {
    const cancelled = new AbortController();
    let asked = 0;
    const first = ask({ body: "first, " });
    const second = ask({ body: "end", gate: () => void asked++, signal: cancelled.signal });
    while (!received.endsWith("first, ")) await new Promise((resolve) => setImmediate(resolve));
    cancelled.abort();
    await assert.rejects(second, { name: "AbortError" });
    for (const socket of sockets) socket.write("HTTP/1.1 204 No Content\r\n\r\n");
    await first;
    assert.equal((await ask({ body: "end" })).status, 204);
    assert.deepEqual([asked, received.match(/POST/g)?.length], [0, 2]);
  });

  it("is not asked when there is no connection", async () => {
    let asked = 0;
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(ask({ body: "end", gate: () => void asked++ }));
    assert.equal(asked, 0);
  });
});
