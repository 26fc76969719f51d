import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { HttpLine } from "../../src/net/http.ts";

// Real time passes here: undici counts its timeouts in steps of half a second.
describe("A line to a service that never answers", () => {
  it("gives up in time, and closes the connection", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
    const line = new HttpLine();
    const { signal } = new AbortController();
    await assert.rejects(line.send({ method: "GET", url, timeoutMs: 1, signal }), {
      code: "timeout",
      mayHaveActed: true,
    });
    line.dispose();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
