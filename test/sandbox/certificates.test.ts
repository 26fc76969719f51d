import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Authority } from "../support/certificates.ts";
import { Company } from "../support/company.ts";
import { LocalProxy } from "../support/proxyServer.ts";
import { Shipping } from "../support/shipping.ts";
import { SocksServer } from "../support/socksServer.ts";

const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

/** Node reads both when it starts: so each case has a process of its own, and asks through the company's proxy. */
describe("A company's certificate authority", () => {
  let shipping: Shipping;
  let company: Company;
  let folder: string;
  let file: string;

  before(async () => {
    shipping = await Shipping.start();
    company = await Company.start(shipping.sandbox);
    folder = await mkdtemp(join(tmpdir(), "freight-authority-"));
    file = join(folder, "authority.pem");
    await writeFile(file, company.authority.cert);
    await mkdir(join(folder, "none"));
    await writeFile(join(folder, "none/none.pem"), "");
  });
  after(async () => {
    await company.close();
    await shipping.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Two answers at once and one after, or what went wrong, of a process with these certificates. */
  async function asked(systemCertificates: boolean, env: Record<string, string>): Promise<string> {
    const settings = {
      enabled: true,
      proxy: company.proxy.url(),
      noProxy: [],
      proxyAuthorization: "",
      strictSSL: true,
      systemCertificates,
    };
    const { NODE_EXTRA_CA_CERTS: _, ...others } = process.env;
    const none = join(folder, "none");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `
        const { HttpLine } = await import(${source("net/http.ts")});
        const line = new HttpLine({ network: () => ({ settings: ${JSON.stringify(settings)}, env: {} }) });
        const signal = new AbortController().signal;
        const ask = () => line.send({ method: "GET", url: "https://mail.test/v3/grants", timeoutMs: 5000, signal });
        try {
          const answers = [...(await Promise.all([ask(), ask()])), await ask()];
          console.log(answers.map(({ status }) => status).join());
        } catch (error) {
          console.log(error.code, error.message);
        }
        line.dispose();
        `,
      ],
      { env: { ...others, SSL_CERT_FILE: join(none, "none.pem"), SSL_CERT_DIR: none, ...env } },
    );
    return stdout.trim();
  }

  it("is not believed when nobody knows it, and the error says what to do", async () => {
    assert.match(
      await asked(true, {}),
      /^certificate The certificate of mail\.test behind the proxy 127.* is not trusted .*NODE_EXTRA/,
    );
  });

  for (const systemCertificates of [true, false])
    it(`is believed by NODE_EXTRA_CA_CERTS, with the system's ${systemCertificates ? "on" : "off"}`, async () => {
      assert.equal(await asked(systemCertificates, { NODE_EXTRA_CA_CERTS: file }), "401,401,401");
    });

  describe("in the system", () => {
    before(function () {
      // Elsewhere a test would have to change the machine's own store.
      if (process.platform !== "linux") this.skip();
    });

    it("is believed", async () => assert.equal(await asked(true, { SSL_CERT_FILE: file }), "401,401,401"));
    it("is not believed when the setting says no", async () =>
      assert.match(await asked(false, { SSL_CERT_FILE: file }), /^certificate /));
  });
});

