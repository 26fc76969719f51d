import assert from "node:assert/strict";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { FreightError } from "../../src/errors.ts";
import { explain } from "../../src/log.ts";
import type { Network } from "../../src/net/dialler.ts";
import { HttpLine, type HttpLineOptions } from "../../src/net/http.ts";
import { isTransient } from "../../src/net/retry.ts";
import { Company, wayOut } from "../support/company.ts";
import { compose, eventually, filesOf, Shipping, settled, ship } from "../support/shipping.ts";

const MiB = 1024 * 1024;

describe("Through a company's proxy", function () {
  this.timeout(10_000);
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

  /** Asks the mail API for something. */
  function ask(network: () => Network, options: HttpLineOptions = {}, url = "https://mail.test/v3/grants") {
    line ??= new HttpLine({ ...options, network });
    const headers = { authorization: `Bearer ${shipping.sandbox.nylas.apiKey}` };
    return line.send({ method: "GET", url, headers, timeoutMs: 5_000, signal: new AbortController().signal });
  }

  describe("a mail goes with its file", () => {
    for (const [what, secure, credentials, variable] of [
      ["by the setting", false, undefined, undefined],
      ["by HTTPS_PROXY", false, undefined, "HTTPS_PROXY"],
      ["by all_proxy", false, undefined, "all_proxy"],
      ["with a password in the address", false, "ann:a@b", undefined],
      ["with a password in the variable", false, "ann:a@b", "HTTP_PROXY"],
      ["over TLS to the proxy", true, "ann:a@b", undefined],
    ] as const)
      it(`${what}`, async () => {
        const opened = await open({ secure, ...(credentials && { credentials }) });
        const { proxy, apiUri, between } = opened;
        const url = proxy.url(credentials && "ann:a%40b");
        const network = variable ? opened.wayOut({}, { [variable]: url }) : opened.wayOut({ proxy: url });
        const engine = await shipping.engine({ apiUri, between, network: () => network });
        const path = await shipping.file("build.zip", 9 * MiB);
        const { phase } = await ship(engine, path);
        assert.equal(phase, "sent");
        await shipping.assertArrived([path]);
        assert.equal(proxy.tunnels.filter((target) => target === "storage.test:443").length, 1);
        assert.deepEqual(new Set(proxy.tunnels), new Set(["mail.test:443", "storage.test:443"]));
        assert.ok(!engine.log.join().includes("a@b") && !engine.log.join().includes("a%40b"));
      });

    it("by what the system says, when nobody else says anything", async () => {
      const opened = await open();
      const asked: string[] = [];
      const systemProxy = async (url: string) => {
        asked.push(url);
        return opened.proxy.url();
      };
      assert.equal((await ask(() => ({ ...opened.wayOut(), systemProxy }))).status, 200);
      assert.deepEqual(asked, ["https://mail.test/"]);
      assert.deepEqual(opened.proxy.tunnels, ["mail.test:443"]);
    });
  });

  it("plain http goes by CONNECT, too", async () => {
    const { proxy } = await open();
    const network = wayOut({ proxy: proxy.url() });
    assert.equal((await ask(() => network, {}, "http://plain.test/v3/grants")).status, 200);
    assert.deepEqual(proxy.tunnels, ["plain.test:80"]);
  });

  it("the authorization of the settings goes to the proxy alone", async () => {
    const opened = await open();
    const { proxy } = opened;
    const network = opened.wayOut({ proxy: proxy.url("ann:old"), proxyAuthorization: "Bearer proxy-token" });
    assert.equal((await ask(() => network)).status, 200);
    assert.equal(proxy.headers["proxy-authorization"], "Bearer proxy-token");
    assert.equal(proxy.headers.authorization, undefined);
    const [request] = shipping.sandbox.requests;
    assert.equal(request?.headers["proxy-authorization"], undefined);
  });

  it("a connection is kept for the next request, and no second one is opened beside it", async () => {
    const opened = await open();
    const { proxy } = opened;
    const network = opened.wayOut({ proxy: proxy.url() });
    line = new HttpLine({ connections: 1, network: () => network });
    await Promise.all([ask(() => network), ask(() => network), ask(() => network)]);
    assert.equal(proxy.tunnels.length, 1);
  });

  it("nothing goes to this machine itself, nor where it is excepted, nor when proxies are off", async () => {
    const { proxy } = await open();
    const url = `${shipping.sandbox.nylas.apiUri}/v3/grants`;
    await ask(() => wayOut({ proxy: proxy.url() }), {}, url);
    for (const network of [
      wayOut({ proxy: proxy.url(), noProxy: ["mail.test"] }),
      wayOut({ proxy: proxy.url() }, { NO_PROXY: ".test" }),
      wayOut({ proxy: proxy.url(), enabled: false }),
    ]) {
      line?.dispose();
      line = undefined;
      // Only the proxy knows the name.
      await assert.rejects(
        ask(() => network),
        { code: "offline" },
      );
    }
    assert.deepEqual(proxy.asked, []);
  });

  it("a changed setting counts for the next request, and the old connections end", async () => {
    const { proxy } = await open();
    const other = await Company.start(shipping.sandbox);
    const url = "http://plain.test/v3/grants";
    let network = wayOut({ proxy: proxy.url() });
    await ask(() => network, {}, url);
    network = wayOut({ proxy: other.proxy.url() });
    await ask(() => network, {}, url);
    assert.deepEqual([proxy.tunnels.length, other.proxy.tunnels.length], [1, 1]);
    await eventually(() => proxy.openSockets === 0);
    await other.close();
  });

  it("what is being opened ends with the line", async () => {
    const { proxy } = await open();
    proxy.mood = "hang";
    const asked = ask(() => wayOut({ proxy: proxy.url() })).catch((reason: unknown) => reason);
    await eventually(() => proxy.asked.length === 1);
    line?.dispose();
    assert.ok((await asked) instanceof Error);
    await eventually(() => proxy.openSockets === 0);
  });

  describe("what is in the way is named", () => {
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
      ["no password", undefined, "Basic", /wants a user name and a password/],
      ["a wrong one", "zoe:geheim", "Basic", /does not accept/],
      ["no sign-in that we know", "zoe:geheim", "Negotiate", /wants a sign-in by Negotiate/],
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
          message: /connection to mail\.test behind the proxy 127.* broke off/,
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

  it("a mail whose proxy wants a password stops and says so, and goes on once it has one", async () => {
    const opened = await open({ credentials: "zoe:geheim" });
    const { proxy, apiUri, between } = opened;
    let network = opened.wayOut({ proxy: proxy.url() });
    const engine = await shipping.engine({ apiUri, between, network: () => network });
    const path = await shipping.file("build.zip", MiB);
    const deliveryId = await compose(engine, path);
    await settled(engine, deliveryId);
    const [{ id, status, error }] = filesOf(engine, deliveryId);
    assert.deepEqual([status, error?.code, error?.remedy], ["failed", "proxy-auth", "openProxySettings"]);
    assert.deepEqual(engine.waits, []);
    network = opened.wayOut({ proxy: proxy.url("zoe:geheim") });
    await engine.runner.resume(deliveryId, id);
    await settled(engine, deliveryId);
    assert.equal(filesOf(engine, deliveryId)[0].status, "ready");
    assert.ok(![...engine.log, JSON.stringify(engine.store.list())].join().includes("geheim"));
  });
});
