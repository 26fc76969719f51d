import assert from "node:assert/strict";
import { FreightError } from "../../src/base/errors.ts";
import { HttpLine } from "../../src/net/http.ts";
import { Company, wayOut } from "../support/company.ts";
import { Shipping, ship } from "../support/shipping.ts";
import { SocksServer } from "../support/socksServer.ts";

const MiB = 1024 * 1024;

describe("Through a SOCKS proxy", () => {
  let shipping: Shipping;
  let company: Company;
  let socks: SocksServer;

  async function open(credentials?: string): Promise<void> {
    shipping = await Shipping.start();
    company = await Company.start(shipping.sandbox);
    socks = await SocksServer.start({ routes: company.routes, ...(credentials && { credentials }) });
  }
  afterEach(async () => {
    await socks.close();
    await company.close();
    await shipping.close();
  });

  for (const credentials of [undefined, "ann:pass"])
    it(`a mail goes with its file, ${credentials ? "with" : "without"} a password`, async () => {
      await open(credentials);
      const network = company.wayOut({ proxy: socks.url(credentials) });
      const { apiUri, between } = company;
      const engine = await shipping.engine({ apiUri, between, network: () => network });
      const path = await shipping.file("build.zip", 9 * MiB);
      assert.equal((await ship(engine, path)).phase, "sent");
      await shipping.assertArrived([path]);
      assert.deepEqual(new Set(socks.asked), new Set(["mail.test:443", "storage.test:443"]));
    });

  for (const [what, user, mood, code] of [
    ["no password", undefined, "open", "proxy-auth"],
    ["a wrong password", "zoe:geheim", "open", "proxy-auth"],
    ["a host that is not allowed", "ann:pass", 2, "proxy-unusable"],
    ["a host that it cannot reach", "ann:pass", 4, "network"],
    ["a fault of its own", "ann:pass", "reset", "network"],
    ["no answer", "ann:pass", "hang", "timeout"],
  ] as const)
    it(`it is named when there is ${what}: ${code}`, async () => {
      await open("ann:pass");
      socks.mood = mood;
      const network = company.wayOut({ proxy: socks.url(user) });
      const line = new HttpLine({ network: () => network, connectMs: 200 });
      const { signal } = new AbortController();
      const url = "https://mail.test/v3/grants";
      const reason: unknown = await line
        .send({ method: "GET", url, timeoutMs: 5_000, signal })
        .catch((error: unknown) => error);
      line.dispose();
      assert.ok(reason instanceof FreightError, String(reason));
      assert.deepEqual([reason.code, reason.mayHaveActed], [code, false]);
      assert.match(reason.message, /The proxy 127\.0\.0\.1:\d+ \(setting http\.proxy\)/);
      assert.doesNotMatch(reason.message, /geheim|pass@/);
    });

  it("what speaks another language is no SOCKS proxy", async () => {
    await open();
    const line = new HttpLine({
      network: () => wayOut({ proxy: company.proxy.url().replace("http", "socks") }),
    });
    const { signal } = new AbortController();
    await assert.rejects(line.send({ method: "GET", url: "https://mail.test/", timeoutMs: 5_000, signal }), {
      code: "proxy-unusable",
      message: /not a SOCKS 5 proxy/,
    });
    line.dispose();
  });
});
