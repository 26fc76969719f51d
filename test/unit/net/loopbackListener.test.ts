import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { LoopbackListener } from "../../../src/net/loopbackListener.ts";
import { send } from "../../sandbox/support.ts";

/** A port that nobody has, as far as can be told. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("The listener for a sign-in's answer", () => {
  let port: number;
  let listener: LoopbackListener;
  let heard: URLSearchParams[];
  beforeEach(async () => {
    port = await freePort();
    heard = [];
    listener = await LoopbackListener.open({
      port,
      path: "/callback",
      take: (answer) => {
        if (answer.get("state") !== "mine") return false;
        heard.push(answer);
        return true;
      },
    });
  });
  afterEach(() => listener.dispose());
  const at = (path: string, host = `localhost:${port}`, method = "GET") =>
    send(`http://127.0.0.1:${port}${path}`, { method, headers: { host } });

  it("takes an answer, and sends the browser on to an address without the code", async () => {
    const { status, headers, text } = await at("/callback?code=SECRET&state=mine");
    assert.deepEqual([status, headers.location, text], [303, "/done", ""]);
    assert.equal(heard[0]?.get("code"), "SECRET");
    // Whoever listened has what it wanted: the last page still comes.
    listener.dispose();
    const done = await at("/done");
    assert.equal(done.status, 200);
    assert.match(done.text, /You can close this page/);
    await assert.rejects(at("/done"));
  });

  it("refuses the answer to another sign-in, and waits on for its own", async () => {
    for (const query of ["code=c&state=other", "code=c", "error=access_denied"]) {
      const refused = await at(`/callback?${query}`);
      assert.equal(refused.status, 400);
      assert.match(refused.text, /This belongs to another sign-in/);
    }
    assert.deepEqual(heard, []);
    assert.equal((await at("/callback?code=c&state=mine")).status, 303);
  });

  it("listens to this machine by its own names, and to nothing else", async () => {
    const good = "/callback?code=c&state=mine";
    for (const [path, host, method] of [
      [good, `evil.example:${port}`, "GET"],
      [good, "localhost", "GET"],
      [good, `localhost:${port}`, "POST"],
      ["/other?code=c&state=mine", `localhost:${port}`, "GET"],
      ["//evil.example/callback", `localhost:${port}`, "GET"],
    ] as const)
      assert.equal((await at(path, host, method)).status, 404, `${method} ${host}${path}`);
    assert.deepEqual(heard, []);
    assert.equal((await at(good, `127.0.0.1:${port}`)).status, 303);
  });

  it("writes nothing of an answer into its pages, and lets nothing run in them", async () => {
    const { text, headers } = await at("/callback?code=SECRET&state=<script>");
    assert.doesNotMatch(text, /SECRET|script/);
    assert.equal(headers["content-security-policy"], "default-src 'none'; style-src 'unsafe-inline'");
    assert.deepEqual([headers["cache-control"], headers["referrer-policy"]], ["no-store", "no-referrer"]);
  });

  it("ends with the sign-in, and does not begin where another program listens", async () => {
    await assert.rejects(LoopbackListener.open({ port, path: "/callback", take: () => true }), {
      code: "EADDRINUSE",
    });
    listener.dispose();
    await assert.rejects(at("/callback?code=c&state=mine"));
  });
});
