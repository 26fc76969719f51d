import * as assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import * as vscode from "vscode";
import type { Network } from "../../src/net/connect/dialler.ts";
import { HttpLine } from "../../src/net/http.ts";
import { networkSettings } from "../../src/ui/editor/settings.ts";
import { systemProxy } from "../../src/ui/editor/systemProxy.ts";
import { LocalProxy } from "../support/proxyServer.ts";
import { until } from "../support/until.ts";

const silent = { trace() {}, info() {}, warn() {}, error() {} };

/** What app.ts gives each line, in the extension host, where VS Code patches what Node has for networks. */
describe("the proxy of this VS Code", () => {
  const http = () => vscode.workspace.getConfiguration("http");
  const system = systemProxy(silent);
  const network = (): Network => ({
    settings: networkSettings(),
    env: {},
    ...(system === undefined ? {} : { systemProxy: system }),
  });
  let server: Server;
  let proxy: LocalProxy;
  let line: HttpLine;

  before(async () => {
    server = createServer((_, response) => response.end("fine"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    assert.ok(typeof address === "object" && address);
    const credentials = "ann:pass";
    proxy = await LocalProxy.start({ routes: { "mail.test:80": address.port }, credentials });
    line = new HttpLine({ network });
  });
  afterEach(async () => {
    for (const name of ["proxy", "noProxy", "proxySupport", "systemCertificates"]) await set(name, undefined);
  });
  after(async () => {
    line.dispose();
    await proxy.close();
    server.close();
  });

  async function set(name: string, value: unknown): Promise<void> {
    await http().update(name, value, vscode.ConfigurationTarget.Global);
    await until(`http.${name} is set`, () => {
      const found = http().inspect(name);
      return JSON.stringify(found?.globalValue) === JSON.stringify(value);
    });
  }

  /** Only the proxy knows the name. */
  const ask = () =>
    line.send({
      method: "GET",
      url: "http://mail.test/",
      timeoutMs: 5_000,
      signal: new AbortController().signal,
    });

  it("is gone through as soon as the settings name it, and left as soon as they do not", async () => {
    await assert.rejects(ask(), { code: "offline" });
    await set("proxy", proxy.url("ann:pass"));
    assert.equal((await ask()).text, "fine");
    assert.deepEqual(proxy.tunnels, ["mail.test:80"]);
    await set("proxySupport", "off");
    await assert.rejects(ask(), { code: "offline" });
    await set("proxySupport", undefined);
    await set("noProxy", ["mail.test"]);
    await assert.rejects(ask(), { code: "offline" });
  });

  it("is named when it wants a password", async () => {
    await set("proxy", proxy.url());
    await assert.rejects(ask(), { code: "proxy-auth", remedy: "openProxySettings" });
  });

  it("can be asked for when the settings name none", async () => {
    assert.ok(system, "VS Code's own resolver is where it was");
    await set("proxy", proxy.url("ann:pass"));
    // VS Code answers by the same settings; what a PAC file says goes the same way.
    assert.equal(new URL((await system("https://mail.test/")) ?? "").host, new URL(proxy.url()).host);
    assert.equal(await system("http://127.0.0.1:1/"), undefined);
  });

  it("has settings that we understand, when nobody changed them", () => {
    assert.deepEqual(networkSettings(), {
      enabled: true,
      proxy: "",
      noProxy: [],
      proxyAuthorization: "",
      strictSSL: true,
      systemCertificates: true,
    });
  });
});
