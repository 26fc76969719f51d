import assert from "node:assert/strict";
import type { Network } from "../../src/net/connect/dialler.ts";
import { HttpLine } from "../../src/net/http.ts";
import { askForGrants, Company, wayOut } from "../support/company.ts";
import { compose, eventually, filesOf, Shipping, settled, ship } from "../support/shipping.ts";

const MiB = 1024 * 1024;

describe("Through a company's proxy", () => {
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
  function ask(network: () => Network, url?: string) {
    line ??= new HttpLine({ network });
    return askForGrants(line, shipping.sandbox, url);
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
    assert.equal((await ask(() => network, "http://plain.test/v3/grants")).status, 200);
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
    await ask(() => wayOut({ proxy: proxy.url() }), url);
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
    await ask(() => network, url);
    network = wayOut({ proxy: other.proxy.url() });
    await ask(() => network, url);
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