/** What the environment of a company, or another extension in the same process, may say about certificates. */
describe("A service that cannot prove its name", () => {
  const authority = new Authority();
  let folder: string;
  let server: Server;
  let port: number;
  /** Each request that came through to it. */
  const heard: string[] = [];
  let proxies: Readonly<Record<string, { url(): string; close(): Promise<void> }>>;

  /** @param proxyName the name that the proxy with TLS can prove */
  const listen = async (options: Parameters<typeof createServer>[0], proxyName = "127.0.0.1") => {
    server = createServer(options, (request, response) => {
      heard.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
      request.resume().on("end", () => response.end("{}"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
    const routes = { "mail.test:443": port };
    proxies = {
      http: await LocalProxy.start({ routes }),
      https: await LocalProxy.start({ routes, secure: authority.issue(proxyName) }),
      socks: await SocksServer.start({ routes }),
    };
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-unproven-"));
    await writeFile(join(folder, "authority.pem"), authority.cert);
  });
  beforeEach(() => {
    heard.length = 0;
  });
  afterEach(async () => {
    for (const proxy of Object.values(proxies)) await proxy.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** What a call with a key and the bytes of a file meet, by every way and under every setting. */
  async function tried(env: Record<string, string>, first = ""): Promise<Record<string, string>> {
    const urls = Object.fromEntries(Object.entries(proxies).map(([name, proxy]) => [name, proxy.url()]));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `
        import { Readable } from "node:stream";
        ${first}
        const { HttpLine } = await import(${source("net/http.ts")});
        const { GcsResumable } = await import(${source("transfer/gcsResumable.ts")});
        const urls = ${JSON.stringify(urls)};
        const signal = new AbortController().signal;
        const seen = {};
        for (const way of ["direct", "http", "https", "socks"])
          for (const strictSSL of [true, false])
            for (const systemCertificates of [true, false]) {
              const settings = { enabled: way !== "direct", proxy: urls[way] ?? "", noProxy: [],
                proxyAuthorization: "", strictSSL, systemCertificates };
              const origin = way === "direct" ? "https://127.0.0.1:${port}" : "https://mail.test";
              const line = new HttpLine({ network: () => ({ settings, env: {} }) });
              const bytes = Buffer.alloc(1000);
              const chunks = Readable.from([bytes]);
              const tries = {
                call: () => line.send({ method: "POST", url: origin + "/v3/x", body: "a letter", timeoutMs: 5000, signal,
                  headers: { authorization: "Bearer nyk_CANARY" } }),
                upload: () => new GcsResumable(line, { url: origin + "/upload", headers: {}, total: 1000 })
                  .put({ offset: 0, length: 1000, total: 1000, chunks }, signal),
              };
              for (const [what, attempt] of Object.entries(tries))
                seen[[what, way, "strictSSL " + strictSSL, "system " + systemCertificates].join(", ")] =
                  await attempt().then(() => "answered", (error) => error.code);
              line.dispose();
            }
        console.log(JSON.stringify(seen));
        `,
      ],
      { env: { ...process.env, ...env } },
    );
    return JSON.parse(stdout);
  }

  const switchedOff = { NODE_TLS_REJECT_UNAUTHORIZED: "0" };
  for (const [what, hosts, env, first] of [
    ["of an authority that nobody knows", ["mail.test", "127.0.0.1"], switchedOff, ""],
    ["of an authority that nobody knows, for another name", ["other.test"], switchedOff, ""],
    [
      "of an authority that nobody knows, where another extension has switched the check off",
      ["mail.test", "127.0.0.1"],
      {},
      `process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; process.emitWarning = () => {};`,
    ],
    ["for another name", ["other.test"], { ...switchedOff, NODE_EXTRA_CA_CERTS: "authority.pem" }, ""],
  ] as const)
    it(`is told nothing, with a certificate ${what}`, async () => {
      await listen(authority.issue(...hosts));
      const extra =
        "NODE_EXTRA_CA_CERTS" in env ? { NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") } : {};
      const seen = await tried({ ...env, ...extra }, first);
      assert.equal(Object.keys(seen).length, 32);
      for (const [way, outcome] of Object.entries(seen)) assert.equal(outcome, "certificate", way);
      assert.deepEqual(heard, []);
    });

  it("is heard of, and believed, where its authority is known: the same ways lead there", async () => {
    await listen(authority.issue("mail.test", "127.0.0.1"));
    const seen = await tried({ ...switchedOff, NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") });
    for (const [way, outcome] of Object.entries(seen)) assert.equal(outcome, "answered", way);
    assert.equal(heard.length, 32);
  });

  it("is not asked through a proxy that proves the service's name in the place of its own, unless that is allowed", async () => {
    await listen(authority.issue("mail.test", "127.0.0.1"), "mail.test");
    const seen = await tried({ NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") });
    for (const [way, outcome] of Object.entries(seen))
      assert.equal(outcome, way.includes("https, strictSSL true") ? "certificate" : "answered", way);
  });

  const plain = "ECDHE-ECDSA-NULL-SHA:AECDH-NULL-SHA:@SECLEVEL=0";
  for (const [who, env, first] of [
    ["the environment", { NODE_OPTIONS: `--tls-cipher-list=${plain}` }, ""],
    [
      "another extension",
      {},
      `import tls from "node:tls"; tls.DEFAULT_CIPHERS = "${plain}"; tls.DEFAULT_MIN_VERSION = "TLSv1";`,
    ],
  ] as const)
    it(`is told nothing that everybody on the way could read, though ${who} allows TLS without encryption`, async () => {
      const open = { minVersion: "TLSv1", maxVersion: "TLSv1.2", ciphers: plain } as const;
      await listen({ ...authority.issue("mail.test", "127.0.0.1"), ...open });
      const seen = await tried({ ...env, NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") }, first);
      for (const [way, outcome] of Object.entries(seen)) assert.equal(outcome, "certificate", way);
      assert.deepEqual(heard, []);
    });

  it("is told nothing in a version of TLS that is no longer safe, whatever the environment allows", async () => {
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    await listen({ ...authority.issue("mail.test", "127.0.0.1"), ...old });
    const seen = await tried({
      NODE_EXTRA_CA_CERTS: join(folder, "authority.pem"),
      NODE_OPTIONS: "--tls-min-v1.0 --tls-cipher-list=DEFAULT@SECLEVEL=0",
    });
    for (const [way, outcome] of Object.entries(seen)) assert.equal(outcome, "certificate", way);
    assert.deepEqual(heard, []);
  });
});
