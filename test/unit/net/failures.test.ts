import assert from "node:assert/strict";
import { FreightError } from "../../../src/errors.ts";
import { proxyFailure, transportError } from "../../../src/net/failures.ts";

const broken = (code: string) => Object.assign(new Error("broken"), { code });

describe("A connection that failed", () => {
  for (const [code, opening, expected, acted, words] of [
    ["ECONNREFUSED", true, "network", false, /cannot be reached/],
    ["ENOTFOUND", true, "offline", false, /cannot be found/],
    ["UND_ERR_CONNECT_TIMEOUT", true, "network", false, /cannot be reached/],
    ["ETIMEDOUT", true, "timeout", false, /did not answer/],
    ["ECONNRESET", true, "network", false, /broke off at once/],
    ["ECONNRESET", false, "network", true, /was lost/],
    ["UND_ERR_SOCKET", false, "network", true, /was lost/],
    ["UND_ERR_HEADERS_TIMEOUT", false, "timeout", true, /did not answer/],
    ["EPROTO", true, "certificate", false, /No secure connection/],
    ["SELF_SIGNED_CERT_IN_CHAIN", true, "certificate", false, /NODE_EXTRA_CA_CERTS/],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", true, "certificate", false, /http\.systemCertificates/],
    ["CERT_HAS_EXPIRED", true, "certificate", false, /out of date/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", true, "certificate", false, /another name/],
  ] as const)
    it(`${opening ? "before it stood" : "later"} with ${code}: ${expected}`, () => {
      const error = transportError(broken(code), "mail.test", opening);
      assert.ok(error instanceof FreightError);
      assert.deepEqual([error.code, error.mayHaveActed], [expected, acted]);
      assert.match(error.message, /mail\.test/);
      assert.match(error.message, words);
    });

  for (const [code, expected, remedy] of [
    ["ECONNREFUSED", "network", "retry"],
    ["ENOTFOUND", "offline", "retry"],
    ["UND_ERR_CONNECT_TIMEOUT", "network", "retry"],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout", "retry"],
    ["UND_ERR_SOCKET", "network", "retry"],
    ["ECONNRESET", "network", "retry"],
    ["UND_ERR_INVALID_ARG", "proxy-unusable", "openProxySettings"],
    ["HPE_INVALID_CONSTANT", "proxy-unusable", "openProxySettings"],
    ["EPROTO", "certificate", "openProxySettings"],
    ["CERT_HAS_EXPIRED", "certificate", "openProxySettings"],
  ] as const)
    it(`on the way to a proxy with ${code}: ${expected}`, () => {
      const error = proxyFailure(broken(code), "proxy.test:3128 (setting http.proxy)");
      assert.ok(error instanceof FreightError);
      assert.deepEqual([error.code, error.remedy, error.mayHaveActed], [expected, remedy, false]);
      assert.match(error.message, /proxy\.test:3128 \(setting http\.proxy\)/);
    });

  it("is left as it is when it was none of the network's", () => {
    for (const reason of [new TypeError("a bug"), "text", new FreightError("file-changed", "It changed.")]) {
      assert.equal(transportError(reason, "mail.test"), reason);
      assert.equal(proxyFailure(reason, "proxy.test"), reason);
    }
  });
});
