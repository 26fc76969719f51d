import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Company } from "../support/company.ts";
import { Shipping } from "../support/shipping.ts";

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
