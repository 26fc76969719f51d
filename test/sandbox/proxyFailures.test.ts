import assert from "node:assert/strict";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { FreightError } from "../../src/base/errors.ts";
import { explain } from "../../src/base/log.ts";
import type { Network } from "../../src/net/connect/dialler.ts";
import { HttpLine, type HttpLineOptions } from "../../src/net/http.ts";
import { isTransient } from "../../src/net/retry.ts";
import { askForGrants, Company, wayOut } from "../support/company.ts";
import { Shipping } from "../support/shipping.ts";

describe("What is in the way to a service is named", () => {
  let shipping: Shipping;
  let company: Company | undefined;
  let line: HttpLine | undefined;

  beforeEach(async () => {
    shipping = await Shipping.start();
  });
  afterEach(async () => {
    line?.dispose();
    line = undefined;
    await company?.close();
    company = undefined;
    await shipping.close();
  });

  async function open(options: Parameters<typeof Company.start>[1] = {}): Promise<Company> {
    company = await Company.start(shipping.sandbox, options);
    return company;
  }

  function ask(network: () => Network, options: HttpLineOptions = {}) {
    line ??= new HttpLine({ ...options, network });
    return askForGrants(line, shipping.sandbox);
  }

  /** The error of a request; it says who stood in the way, and nothing about the password. */
  async function failure(proxy: string, options: HttpLineOptions = {}): Promise<FreightError> {
    const network = wayOut({ proxy, proxyAuthorization: "" });
    const reason: unknown = await ask(() => network, options).catch((error: unknown) => error);
    assert.ok(reason instanceof FreightError, inspect(reason));
    assert.match(reason.message, new RegExp(`${new URL(proxy).host} \\(setting http\\.proxy\\)`));
    assert.equal(reason.mayHaveActed, false);
    assert.equal(reason.status, undefined, "it is no answer of the service");
    for (const text of [explain(reason), inspect(reason, { depth: 6 })])
      assert.doesNotMatch(text, /geheim|em9lOmdlaGVpbQ/);
    assert.equal(shipping.sandbox.requests.length, 0);
    return reason;
  }

  for (const [what, credentials, challenge, message] of [
    ["no password", undefined, "Basic", /needs a user name and a password/],
    ["a wrong one", "zoe:geheim", "Basic", /did not accept/],
    [
      "no sign-in that we know",
      "zoe:geheim",
      "Negotiate",
      /needs a sign-in that Freight Mail does not support \(Negotiate\)/,
    ],
  ] as const)
    it(`a proxy that got ${what}`, async () => {
      const { proxy } = await open({ credentials: "zoe:other" });
      proxy.challenge = challenge;
      const error = await failure(proxy.url(credentials));
      assert.deepEqual([error.code, error.remedy], ["proxy-auth", "openProxySettings"]);
      assert.match(error.message, message);
      assert.equal(isTransient(error), false);
      assert.equal(proxy.asked.length, 1);
    });

  for (const [mood, code, transient] of [
    [403, "proxy-unusable", false],
    [405, "proxy-unusable", false],
    [502, "network", true],
    [503, "network", true],
    [504, "network", true],
    ["reset", "network", true],
    ["hang", "timeout", true],
  ] as const)
    it(`a proxy that answers with ${mood}: ${code}`, async () => {
      const { proxy } = await open();
      proxy.mood = mood;
      const error = await failure(proxy.url("zoe:geheim"), { connectMs: 100 });
      assert.deepEqual([error.code, isTransient(error)], [code, transient]);
      assert.equal(proxy.asked.length, 1);
    });

  it("a proxy that is not there", async () => {
    const { proxy } = await open();
    const url = proxy.url("zoe:geheim");
    await proxy.close().catch(() => {});
    const error = await failure(url);
    assert.deepEqual([error.code, isTransient(error)], ["network", true]);
  });

  it("a proxy whose name nobody knows", async () => {
    assert.equal((await failure("http://zoe:geheim@proxy.test:3128")).code, "offline");
  });

  it("a server that is no proxy", async () => {
    const server = createServer(
      (socket) =>
        void socket
          .on("error", () => {})
          .resume()
          .end("SSH-2.0-OpenSSH_9.6\r\n"),
    );
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const error = await failure(`http://127.0.0.1:${port}`);
    assert.equal(error.code, "proxy-unusable");
    await new Promise((done) => server.close(done));
  });

  it("a proxy without the TLS that its address speaks of", async () => {
    const { proxy } = await open();
    const error = await failure(proxy.url("zoe:geheim").replace("http:", "https:"));
    assert.deepEqual([error.code, error.remedy], ["certificate", "openProxySettings"]);
  });

  it("a proxy whose certificate nobody knows, unless the setting lets it pass", async () => {
    const { proxy } = await open({ secure: true });
    const error = await failure(proxy.url());
    assert.deepEqual([error.code, error.remedy], ["certificate", "openProxySettings"]);
    assert.match(error.message, /certificate of the proxy .* is not trusted/);
    line?.dispose();
    line = undefined;
    // The service's certificate is checked all the same.
    const lax = () => wayOut({ proxy: proxy.url(), strictSSL: false });
    await assert.rejects(ask(lax), { code: "certificate", message: /certificate of mail\.test/ });
    assert.deepEqual(proxy.tunnels, ["mail.test:443"]);
  });

  it("a service that breaks off before TLS stands: nothing was asked of it", async () => {
    const { proxy } = await open();
    proxy.mood = "cut";
    await assert.rejects(
      ask(() => wayOut({ proxy: proxy.url() })),
      {
        code: "network",
        mayHaveActed: false,
        message: /connection to mail\.test behind the proxy 127.* was closed/,
      },
    );
  });

  it("a service whose certificate nobody knows, behind a proxy that is fine", async () => {
    const { proxy } = await open();
    await assert.rejects(
      ask(() => wayOut({ proxy: proxy.url() })),
      {
        code: "certificate",
        mayHaveActed: false,
        message: /certificate of mail\.test behind the proxy 127.* is not trusted .*NODE_EXTRA_CA_CERTS/,
      },
    );
  });
});
