import * as assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import { Readable } from "node:stream";
import * as vscode from "vscode";
import { FreightError } from "../../src/base/errors.ts";
import { HttpLine } from "../../src/net/http.ts";
import { GcsResumable } from "../../src/transfer/gcsResumable.ts";
import { networkSettings } from "../../src/ui/editor/settings.ts";
import { Authority } from "../support/certificates.ts";
import { LocalProxy } from "../support/proxyServer.ts";
import { until } from "../support/until.ts";

const VARIABLE = "NODE_TLS_REJECT_UNAUTHORIZED";

/** In the extension host, where VS Code patches TLS and every extension writes to the same environment. */
describe("a service whose certificate proves nothing", () => {
  const outside = process.env[VARIABLE];
  const heard: string[] = [];
  let server: Server;
  let proxy: LocalProxy;

  before(async () => {
    server = createServer(new Authority().issue("other.test"), (request, response) => {
      heard.push(`${request.method} ${request.url}`);
      request.resume().on("end", () => response.end("{}"));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    proxy = await LocalProxy.start({ routes: { "mail.test:443": port() } });
    process.env[VARIABLE] = "0";
  });
  afterEach(() => setProxy(undefined));
  after(async () => {
    if (outside === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = outside;
    await proxy.close();
    server.close();
  });

  function port(): number {
    const address = server.address();
    assert.ok(typeof address === "object" && address);
    return address.port;
  }

  async function setProxy(url: string | undefined): Promise<void> {
    const http = () => vscode.workspace.getConfiguration("http");
    await http().update("proxy", url, vscode.ConfigurationTarget.Global);
    await until("http.proxy is set", () => http().inspect("proxy")?.globalValue === url);
  }

  for (const way of ["direct", "behind a proxy"])
    it(`hears nothing of calls and uploads, ${way}, with the check of Node switched off`, async () => {
      if (way === "behind a proxy") await setProxy(proxy.url());
      const origin = way === "direct" ? `https://127.0.0.1:${port()}` : "https://mail.test";
      const line = new HttpLine({ network: () => ({ settings: networkSettings(), env: {} }) });
      const { signal } = new AbortController();
      const tries = [
        line.send({
          method: "GET",
          url: `${origin}/v3/grants`,
          headers: { authorization: "Bearer nyk_v0_CANARY" },
          timeoutMs: 5_000,
          signal,
        }),
        new GcsResumable(line, { url: `${origin}/upload`, headers: {}, total: 9 }).put(
          { offset: 0, length: 9, total: 9, chunks: Readable.from([Buffer.alloc(9)]) },
          signal,
        ),
      ];
      for (const attempt of tries)
        await assert.rejects(attempt, (reason) => {
          assert.ok(reason instanceof FreightError, String(reason));
          assert.equal(reason.code, "certificate", reason.message);
          return true;
        });
      line.dispose();
      assert.deepEqual(heard, []);
      assert.equal(proxy.tunnels.length, way === "direct" ? 0 : proxy.asked.length);
    });
});
